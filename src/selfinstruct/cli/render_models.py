"""How providers and probes of them are shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from selfinstruct.cli.output import print_json
from selfinstruct.models.access import found_key
from selfinstruct.models.finding import ProbeOutcome, ProbeResult
from selfinstruct.models.provider import Provider

__all__ = ["show_findings", "show_providers"]

NAME_COLUMNS = 12  # the longest name of a provider, and a space
HALF = 38  # columns of each of two that stand side by side
MODELS_SHOWN = 8

_OUTCOMES: Mapping[ProbeOutcome, tuple[str, str]] = {
    "works": ("works", "green"),
    "not_set_up": ("not set up", "yellow"),
    "key_refused": ("key refused", "red"),
    "access_denied": ("no access", "red"),
    "unknown_model": ("model unknown", "red"),
    "no_credit": ("credit or quota used up", "red"),
    "rate_limited": ("rate limited", "yellow"),
    "no_answer": ("does not answer", "yellow"),
    "not_this_api": ("not this API", "red"),
    "failed": ("refused", "red"),
}


def show_providers(rows: Sequence[Provider], console: Console, *, named: bool, as_json: bool) -> None:
    """The table; all that is known of each where they were named."""
    if as_json:
        print_json({"providers": [_to_json(row) for row in rows]})
    elif named:
        for row in rows:
            _show_details(row, console)
    else:
        _show_table(rows, console)


def show_findings(findings: Sequence[ProbeResult], console: Console, *, as_json: bool) -> None:
    """A line a probe, and a second for what else a server has."""
    if as_json:
        print_json({"probes": [found.to_json() for found in findings]})
        return
    width = max((len(found.spec) for found in findings), default=0)
    for found in findings:
        label, style = _OUTCOMES[found.outcome]
        line = Text.assemble(f"{found.spec:<{width}}  ", (label, style), _about(found))
        console.print(line, soft_wrap=True, highlight=False)
        others = [name for name in found.models or () if name != found.spec.removeprefix(_prefix(found))]
        if others:
            more = f" and {len(others) - MODELS_SHOWN} more" if len(others) > MODELS_SHOWN else ""
            console.print(
                Text(f"{'':<{width}}  it also has {', '.join(others[:MODELS_SHOWN])}{more}", style="dim"),
                soft_wrap=True,
            )


def _prefix(found: ProbeResult) -> str:
    """What stands before the model's name in a SPEC."""
    named = (name for name in found.models or () if found.spec.endswith(name))
    return found.spec.removesuffix(next(named, found.spec))


def _about(found: ProbeResult) -> str:
    if found.outcome != "works":
        return f": {found.message}"
    how = f" by {found.api}" if found.api else ""
    tokens = f"{found.prompt_tokens + found.completion_tokens} tokens"
    changes = f"; {'; '.join(found.changes)}" if found.changes else ""
    return f"{how}, {found.seconds or 0:.1f} s, {tokens}{changes}"


def _show_table(rows: Sequence[Provider], console: Console) -> None:
    """To fit a terminal of 80 columns and 24 lines, where few keys are found."""

    def by_place(place: str) -> list[Provider]:
        return [row for row in rows if row.place == place]

    _show_lines("In this process", [(row.example, row.title) for row in by_place("process")], console)
    servers = [(row.example, f"{row.title}, {row.base_url}") for row in by_place("machine")]
    _show_lines("Servers on this machine", servers, console)
    hosted = [row for row in by_place("network") if row.needs_key]
    keys = {row.name: found_key(row) for row in hosted}
    ready = [(row.example, key) for row in hosted if (key := keys[row.name])]
    _show_lines("Over the network, key found; each with a model as an example", ready, console)
    missing = [f"{row.name:<{NAME_COLUMNS}}{row.keys[0]}" for row in hosted if not keys[row.name]]
    if missing:
        _show_heading("Over the network, key not set", console)
    half = (len(missing) + 1) // 2
    for left, right in zip(missing[:half], [*missing[half:], ""], strict=False):
        console.print(Text(f"  {left:<{HALF}}{right}".rstrip()), soft_wrap=True)
    console.print(
        Text("Any other: --base-url URL --model NAME. More on one: selfinstruct models NAME", style="dim"),
        soft_wrap=True,
    )


def _show_heading(text: str, console: Console) -> None:
    console.print(Text(text, style="bold"))


def _show_lines(heading: str, lines: Sequence[tuple[str, str]], console: Console) -> None:
    if lines:
        _show_heading(heading, console)
        width = max(len(left) for left, _ in lines)
        for left, right in lines:
            line = Text.assemble(f"  {left:<{width}}  ", (right, "dim"))
            console.print(line, soft_wrap=True, highlight=False)


def _show_details(row: Provider, console: Console) -> None:
    """Name and value, a line each; what does not apply is left out."""
    found = found_key(row)
    needed = "needed" if row.needs_key else "optional"
    calls = "chat only" if row.api == "chat" else "chat, and completions where the model has them"
    lines = {
        "example": f"--model {row.example}" if row.name != "http" else row.example,
        "address": row.base_url,
        "key": f"{' or '.join(row.keys)}: {f'{found} found' if found else f'not set, {needed}'}"
        if row.keys
        else "",
        "calls": calls if row.place != "process" else "",
    }
    console.print(Text(f"{row.name}: {row.title}", style="bold"), soft_wrap=True)
    for name, value in lines.items():
        if value:
            console.print(Text.assemble((f"  {name:<9}", "dim"), value), soft_wrap=True, highlight=False)


def _to_json(row: Provider) -> dict[str, object]:
    return {
        "provider": row.name,
        "title": row.title,
        "example": row.example,
        "place": row.place,
        "api": row.api,
        "base_url": row.base_url or None,
        "key_variables": list(row.keys),
        "key_needed": row.needs_key,
        "key_found": found_key(row),
    }
