"""WikiTableQuestions: a table laid out as text, a question, and an answer of one or several values.

data: release 1.0.2, the 4,344 questions of pristine-unseen-tables. The paper's parser runs no language model,
so prompts are ours: cells between ` | `, a row a line, the header first; completions after two solved
questions about a table made up here, a chat with a sentence that says what to reply. Rows that do not fit the
context window are left out from the end, and a line says how many.
metric: denotation_accuracy, the official evaluator's decision (`denotation.py`). An answer is what stands
behind its last `Answer:`, or all of it; values are its lines and what `|` separates in them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evalsets.wtq import Table, TableQuestion, load_wtq
from selfinstruct.evaluation.benchmarks.base import Answer, Call, Entry, Wanted, digest_of
from selfinstruct.evaluation.benchmarks.denotation import Value, denotes, values_of
from selfinstruct.evaluation.benchmarks.fitting import most_that_fit
from selfinstruct.evaluation.intervals import Interval
from selfinstruct.evaluation.predictions import Prediction
from selfinstruct.records import Prompt

__all__ = ["WTQ", "Wtq", "answer_values", "table_text"]

DATA = "the unpacked release of https://github.com/ppasupat/WikiTableQuestions, or a .tsv file in its data"
METRIC = "denotation_accuracy"
NO_ANSWER, OTHER_NUMBER, OTHER_VALUES = "no_answer", "other_number_of_values", "other_values"
BETWEEN = " | "

HOW = "Answer with the value alone. Write several values on one line, with | between them."
MADE_UP = """\
Table:
Season | Player | Club | Goals
2001 | Ann Lee | Harbour Town | 14
2002 | Mia Sand | Old Mill | 9
2003 | Ann Lee | Old Mill | 11

"""
SHEET = f"""\
{HOW}

{MADE_UP}Question: how many goals did ann lee score in 2003?
Answer: 11

{MADE_UP}Question: which players played for old mill?
Answer: Mia Sand | Ann Lee

"""
SOLVED = 2
STOPS = ("\n\n", "\nTable:", "\nQuestion:")

_MARK = re.compile(r"(?im)^[^\n]{0,40}?\banswers?\b(?:\s+is|\s+are)?\s*:((?s:.*))")
_BULLET = re.compile(r"(?:[-*•]|\d{1,2}[.)])\s+")


@dataclass(frozen=True)
class Wtq:
    """tagged: whether the release says what the targets are read as; where not, that is read here."""

    questions: tuple[TableQuestion, ...]
    tagged: bool

    name = "wtq"
    samples = 1
    temperature = 0.0
    max_tokens = 256
    left_out = 0

    @cached_property
    def items(self) -> tuple[EvaluationItem, ...]:
        """The question; the table; what it is right to answer, as the prompt asks for it."""
        tables = {each.context: table_text(each.table) for each in self.questions}
        return tuple(
            EvaluationItem(each.id, each.question, tables[each.context], (BETWEEN.join(each.targets),))
            for each in self.questions
        )

    @cached_property
    def digest(self) -> str:
        """Of questions, tables and targets."""
        return digest_of(self.questions)

    @cached_property
    def _by_id(self) -> Mapping[str, TableQuestion]:
        return {each.id: each for each in self.questions}

    def layout(self, *, chat: bool) -> str:
        """With whose reading of the targets decides."""
        shown = "no examples" if chat else f"{SOLVED} examples"
        return f"wtq, {shown}" + ("" if self.tagged else ", targets without the release's `tagged`")

    def prompt(self, item: EvaluationItem, call: Call) -> Prompt:
        """As many rows as fit."""
        question, sheet = self._by_id[item.id], "" if call.chat else SHEET
        sampling = call.sampling(stop=() if call.chat else STOPS)
        room, rows = call.room(sampling), len(question.table.rows)

        def text(shown: int) -> str:
            return _asked(question.question, table_text(question.table, shown), chat=call.chat)

        if room is not None:
            shown = most_that_fit(rows, lambda many: call.fits(sheet + text(many), room))
            if shown < rows:
                call.cut.add(item.id)
                rows = shown
        return Prompt(sheet, text(rows), sampling, 0 if call.chat else SOLVED)

    def answer(self, reply: str) -> Answer:
        """All of it: what of it counts is a matter of the metric."""
        return Answer(reply.strip())

    def scored(self, predictions: Sequence[Prediction]) -> tuple[Prediction, ...]:
        """By the official evaluator's decision."""
        return tuple(self._scored(each) for each in predictions)

    def summary(self, predictions: Sequence[Prediction], seed: int) -> Mapping[str, Interval]:  # noqa: ARG002
        """Nothing more."""
        return {}

    def _scored(self, prediction: Prediction) -> Prediction:
        question = self._by_id[prediction.item.id]
        given, wanted = answer_values(prediction.response), values_of(question.targets, question.canonical)
        right = denotes(given, wanted)
        verdict = ""
        if not right:
            verdict = NO_ANSWER if not given else OTHER_VALUES if len(given) == len(wanted) else OTHER_NUMBER
        return replace(prediction, measured={METRIC: 100.0 * right}, verdict=verdict)


def _asked(question: str, table: str, *, chat: bool) -> str:
    if chat:
        return f"{HOW}\n\nTable:\n{table}\n\nQuestion: {question}"
    return f"Table:\n{table}\n\nQuestion: {question}\nAnswer:"


def table_text(table: Table, rows: int | None = None) -> str:
    """A row a line, the header first. rows: only the first so many, and how many there are more."""
    shown = table.rows if rows is None else table.rows[:rows]
    lines = [BETWEEN.join(map(_cell, row)) for row in (table.header, *shown)]
    if len(shown) < len(table.rows):
        lines.append(f"(and {len(table.rows) - len(shown):,} more rows)")
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "/").split())


def answer_values(response: str) -> tuple[Value, ...]:
    """The values of a reply, without list marks, emphasis and code marks; none where it holds nothing."""
    text = response.replace("**", "").replace("`", "").strip()
    while (found := _MARK.search(text)) is not None and found[1].strip():
        text = found[1].strip()
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    if len(lines) > 1 and all(map(_BULLET.match, lines)):
        lines = [_BULLET.sub("", line, count=1) for line in lines]
    values = [value.strip() for line in lines for value in line.split("|")]
    return values_of([value for value in values if value])


def _load(wanted: Wanted) -> Wtq:
    assert wanted.path is not None, "it is not on the Hub as it is published"
    return Wtq(*load_wtq(wanted.path))


WTQ = Entry(_load, DATA, takes=())
