"""`selfinstruct export`: a run in other formats."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from selfinstruct.cli.output import print_text

if TYPE_CHECKING:
    from selfinstruct.dataset.export import WrittenFile
    from selfinstruct.dataset.reviewed import ReviewPolicy

__all__ = ["export"]

FORMAT_HELP = """\
jsonl: the data set, one task per line. alpaca: instruction, input, output. chat: messages, for TRL. \
sharegpt: conversations. openai: messages, for OpenAI fine-tuning. prompt-completion: plain text in the \
paper's templates. parquet: a table. preference: pairs of a better and a worse output, for DPO. candidates: \
every parsed instruction with its verdict and nearest neighbour. requests: every prompt and completion."""


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="Directory of the run.")],
    format: Annotated[  # noqa: A002 - the option's name
        Literal[
            "jsonl",
            "alpaca",
            "chat",
            "sharegpt",
            "openai",
            "prompt-completion",
            "parquet",
            "preference",
            "candidates",
            "requests",
        ],
        typer.Option("--format", "-f", help=FORMAT_HELP),
    ] = "jsonl",
    out: Annotated[
        str | None,
        typer.Option(
            metavar="PATH",
            help="Output file, overwritten if it exists. A folder, or a path ending in /, gets a Hugging "
            "Face data set: data/ and README.md, its card. [dim]\\[default: standard output][/dim]",
        ),
    ] = None,
    split: Annotated[
        str | None,
        typer.Option(
            metavar="SHARES",
            help="Write splits to separate files: 0.1, or train=0.9,test=0.1. A hash of the instruction "
            "assigns each task, so a task never changes sides and shares are approximate.",
        ),
    ] = None,
    include_seeds: Annotated[
        bool,
        typer.Option(
            "--include-seeds", help="Add the seed tasks that have instances, at the beginning (seed_task_…)."
        ),
    ] = False,
    system: Annotated[
        str, typer.Option(metavar="TEXT", help="System message for chat, openai and sharegpt.")
    ] = "",
    outputs: Annotated[
        str,
        typer.Option(
            metavar="original|NAME",
            help="Use the outputs that improve wrote under this name.",
        ),
    ] = "original",
    reviewed_only: Annotated[
        bool, typer.Option("--reviewed-only", help="Only rows that were reviewed and not rejected.")
    ] = False,
    as_generated: Annotated[
        bool,
        typer.Option("--as-generated", help="Ignore reviews: no edits, rejected rows included."),
    ] = False,
    min_score: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            min=1,
            max=5,
            help="Only instances with a mean score over judges of X or more; instances without a score "
            "are left out.",
        ),
    ] = None,
    with_scores: Annotated[
        bool,
        typer.Option(
            "--with-scores", help="Add judges' scores: score (the mean), and score_JUDGE for each judge."
        ),
    ] = False,
    with_ids: Annotated[
        bool, typer.Option("--with-ids", help="Add each instance's id, such as task_17/0.")
    ] = False,
    conversational: Annotated[
        bool,
        typer.Option("--conversational", help="Write preference pairs as messages instead of plain text."),
    ] = False,
    with_attributes: Annotated[
        bool,
        typer.Option("--with-attributes", help="Add what each task was asked to be: the field attributes."),
    ] = False,
    license: Annotated[  # noqa: A002 - the option's name
        str | None,
        typer.Option(
            metavar="ID", help="License of the data set, for its card, as a Hub identifier such as cc-by-4.0."
        ),
    ] = None,
    shard_rows: Annotated[
        int | None,
        typer.Option(
            metavar="N",
            min=1,
            help="Maximum rows per file of a folder. [dim]\\[default: 250,000][/dim]",
        ),
    ] = None,
    push: Annotated[
        str | None,
        typer.Option(
            metavar="OWNER/NAME",
            help="Also upload the folder to the Hugging Face Hub; private unless --public is given.",
        ),
    ] = None,
    public: Annotated[
        bool, typer.Option("--public", help="Make the data set that --push uploads public.")
    ] = False,
) -> None:
    """Write a run's tasks in the format your trainer reads.

    Reviews apply: edits replace the original, and rejected rows are left out. Works while the run is active. candidates and requests export the run's records instead.
    """  # noqa: E501 - the help screen wraps paragraphs itself
    from selfinstruct.dataset.export import export as export_run
    from selfinstruct.dataset.export import shortfall
    from selfinstruct.dataset.folder import export_folder
    from selfinstruct.dataset.pairs import pair_effect
    from selfinstruct.dataset.reviewed import review_effect
    from selfinstruct.dataset.scored import score_effect
    from selfinstruct.dataset.splits import parse_split
    from selfinstruct.store.reader import RunReader

    reader = RunReader.open(run)
    reviews = _reviews(reviewed_only=reviewed_only, as_generated=as_generated)
    sides = None if split is None else parse_split(split)
    folder = Path(out) if out is not None and (out.endswith("/") or Path(out).is_dir()) else None
    _check_publishing(folder, license_name=license, push=push, public=public, shard_rows=shard_rows)
    scored: dict[str, Any] = {
        "min_score": min_score,
        "with_scores": with_scores,
        "with_ids": with_ids,
        "conversational": conversational,
        "with_attributes": with_attributes,
    }
    try:
        if folder is not None:
            files = export_folder(
                reader,
                format,
                folder,
                split=sides,
                include_seeds=include_seeds,
                system=system,
                outputs=outputs,
                reviews=reviews,
                **scored,
                license_name=license,
                shard_rows=shard_rows,
            )
        else:
            files = export_run(
                reader,
                format,
                None if out is None else Path(out),
                split=sides,
                include_seeds=include_seeds,
                system=system,
                outputs=outputs,
                reviews=reviews,
                **scored,
            )
    except BrokenPipeError:
        # Whoever reads the output has had enough (`| head`). Keep the interpreter from flushing into the
        # closed pipe once more at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise
    if out is not None:
        _report(files)
    if format not in ("preference", "candidates", "requests") and (
        told := review_effect(reader, outputs, reviews).sentence()
    ):
        print_text(told, err=True)
    if format == "preference":
        print_text(pair_effect(reader, reviews, min_score).sentence(), err=True)
    elif min_score is not None and (left_out := score_effect(reader, outputs, reviews, min_score).sentence()):
        print_text(left_out, err=True)
    if format == "openai" and (with_scores or with_ids or with_attributes):
        print_text(
            "OpenAI's fine-tuning refuses rows with fields beside messages: leave these out there.", err=True
        )
    if short := shortfall(format, files):
        print_text(short, err=True)
    if folder is not None and push is not None:
        from selfinstruct.dataset.hub import push as push_folder

        print_text(f"data set: {push_folder(folder, files, push, public=public)}", err=True)


