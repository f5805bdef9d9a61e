"""What a dry run shows."""

from __future__ import annotations

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from selfinstruct.cli.output import print_json
from selfinstruct.pipeline.preview import Preview

__all__ = ["show_preview"]


def show_preview(preview: Preview, console: Console, *, as_json: bool) -> None:
    """Every prompt in full, then the estimate; or all of it as one JSON object."""
    if as_json:
        print_json(preview.to_json())
        return
    for shown in preview.prompts:
        prompt = shown.prompt
        console.print(
            Text(shown.title, style="bold"),
            Text(f"{shown.tokens:,} tokens, reply of at most {prompt.sampling.max_tokens:,}", style="dim"),
        )
        between = "\n\n" if preview.recipe == "chat" else ""  # two messages, or one text
        console.print(Padding(Text.assemble((prompt.preamble + between, "dim"), prompt.body), (0, 0, 1, 2)))
    if preview.undecided:
        console.print(
            "This is the paper recipe, which is tried first. If the model takes chat requests only, the chat "
            "recipe is used: --recipe chat shows that.",
            style="yellow",
        )
    for missing in preview.missing:
        console.print(Text(f"The run could not begin: {missing}", style="yellow"), soft_wrap=True)
    console.print(Text(preview.estimate.sentence(), style="bold"), soft_wrap=True)
    console.print(
        "A guess from usual lengths and yields: nothing was sent. The run itself says more after its first "
        "dozen tickets.",
        style="dim",
    )
