"""Filters of the user's own (`base`), made uniform: what each is called, what it looks at, what it says.

The signals that reject (`signals`) are with them: they judge rows, before the user's own do.

Whatever such a filter does wrong, from a signature that cannot be called to an answer that is no reason, ends
in one message that names it. Which filters a run has is decided elsewhere: pipeline/own_filters.
"""

from __future__ import annotations

import ast
import hashlib
import inspect
import json
import re
import textwrap
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, is_dataclass
from typing import Any

from selfinstruct.config import CustomFilterConfig
from selfinstruct.errors import ConfigError, FilterError
from selfinstruct.filters.base import LOOKS_AT, LooksAt
from selfinstruct.filters.signals.base import Signal
from selfinstruct.filters.signals.table import findings_of
from selfinstruct.records import ACCEPTED, Instance, Row, Task, Verdict

__all__ = ["CustomFilter", "CustomFilters"]

_NAME = re.compile(r"[^\W\d][\w.:-]{0,99}")
_REASON = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*")
_RETURN = "Return None to accept, or a reason in snake_case to reject."
_SHOWN_CHARACTERS = 80


@dataclass(frozen=True, slots=True)
class CustomFilter:
    """A filter as a run uses it.

    reasons: all that it may say; empty for a function that does not declare them.
    source: where it was loaded from, as the user named it; empty for an object.
    """

    name: str
    version: str
    looks_at: LooksAt
    reasons: tuple[str, ...]
    settings: Mapping[str, Any]
    source: str
    call: Callable[..., object]

    @classmethod
    def of(cls, given: Any, source: str = "") -> CustomFilter:
        """From a function, an object or a class. Raises `ConfigError` for what cannot be a filter."""
        where = f" ({source})" if source else ""
        if isinstance(given, type):
            try:
                given = given()
            except TypeError as error:
                raise ConfigError(
                    f"The filter {given.__name__!r}{where} cannot be made without arguments: {error}.",
                    "Pass an object of the class instead.",
                ) from None
        if not callable(given):
            raise ConfigError(
                f"`filters`: {given!r}{where} is not a filter.",
                "Pass a function of `instruction`, `instance`, `task` or `row`, or such an object.",
            )
        plain = inspect.isroutine(given)
        name = getattr(given, "__name__" if plain else "name", None)
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            what = "A lambda" if name == "<lambda>" else f"{given!r}"
            how = "Write it as a function with `def`" if plain else "Give it an attribute 'name', a text"
            raise ConfigError(f"{what}{where} has no name, which a filter needs.", f"{how}.")
        return cls(
            name=name,
            version=_version(given, name, plain=plain),
            looks_at=_looks_at(given, name),
            reasons=_reasons(given, name, plain=plain),
            settings=_settings(given, name),
            source=source,
            call=given,
        )

    def config(self) -> CustomFilterConfig:
        """What tells it from others, as a run keeps it."""
        return CustomFilterConfig(
            name=self.name,
            version=self.version,
            looks_at=self.looks_at,
            settings=dict(self.settings),
            reasons=self.reasons,
            source=self.source,
        )

    def judge(self, value: str | Instance | Row | Task, reserved: frozenset[str]) -> Verdict:
        """Raises `FilterError` where it raises, or says something else than a reason of its own.

        reserved: reasons that mean something else already.
        """
        try:
            said = self.call(value)
        except Exception as error:
            raise FilterError(
                f"The filter {self.name!r} raised {type(error).__name__}: {error}; on {_shown(value)}.",
                _AFTERWARDS,
            ) from error
        verdict = Verdict(said) if isinstance(said, str) else ACCEPTED if said is None else said
        if not isinstance(verdict, Verdict):
            raise FilterError(f"The filter {self.name!r} returned {said!r} for {_shown(value)}.", _RETURN)
        if verdict.reason is not None and (problem := self._problem(verdict.reason, reserved)):
            raise FilterError(
                f"The filter {self.name!r} gave the reason {verdict.reason!r}, which {problem}.",
                "Choose another." if verdict.reason in reserved else _RETURN,
            )
        return verdict

    def _problem(self, reason: str, reserved: frozenset[str]) -> str:
        if not _REASON.fullmatch(reason):
            return "is not in snake_case"
        if reason in reserved:
            return "is reserved"
        if self.reasons and reason not in self.reasons:
            return f"is not among its `reasons` ({', '.join(self.reasons)})"
        return ""


_AFTERWARDS = (
    "Nothing received is lost. Fix the filter, re-apply it to the recorded candidates with `selfinstruct "
    "filter` (give the filter and `out=NEW`), and resume the new run."
)


@dataclass(frozen=True, slots=True)
class CustomFilters:
    """All of a run's, in the order in which they judge; the first reason decides.

    reserved: reasons that none of them may give. signals: those that reject; they are not iterated over.
    """

    filters: Sequence[CustomFilter] = ()
    reserved: frozenset[str] = field(default=frozenset())
    signals: Sequence[Signal] = ()

    def __iter__(self) -> Iterator[CustomFilter]:
        return iter(self.filters)

    def __len__(self) -> int:
        return len(self.filters)

    def __bool__(self) -> bool:
        return bool(self.filters or self.signals)

    def judge_instruction(self, text: str) -> Verdict:
        """Raises `FilterError`, as all four do."""
        return self._judge("instruction", text)

    def judge_instance(self, instance: Instance) -> Verdict:
        """One that the other filters of single instances passed."""
        return self._judge("instance", instance)

    def judge_row(self, row: Row) -> Verdict:
        """One whose instance `judge_instance` passed."""
        found = next(findings_of(row, self.signals), None)
        return self._judge("row", row) if found is None else found

    def judge_task(self, task: Task) -> Verdict:
        """One with a valid instance."""
        return self._judge("task", task)

    def _judge(self, looks_at: LooksAt, value: str | Instance | Row | Task) -> Verdict:
        for each in self.filters:
            if each.looks_at == looks_at:
                verdict = each.judge(value, self.reserved)
                if not verdict.accepted:
                    return verdict
        return ACCEPTED


