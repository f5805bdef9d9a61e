"""`selfinstruct models`: what a SPEC can be."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import Console

    from selfinstruct.models.providers import Provider

__all__ = ["models"]

_PLACES = {
    "process": "In this process",
    "machine": "A server on this machine",
    "network": "Over the network",
}
EXAMPLE_COLUMNS = 50  # the longest example; with the longest name of a key the line fits 80


def models(
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    probe: Annotated[
        bool, typer.Option("--probe", help="Ask the servers on this machine which models they have.")
    ] = False,
) -> None:
    """Show what --model can be, which key each needs, and whether it is found.

    Nothing is contacted without --probe. Keys are looked for in the environment and never shown.
    """
    import json as jsonlib

    from rich.console import Console

    from selfinstruct.models.access import find_served_models, has_key
    from selfinstruct.models.providers import PROVIDERS

    local = [row for row in PROVIDERS.values() if row.place == "machine"]
    served = find_served_models(local) if probe else None
    found = {name: has_key(row) for name, row in PROVIDERS.items() if row.key_variable}
    if json:
        rows = [_to_json(row, found, served) for row in PROVIDERS.values()]
        typer.echo(jsonlib.dumps({"providers": rows}, ensure_ascii=False))
    else:
        _print(list(PROVIDERS.values()), found, served, Console())


def _to_json(
    row: Provider, found: Mapping[str, bool], served: Mapping[str, tuple[str, ...] | None] | None
) -> dict[str, object]:
    value: dict[str, object] = {
        "provider": row.name,
        "title": row.title,
        "example": row.example,
        "place": row.place,
        "api": row.api,
        "base_url": row.base_url or None,
        "key_variable": row.key_variable or None,
        "key_needed": row.needs_key,
        "key_found": found.get(row.name),
    }
    return value if served is None else {**value, "models": served.get(row.name)}


def _print(
    rows: list[Provider],
    found: Mapping[str, bool],
    served: Mapping[str, tuple[str, ...] | None] | None,
    console: Console,
) -> None:
    """Two lines a provider: what to write and its key; what it is and where. Then the models it has."""
    from rich.text import Text

    for place, heading in _PLACES.items():
        console.print(Text(heading, style="bold"))
        for row in (row for row in rows if row.place == place):
            key, style = _key(row, found)
            example = f"  {row.example:<{EXAMPLE_COLUMNS}}" if key else f"  {row.example}"
            console.print(Text.assemble(example, (key, style)), soft_wrap=True)
            about = ", ".join(text for text in (row.title, row.base_url) if text)
            console.print(Text(f"    {about}", style="dim"), soft_wrap=True)
            if served is not None and row.name in served:
                names = served[row.name]
                lines = ["no answer"] if names is None else [f"{row.name}/{name}" for name in names]
                for line in lines:
                    console.print(Text(f"      {line}"), soft_wrap=True)


def _key(row: Provider, found: Mapping[str, bool]) -> tuple[str, str]:
    """What to say of the key, and in which style."""
    if not row.key_variable:
        return "", ""
    if found[row.name]:
        return f"{row.key_variable} found", "green"
    if row.needs_key:
        return f"{row.key_variable} not set", "yellow"
    return f"{row.key_variable} optional", "dim"
