"""∞Bench: one question about a text of more than 100,000 tokens, in twelve tasks.

data: a folder of its files, or one of them. Prompts say what the official ones say, in words of ours: those
for GPT-4 in a chat, those for YaRN-Mistral, which end where the answer begins, for completions, with the
official limits of each task's answer. A prompt above the context window loses its middle, as there.
metric: score, each task's own (`long_answers.py`): accuracy of the tasks of code, mathematics, retrieval,
dialogue and choice, F1 of words or Chinese characters of questions about books, ROUGE-Lsum of summaries. The
average over tasks is that of the paper's tables.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from selfinstruct.evalsets.infinitebench import (
    INFINITEBENCH_TASKS,
    LETTERS,
    LongItem,
    LongItems,
    load_infinitebench,
)
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evaluation.benchmarks.base import Answer, Call, Entry, Wanted
from selfinstruct.evaluation.benchmarks.fitting import cut_middle
from selfinstruct.evaluation.benchmarks.long_answers import score_answer
from selfinstruct.evaluation.intervals import Interval, intervals
from selfinstruct.evaluation.predictions import Prediction
from selfinstruct.records import Prompt

__all__ = ["INFINITEBENCH", "InfiniteBench"]

DATA = (
    "the folder of the .jsonl files of https://huggingface.co/datasets/xinrongzhang2022/InfiniteBench,"
    " or one of them"
)
METRIC = "score"

LIMITS: Mapping[str, int] = {
    "passkey": 6,
    "number_string": 12,
    "kv_retrieval": 50,
    "longbook_sum_eng": 1200,
    "longbook_qa_eng": 40,
    "longbook_choice_eng": 40,
    "longdialogue_qa_eng": 40,
    "longbook_qa_chn": 40,
    "code_debug": 5,
    "code_run": 5,
    "math_calc": 30_000,
    "math_find": 3,
}
"""Tokens of a completion, at most."""

_OPTIONS = "\n".join(f"{letter}. {{{letter}}}" for letter in LETTERS)
_HIDDEN = "The text below says one important thing among much else. Find it: you will be asked about it."
_DIALOGUE = "In the dialogue below, one occurrence of a character's name was replaced by $$MASK$$."
_SUMS = """\
Give the value of an expression after each of its operations.

Expression: 2 + 5 - 3
Values: [7, 4]

