"""`selfinstruct explain`: where one instruction came from, and what became of it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from selfinstruct.cli.output import print_json

__all__ = ["explain"]


def explain(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Directory of the run.")],
    identifier: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="task_17; 17.3, candidate 3 of instruction request 17, accepted or not; or a seed's id "
            "(seed:task_17 if it looks like one of the others).",
        ),
    ],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show where an instruction came from and what became of it.

    Its prompt, demonstrations, verdict, nearest neighbours and instances.
    """
    from dataclasses import asdict

    from rich.console import Console

    from selfinstruct.cli.render_lineage import print_lineage
    from selfinstruct.pipeline.full_lineage import full_lineage
    from selfinstruct.pipeline.marks import marks_of_instances
    from selfinstruct.store.reader import RunReader

    reader = RunReader.open(run)
    lineage = full_lineage(reader, identifier)
    marks = marks_of_instances(lineage, reader.config())
    if json:
        shown = asdict(lineage)
        for instance, found in zip(shown["instances"], marks, strict=True):
            instance["signals"] = [{"signal": each.reason, "detail": each.detail} for each in found]
        print_json(shown)
    else:
        print_lineage(lineage, marks, Console())
