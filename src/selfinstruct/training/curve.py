"""The losses of a tuning, step by step, as rows and as a drawing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.store.directory import atomic_write
from selfinstruct.training.settings import LOSSES, LOSSES_DRAWN

__all__ = ["Curve", "curve_of", "smoothed", "write_curve"]

WIDTH, HEIGHT, LEFT, BOTTOM, MARGIN = 720, 400, 56, 44, 20
LEARNT, HELD_OUT, INK = "#3b6fb6", "#c4572b", "#555"


@dataclass(frozen=True, slots=True)
class Curve:
    """rows: in the order of the steps, with `loss` after each update and `held_out_loss` where it was
    measured, in nats a token; `step` 0 is before the first update."""

    rows: tuple[Mapping[str, Any], ...]

    def losses(self, name: str) -> list[tuple[int, float]]:
        """(step, value) wherever there is one."""
        return [(row["step"], row[name]) for row in self.rows if name in row]


def curve_of(history: Iterable[Mapping[str, Any]]) -> Curve:
    """history: what transformers kept, with our `tokens` and `seconds` in it."""
    rows: list[Mapping[str, Any]] = []
    for entry in history:
        shared = {name: entry[name] for name in ("step", "tokens", "seconds") if name in entry}
        if "loss" in entry:
            rows.append({**shared, "loss": entry["loss"], "learning_rate": entry["learning_rate"]})
        elif "eval_loss" in entry:
            rows.append({**shared, "held_out_loss": entry["eval_loss"]})
    return Curve(tuple(rows))


def write_curve(curve: Curve, folder: Path) -> None:
    """losses.jsonl and losses.svg. Raises what `atomic_write` raises."""
    with atomic_write(folder / LOSSES) as file:
        file.writelines(json.dumps(row) + "\n" for row in curve.rows)
    with atomic_write(folder / LOSSES_DRAWN) as file:
        file.write(_draw(curve))


def smoothed(values: Sequence[tuple[int, float]], share: float = 0.05) -> list[tuple[int, float]]:
    """Each the mean of those around it; single updates vary with what is in them."""
    reach = int(len(values) * share)
    return [
        (step, sum(value for _, value in near) / len(near))
        for place, (step, _) in enumerate(values)
        for near in [values[max(0, place - reach) : place + reach + 1]]
    ]


def _draw(curve: Curve) -> str:
    """An SVG: the loss of every update faintly, smoothed boldly, and the held-out loss as dots."""
    learnt, held_out = curve.losses("loss"), curve.losses("held_out_loss")
    points = [*learnt, *held_out]
    if not points:
        return f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}"/>\n'
    last = max(1, max(step for step, _ in points))
    top = max(value for _, value in points) * 1.05 or 1.0

    def place(step: float, value: float) -> tuple[float, float]:
        across, up = WIDTH - LEFT - MARGIN, HEIGHT - BOTTOM - MARGIN
        return round(LEFT + across * step / last, 1), round(HEIGHT - BOTTOM - up * value / top, 1)

    def line(values: Sequence[tuple[int, float]], style: str) -> str:
        drawn = " ".join(f"{x},{y}" for x, y in (place(*value) for value in values))
        return f'<polyline fill="none" {style} points="{drawn}"/>' if values else ""

    dots = "".join(
        f'<circle cx="{x}" cy="{y}" r="4" fill="{HELD_OUT}"/>' for x, y in (place(*each) for each in held_out)
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}"'
        f' height="{HEIGHT}" font-family="sans-serif" font-size="12" role="img">',
        "<title>Loss of the tuning, step by step</title>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *(_mark(*place(0, top * part / 4), f"{top * part / 4:.2f}") for part in range(5)),
        *(_mark_below(place(last * part / 4, 0)[0], f"{round(last * part / 4):,}") for part in range(5)),
        line(learnt, f'stroke="{LEARNT}" stroke-opacity="0.3"'),
        line(smoothed(learnt), f'stroke="{LEARNT}" stroke-width="2"'),
        line(held_out, f'stroke="{HELD_OUT}" stroke-dasharray="4 3"'),
        dots,
        f'<text x="{LEFT}" y="{HEIGHT - 6}" fill="{INK}">updates; loss in nats per token</text>',
        f'<text x="{WIDTH - 220}" y="16" fill="{LEARNT}">training</text>',
        f'<text x="{WIDTH - 130}" y="16" fill="{HELD_OUT}">held out</text>' if held_out else "",
        "</svg>\n",
    ]
    return "\n".join(part for part in parts if part)


def _mark(x: float, y: float, label: str) -> str:
    return (
        f'<line x1="{x}" y1="{y}" x2="{WIDTH - MARGIN}" y2="{y}" stroke="#ddd"/>'
        f'<text x="{x - 8}" y="{y + 4}" text-anchor="end" fill="{INK}">{label}</text>'
    )


def _mark_below(x: float, label: str) -> str:
    return f'<text x="{x}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle" fill="{INK}">{label}</text>'
