"""What ratings come to: decisions of several raters, Table 2, Figure 6."""

import json
from collections.abc import Iterable
from itertools import count

import pytest

from selfinstruct.ratings.decisions import Reviews, decide, instance_digest
from selfinstruct.ratings.summary import RatingsSummary, summarize
from selfinstruct.records import Instance, Task
from selfinstruct.store.ratings import Action, Event, Standing

NUMBERS = count(1)
TASK = Task("task_0", "Sort.", False, (Instance("b a", "a b"), Instance("d c", "d c")))


def rating(
    rater: str,
    said: str,
    decision: str,
    item: str = "task_0/0",
    *,
    system: str = "original",
    edit: str = "",
    of: str | None = None,
) -> Event:
    """said: y or n to each of the three questions."""
    answers = {name: answer == "y" for name, answer in zip(("task", "input", "output"), said, strict=True)}
    place = int(item[-1])
    of = instance_digest(TASK.instruction, TASK.instances[place]) if of is None else of
    changed = {"output": edit} if edit else {}
    number = next(NUMBERS)
    answers_and = {**answers, "decision": decision}
    return Event(number, 0.0, rater, Action.RATE, item, system, of, answers_and, changed, None)


def level(rater: str, item: str, system: str, name: str) -> Event:
    return Event(next(NUMBERS), 0.0, rater, Action.RATE, item, system, "d", {"level": name}, {}, None)


def summary(events: Iterable[Event]) -> RatingsSummary:
    found = summarize(Standing(events).ratings())
    assert found is not None
    json.dumps(found.to_json())
    return found


@pytest.mark.parametrize(
    ("decisions", "outcome"),
    [
        ("a", "accept"),
        ("e", "edit"),
        ("r", "reject"),
        ("ar", "accept"),  # a tie keeps
        ("er", "edit"),
        ("ae", "edit"),
        ("aae", "accept"),
        ("rra", "reject"),
        ("rrae", "edit"),
        ("rre", "reject"),
    ],
)
def test_a_majority_rejects_and_a_tie_keeps(decisions: str, outcome: str) -> None:
    words = {"a": "accept", "e": "edit", "r": "reject"}
    ratings = [
        rating(str(number), "yyy", words[letter], edit=f"by {number}" if letter == "e" else "")
        for number, letter in enumerate(decisions)
    ]
    decision = decide(ratings)
    assert decision.kind == outcome
    assert (decision.edit != {}) == (outcome == "edit")


def test_the_latest_edit_is_taken() -> None:
    first, second = rating("Ann", "yyn", "edit", edit="one"), rating("Bo", "yyn", "edit", edit="two")
    assert decide([second, first]).edit == {"output": "two"}


def test_an_instruction_that_is_no_task_takes_all_instances_along() -> None:
    bad_output = Reviews([rating("Ann", "yyn", "reject")])
    assert [each and each.kind for each in bad_output.of(TASK)] == ["reject", None]
    assert not bad_output.rejects_task(TASK)
    assert Reviews([rating("Ann", "nyn", "reject")]).rejects_task(TASK)
    assert Reviews([rating("Ann", "nyn", "reject", system="better")]).rejects_task(TASK), "of any outputs"
    accepted = Reviews([rating("Ann", "nyn", "accept")])
    assert not accepted.rejects_task(TASK)
    divided = [rating("Ann", "nnn", "reject"), rating("Bo", "ynn", "reject"), rating("Cy", "ynn", "reject")]
    assert not Reviews(divided).rejects_task(TASK)


def test_other_outputs_and_changed_texts_do_not_count() -> None:
    assert Reviews([rating("Ann", "yyn", "reject", system="better")]).of(TASK) == (None, None)
    assert Reviews([rating("Ann", "yyn", "reject", of="other")]).of(TASK) == (None, None)
    assert not Reviews([level("Ann", "x", "s", "A")])


def test_table_2() -> None:
    events = [
        rating("Ann", "yyy", "accept"),
        rating("Ann", "yyn", "reject", "task_0/1"),
        rating("Bo", "yny", "accept"),
        rating("Bo", "yyn", "edit", "task_0/1", edit="x"),
    ]
    found = summary(events)
    assert found.raters == {"Ann": 2, "Bo": 2}
    (data,) = found.data
    assert (data.outputs, data.items) == ("original", 2)
    assert data.decisions == {"accept": 1, "edit": 1, "reject": 0}
    shares = {question.name: question.share.share for question in data.questions}
    assert shares == {"task": 1.0, "input": 0.75, "output": 0.5, "all three": 0.25}
    ann = {question.name: question.raters["Ann"].share for question in data.questions}
    assert ann == {"task": 1.0, "input": 1.0, "output": 0.5, "all three": 0.5}
    by_name = {question.name: question.agreement for question in data.questions}
    assert by_name["output"] is not None
    assert by_name["output"].pairs[0].kappa == pytest.approx(1)
    assert data.agreement is not None
    assert data.agreement.pairs[0].equal == 0.5
    assert (found.systems, found.levels, found.outdated) == ((), None, 0)


def test_figure_6() -> None:
    events = [
        level("Ann", "i", "weak", "D"),
        level("Ann", "j", "weak", "B"),
        level("Ann", "i", "strong", "A"),
        level("Ann", "j", "strong", "B"),
        level("Bo", "i", "strong", "B"),
    ]
    found = summary(events)
    strong, weak = found.systems
    assert (strong.system, strong.items, strong.acceptable.share) == ("strong", 2, 1.0)
    assert strong.levels == {"A": 0.25, "B": 0.75, "C": 0.0, "D": 0.0}
    assert (weak.system, weak.acceptable.share) == ("weak", 0.5)
    assert found.levels is not None
    assert found.levels.pairs[0].equal == 0.0
    assert found.acceptable is not None
    assert found.acceptable.pairs[0].equal == 1.0
    assert found.data == ()


def test_ratings_of_changed_texts_are_counted_apart() -> None:
    events = [level("Ann", "i", "s", "D"), level("Ann", "j", "s", "A")]
    found = summarize(Standing(events).ratings(), {("i", "s"): "d", ("j", "s"): "new"})
    assert found is not None
    assert (found.outdated, found.systems[0].items) == (1, 1)


def test_nothing_said() -> None:
    assert summarize([]) is None
