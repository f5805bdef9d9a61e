"""`selfinstruct --help`: all verbs on one screen of 80 by 24, in the order of the work."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from selfinstruct.cli.verbs import Verbs

__all__ = ["AllVerbs"]


class AllVerbs(Verbs):
    """The table of all verbs. Typer's own panels draw two lines of box around each group, which pushes the
    first verbs off a small terminal."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - typer calls it so
        """As registered; typer itself puts groups of verbs, such as seeds, first."""
        return sorted(self.commands, key=lambda name: isinstance(self.commands[name], Verbs))

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - typer calls it so
        """Print what the command is, the usage, and a line a verb, under its panel's name, without a line to
        spare. Verbs that share a panel stand next to each other in the table of verbs."""
        from rich.console import Console
        from rich.table import Table

        console = Console(highlight=False)
        about, _, first = (self.help or "").partition("\n\n")
        console.print(about)
        console.print(f"[bold]Usage:[/bold] {ctx.command_path} VERB …  {first}", soft_wrap=True)
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(style="bold")
        grid.add_column(style="cyan", no_wrap=True)
        grid.add_column()
        verbs = (self.commands[name] for name in self.list_commands(ctx))
        for panel, group in groupby(verbs, lambda verb: str(getattr(verb, "rich_help_panel", ""))):
            for heading, verb in zip([panel, *[""] * len(self.commands)], group, strict=False):
                summary = verb.short_help or (verb.help or "").partition("\n\n")[0]
                grid.add_row(heading, verb.name, summary)
        console.print(grid)
        names = [option for each in self.get_params(ctx) for option in each.opts if option.startswith("--")]
        options = ", ".join(name for name in names if name != "--help")
        console.print(f"[dim]Options: {options}; VERB --help[/dim]")
