"""The scripted model's built-in writer: from a prompt's text to a reply, by hash and templates alone.

It reads prompts as any model would and knows the shapes of the paper's three stages (Tables 5 to 8), and the
JSON that a prompt asks for by naming the field `"tasks"`, `"inputs"` or `"instances"`;
anything else it answers. What it writes passes the filters
often enough to fill a data set and fails each of them now and then.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from selfinstruct.models.scripted import words
from selfinstruct.records import Stage

__all__ = ["CHARACTERS_A_TOKEN", "ScriptedReply", "asked_for", "reply"]

CHARACTERS_A_TOKEN = 4
"""This model's tokens are so many characters, by definition."""

_Item = TypeVar("_Item")
_OPEN_ITEM = re.compile(r"(?:^|\n)\s*(\d{1,6})\s?\.\s*\Z")
_QUESTION = "Is it classification?"
_CHAT_QUESTION = "Answer with one English word, yes or no."
_FORM = re.compile(r'"(tasks|inputs|instances)"')
_FORM_WITH_INPUTS = re.compile(r'"tasks": \[\{(?:"[^"]+": "…", )*+"input":')
_JUDGED = '"score": 1 to 5'
"""What judges are told to reply with."""
_TASK = re.compile(r"^(?:Task|Input):|Task: ", re.MULTILINE)
_WANTED = re.compile(r"\b(\d{1,2}) new tasks?\b")
_LABELS = {" or ".join(", ".join(row).rsplit(", ", 1)): row for row in words.LABELS}
_LABEL_ROW = re.compile("|".join(sorted(map(re.escape, _LABELS), key=len, reverse=True)))
_TOPIC = re.compile("|".join(sorted(map(re.escape, words.TOPICS), key=len, reverse=True)))


@dataclass(frozen=True, slots=True)
class ScriptedReply:
    """`finish_reason` is `stop` or `length`."""

    text: str
    finish_reason: str


class _Dice:
    """Even draws from one hash: a number that is divided down. 2,048 bits outlast any reply."""

    __slots__ = ("_left",)

    def __init__(self, prompt: str, seed: int) -> None:
        digest = hashlib.blake2b(prompt.encode("utf-8", "surrogatepass")).digest()
        self._left = int.from_bytes(hashlib.shake_256(b"%d " % seed + digest).digest(256), "big")

    def below(self, bound: int) -> int:
        self._left, drawn = divmod(self._left, bound)
        return drawn

    def percent(self, share: int) -> bool:
        return self.below(100) < share

    def pick(self, items: Sequence[_Item]) -> _Item:
        return items[self.below(len(items))]


def reply(prompt_text: str, seed: int, max_tokens: int) -> ScriptedReply:
    """What the model says without a script: a pure function of its arguments, cut at `max_tokens`."""
    dice, prompt = _Dice(prompt_text, seed), prompt_text.rstrip()
    if _JUDGED in prompt_text:
        return ScriptedReply(_verdict(dice), "stop")
    form = _json_form(prompt_text)
    match asked_for(prompt_text):
        case Stage.INSTRUCTIONS if form:
            text = _tasks_json(prompt, dice)
        case Stage.INSTANCES if form == "inputs":
            text = _inputs_json(_last_task(prompt), dice, max_tokens)
        case Stage.INSTANCES if form:
            text = _instances_json(_last_task(prompt), dice, max_tokens)
        case Stage.ANSWERS:
            text = _answer(prompt, dice, max_tokens)
        case Stage.INSTRUCTIONS:
            text = _instructions(_next_number(prompt), dice)
        case Stage.CLASSIFICATION:
            text = f" {'Yes' if _is_classifying(_last_task(prompt.removesuffix(_QUESTION))) else 'No'}"
        case _:
            text = "" if prompt_text.endswith("\n") else "\n"
            text += _instances(_last_task(prompt), "Class label:" in prompt, dice, max_tokens)
    limit = max_tokens * CHARACTERS_A_TOKEN
    return ScriptedReply(text[:limit], "length" if len(text) > limit else "stop")


