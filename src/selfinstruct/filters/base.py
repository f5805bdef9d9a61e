"""What every filter is: it looks at a text, and says why that should not be in the data, or nothing.

The simplest filter is a function. Its one parameter is named for what it looks at, and it returns None, or
the reason for a rejection in snake_case:

    def no_shouting(instruction):
        return "shouting" if instruction.isupper() else None

`instruction` is a new instruction, a text, before it is compared with the pool. `instance` is one of a task's
instances, a `records.Instance`, before instances are compared with each other. `task` is a `records.Task`
whose instances have passed every other filter. `row` is a `records.Row`, an instruction with one of its
instances: it sees what `instance` sees, and what was asked; the signals (`filters.signals`) are such filters.

A filter with settings is an object: callable in the same way, with the attributes of `Filter`. A `Verdict` in
place of a bare reason also says what triggered it, for people.

A filter is a function of what it is given, and of nothing else: no file that changes, no clock, no random
number, no model that answers differently the second time. Then equal replies give equal data, a resumed run
gives that of an uninterrupted one, and `filter` can judge again offline. It runs beside the requests, so it
should take milliseconds.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, Protocol, runtime_checkable

from selfinstruct.records import Instance, Row, Task, Verdict

__all__ = ["LOOKS_AT", "Filter", "FilterFunction", "LooksAt"]

LooksAt = Literal["instruction", "instance", "task", "row"]
LOOKS_AT: tuple[LooksAt, ...] = ("instruction", "instance", "task", "row")

FilterFunction = (
    Callable[[str], str | Verdict | None]
    | Callable[[Instance], str | Verdict | None]
    | Callable[[Task], str | Verdict | None]
    | Callable[[Row], str | Verdict | None]
)
"""A plain function as a filter; its parameter's name says which of the four it is."""


@runtime_checkable
class Filter(Protocol):
    """A filter with a name, a version and settings of its own. An instance of a class; or the class, where it
    takes no arguments.

    Settings are part of a run's identity, as name and version are. They are the attribute `settings`, a
    mapping that JSON can hold, where there is one; otherwise the fields, where the class is a dataclass.
    """

    @property
    def name(self) -> str:
        """What it is called in configs, messages and reports."""

    @property
    def version(self) -> str:
        """Change it whenever the filter may decide otherwise than before: a run keeps to the version that it
        was started with."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """Every reason that it may give, in snake_case."""

    def __call__(self, *args: Any, **kwargs: Any) -> str | Verdict | None:
        """None for accepted, or why not. It takes one parameter: `instruction`, `instance`, `task`
        or `row`."""