Expression: {context}
"""
_TEMPLATES: Mapping[str, tuple[str, str]] = {
    "passkey": (
        f"{_HIDDEN}\n\n{{context}}\n\n{{question}}",
        f"{_HIDDEN}\n\n{{context}}\n\n{{question}}\n\nThe pass key is",
    ),
    "number_string": (
        f"{_HIDDEN}\n\n{{context}}\n\n{{question}}",
        f"{_HIDDEN}\n\n{{context}}\n\n{{question}}\n\nThe sequence of digits is",
    ),
    "kv_retrieval": (
        "Look up the key that is named at the end in the JSON object below, and give its value."
        "\n\n{context}\n\n{question}",
        "Look up the key that is named at the end in the JSON object below, and give its value."
        "\n\n{context}\n\n{question}",
    ),
    "longbook_sum_eng": (
        "Summarize this book.\n\n{context}",
        "Summarize this book.\n\n{context}\n\nSummary:",
    ),
    "longbook_qa_eng": (
        "Read this book and answer a question about it.\n\n{context}\n\nQuestion: {question}"
        "\n\nKeep the answer very short.",
        "Read this book and answer the question about it, very briefly."
        "\n\n{context}\n\nQuestion: {question}\nAnswer:",
    ),
    "longbook_choice_eng": (
        "Read this book and answer a question about it.\n\n{context}\n\nQuestion: {question}\n\nOne of these "
        f"options is right. Reply with its letter, A, B, C or D, and nothing else.\n{_OPTIONS}",
        "Read this book and answer the question about it.\n\n{context}\n\nQuestion: {question}"
        f"\n{_OPTIONS}\n\nThe letter of the right answer is",
    ),
    "longdialogue_qa_eng": (
        f"{_DIALOGUE} Find out whose.\n\n---\n\n{{context}}\n\n---\n\nWho is most likely $$MASK$$? Reply "
        "with the name alone, as the script writes it before a colon.",
        f"{_DIALOGUE} Find out whose.\n\n{{context}}\n\nThe name behind $$MASK$$ is most likely",
    ),
    "longbook_qa_chn": (
        "阅读下面这本书，回答一个问题。\n\n{context}\n\n问题：{question}\n答案要尽量短。",
        "阅读下面这本书，回答问题。\n\n{context}\n\n问题：{question}\n答案：",
    ),
    "code_debug": (
        "In the project below, one function was given an obvious error on purpose. Four options say which it "
        f"may be.\n\n{{context}}\n\nWhich function has the error?\n{_OPTIONS}\n\nFind each of these, "
        "repeat its code and check it. Then end with `The answer is: ` and one letter, A, B, C or D.",
        "In the Python code below, one function was given an error on purpose that makes it crash."
        f"\n\n{{context}}\n\nOptions:\n{_OPTIONS}\n\nThe correct option is:",
    ),
    "code_run": (
        "Below are Python functions; one of them is {function}.\n\n{context}\n\nWhat does {question} return? "
        "Be brief, and end your reply with that number.",
        "One of the Python functions below is {function}.\n\n{context}\n\nThe value of {question} is",
    ),
    "math_calc": (
        f"{_SUMS}Values:\n\nReply with the list of all values and nothing else, however long it is.",
        f"{_SUMS}Values:",
    ),
    "math_find": (
        "What is the {question} in this list?\n\n{context}\n\nAnswer with one number and nothing else.",
        "What is the {question} in this list?\n\n{context}\n\nThe {question} of the list is:",
    ),
}
"""For a chat, and for completions."""


@dataclass(frozen=True)
class InfiniteBench:
    """found: what is asked. Contexts are read when a prompt is made."""

    found: LongItems

    name = "infinitebench"
    samples = 1
    temperature = 0.0
    max_tokens = 1200
    left_out = 0

    @cached_property
    def items(self) -> tuple[EvaluationItem, ...]:
        """The question, without its context; the category is the task."""
        return tuple(
            EvaluationItem(each.id, _question(each), "", each.answers, category=each.task)
            for each in self.found.items
        )

    @property
    def digest(self) -> str:
        """Of the files' rows."""
        return self.found.digest

    @cached_property
    def _by_id(self) -> Mapping[str, LongItem]:
        return {each.id: each for each in self.found.items}

    def layout(self, *, chat: bool) -> str:
        """With how many of the tasks are there."""
        tasks = f"{len(self.found.tasks)} of {len(INFINITEBENCH_TASKS)} tasks"
        return f"infinitebench, {'chat' if chat else 'completion'}, {tasks}"

    def prompt(self, item: EvaluationItem, call: Call) -> Prompt:
        """Without its middle where the model's context cannot hold it."""
        asked = self._by_id[item.id]
        limit = call.max_tokens if call.chat else min(call.max_tokens, LIMITS[asked.task])
        sampling = call.sampling(max_tokens=limit)
        text = _filled(asked, chat=call.chat)
        room = call.room(sampling)
        if room is not None and not call.fits(text, room):
            text = cut_middle(text, room, call.count_tokens)
            call.cut.add(item.id)
        return Prompt("", text, sampling, 0)

    def answer(self, reply: str) -> Answer:
        """All of it: what of it counts is a matter of the metric."""
        return Answer(reply.strip())

    def scored(self, predictions: Sequence[Prediction]) -> tuple[Prediction, ...]:
        """By each task's metric."""
        return tuple(
            replace(each, measured={METRIC: 100.0 * _score(each.response, self._by_id[each.item.id])})
            for each in predictions
        )

    def summary(self, predictions: Sequence[Prediction], seed: int) -> Mapping[str, Interval]:
        """The average over tasks, however many items each has."""
        counts = Counter(each.item.category for each in predictions)
        if len(counts) == 1:
            return {}
        weights = {task: len(predictions) / len(counts) / many for task, many in counts.items()}
        values = [weights[each.item.category] * each.score().values[METRIC] for each in predictions]
        (average,) = intervals([values], [""] * len(values), seed)
        return {f"average over {len(counts)} tasks": average}


def _score(response: str, item: LongItem) -> float:
    return score_answer(item.task, response, item.answers)


def _question(item: LongItem) -> str:
    """What people and judges read."""
    said = {
        "longbook_sum_eng": "Summarize the book.",
        "longdialogue_qa_eng": "Which character's name was replaced by $$MASK$$?",
        "code_debug": "Which function has the error?",
        "code_run": f"What does {item.question} return?",
        "math_calc": "Give the value of the expression after each operation.",
        "math_find": f"What is the {item.question} in the list?",
    }
    options = (f"{letter}. {option}" for letter, option in zip(LETTERS, item.options, strict=False))
    return "\n".join([said.get(item.task, item.question), *options])


def _filled(item: LongItem, *, chat: bool) -> str:
    template = _TEMPLATES[item.task][0 if chat else 1]
    return template.format(
        context=item.context(),
        question=item.question,
        function=item.question.partition("(")[0],
        **dict(zip(LETTERS, item.options, strict=False)),
    ).rstrip()


def _load(wanted: Wanted) -> InfiniteBench:
    assert wanted.path is not None, "gigabytes are not fetched unasked"
    return InfiniteBench(load_infinitebench(wanted.path))


INFINITEBENCH = Entry(_load, DATA, takes=())