def _verdict(dice: _Dice) -> str:
    """Drawn, and about nothing: no model has looked at what is judged."""
    score = 5 - min(dice.below(5), dice.below(6))
    said = {"reason": "A verdict chosen at random.", "task": True, "input": True, "output": score > 3}
    return json.dumps(said | {"score": score})


def asked_for(prompt: str) -> Stage:
    """What the prompt's last words ask for: an open item of a numbered list wants instructions, a question
    its answer. `Task:` begins one that wants instances, unless the form that the prompt names is that of
    tasks; all else wants an answer."""
    tail = prompt[-64:].rstrip()
    if tail.endswith(_QUESTION) or _CHAT_QUESTION in prompt:
        return Stage.CLASSIFICATION
    form = _json_form(prompt)
    if _OPEN_ITEM.search(tail) or form == "tasks":
        return Stage.INSTRUCTIONS
    return Stage.INSTANCES if form or _TASK.search(prompt) else Stage.ANSWERS


def _json_form(prompt: str) -> str:
    """The field of the JSON that is asked for, where the prompt names one, and has no open item of a list."""
    match = None if _OPEN_ITEM.search(prompt[-64:].rstrip()) else _FORM.search(prompt)
    return match[1] if match else ""


def _next_number(text: str) -> int:
    match = _OPEN_ITEM.search(text[-64:])
    return int(match[1]) if match else 1


def _last_task(text: str) -> str:
    """The instruction on the line that `Task:` begins last; without one, the last line."""
    start = text.rfind("Task:")
    rest = text[start + len("Task:") :] if start >= 0 else text.rstrip().rpartition("\n")[2]
    return rest.strip().partition("\n")[0]


def _is_classifying(instruction: str) -> bool:
    return _LABEL_ROW.search(instruction) is not None


# Instructions


def _instructions(number: int, dice: _Dice) -> str:
    """Five to eight items; the first goes on where the prompt's bare number stands."""
    items = [_instruction(dice) for _ in range(5 + dice.below(4))]
    if dice.percent(3):  # losing the thread, as models do: too long, or even cut in the end
        items[-1] += _ramble(dice)
    return f" {items[0]}" + "".join(f"\n{number + i}. {item}" for i, item in enumerate(items) if i)


def _tasks_json(prompt: str, dice: _Dice) -> str:
    """As many as are wanted, or one or two fewer; with inputs where the form has them, else with kinds."""
    wanted = _WANTED.findall(prompt)
    number = min(int(wanted[-1]), 30) if wanted else 10
    with_inputs = _FORM_WITH_INPUTS.search(prompt) is not None
    classifying = 5 if with_inputs else 20
    texts = [_instruction(dice, classifying, with_input=27) for _ in range(max(1, number - dice.below(3)))]
    if with_inputs:
        rows = [{"instruction": text, "input": _new_input(text, dice)} for text in texts]
    else:
        rows = [{"instruction": text, "kind": _kind(text)} for text in texts]
    if dice.percent(10):
        del rows[0][next(reversed(rows[0]))]  # as models may that are held to no schema
    if dice.percent(3):
        rows[-1]["instruction"] = f"{texts[-1]}{_ramble(dice)}"
    return _as_json({"tasks": rows}, dice)


def _new_input(instruction: str, dice: _Dice) -> str:
    """Empty where the instruction needs none, and now and then where it needs one."""
    if not (_is_classifying(instruction) or _works_on_text(instruction)) or dice.percent(20):
        return ""
    return _prose(dice.pick(words.TOPICS), dice, 3)


def _kind(instruction: str) -> str:
    if _is_classifying(instruction):
        return "with label"
    return "with text" if _works_on_text(instruction) else "complete"


def _works_on_text(instruction: str) -> bool:
    return "following" in instruction or instruction.startswith("Given")


def _as_json(value: Any, dice: _Dice) -> str:
    """Now and then within a code fence, or with a word before it, as models do."""
    text = json.dumps(value, ensure_ascii=False)
    style = dice.below(100)
    if style < 10:
        return f"```json\n{text}\n```"
    return f"Here is the JSON:\n{text}" if style < 15 else text


