"""MMLU: which of four answers is right, by the letter that the model finds likeliest, or by what it writes.

data: test/ and dev/ of Hendrycks et al. (2021), 57 subjects, 14,042 questions. Prompt as in the paper: a line
that names the subject, the five questions of its dev file with their answers, the question, `Answer:`. Where
the context is too small, fewer are shown.
metric: accuracy. One request a question: completions tell the likeliest first tokens, the likeliest letter of
which is the answer (`likelihood`); where the model does not tell, and in a chat, the letter is read from
the reply (`letter`). An answer without a letter is wrong (`no_letter`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from selfinstruct.errors import ConfigError
from selfinstruct.evalsets.hub import hub_rows
from selfinstruct.evalsets.items import EvaluationItem
from selfinstruct.evalsets.mmlu import (
    LETTERS,
    Question,
    by_subject,
    first_of_each,
    group_of,
    load_mmlu,
    questions_of,
)
from selfinstruct.evaluation.benchmarks.base import Answer, Call, Entry, Wanted, digest_of
from selfinstruct.evaluation.intervals import Interval, intervals, macro_interval
from selfinstruct.evaluation.predictions import Prediction
from selfinstruct.models.choices import told_choices
from selfinstruct.records import Prompt
from selfinstruct.text.tokens import estimate_tokens

__all__ = ["MMLU", "Mmlu", "letter_in"]

DATA = "the folder with test and dev of https://github.com/hendrycks/test (its data.tar)"
HUB = "cais/mmlu"
EXAMPLES = 5
ACCURACY = "accuracy"
LETTER_TOKENS = 4
"""Of a completion: a model that tells no likelihoods has room for a space, a letter and a line feed."""
LIKELIHOOD = "log-probability "
IN_A_CHAT = "\n\nReply with the letter of the right answer alone."


@dataclass(frozen=True)
class Mmlu:
    """questions: subject by subject. dev: those to be shown. shown: so many of each subject, at most."""

    questions: tuple[Question, ...]
    dev: tuple[Question, ...]
    shown: int

    name = "mmlu"
    samples = 1
    temperature = 0.0
    max_tokens = 1024
    left_out = 0

    @cached_property
    def items(self) -> tuple[EvaluationItem, ...]:
        """The question, its four choices, the letter."""
        seen: dict[str, int] = {}
        found = []
        for each in self.questions:
            number = seen[each.subject] = seen.get(each.subject, -1) + 1
            found.append(
                EvaluationItem(
                    id=f"{each.subject or self.name}/{number}",
                    instruction=each.question,
                    input=_choices(each),
                    references=(each.answer,),
                    category=_in_words(each.subject),
                )
            )
        return tuple(found)

    @cached_property
    def digest(self) -> str:
        """Of what is asked and shown."""
        shown = [each for examples in self._sheets.values() for each in examples]
        return digest_of(self.questions, shown)

    @cached_property
    def _sheets(self) -> Mapping[str, tuple[Question, ...]]:
        found: dict[str, list[Question]] = {}
        for each in self.dev:
            found.setdefault(_in_words(each.subject), []).append(each)
        return {subject: tuple(each[: self.shown]) for subject, each in found.items()}

    def layout(self, *, chat: bool) -> str:  # noqa: ARG002 - the same
        """With the number of examples."""
        most = max(map(len, self._sheets.values()), default=0)
        return f"mmlu, {most} examples of dev" if most else "mmlu, no examples"

    def prompt(self, item: EvaluationItem, call: Call) -> Prompt:
        """As many examples as the context has room for."""
        about = f" about {item.category}" if item.category else ""
        head = f"The following are multiple choice questions (with answers){about}.\n\n"
        asked = f"{item.instruction}\n{item.input}\nAnswer:"
        shown = self._sheets.get(item.category, ())
        sheet = _sheet(head, shown)
        sampling = call.sampling() if call.chat else call.sampling(max_tokens=LETTER_TOKENS, stop=("\n",))
        if call.context_window is not None:
            room = call.context_window - sampling.max_tokens
            while shown and estimate_tokens(sheet + asked) > room:
                shown = shown[:-1]
                sheet = _sheet(head, shown)
        if call.chat:
            return Prompt("", f"{sheet}{asked}{IN_A_CHAT}", sampling, len(shown))
        return Prompt(sheet, asked, replace(sampling, choices=LETTERS), len(shown))

    def answer(self, reply: str) -> Answer:
        """Of likelihoods the likeliest letter, with all that are known in the detail."""
        told = told_choices(reply)
        if told is None:
            return Answer(reply.strip())
        ordered = sorted(told.items(), key=lambda each: -each[1])
        detail = ", ".join(f"{letter} {value:.4f}" for letter, value in ordered)
        return Answer(ordered[0][0] if ordered else "", f"{LIKELIHOOD}{detail or 'of no letter is known'}")

    def scored(self, predictions: Sequence[Prediction]) -> tuple[Prediction, ...]:
        """By the letter, with how it was found."""
        return tuple(_scored(each) for each in predictions)

    def summary(self, predictions: Sequence[Prediction], seed: int) -> Mapping[str, Interval]:
        """The mean over subjects, and the paper's four groups, as far as more than one subject was asked."""
        subjects = [each.item.category for each in predictions]
        if len(set(subjects)) < 2:
            return {}
        values = [(each.measured or {})[ACCURACY] for each in predictions]
        found = {"macro average over subjects": macro_interval(values, subjects, seed)}
        groups: dict[str, list[float]] = {}
        for subject, value in zip(subjects, values, strict=True):
            groups.setdefault(group_of(subject.replace(" ", "_")), []).append(value)
        for name, own in groups.items():
            if name:
                (found[name],) = intervals([own], [""] * len(own), seed)
        return found


