"""What a dry run shows."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from selfinstruct.cli.output import print_json
from selfinstruct.pipeline.preview import Call, ModelPrice, Preview, StageCall

__all__ = ["show_preview"]


def show_preview(preview: Preview, console: Console, *, as_json: bool) -> None:
    """The estimate, how the run asks and what it costs, then every prompt in full; or all of it as one JSON
    object."""
    if as_json:
        print_json(preview.to_json())
        return
    console.print(Text(preview.estimate.sentence(), style="bold"), soft_wrap=True)
    console.print(
        "An estimate from typical lengths and yields; nothing was sent. The run gives a better one after "
        "its first dozen instruction requests.",
        style="dim",
    )
    console.print()
    grid = Table.grid(padding=(0, 2))
    grid.add_column(style="bold", no_wrap=True)
    grid.add_column(overflow="fold")
    for name, text in _facts(preview):
        grid.add_row(name, Text(text))
    console.print(grid)
    for missing in preview.missing:
        console.print(Text(f"The run cannot start: {missing}", style="yellow"), soft_wrap=True)
    for shown in preview.prompts:
        prompt = shown.prompt
        console.print()
        console.print(
            Text(shown.title, style="bold"),
            Text(f"{shown.tokens:,} tokens, reply of at most {prompt.sampling.max_tokens:,}", style="dim"),
        )
        between = "\n\n" if shown.api == "chat" else ""  # two messages, or one text
        console.print(Padding(Text.assemble((prompt.preamble + between, "dim"), prompt.body), (0, 0, 0, 2)))


def _facts(preview: Preview) -> Iterator[tuple[str, str]]:
    if preview.mix:
        used = [each for each in preview.mix if each.stage in {shown.stage for shown in preview.prompts}]
        yield from (("recipe", f"{_words(each)}, for {each.stage}") for each in used)
    else:
        yield "recipe", _words(preview.call)
    if preview.if_refused is not None:
        yield "if refused", _words(preview.if_refused)
    for price in preview.prices:
        named = f"{price.model} for {', '.join(price.stages)}" if len(preview.prices) > 1 else price.model
        yield "model", named
        if text := _price(price):
            yield "prices", text
        if price.batch_factor is not None:
            yield "batches", f"all requests except one per stage, at {price.batch_factor:.0%} of the price"
    if preview.may_think:
        yield "thinking", "not in the estimate; reasoning models write more tokens"


def _words(call: Call | StageCall) -> str:
    return f"{call.recipe}, by {'chat requests' if call.api == 'chat' else 'completions'}"


def _price(price: ModelPrice) -> str:
    """Empty where nobody charges."""
    if price.price_in is not None and price.price_out is not None:
        source = f" ({price.source})" if price.source else ""
        cached = "" if price.price_cached is None else f", ${price.price_cached:,.3f} cached"
        return f"${price.price_in:,.2f} in, ${price.price_out:,.2f} out{cached} per 1M tokens{source}"
    if not price.hosted:
        return ""
    if find_spec("genai_prices") is None:
        return 'not known: pip install "selfinstruct[prices]", or give --price-in and --price-out'
    return "not known: give --price-in and --price-out"
