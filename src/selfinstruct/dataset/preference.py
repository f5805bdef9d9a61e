r"""Pairs of a better and a worse output, as TRL's `DPOTrainer` takes them: a pair a line.

    {"prompt": "Name the capital.\nInput: France\nOutput:", "chosen": " Paris", "rejected": " Lyon"}

Plain, in one of the paper's templates; or conversational, each of the three a list of messages:

    {"prompt": [{"role": "user", "content": "…"}], "chosen": [{"role": "assistant", "content": "…"}],
     "rejected": [{"role": "assistant", "content": "…"}]}

Which output is the better one: `pairs`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from selfinstruct.dataset.formats import PAIR_COLUMNS, Columns, ExportedRow, Rendering, chat_turns
from selfinstruct.dataset.pairs import Pair
from selfinstruct.dataset.scored import Extras, score_fields
from selfinstruct.dataset.templates import render_prompt
from selfinstruct.ratings.decisions import instance_digest, instance_id
from selfinstruct.records import Task

__all__ = ["pair_columns", "pair_rows"]

MESSAGES = {"role": "string", "content": "string"}


def pair_columns(extras: Extras, *, conversational: bool) -> Columns:
    """With those of the extras: `id` before, and after the scores of both outputs."""
    before = {"id": "string"} if extras.ids else {}
    judges = () if extras.scores is None else ("", *(f"_{judge}" for judge in extras.scores.verdicts))
    after = {f"score_{side}{judge}": "float64" for side in ("chosen", "rejected") for judge in judges}
    own: Columns = dict.fromkeys(PAIR_COLUMNS, MESSAGES) if conversational else PAIR_COLUMNS
    return {**before, **own, **after}


def pair_rows(
    task: Task, pairs: Sequence[Pair], rendering: Rendering, extras: Extras
) -> Iterator[ExportedRow]:
    """A pair each. `rendering.seed` decides the templates of plain ones."""
    for pair in pairs:
        row: dict[str, Any] = {"id": instance_id(task.id, pair.place)} if extras.ids else {}
        row |= (
            _conversation(task, pair, rendering) if rendering.conversational else _text(task, pair, rendering)
        )
        if extras.scores is not None:
            for side, output in (("chosen", pair.chosen), ("rejected", pair.rejected)):
                instance = replace(task.instances[pair.place], output=output)
                digest = instance_digest(task.instruction, instance)
                row |= score_fields(extras.scores, digest, f"score_{side}")
        yield row


def _text(task: Task, pair: Pair, rendering: Rendering) -> dict[str, str]:
    given = task.instances[pair.place].input
    prompt = render_prompt(task.instruction, given, seed=rendering.seed, key=f"{task.id}.{pair.place}")
    return {
        "prompt": prompt.prompt,
        "chosen": prompt.completion(pair.chosen),
        "rejected": prompt.completion(pair.rejected),
    }


def _conversation(task: Task, pair: Pair, rendering: Rendering) -> dict[str, list[dict[str, str]]]:
    (said,) = chat_turns(replace(task, instances=(task.instances[pair.place],)), rendering)
    return {
        "prompt": [{"role": role, "content": text} for role, text in said[:-1]],
        "chosen": [{"role": "assistant", "content": pair.chosen}],
        "rejected": [{"role": "assistant", "content": pair.rejected}],
    }