def _ramble(dice: _Dice) -> str:
    return f" {dice.pick(words.SOURCES).format(u='it').lower()} and" * dice.pick((40, 200))


def _instruction(dice: _Dice, classifying: int = 15, with_input: int = 16) -> str:
    """The two numbers: percent of such instructions."""
    kind, topic = dice.below(100), dice.pick(words.TOPICS)
    if kind < 3:
        return dice.pick(words.REPEATED)
    if kind < 10:
        line = dice.pick(words.BLEMISHED).replace("{t}", topic)
        return line[:1].upper() + line[1:]
    if kind < 10 + classifying:
        row = dice.pick(tuple(_LABELS))
        lead, extras = dice.pick(words.CLASSIFYING).replace("{labels}", row), words.SOURCES
    else:
        lead, extras = (
            dice.pick(words.WITH_INPUT if kind < 10 + classifying + with_input else words.PLAIN),
            words.CONSTRAINTS,
        )
    text = _with_extras(lead, extras, dice)
    return text.replace("{t}", topic).replace("{u}", dice.pick(words.TOPICS))


def _with_extras(lead: str, extras: Sequence[str], dice: _Dice) -> str:
    mark = "?" if lead.startswith(("What", "How", "Why", "If", "Is")) else "."
    if dice.percent(60):
        lead = f"{lead} for {dice.pick(words.AUDIENCES)}"
    sentences = [f"{lead}{mark}"]
    if dice.percent(90):
        sentences.append(f"{dice.pick(extras)}.")
    if dice.percent(30):
        sentences.append(f"{dice.pick(words.CONSTRAINTS)}.")
    if dice.percent(40):
        sentences.append(f"{dice.pick(words.FORMATS)}.")
    return " ".join(sentences)


# Instances


def _instances(instruction: str, output_first: bool, dice: _Dice, max_tokens: int) -> str:
    found = _TOPIC.search(instruction)
    topic = found[0] if found else "the subject"
    if dice.percent(10):
        return _useless(topic, output_first, dice, max_tokens)
    if output_first:
        row = _LABEL_ROW.search(instruction)
        return _labelled(_LABELS[row[0]] if row else ("Yes", "No"), topic, dice)
    if _works_on_text(instruction):
        pairs = [(_prose(topic, dice, 2), _prose(topic, dice, 3)) for _ in range(1 + dice.below(4))]
        return "\n\n".join(
            f"Example {i}\nInput: {given}\nOutput: {wanted}" for i, (given, wanted) in enumerate(pairs, 1)
        )
    if dice.percent(70):
        return f"Output: {_prose(topic, dice, 4)}"
    return f"Example 1\nOutput: {_prose(topic, dice, 3)}\n\nExample 2\nOutput: {_listing(topic, dice)}"


def _instances_json(instruction: str, dice: _Dice, max_tokens: int) -> str:
    found = _TOPIC.search(instruction)
    topic = found[0] if found else "the subject"
    row = _LABEL_ROW.search(instruction)
    if dice.percent(10):
        pairs = _useless_pairs(topic, dice, max_tokens)
    elif row:
        pairs = [(_prose(topic, dice, 2), label) for label in _LABELS[row[0]]]
    elif _works_on_text(instruction):
        pairs = [(_prose(topic, dice, 2), _prose(topic, dice, 3)) for _ in range(1 + dice.below(4))]
    else:
        pairs = [("", _prose(topic, dice, 4))]
    if not pairs:
        return _prose(topic, dice, 2)
    return _as_json({"instances": [{"input": given, "output": wanted} for given, wanted in pairs]}, dice)


