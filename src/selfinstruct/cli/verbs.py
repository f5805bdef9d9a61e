"""What every verb does with its command line before it runs: values that cannot be meant are refused by the
option's name, options that have moved by where they went, and for what is misspelt only near names are
suggested. Decides nothing else about a single verb."""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from typer.core import TyperCommand, TyperGroup

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["VerbCommand", "Verbs"]

_Parsed = TypeVar("_Parsed")

_PYDANTIC = "Value error, "
"""How the messages of some versions of typer begin."""

MOVED = {("evaluate", "--compare"): "Run: selfinstruct compare BASE OTHER"}
"""Options that a verb no longer has, each with what to run instead."""


class VerbCommand(TyperCommand):
    """A verb. Raises ConfigError for an option or argument that is an empty text, as a shell variable that is
    not set leaves it, or a number that is not finite; UserError for a path that nothing can have."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As typer's, once the texts are checked: as a `Path`, an empty one is the current folder."""

        def parse() -> list[str]:
            written, _, _ = self.make_parser(ctx).parse_args(args=list(args))
            options = {option for each in self.params for option in each.opts if option.startswith("--")}
            for parameter, value in _values(self, ctx, written):
                if isinstance(value, str) and not value.strip():
                    _refuse(parameter, "is empty. Is a shell variable not set?")
                if isinstance(value, str) and value in options:  # an unset variable without quotation marks
                    _refuse(parameter, f"has no value: {value} follows. Is a shell variable not set?")
            return super(VerbCommand, self).parse_args(ctx, args)

        return _with_near_options(self, ctx, parse)

    def invoke(self, ctx: Any) -> Any:
        """As typer's, once the numbers and paths are checked."""
        from selfinstruct.paths import path_problem

        for parameter, value in _values(self, ctx, ctx.params):
            if isinstance(value, float) and not math.isfinite(value):
                _refuse(parameter, f"is {value}, which is not a finite number.")
            if isinstance(value, Path) and (problem := path_problem(value)):
                raise problem
        return super().invoke(ctx)


class Verbs(TyperGroup):
    """A table of verbs."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """As typer's, with suggestions of ours."""
        return _with_near_options(self, ctx, lambda: super(Verbs, self).parse_args(ctx, args))

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """As typer's; a verb that is not there ends the command with those that it may be meant as."""
        name = args[0]
        if self.get_command(ctx, name) is None and not name.startswith("-") and not ctx.resilient_parsing:
            from selfinstruct.text.spelling import did_you_mean

            ctx.fail(f"No such command {name!r}. {did_you_mean(name, self.list_commands(ctx))}".rstrip())
        return super().resolve_command(ctx, args)


def _with_near_options(command: VerbCommand | Verbs, ctx: Any, parse: Callable[[], _Parsed]) -> _Parsed:
    """What `parse` returns. In the error for an option that is not there, the suggestions are replaced. Its
    class depends on the version of typer: older ones have click beside them, newer ones inside."""
    try:
        return parse()
    except Exception as error:
        if hasattr(error, "possibilities") and hasattr(error, "option_name"):
            if instead := MOVED.get((command.name or "", error.option_name)):
                from selfinstruct.errors import ConfigError

                raise ConfigError(f"{command.name} no longer has {error.option_name}.", instead) from None
            from selfinstruct.text.spelling import closest

            names = [name for each in command.get_params(ctx) for name in (*each.opts, *each.secondary_opts)]
            error.possibilities = closest(error.option_name, [name for name in names if name[:2] == "--"])
        elif isinstance(said := getattr(error, "message", None), str) and " is not one of " in said:
            error.message = _with_near_choice(said.removeprefix(_PYDANTIC))  # type: ignore[attr-defined]
        raise


def _with_near_choice(said: str) -> str:
    """What typer says of a value that an option does not take, with the one that was probably meant."""
    from selfinstruct.text.spelling import did_you_mean

    given, *choices = re.findall(r"'([^']*)'", said) or [""]
    return f"{said} {did_you_mean(given, choices)}".rstrip()


def _values(command: VerbCommand, ctx: Any, found: dict[str, Any]) -> list[tuple[Any, Any]]:
    """The parameters that have a value in `found`, with each of their values."""
    pairs = []
    for parameter in command.get_params(ctx):
        value = found.get(parameter.name)
        several = value if isinstance(value, list | tuple) else [value]
        pairs += [(parameter, each) for each in several]
    return pairs


def _refuse(parameter: Any, why: str) -> None:
    from selfinstruct.errors import ConfigError

    if parameter.param_type_name == "option":
        name = max(parameter.opts, key=len)
        raise ConfigError(f"{name} {why}", "Give it a value, or leave the option out.")
    name = (parameter.metavar or parameter.name.upper()).strip("[] …")
    raise ConfigError(f"{name} {why}", "Give it a value.")
