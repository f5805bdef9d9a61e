"""The library speaks of arguments, as Python callers have them; here they become the options of the command.

In messages an argument stands between backquotes, alone or with a value: `max_cost`, `price_in=0.15`,
`recipe="chat"`, `bf16=False`. The table of verbs says which option it is; anything else stays as it is.
"""

from __future__ import annotations

import re
from functools import cache

__all__ = ["in_flags"]

_ARGUMENT = re.compile(r"`([a-z][a-z0-9_]*)(?:=([^`]*))?`")


def in_flags(text: str) -> str:
    """A message with its arguments written as options: `--max-cost`, `--price-in 0.15`, `--no-bf16`."""
    return _ARGUMENT.sub(_as_option, text) if "`" in text else text


def _as_option(argument: re.Match[str]) -> str:
    known = _options().get(argument[1])
    if known is None:
        return argument[0]
    option, opposite = known
    value = (argument[2] or "").strip('"')
    if value == "False" and opposite:
        return opposite
    return option if value in ("", "True") else f"{option} {value}"


@cache
def _options() -> dict[str, tuple[str, str]]:
    """Every verb's parameters by name, each with its option on the command line and the opposite of that,
    which is empty where there is none."""
    import typer

    from selfinstruct.cli.app import app

    command = typer.main.get_command(app)
    verbs = [*command.commands.values()] if isinstance(command, typer.core.TyperGroup) else []
    return {
        parameter.name or "": (option, next(iter(parameter.secondary_opts), ""))
        for verb in verbs
        for parameter in verb.params
        for option in parameter.opts
        if option.startswith("--")
    }