_STATED = re.compile(
    r"(?:answer|option|choice)\b(?:\s+(?:is|would be))?\W{0,6}\b([A-D])\b(?!')", re.IGNORECASE
)
_ALONE = re.compile(r"\W*([A-D])(?:\W*\Z|[.):*\]\n,;])")
_BRACKETED = re.compile(r"[(\[*]([A-D])[)\].:*]")


def letter_in(reply: str) -> str:
    """The letter that a reply says: the one that it begins with, if not as a word; else the last one that it
    calls its answer; else the last one in brackets. Empty where there is none."""
    if found := _ALONE.match(reply):
        return found[1]
    for pattern in (_STATED, _BRACKETED):
        said = [each for each in pattern.findall(reply) if each in LETTERS]
        if said:
            return str(said[-1])
    return ""


def _scored(prediction: Prediction) -> Prediction:
    if prediction.detail.startswith(LIKELIHOOD):
        letter, found_by = prediction.response, "likelihood"
    else:
        letter, found_by = letter_in(prediction.response), "letter"
    right = letter in prediction.item.references
    verdict = found_by if letter else "no_letter"
    return replace(prediction, measured={ACCURACY: 100.0 * right}, verdict=verdict)


def _sheet(head: str, shown: Sequence[Question]) -> str:
    return head + "".join(f"{each.question}\n{_choices(each)}\nAnswer: {each.answer}\n\n" for each in shown)


def _choices(question: Question) -> str:
    return "\n".join(f"{letter}. {choice}" for letter, choice in zip(LETTERS, question.choices, strict=True))


def _in_words(subject: str) -> str:
    return subject.replace("_", " ")


def _load(wanted: Wanted) -> Mmlu:
    if wanted.path is None:
        test, dev = (questions_of(hub_rows(HUB, "all", split, DATA)) for split in ("test", "dev"))
        questions, shown = by_subject(test), tuple(dev)
    else:
        questions, shown = load_mmlu(wanted.path)
    if wanted.examples and not shown:
        raise ConfigError(
            f"{wanted.path} has no solved questions to show.", "Name the folder that holds dev beside test."
        )
    asked = first_of_each(questions, wanted.per_task)
    return Mmlu(asked, shown, EXAMPLES if wanted.examples is None else wanted.examples)


MMLU = Entry(_load, DATA, on_hub=True, takes=("per_task", "examples"))
