"""Task documents, in exactly the shapes that the `paper` recipe shows a model.

A task appears only among many others: in numbered lists of instructions, in few-shot prompts with
classification questions, and in few-shot prompts with instances, input first or output first; never as one
instruction followed by its answer. What is between the tasks is the recipe's own, headers included. Some
prompts begin with the recipe's demonstrations, as every prompt does.

Deterministic: a document is a function of where its tasks come from, its kind and its seed. Tasks come from
a `Source`, which draws them freely, or from a `Stock`, which deals each once. Nothing is read or written.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from corpus import PublicTask
from curriculum.base import Family
from curriculum.families import draw_task
from decks import Card
from selfinstruct.config import RecipeConfig
from selfinstruct.recipes.paper import classification, instances, instructions
from selfinstruct.recipes.paper.classification_examples import CLASSIFICATION_EXAMPLES
from selfinstruct.recipes.paper.input_first_examples import INPUT_FIRST_EXAMPLES
from selfinstruct.recipes.paper.instances import ExampleTask
from selfinstruct.recipes.paper.output_first_examples import OUTPUT_FIRST_EXAMPLES

__all__ = [
    "PROMPTS",
    "TASKS",
    "Document",
    "ExhaustedError",
    "Source",
    "Stock",
    "write_document",
    "write_documents",
]

TASKS: Mapping[str, float] = {
    "list": 0.40,
    "classification": 0.08,
    "input_first": 0.32,
    "output_first": 0.20,
}
"""Kinds of documents, with their shares: few-shot prompts with drawn tasks only."""

PROMPTS: Mapping[str, float] = {
    "classification_prompt": 0.2,
    "input_first_prompt": 0.5,
    "output_first_prompt": 0.3,
}
"""Kinds that begin with the recipe's own demonstrations and go on with a few drawn tasks. Long, and the
same text over and over: for the part of the training that sees whole prompts."""

PUBLIC_SHARE = 0.10
"""Of tasks in a document that are not dealt from a stock: NIv2 and GSM8K, half each, where there are any."""

LONGEST_LIST_ITEM = 60
"""Words; an instruction of a list that is longer is drawn again."""


@dataclass(frozen=True, slots=True)
class Document:
    """instructions: of the drawn tasks in it, to tell later what was recited."""

    kind: str
    text: str
    instructions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Source:
    """Where tasks come from. held_out: topics are the held-out ones."""

    families: Sequence[Family]
    public: Sequence[PublicTask] = ()
    held_out: bool = False
    _kinds: dict[bool | None, tuple[Family, ...]] = field(default_factory=dict, init=False, repr=False)
    _public: dict[tuple[str, bool | None], tuple[PublicTask, ...]] = field(
        default_factory=dict, init=False, repr=False
    )

    def of_kind(self, is_classification: bool | None) -> tuple[Family, ...]:
        """The families that are, or are not, classification; all for None."""
        if is_classification not in self._kinds:
            self._kinds[is_classification] = tuple(
                family
                for family in self.families
                if is_classification is None or family.is_classification == is_classification
            )
        return self._kinds[is_classification]

    def public_of(self, name: str, is_classification: bool | None) -> tuple[PublicTask, ...]:
        """The public tasks of one set that surely are, or are not, classification; all for None."""
        key = (name, is_classification)
        if key not in self._public:
            self._public[key] = tuple(
                task
                for task in self.public
                if task.source == name
                and (is_classification is None or task.is_classification == is_classification)
            )
        return self._public[key]


class ExhaustedError(Exception):
    """A stock has no card left of the kind that is asked for."""


class Stock:
    """Tasks to deal out, each once: cards of the curriculum, and public tasks.

    They are spread evenly: a family is dealt as often as its share of the cards that are left.
    """

    def __init__(
        self,
        families: Sequence[Family],
        cards: Mapping[str, Sequence[Card]],
        public: Sequence[PublicTask],
        dice: random.Random,
    ) -> None:
        """cards: by the names of families, `families` holds these. dice: shuffle the cards."""
        self._families = {family.name: family for family in families}
        self._piles: dict[bool | None, dict[str, list[Card | PublicTask]]] = {True: {}, False: {}, None: {}}
        for family in families:
            self._piles[family.is_classification][family.name] = list(cards[family.name])
        for task in public:
            self._piles[task.is_classification].setdefault(task.source, []).append(task)
        for piles in self._piles.values():
            for pile in piles.values():
                dice.shuffle(pile)

    def draw(
        self, dice: random.Random, is_classification: bool | None, longest: int | None, drawn: Counter[str]
    ) -> ExampleTask:
        """The next task of a family, or public set, that was drawn least in this document; `drawn` counts
        it. Raises ExhaustedError. is_classification: None for any. longest: words of the instruction.
        """
        kinds = (True, False, None) if is_classification is None else (is_classification,)
        found = [
            (name, pile, place)
            for kind in kinds
            for name, pile in self._piles[kind].items()
            if (place := _fitting(pile, longest)) is not None
        ]
        if not found:
            raise ExhaustedError
        least = min(drawn[name] for name, _, _ in found)
        found = [choice for choice in found if drawn[choice[0]] == least]
        ((name, pile, place),) = dice.choices(found, [len(pile) for _, pile, _ in found])
        drawn[name] += 1
        card = pile.pop(place)
        if isinstance(card, PublicTask):
            return ExampleTask(card.instruction, card.instances)
        return ExampleTask(card.instruction, draw_task(self._families[name], card.seed).instances)


def _fitting(pile: Sequence[Card | PublicTask], longest: int | None) -> int | None:
    """Place of the last card that is short enough."""
    for place in range(len(pile) - 1, -1, -1):
        if longest is None or pile[place].instruction.count(" ") < longest:
            return place
    return None


@dataclass(slots=True)
class _Hand:
    """The tasks of one document, drawn one by one: no family and no instruction twice, while there are
    others."""

    source: Source | Stock
    seed: str
    dice: random.Random
    families: Counter[str] = field(default_factory=Counter)
    seen: set[str] = field(default_factory=set)
    drawn: int = 0

    def draw(self, is_classification: bool | None, longest: int | None = None) -> ExampleTask:
        """longest: words of the instruction, kept to where ten draws suffice."""
        if isinstance(self.source, Stock):
            task = self.source.draw(self.dice, is_classification, longest, self.families)
            self.seen.add(" ".join(task.instruction.split()))
            return task
        for _ in range(10):
            task = self._draw(self.source, is_classification)
            words = " ".join(task.instruction.split())
            if words not in self.seen and (longest is None or words.count(" ") < longest):
                break
        self.seen.add(words)
        return task

    def _draw(self, source: Source, is_classification: bool | None) -> ExampleTask:
        self.drawn += 1
        if self.dice.random() < PUBLIC_SHARE:
            name = self.dice.choice(("niv2", "gsm8k"))
            if tasks := source.public_of(name, is_classification):
                task = self.dice.choice(tasks)
                return ExampleTask(task.instruction, task.instances)
        families = source.of_kind(is_classification)
        fresh = [family for family in families if family.name not in self.families]
        family = self.dice.choice(fresh or families)
        self.families[family.name] += 1
        draft = draw_task(family, f"{self.seed}:{self.drawn}", held_out=source.held_out)
        return ExampleTask(draft.instruction, draft.instances)


def write_documents(
    source: Source | Stock, weights: Mapping[str, float], count: int, *, seed: str
) -> Iterator[Document]:
    """So many documents, of the kinds in `weights`, each with its own seed; from a stock, fewer where it is
    exhausted."""
    kinds = list(weights)
    for number in range(count):
        dice = random.Random(f"{seed}:{number}")
        kind = dice.choices(kinds, [weights[kind] for kind in kinds])[0]
        try:
            yield write_document(source, kind, seed=f"{seed}:{number}")
        except ExhaustedError:
            return


def write_document(source: Source | Stock, kind: str, *, seed: str) -> Document:
    """One document of a kind in `TASKS` or `PROMPTS`."""
    dice = random.Random(f"{kind}:{seed}")
    hand = _Hand(source, seed, dice)
    text = _WRITERS[kind](hand, dice)
    return Document(kind, text, tuple(sorted(hand.seen)))


def _list(hand: _Hand, dice: random.Random) -> str:
    """Mostly as long as a prompt with its reply, 16; some longer, so that 16 is not an end."""
    count = dice.choices((dice.randint(8, 15), 16, dice.randint(17, 40)), (0.25, 0.45, 0.3))[0]
    shown = [hand.draw(None, LONGEST_LIST_ITEM).instruction for _ in range(count)]
    numbered = instructions.render_list(shown, strip_colons=False).removesuffix(f"{count + 1}.")
    return instructions.header(RecipeConfig()) + numbered


def _classification(hand: _Hand, dice: random.Random, *, prompt: bool = False) -> str:
    demonstrations = list(CLASSIFICATION_EXAMPLES) if prompt else []
    count = dice.randint(4, 8) if prompt else dice.randint(6, 20)
    for _ in range(count):
        answer = dice.random() < 0.4
        demonstrations.append((hand.draw(answer, LONGEST_LIST_ITEM).instruction, answer))
    return classification.render_examples(demonstrations)


def _input_first(hand: _Hand, dice: random.Random, *, prompt: bool = False) -> str:
    shown = _beginning(INPUT_FIRST_EXAMPLES, dice) if prompt else []
    count = dice.randint(2, 4) if prompt else dice.randint(3, 7)
    shown += [hand.draw(is_classification=False) for _ in range(count)]
    return instances.render_examples(instances.INPUT_FIRST_HEADER, shown, instances.render_input_first)


def _output_first(hand: _Hand, dice: random.Random, *, prompt: bool = False) -> str:
    shown = _beginning(OUTPUT_FIRST_EXAMPLES, dice) if prompt else []
    count = dice.randint(2, 4) if prompt else dice.randint(3, 8)
    shown += [hand.draw(is_classification=True) for _ in range(count)]
    return instances.render_examples(instances.OUTPUT_FIRST_HEADER, shown, instances.render_output_first)


def _beginning(examples: Sequence[ExampleTask], dice: random.Random) -> list[ExampleTask]:
    """All examples, which fit a context of 2,048, or as many as the recipe shows in a smaller one."""
    return list(examples if dice.random() < 0.6 else examples[: dice.randint(4, len(examples))])


_WRITERS: Mapping[str, Callable[[_Hand, random.Random], str]] = {
    "list": _list,
    "classification": _classification,
    "input_first": _input_first,
    "output_first": _output_first,
    "classification_prompt": lambda hand, dice: _classification(hand, dice, prompt=True),
    "input_first_prompt": lambda hand, dice: _input_first(hand, dice, prompt=True),
    "output_first_prompt": lambda hand, dice: _output_first(hand, dice, prompt=True),
}
