"""`filter`: what other filters would keep of a run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from os import PathLike
from typing import Any

from selfinstruct.api.given import given_filters_of, given_path, given_signals, given_words
from selfinstruct.api.run import Run
from selfinstruct.errors import ConfigError
from selfinstruct.pipeline.dropping import WORDS_IN, DropWords, WordsIn
from selfinstruct.pipeline.own_filters import given_filters
from selfinstruct.pipeline.refilter import change_filters, refilter, write_refiltered
from selfinstruct.pipeline.rejudging import FilterComparison
from selfinstruct.store.reader import RunReader

__all__ = ["Filtered", "filter"]


@dataclass(frozen=True, slots=True)
class Filtered:
    """What `filter` found.

    changed: the settings that differ, by dotted name: the run's value, the new one.
    instructions: how many candidates there are for each verdict, `accepted` first, before and after.
    instances, tasks: how many are rejected for each reason, before and after; only reasons where that
        differs.
    tasks_before, tasks_after: in the data set; None for both without `drop_only`, where the outcome still
        depends on requests.
    run: the new run; None without `out`.
    """

    changed: Mapping[str, tuple[Any, Any]]
    instructions: Mapping[str, tuple[int, int]]
    instances: Mapping[str, tuple[int, int]]
    tasks: Mapping[str, tuple[int, int]]
    tasks_before: int | None
    tasks_after: int | None
    run: Run | None
    comparison: FilterComparison = field(repr=False)

    def to_json(self) -> dict[str, Any]:
        """What the command prints with --json, but for the runs."""
        return self.comparison.to_json()


def filter(  # noqa: A001 - the verb's name
    run: Run | str | PathLike[str],
    *,
    novelty: float | None = None,
    drop_words: str | PathLike[str] | Iterable[str] | None = None,
    in_: WordsIn = "any",
    min_score: float | None = None,
    signals: str | Iterable[str] | None = None,
    meaning_threshold: float | None = None,
    filters: Any = None,
    drop_only: bool = True,
    out: str | PathLike[str] | None = None,
) -> Filtered:
    """Re-apply filters to what a run has recorded, without a request. The run itself never changes.

    Filters that are not named are the run's own.

    novelty: drop instructions with a ROUGE-L above this, from 0 to 1, with a seed or an instruction kept
        before.
    drop_words: drop what has one of these words or phrases, in any case: a list, or a text file, a word a
        line. in_: where they are looked for: `instruction`, `input`, `output` or `any` of them. A match in an
        input or output drops that instance, and the task with its last one.
    min_score: drop instances whose mean score over judges is lower, from 1 to 5, and those without a score.
    signals: drop instances that these signals flag, and no others do: `certain`, `all`, `none`, or names.
    meaning_threshold: drop instructions whose embedding has a cosine above this, from 0 to 1, with that of a
        seed or of an instruction kept before; only of a run with `meaning`, whose embeddings are recorded.
    filters: your own, in place of those of the run, as in `generate`.
    drop_only: keep all ids and add nothing. False judges everything again: instructions that only now pass
        wait until `generate` asks for their instances, and ids change.
    out: a new folder for the outcome, as a run. It has the judges' verdicts on what it keeps.

    Raises `ConfigError` for arguments that cannot work, and the other errors of errors.py.
    """
    reader = RunReader.open(run.path if isinstance(run, Run) else given_path(run, "run"))
    if in_ not in WORDS_IN:
        raise ConfigError(f"`in_` is {in_!r}.", f"Use one of {', '.join(WORDS_IN)}.")
    words = given_words(drop_words, "drop_words")
    if words and in_ != "instruction" and not drop_only:
        raise ConfigError(
            f"`in_` is {in_!r} with `drop_only=False`: instances that `generate` asks for later would not be"
            " looked at.",
            'Add in_="instruction", or leave out `drop_only`.',
        )
    config = change_filters(
        reader.config(),
        novelty=_number(novelty, "novelty", 0, 1),
        keywords=words if in_ in ("instruction", "any") else (),
        signals=given_signals(signals),
        meaning_threshold=_number(meaning_threshold, "meaning_threshold", 0, 1),
    )
    options: dict[str, Any] = {
        "custom": None if (own := given_filters_of(filters)) is None else given_filters(own),
        "drop_only": drop_only,
        "words": DropWords(words, in_) if words and in_ != "instruction" else None,
        "min_score": _number(min_score, "min_score", 1, 5),
    }
    if out is None:
        return _result(refilter(reader, config, **options), None)
    place = given_path(out, "out")
    return _result(write_refiltered(reader, config, place, **options), Run(place))


def _number(value: object, argument: str, low: int, high: int) -> float | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ConfigError(f"`{argument}` is {value!r}.", f"Give a number from {low} to {high}.")
    return float(value)


def _result(comparison: FilterComparison, run: Run | None) -> Filtered:
    before, after = comparison.data_set or (None, None)
    return Filtered(
        changed=comparison.changed,
        instructions=comparison.counts(),
        instances=comparison.instances,
        tasks=comparison.tasks,
        tasks_before=before,
        tasks_after=after,
        run=run,
        comparison=comparison,
    )