def _inputs_json(instruction: str, dice: _Dice, max_tokens: int) -> str:
    """Two to four, all different but for one in ten; or, one time in ten, nothing that is of use."""
    found = _TOPIC.search(instruction)
    topic = found[0] if found else "the subject"
    row = _LABEL_ROW.search(instruction)
    if dice.percent(10):
        endless = f"{_prose(topic, dice, 2)} " * min(max_tokens, 1000)
        if dice.percent(80):
            return _prose(topic, dice, 2)
        return _as_json({"inputs": [{"input": endless}]}, dice)
    if not (row or _works_on_text(instruction)):
        return _as_json({"inputs": []}, dice)
    texts = [_prose(topic, dice, 3) for _ in range(2 + dice.below(3))]
    if dice.percent(10):
        texts[-1] = texts[0]
    inputs = [
        {"label": _label_of(text, _LABELS[row[0]]), "input": text}
        if row
        else {"kind": f"{len(text.split())} words", "input": text}
        for text in texts
    ]
    if row and dice.percent(20):  # not what would be answered
        inputs[0]["label"] = next(each for each in _LABELS[row[0]] if each != inputs[0]["label"])
    return _as_json({"inputs": inputs}, dice)


def _label_of(text: str, labels: Sequence[str]) -> str:
    """What this model takes a text for, whenever it is asked."""
    digest = hashlib.blake2b(" ".join(text.split()).encode("utf-8", "surrogatepass"), digest_size=4).digest()
    return labels[int.from_bytes(digest) % len(labels)]


def _answer(prompt: str, dice: _Dice, max_tokens: int) -> str:
    """A label, or some prose; seldom a refusal, and seldom without end."""
    instruction, _, given = prompt.partition("\n\n")
    row = _LABEL_ROW.search(instruction)
    if row and given:
        label = _label_of(given, _LABELS[row[0]])
        return label if dice.percent(50) else f"I would say that it is **{label}**."
    found = _TOPIC.search(prompt)
    topic = found[0] if found else "the subject"
    if dice.percent(3):
        endless = f"{_prose(topic, dice, 2)} " * min(max_tokens, 1000)
        return dice.pick(("I'm sorry, but I can't help with that.", "", endless))
    return _prose(topic, dice, 4)


def _useless_pairs(topic: str, dice: _Dice, max_tokens: int) -> list[tuple[str, str]]:
    """As `_useless`: contradictions, nothing at all, no JSON (here: no pairs), or no end."""
    text = _prose(topic, dice, 2)
    endless = f"{text} " * min(max_tokens, 1000)
    return dice.pick(([(text, "yes"), (text, "no")], [("none", "")], [(text, text)], [("", endless)], []))


def _labelled(labels: tuple[str, ...], topic: str, dice: _Dice) -> str:
    first = dice.below(len(labels))
    rows = (labels[first:] + labels[:first]) * 2
    shown = rows[: len(labels) + dice.below(2)]
    return "\n\n".join(f"Class label: {label}\n{_prose(topic, dice, 2)}" for label in shown)


def _useless(topic: str, output_first: bool, dice: _Dice, max_tokens: int) -> str:
    """A reply without one valid instance: nothing marked, contradictions, nothing at all, or no end."""
    text = _prose(topic, dice, 2)
    input_first = (
        text,
        f"Example 1\nInput: {text}\nOutput: yes\n\nExample 2\nInput: {text}\nOutput: no",
        "Example 1\nInput: none\nOutput:",
        f"Example 1\nInput: {text}\nOutput: {text}",
        "Output: " + _prose(topic, dice, 3) + f" {text}" * min(max_tokens // 10, 200),
        "Output: It depends on the following:",
    )
    labelled = (
        text,
        f"Class label: yes\n{text}\n\nClass label: no\n{text}",
        "Class label:",
        "Class label: yes\n" + f"{text} " * min(max_tokens // 10, 200),
        "Class label: no\nThe text reads:",
    )
    return dice.pick(labelled if output_first else input_first)


def _prose(topic: str, dice: _Dice, at_most: int) -> str:
    """One to `at_most` sentences."""
    return " ".join(f"{_fact(topic, dice)}." for _ in range(1 + dice.below(at_most)))


def _listing(topic: str, dice: _Dice) -> str:
    return "".join(f"\n- {_fact(topic, dice)}" for _ in range(3))


def _fact(topic: str, dice: _Dice) -> str:
    return dice.pick(words.FACTS).replace("{t}", topic)
