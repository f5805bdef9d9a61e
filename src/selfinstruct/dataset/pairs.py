"""Which of two outputs to one prompt is better, by what people and judges said of them.

An instance's outputs are the run's own, those that `improve` wrote (all of its samples), and the one that a
person wrote in a review. One is better than another where

    review     a person wrote it in place of the other
    people     people accept it and reject the other; or accept what `improve` wrote, and did not accept the
               original
    judge      its mean score, over the judges that scored both, is higher, and people did not reject it

An instance gives one pair at most: what a person wrote before what people decided, that before scores; of
several pairs by scores the one with the widest gap, the best output against the worst.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from selfinstruct.dataset.reviewed import ReviewPolicy
from selfinstruct.dataset.scored import check_min_score
from selfinstruct.errors import ConfigError
from selfinstruct.ratings.decisions import Decision, Reviews, instance_digest, read_reviews
from selfinstruct.ratings.questions import EDIT, REJECT
from selfinstruct.ratings.scores import Scores, read_all_scores
from selfinstruct.records import Instance, Task
from selfinstruct.store.improved import ORIGINAL, improved_candidates, improved_outputs, improvements
from selfinstruct.store.reader import RunReader

__all__ = ["Pair", "PairEffect", "find_pairs", "no_pairs", "pair_effect"]

SOURCES = ("review", "people", "judge")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two outputs of the task's instance at `place`, from 0. source: `review`, `people` or `judge`."""

    place: int
    chosen: str
    rejected: str
    source: str


@dataclass(frozen=True, slots=True)
class PairEffect:
    """pairs: by source. without: instances that give none, by reason: `one_output`, `no_preference` (nobody
    said which is better, or they are equally good), `edited_prompt` (a person changed what is asked),
    `rejected_task`, `not_reviewed`, `low_score` and `no_score` (of the better one)."""

    pairs: Mapping[str, int]
    without: Mapping[str, int]

    def sentence(self) -> str:
        """For people."""
        found = ", ".join(f"{name} {count:,}" for name, count in self.pairs.items())
        none = ", ".join(f"{name} {count:,}" for name, count in self.without.items())
        total = f"pairs: {sum(self.pairs.values()):,}" + (f" ({found})" if found else "")
        return total + (f"; instances without a pair: {none}" if none else "")


@dataclass(frozen=True, slots=True)
class _Output:
    """improved: whether it is another model's. decision: people's; None where nobody rated it. scores: by
    judge."""

    text: str
    improved: bool
    decision: Decision | None
    scores: Mapping[str, float]

    @property
    def rejected(self) -> bool:
        return self.decision is not None and self.decision.kind == REJECT

    @property
    def accepted(self) -> bool:
        return self.decision is not None and self.decision.kind != REJECT


def find_pairs(
    reader: RunReader, reviews: ReviewPolicy = "apply", min_score: float | None = None
) -> Iterator[tuple[Task, list[Pair]]]:
    """Every task that gives a pair, as it was generated, with its pairs.

    reviews: `ignore` takes judges alone, `only` instances that somebody rated. min_score: of the better one.
    Raises what `read_reviews`, `improved_outputs` and `read_all_scores` raise.
    """
    for task, found in _every(reader, reviews, min_score):
        pairs = [pair for pair in found if isinstance(pair, Pair)]
        if pairs:
            yield task, pairs


def pair_effect(
    reader: RunReader, reviews: ReviewPolicy = "apply", min_score: float | None = None
) -> PairEffect:
    """What `find_pairs` finds, and why there is not more. Goes through the data set once."""
    pairs, without = Counter[str](), Counter[str]()
    for _, found in _every(reader, reviews, min_score):
        for each in found:
            (pairs if isinstance(each, Pair) else without)[
                each.source if isinstance(each, Pair) else each
            ] += 1
    return PairEffect(
        {source: pairs[source] for source in SOURCES if pairs[source]},
        dict(sorted(without.items(), key=lambda each: (-each[1], each[0]))),
    )


