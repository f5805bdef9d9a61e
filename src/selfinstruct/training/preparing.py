"""From examples to tokens: templates, duplicates, lengths, what is held out.

What is learnt of an example is its completion, and the end token after it: that is what teaches a model to
stop. Prompt and completion are tokenized apart, as at inference, where the one is there before the other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from selfinstruct.dataset.splits import normal_form
from selfinstruct.dataset.templates import render_prompt
from selfinstruct.errors import ConfigError
from selfinstruct.training.examples import Conversation, Data, Example, Instructed, Rendered
from selfinstruct.training.order import held_out_groups

__all__ = ["Prepared", "TokenizedExample", "choose_template", "prepare"]

Template = Literal["mixture", "chat"]

IGNORED = -100
"""The label of a token that is not learnt."""


@dataclass(frozen=True, slots=True)
class TokenizedExample:
    """Tokens, the first `prompt` of which are given, the others learnt."""

    tokens: tuple[int, ...]
    prompt: int

    @property
    def labels(self) -> list[int]:
        """As transformers takes them."""
        return [IGNORED] * self.prompt + list(self.tokens[self.prompt :])


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is learnt and what is measured on.

    duplicates: examples whose prompt and completion are those of an earlier one. left_out: numbers of others
        that are not used, by reason.
    """

    train: tuple[TokenizedExample, ...]
    held_out: tuple[TokenizedExample, ...]
    duplicates: int
    left_out: Mapping[str, int]


def choose_template(wanted: str, data: Data, tokenizer: Any) -> Template:
    """`auto`: the model's chat template where it has one, else the paper's mixture; text that is in its
    template already keeps it.

    Raises ConfigError for `chat` where the model has no template, or the text has one already.
    """
    rendered = any(isinstance(example, Rendered) for example in data.examples)
    has_template = bool(getattr(tokenizer, "chat_template", None))
    if wanted == "auto":
        return "chat" if has_template and not rendered else "mixture"
    if wanted == "chat" and rendered:
        raise ConfigError(
            f'The rows of {data.path.name} are in a template already, so `template="chat"` cannot be used.',
            "Export the run as chat, or leave `template` out.",
        )
    if wanted == "chat" and not has_template:
        raise ConfigError("The model has no chat template.", 'Take `template="mixture"`.')
    if wanted not in ("mixture", "chat"):
        raise ConfigError(f"There is no template {wanted!r}.", "Templates are auto, mixture and chat.")
    return "chat" if wanted == "chat" else "mixture"


def prepare(
    data: Data,
    tokenizer: Any,
    *,
    template: Template,
    max_length: int,
    held_out: float,
    seed: int,
    ends: Collection[int],
) -> Prepared:
    """ends: tokens at which the model stops; the tokenizer's own end token is added where a completion has
    none of them.

    Left out are examples that are too long (`too_long`; cut off, they would teach not to end), have nothing
    to learn in them (`empty`), or are conversations of several turns or with a system message where the model
    has no chat template (`conversation`).

    Raises ConfigError where nothing is left.
    """
    seen: set[tuple[str, str]] = set()
    left_out: Counter[str] = Counter()
    duplicates = 0
    found: list[tuple[str, TokenizedExample]] = []
    for example, texts in _texts(data.examples, tokenizer, template, seed):
        if isinstance(texts, str):
            left_out[texts] += 1
        elif texts in seen:
            duplicates += 1
        else:
            seen.add(texts)
            tokenized = _tokenize(*texts, tokenizer, ends, chat=template == "chat")
            if len(tokenized.tokens) > max_length:
                left_out["too_long"] += 1
            else:
                asked = example.instruction if isinstance(example, Instructed) else example.group
                found.append((normal_form(asked), tokenized))  # rows may call one instruction by several ids
    if not found:
        why = ", ".join(f"{reason} {count:,}" for reason, count in left_out.items())
        raise ConfigError(
            f"{data.path} has nothing to train on: all {len(data.examples):,} examples are left out ({why}).",
            "Raise `max_length`." if left_out["too_long"] else "",
        )
    held = held_out_groups([group for group, _ in found], share=held_out, seed=seed)
    return Prepared(
        train=tuple(example for group, example in found if group not in held),
        held_out=tuple(example for group, example in found if group in held),
        duplicates=duplicates,
        left_out=dict(left_out),
    )


def _texts(
    examples: Iterable[Example], tokenizer: Any, template: Template, seed: int
) -> Iterator[tuple[Example, tuple[str, str] | str]]:
    """Each example with prompt and completion, or with the reason why it has none."""
    for example in examples:
        match example:
            case Rendered():
                empty = not example.completion.strip()
                yield example, "empty" if empty else (example.prompt, example.completion)
            case _ if not _learnt(example).strip():
                yield example, "empty"
            case _ if template == "chat":
                yield example, _chat(_turns(example), tokenizer)
            case Instructed():
                yield example, _mixed(example.instruction, example.input, example.output, seed, example.key)
            case Conversation(turns=(("user", asked), (_, answer))):
                yield example, _mixed(asked, "", answer, seed, example.key)
            case _:
                yield example, "conversation"


def _learnt(example: Instructed | Conversation) -> str:
    return example.output if isinstance(example, Instructed) else example.turns[-1][1]


def _mixed(instruction: str, given: str, output: str, seed: int, key: str) -> tuple[str, str]:
    rendered = render_prompt(instruction, given, seed=seed, key=key)
    return rendered.prompt, rendered.completion(output)


def _turns(example: Instructed | Conversation) -> list[dict[str, str]]:
    if isinstance(example, Conversation):
        return [{"role": role, "content": text} for role, text in example.turns]
    asked = f"{example.instruction}\n\n{example.input}" if example.input else example.instruction
    return [{"role": "user", "content": asked}, {"role": "assistant", "content": example.output}]


def _chat(turns: list[dict[str, str]], tokenizer: Any) -> tuple[str, str] | str:
    """The prompt is what the model is given when it is asked. Where a template writes a past reply otherwise
    than it asks for one (as some do with thinking), what follows the reply is taken from it."""
    try:
        prompt = tokenizer.apply_chat_template(turns[:-1], tokenize=False, add_generation_prompt=True)
        whole = tokenizer.apply_chat_template(turns, tokenize=False)
    except Exception as error:  # jinja2's errors, and whatever a template raises
        if type(error).__module__.partition(".")[0] != "jinja2":
            raise
        return "conversation"
    if whole.startswith(prompt):
        return prompt, whole.removeprefix(prompt)
    reply = turns[-1]["content"].strip()
    _, found, after = whole.rpartition(reply)
    return prompt, reply + after if found else reply


def _tokenize(
    prompt: str, completion: str, tokenizer: Any, ends: Collection[int], *, chat: bool
) -> TokenizedExample:
    """A chat template writes the special tokens itself, the beginning's among them."""
    given = list(tokenizer(prompt, add_special_tokens=not chat)["input_ids"])
    if not chat and len(given) > 1 and given[-1] in ends:
        given.pop()  # some tokenizers end every text
    learnt = list(tokenizer(completion, add_special_tokens=False)["input_ids"])
    stop = next((place for place, token in enumerate(learnt) if token in ends), None)
    learnt = [*learnt, tokenizer.eos_token_id] if stop is None else learnt[: stop + 1]
    return TokenizedExample((*given, *learnt), len(given))