def _reviews(*, reviewed_only: bool, as_generated: bool) -> ReviewPolicy:
    """Raises ConfigError for both at once."""
    from selfinstruct.errors import ConfigError

    if reviewed_only and as_generated:
        raise ConfigError("--reviewed-only and --as-generated cannot be combined.", "Give one of them.")
    return "only" if reviewed_only else "ignore" if as_generated else "apply"


def _check_publishing(
    folder: Path | None, *, license_name: str | None, push: str | None, public: bool, shard_rows: int | None
) -> None:
    """Before anything is written. Raises ConfigError for an option that would do nothing, and what
    `check_push` raises."""
    from selfinstruct.dataset.hub import check_push
    from selfinstruct.errors import ConfigError

    idle = {
        "--license": license_name is not None,
        "--push": push is not None,
        "--shard-rows": shard_rows is not None,
    }
    for option, given in idle.items():
        if given and folder is None:
            raise ConfigError(f"{option} needs a folder with a data card.", "Add --out FOLDER/")
    if public and push is None:
        raise ConfigError("--public without --push publishes nothing.", "Add --push OWNER/NAME")
    if push is not None:
        check_push(push)


def _report(files: Sequence[WrittenFile]) -> None:
    """A line a file; of a split also its tasks, since shares are approximate."""
    total = sum(file.tasks or 0 for file in files)
    for file in files:
        tasks = f": {file.tasks:,} tasks, {file.tasks / total:.1%}" if file.tasks and len(files) > 1 else ""
        several = f" ({len(file.shards):,} files)" if file.shards else ""
        print_text(f"{file.rows:,} rows in {file.path}{several}{tasks}", err=True)
