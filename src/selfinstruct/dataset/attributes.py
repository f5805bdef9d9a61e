"""What each task was asked to be, beside its rows: the field `attributes`, an object of every attribute.

Its values are texts, two skills joined as `compare + explain`; None for an attribute that was left unsaid.
All are None for seed tasks, and for what a reply held beyond what was asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from selfinstruct.dataset.formats import Columns, ExportedRow, Fields
from selfinstruct.errors import ConfigError
from selfinstruct.records import Attributes, Task
from selfinstruct.store.reader import RunReader

__all__ = ["AskedAttributes", "asked_attributes"]

FIELD = "attributes"


@dataclass(frozen=True, slots=True)
class AskedAttributes:
    """names: all that a row has; none for a data set without the field. by_task: by ids."""

    names: tuple[str, ...] = ()
    by_task: Mapping[str, Attributes] | None = None

    def columns(self, columns: Columns) -> Columns:
        """With the field last."""
        return {**columns, FIELD: Fields(dict.fromkeys(self.names, "string"))} if self.names else columns

    def rows(self, task: Task, rows: Iterator[ExportedRow]) -> Iterator[ExportedRow]:
        """Likewise."""
        if not self.names:
            yield from rows
            return
        asked = (self.by_task or {}).get(task.id, {})
        said = {name: " + ".join(asked[name]) if name in asked else None for name in self.names}
        for row in rows:
            yield {**row, FIELD: said}


def asked_attributes(reader: RunReader) -> AskedAttributes:
    """Raises ConfigError for a run that asked for none."""
    names = tuple(reader.config().attributes.names)
    if not names:
        raise ConfigError(
            f"`with_attributes` needs attributes, and {reader.directory} asked for none.",
            "Leave it out, or generate with `attributes`.",
        )
    return AskedAttributes(names, reader.attributes())
