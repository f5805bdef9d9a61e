import json
import random
from collections import Counter
from pathlib import Path

import pytest

from corpus import PublicTask
from curriculum.base import Draft, Draw, Family
from curriculum.families import draw_task
from decks import CLASSES, Card, deal, make_deck, read_decks, slice_of
from documents import PROMPTS, TASKS, ExhaustedError, Stock, write_documents
from selfinstruct.records import Instance


def family(name: str, wordings: int, *, is_classification: bool = False) -> Family:
    """One that can say so many things."""

    def draw(dice: Draw) -> Draft:
        said = f"Do thing {dice.integer(1, wordings)} of {name}."
        return Draft(said, (Instance(f"input {dice.integer(0, 10**9)}", f"output of {name}"),))

    return Family(name, is_classification, draw)


SMALL, MEDIUM, LARGE = family("small", 5), family("medium", 4_000), family("large", 10**9)


def has_setting(card: Card, of: Family) -> bool:
    return card.instruction != draw_task(of, card.seed).instruction


@pytest.mark.parametrize("of", [SMALL, MEDIUM, LARGE], ids=lambda of: of.name)
def test_a_deck_has_every_instruction_once_and_is_a_function_of_its_seed(of: Family) -> None:
    deck = make_deck(of, 100, seed="7")
    assert len(deck) == 100
    assert len({card.instruction for card in deck}) == 100
    assert deck == make_deck(of, 100, seed="7")
    assert deck != make_deck(of, 100, seed="8")
    for card in deck:
        assert draw_task(of, card.seed).instruction in card.instruction


def test_what_a_family_always_says_gets_a_setting_and_what_it_hardly_ever_says_does_not() -> None:
    assert all(has_setting(card, SMALL) for card in make_deck(SMALL, 100, seed="1"))
    assert not any(has_setting(card, LARGE) for card in make_deck(LARGE, 100, seed="1"))


def test_instructions_that_differ_in_case_alone_are_the_same() -> None:
    def draw(dice: Draw) -> Draft:
        said = f"Answer {dice.pick(('yes', 'Yes', 'YES'))} or {dice.integer(1, 6_000)}."
        return Draft(said, (Instance("", "yes"),))

    deck = make_deck(Family("case", False, draw), 1_000, seed="1")
    assert len({card.instruction.lower() for card in deck}) == len(deck) > 200


def test_only_a_sparse_share_of_what_a_family_can_say_is_in_its_deck() -> None:
    deck = make_deck(MEDIUM, 5_000, seed="1")
    bare = [card for card in deck if not has_setting(card, MEDIUM)]
    assert 0.5 / CLASSES < len(bare) / 4_000 < 1.2 / CLASSES
    assert len(deck) < 5_000


def test_settings_differ_between_families() -> None:
    other = family("other", 5)

    def settings(of: Family) -> set[str]:
        bare = {card: draw_task(of, card.seed).instruction for card in make_deck(of, 50, seed="1")}
        return {card.instruction.replace(instruction, "") for card, instruction in bare.items()}

    assert len(settings(SMALL) & settings(other)) < 5


def test_a_deck_is_written_once_and_read_back(tmp_path: Path) -> None:
    path = deal(tmp_path, SMALL, 20, seed="1")
    assert path == tmp_path / "small.json"
    written = path.read_bytes()
    assert deal(tmp_path, SMALL, 999, seed="2").read_bytes() == written
    deal(tmp_path, LARGE, 20, seed="1")
    decks = read_decks(tmp_path, (SMALL, LARGE))
    assert decks["small"] == make_deck(SMALL, 20, seed="1")
    assert len(decks["large"]) == 20


def test_what_two_families_say_is_dealt_to_the_first(tmp_path: Path) -> None:
    for name, said in (("one", ["a", "b"]), ("two", ["B", "c"])):
        (tmp_path / f"{name}.json").write_text(json.dumps([[f"seed {text}", text] for text in said]))
    decks = read_decks(tmp_path, (family("one", 1), family("two", 1)))
    assert {name: [card.instruction for card in deck] for name, deck in decks.items()} == {
        "one": ["a", "b"],
        "two": ["c"],
    }


def test_slices_share_nothing_and_leave_nothing_out() -> None:
    slices = [slice_of(range(100), range(at, at + 2), 6) for at in (0, 2, 4)]
    assert sorted(item for part in slices for item in part) == list(range(100))


FAMILIES = [family(f"f{number}", 10**6, is_classification=number % 3 == 0) for number in range(12)]
PUBLIC = [PublicTask("niv2", f"Judge row {n}.", (Instance("a", "yes"),), n % 2 == 0) for n in range(20)]


def stock() -> Stock:
    cards = {of.name: make_deck(of, 60, seed="1") for of in FAMILIES}
    return Stock(FAMILIES, cards, PUBLIC, random.Random(1))


def test_a_stock_deals_every_task_once_over_all_documents() -> None:
    documents = list(write_documents(stock(), {**TASKS, **PROMPTS}, 10_000, seed="all"))
    assert 20 < len(documents) < 10_000
    times = Counter(text for document in documents for text in document.instructions)
    assert set(times.values()) == {1}
    again = write_documents(stock(), {**TASKS, **PROMPTS}, 10_000, seed="all")
    assert documents == list(again)


def test_a_stock_spreads_its_families_over_a_document() -> None:
    dealt = stock()
    drawn: Counter[str] = Counter()
    dice = random.Random(1)
    for _ in range(26):
        dealt.draw(dice, None, None, drawn)
    assert set(drawn) == {*(of.name for of in FAMILIES), "niv2"}
    assert max(drawn.values()) - min(drawn.values()) <= 1


def test_a_stock_keeps_to_the_kind_and_to_the_length() -> None:
    long = PublicTask("gsm8k", "word " * 61, (Instance("", "1"),), is_classification=False)
    dealt = Stock([], {}, [long, *PUBLIC], random.Random(1))
    dice = random.Random(1)
    found = [dealt.draw(dice, False, 60, Counter()).instruction for _ in range(10)]
    assert sorted(found) == sorted(task.instruction for task in PUBLIC if not task.is_classification)
    with pytest.raises(ExhaustedError):
        dealt.draw(dice, False, 60, Counter())
    assert dealt.draw(dice, False, None, Counter()).instruction == long.instruction