def _looks_at(given: Callable[..., object], name: str) -> LooksAt:
    if inspect.iscoroutinefunction(given) or inspect.iscoroutinefunction(type(given).__call__):
        raise ConfigError(f"The filter {name!r} is asynchronous.", "Write it with a plain `def`.")
    how = "Name it for what it looks at: `instruction`, `instance`, `task` or `row`."
    try:
        parameters = list(inspect.signature(given).parameters.values())
    except (TypeError, ValueError):
        raise ConfigError(f"The parameters of the filter {name!r} are not known.", how) from None
    first = parameters[0] if parameters else None
    needed = [
        each.name for each in parameters if each.default is each.empty and each.kind < each.VAR_POSITIONAL
    ]
    needed += [
        each.name for each in parameters if each.default is each.empty and each.kind is each.KEYWORD_ONLY
    ]
    for looks_at in LOOKS_AT:
        if (
            needed == [looks_at]
            and first is not None
            and first.name == looks_at
            and first.kind < first.VAR_POSITIONAL
        ):
            return looks_at
    found = ", ".join(needed) or "none"
    raise ConfigError(f"The filter {name!r} should have one parameter, and has: {found}.", how)


def _reasons(given: object, name: str, *, plain: bool) -> tuple[str, ...]:
    declared = getattr(given, "reasons", None)
    if declared is None and plain:
        return ()
    reasons = (declared,) if isinstance(declared, str) else declared
    if not isinstance(reasons, Sequence) or not reasons or not all(isinstance(each, str) for each in reasons):
        raise ConfigError(
            f"The filter {name!r} does not say which reasons it may give.",
            'Give it an attribute `reasons`, such as ("too_polite",).',
        )
    for reason in reasons:
        if not _REASON.fullmatch(reason):
            raise ConfigError(
                f"The reason {reason!r} of the filter {name!r} is not in snake_case.",
                "Write it in lower-case letters, digits and single underscores.",
            )
    return tuple(reasons)


def _settings(given: object, name: str) -> Mapping[str, Any]:
    settings = getattr(given, "settings", None)
    if settings is None:
        settings = asdict(given) if is_dataclass(given) and not isinstance(given, type) else {}
    try:
        plain = json.loads(json.dumps(dict(settings)))
    except (TypeError, ValueError) as error:
        raise ConfigError(
            f"The settings of the filter {name!r} are not a mapping that JSON can hold: {error}.",
            "Keep texts, numbers, lists and the like in `settings`.",
        ) from None
    assert isinstance(plain, dict)
    return plain


def _version(given: object, name: str, *, plain: bool) -> str:
    declared = getattr(given, "version", None)
    if declared is not None:
        return str(declared)
    if not plain:
        raise ConfigError(
            f"The filter {name!r} has no version.",
            'Give it an attribute `version`, such as "1", and change it whenever the filter may decide '
            "differently.",
        )
    content = json.dumps([_source(given), _captured(given)], sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _source(function: Any) -> str:
    """What a function does, without comments and layout: a digest of it stands in for a version."""
    try:
        return ast.unparse(ast.parse(textwrap.dedent(inspect.getsource(function))))
    except (OSError, TypeError, SyntaxError):  # typed at a prompt: no file holds its text
        code = getattr(inspect.unwrap(function), "__code__", None)
        if code is None:
            return repr(function)
        constants = [each for each in code.co_consts if not inspect.iscode(each)]
        return repr((code.co_code, code.co_names, code.co_varnames, constants))


def _captured(function: Any) -> dict[str, Any]:
    """Plain values that the function uses and that are defined outside it: `BANNED = {"tax"}`."""
    try:
        variables = inspect.getclosurevars(inspect.unwrap(function))
    except (TypeError, ValueError):
        return {}
    outside = {**variables.globals, **variables.nonlocals}
    return {name: _plain(value) for name, value in outside.items() if _plain(value) is not None}


def _plain(value: Any) -> Any:
    """The value as JSON holds it, in a fixed order; None for what is no plain value."""
    match value:
        case str() | int() | float():
            return value
        case list() | tuple():
            return [_plain(each) for each in value]
        case set() | frozenset():
            return sorted(json.dumps(_plain(each), sort_keys=True) for each in value)
        case dict():
            return {str(key): _plain(each) for key, each in value.items()}
    return None


def _shown(value: str | Instance | Row | Task) -> str:
    match value:
        case str():
            return f"the instruction {_start(value)}"
        case Instance() | Row():
            return f"the {type(value).__name__.lower()} with the output {_start(value.output)}"
        case Task():
            return f"the task {_start(value.instruction)}"


def _start(text: str) -> str:
    return repr(text if len(text) <= _SHOWN_CHARACTERS else f"{text[: _SHOWN_CHARACTERS - 1]}…")
