"""How one instruction's lineage looks on a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from selfinstruct.cli.output import printable
from selfinstruct.pipeline.calibration import margin
from selfinstruct.records import JudgedInstance, Stage, Verdict
from selfinstruct.store.lineage import Exchange, Lineage

__all__ = ["print_lineage"]

QUOTED_CHARACTERS = 1200  # of a prompt's end or a completion; the whole is in `export --format requests`


def print_lineage(lineage: Lineage, marks: Sequence[Sequence[Verdict]], console: Console) -> None:
    """All that is kept about one instruction, from the prompt that bore it to its instances, each with its
    marks: what signals say of it."""
    console.print(Text(lineage.id, style="bold"), Text(_verdict(lineage), style=_colour(lineage)))
    console.print(Padding(Text(printable(lineage.instruction)), (0, 0, 1, 2)))
    _print_origin(lineage, console)
    if lineage.neighbours:
        console.print(Text("Nearest in the pool", style="bold"), Text("ROUGE-L F1", style="dim"))
        for near in lineage.neighbours:
            _print_line(f"  {near.score:.2f}  {near.id:<14} {near.instruction}", console)
        console.print(Text(f"  {lineage.mean_similarity:.2f}  mean over the whole pool", style="dim"))
        console.print()
    if lineage.meaning is not None:
        near = lineage.meaning
        console.print(Text("Nearest in meaning", style="bold"), Text("cosine", style="dim"))
        _print_line(f"  {near.score:.2f}  {near.id:<14} {near.instruction}", console)
        console.print()
    elif lineage.untested:
        console.print(Text("Not compared by meaning: its embedding was lost.", style="yellow"))
        console.print()
    for exchange in lineage.requests:
        _print_exchange(exchange, console)
    for number, (instance, found) in enumerate(zip(lineage.instances, marks, strict=True), start=1):
        _print_instance(number, instance, found, console)


def _print_line(text: str, console: Console, style: str = "") -> None:
    """A line as wide as the terminal, or a pipe's; what is cut ends in an ellipsis."""
    line = Text(printable(" ".join(text.splitlines())), style=style)
    console.print(line, no_wrap=True, overflow="ellipsis")


def _verdict(lineage: Lineage) -> str:
    verdict = lineage.verdict
    if not verdict.accepted:
        return _rejection(verdict)
    if lineage.ticket is None:
        return "seed task"
    if lineage.valid is None:
        return "admitted; its instances are pending"
    return (
        "admitted, valid" if lineage.valid else f"admitted, but not in the data set: {lineage.invalid_reason}"
    )


def _rejection(verdict: Verdict) -> str:
    return f"rejected: {verdict.reason}" + (f" ({verdict.detail})" if verdict.detail else "")


def _colour(lineage: Lineage) -> str:
    return "green" if lineage.verdict.accepted and lineage.valid is not False else "yellow"


def _margin(lineage: Lineage) -> str:
    """By how much the model finds Yes likelier, where that decided."""
    replies = [each.completion for each in lineage.requests if each.stage is Stage.CLASSIFICATION]
    told = margin(replies[0]) if replies and replies[0] else None
    if told is None or lineage.cut is None:
        return ""
    side = "above" if told > lineage.cut else "not above"
    return f" (log P(Yes) - log P(No) is {told:.2f}, {side} the cut learnt on the seeds, {lineage.cut:.2f})"


def _print_origin(lineage: Lineage, console: Console) -> None:
    if lineage.is_classification is not None:
        kind = "classification" if lineage.is_classification else "not classification"
        console.print(Text(f"Kind: {kind}{_margin(lineage)}"))
    if lineage.attributes is not None:
        asked = "; ".join(f"{name}: {' + '.join(values)}" for name, values in lineage.attributes.items())
        console.print(Text(printable(f"Asked for with {asked or 'no attributes'}")))
    if lineage.ticket is not None:
        console.print(
            Text(
                f"From instruction request {lineage.ticket}, item {lineage.position} of its reply. "
                "Demonstrations:"
            )
        )
        for entry in lineage.demonstrations:
            _print_line(f"  {entry.id:<14} {entry.instruction}", console, style="dim")
    if lineage.shown:
        console.print(
            Text(
                f"Shown as a demonstration in {lineage.shown:,} prompts; their replies added "
                f"{lineage.offspring:,} tasks."
            )
        )
    console.print()


def _print_exchange(exchange: Exchange, console: Console) -> None:
    tries = "" if exchange.attempts == 1 else f", {exchange.attempts} attempts"
    console.print(
        Text(f"{exchange.stage.capitalize()} request", style="bold"),
        Text(f"{exchange.prompt_tokens:,} tokens in, {exchange.completion_tokens:,} out{tries}", style="dim"),
    )
    console.print(Padding(Text(printable(_ending(exchange.prompt)), style="dim"), (0, 0, 0, 2)))
    if exchange.completion is None:
        console.print(Text(f"  lost: {exchange.lost}", style="red"))
    else:
        console.print(Padding(Text(printable(_beginning(exchange.completion)), style="cyan"), (0, 0, 1, 2)))


def _print_instance(
    number: int, instance: JudgedInstance, marks: Sequence[Verdict], console: Console
) -> None:
    verdict = instance.verdict
    status = "kept" if verdict.accepted else _rejection(verdict)
    style = "green" if verdict.accepted else "yellow"
    console.print(Text(f"Instance {number}", style="bold"), Text(status, style=style))
    for mark in marks:
        console.print(Text(printable(f"  flagged: {mark.reason} ({mark.detail})"), style="yellow"))
    console.print(
        Padding(Text(printable(f"Input: {instance.input}\nOutput: {instance.output}")), (0, 0, 1, 2))
    )


def _ending(text: str) -> str:
    """Prompts differ only at the end; the few-shot examples before it are the same for every task."""
    return text if len(text) <= QUOTED_CHARACTERS // 3 else f"… {text[-QUOTED_CHARACTERS // 3 :]}"


def _beginning(text: str) -> str:
    return text if len(text) <= QUOTED_CHARACTERS else f"{text[:QUOTED_CHARACTERS]} …"