def no_pairs(reader: RunReader, reviews: ReviewPolicy, min_score: float | None) -> ConfigError:
    """Why there is not one."""
    said = pair_effect(reader, reviews, min_score).sentence()
    return ConfigError(
        f"{reader.directory} has no preference pairs ({said}).",
        "Edit outputs in `selfinstruct review`, or write more of them with `selfinstruct improve`, "
        "`samples=4` and `judge=SPEC`.",
    )


def _every(
    reader: RunReader, reviews: ReviewPolicy, min_score: float | None
) -> Iterator[tuple[Task, list[Pair | str]]]:
    """Of each instance its pair, or why there is none."""
    check_min_score(min_score)
    run, names = reader.directory, improvements(reader.directory)
    written = {name: improved_outputs(run, name) for name in names}
    candidates = {name: improved_candidates(run, name) for name in names}
    decided = {} if reviews == "ignore" else {name: read_reviews(run, name) for name in (ORIGINAL, *names)}
    scores = read_all_scores(run)
    for task in reader.tasks():
        found: list[Pair | str] = []
        for place, instance in enumerate(task.instances):
            texts = {
                name: [*candidates[name].get((task.id, place), ()), *_one(written[name], (task.id, place))]
                for name in names
            }
            found.append(_pair(task, place, instance, texts, decided, scores, reviews, min_score))
        yield task, found


def _one(outputs: Mapping[tuple[str, int], str], key: tuple[str, int]) -> list[str]:
    return [outputs[key]] if key in outputs else []


def _pair(
    task: Task,
    place: int,
    instance: Instance,
    texts: Mapping[str, list[str]],
    decided: Mapping[str, Reviews],
    scores: Scores,
    reviews: ReviewPolicy,
    min_score: float | None,
) -> Pair | str:
    own = decided.get(ORIGINAL)
    if any(each.rejects_task(task) for each in decided.values()):
        return "rejected_task"

    def output(text: str, name: str) -> _Output:
        shown = replace(instance, output=text)
        of = decided.get(name)
        instances = tuple(shown if each == place else old for each, old in enumerate(task.instances))
        decision = of.of(replace(task, instances=instances))[place] if of else None
        return _Output(text, name != ORIGINAL, decision, scores.of(instance_digest(task.instruction, shown)))

    original = output(instance.output, ORIGINAL)
    others: dict[str, _Output] = {}
    for name, written in texts.items():
        for text in written:
            if text.strip() != instance.output.strip() and text not in others:
                others[text] = output(text, name)
    every = [original, *others.values()]
    if reviews == "only" and not any(each.decision for each in every):
        return "not_reviewed"
    for each in every:
        edit = each.decision.edit if own is not None and each.decision and each.decision.kind == EDIT else {}
        if "instruction" in edit or "input" in edit:
            return "edited_prompt"
        if "output" in edit and edit["output"].strip() != each.text.strip():
            given = scores.of(instance_digest(task.instruction, replace(instance, output=edit["output"])))
            return _held(Pair(place, edit["output"], each.text, "review"), given, min_score)
    if not others:
        return "one_output"
    ranked = [
        (source == "people", gap, better, worse)
        for better in every
        for worse in every
        if (told := _better(better, worse)) is not None
        for source, gap in [told]
    ]
    if not ranked:
        return "no_preference"
    by_people, _, better, worse = max(ranked, key=lambda each: each[:2])
    pair = Pair(place, better.text, worse.text, "people" if by_people else "judge")
    return _held(pair, better.scores, min_score)


def _better(one: _Output, other: _Output) -> tuple[str, float] | None:
    """By what the one is better than the other, and by how much of a score; None where it is not."""
    if one.rejected:
        return None
    both = one.scores.keys() & other.scores.keys()
    gap = sum(one.scores[judge] - other.scores[judge] for judge in both) / len(both) if both else 0.0
    if one.accepted and (other.rejected or (one.improved and not other.improved and not other.accepted)):
        return "people", gap
    return ("judge", gap) if gap > 0 else None


def _held(pair: Pair, scores: Mapping[str, float], min_score: float | None) -> Pair | str:
    """scores: of the better one."""
    if min_score is None:
        return pair
    if not scores:
        return "no_score"
    return pair if sum(scores.values()) / len(scores) >= min_score else "low_score"
