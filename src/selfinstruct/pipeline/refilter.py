"""`filter`: every recorded candidate judged again under other filters, without a request.

Candidates come in admission order and meet the pool as these filters would have filled it from the same
replies. That is not what generating with them would have given: its prompts would have shown other
instructions. The seeds are in the pool whatever the filters say, as they are when a run generates.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from selfinstruct.config import Config
from selfinstruct.dataset.jsonl import write_dataset
from selfinstruct.errors import ConfigError
from selfinstruct.pipeline.admission import Admission
from selfinstruct.pipeline.resolve import _merge, _read_toml, _validate
from selfinstruct.records import InstructionCandidate, JudgedInstruction, SeedTask, Verdict
from selfinstruct.store.copying import copy_run, new_directory
from selfinstruct.store.directory import RunPaths
from selfinstruct.store.lineage import NearEntry, PoolEntry
from selfinstruct.store.names import candidate_id, task_id
from selfinstruct.store.reader import RunReader

__all__ = ["Decision", "Refiltered", "Rejudged", "change_filters", "refilter"]

EXAMPLES = 5
JUDGED_BY_FILTERS = frozenset(
    {"empty", "too_short", "too_long", "keyword", "prefix", "punctuation", "script", "similar"}
)
"""The reasons that the filters give. Every other is a flaw that the parser saw, which no filter mends."""
REFERENCE_FILTERS = frozenset({"bare_keywords", "ascii_start", "ascii_tokens"})
"""The switches that decide verdicts. The others decide what is read out of a reply, or asked."""
NOTES_KEPT = ("capabilities", "prompts")
"""They hold for the new run too; a forecast does not."""


@dataclass(frozen=True, slots=True)
class Decision:
    """A verdict on a candidate, and the pool entry nearest to it where that was looked for."""

    verdict: Verdict
    nearest: NearEntry | None

    def to_json(self) -> dict[str, Any]:
        """`reason` is null for accepted."""
        return {
            "reason": self.verdict.reason,
            "detail": self.verdict.detail,
            "nearest": None if self.nearest is None else asdict(self.nearest),
        }


@dataclass(frozen=True, slots=True)
class Rejudged:
    """A candidate, judged twice. Ids, also of the nearest entries, are those of the run as it is, where
    `explain` finds them: `task_17`, or `17.3` where it was rejected."""

    id: str
    instruction: str
    before: Decision
    after: Decision

    def to_json(self) -> dict[str, Any]:
        """One object."""
        return {
            "id": self.id,
            "instruction": self.instruction,
            "before": self.before.to_json(),
            "after": self.after.to_json(),
        }


@dataclass(frozen=True, slots=True)
class Refiltered:
    """A run judged again.

    changed: settings that differ, by dotted name: the run's value, the new one.
    tickets: the new verdicts of every admitted ticket; candidates: all of them, in admission order.
    """

    changed: dict[str, tuple[Any, Any]]
    tickets: tuple[tuple[JudgedInstruction, ...], ...]
    candidates: tuple[Rejudged, ...]

    @property
    def counts(self) -> dict[str, tuple[int, int]]:
        """Candidates before and after: `accepted` first, then by reason, the commonest first."""
        before, after = (
            Counter(decision.verdict.reason or "accepted" for decision in decisions)
            for decisions in (
                (candidate.before for candidate in self.candidates),
                (candidate.after for candidate in self.candidates),
            )
        )
        names = sorted(
            before.keys() | after.keys() | {"accepted"},
            key=lambda name: (name != "accepted", -max(before[name], after[name]), name),
        )
        return {name: (before[name], after[name]) for name in names}

    @property
    def groups(self) -> dict[str, list[Rejudged]]:
        """The candidates that are accepted before, after or both."""
        groups: dict[str, list[Rejudged]] = {"kept": [], "newly_kept": [], "newly_dropped": []}
        for candidate in self.candidates:
            was, now = candidate.before.verdict.accepted, candidate.after.verdict.accepted
            if was or now:
                groups["kept" if was and now else "newly_kept" if now else "newly_dropped"].append(candidate)
        return groups

    def to_json(self) -> dict[str, Any]:
        """One object; five examples a group."""
        return {
            "changed": {
                name: {"before": before, "after": after} for name, (before, after) in self.changed.items()
            },
            "candidates": len(self.candidates),
            "counts": {
                name: {"before": before, "after": after} for name, (before, after) in self.counts.items()
            },
            **{
                name: {
                    "count": len(group),
                    "examples": [example.to_json() for example in draw_examples(group)],
                }
                for name, group in self.groups.items()
            },
        }


def draw_examples(group: Sequence[Rejudged]) -> list[Rejudged]:
    """Five of a group, drawn at random, in their order; the same group always gives the same ones."""
    drawn = random.Random(len(group)).sample(range(len(group)), min(EXAMPLES, len(group)))
    return [group[place] for place in sorted(drawn)]


def change_filters(
    config: Config,
    *,
    config_file: Path | None = None,
    novelty: float | None = None,
    min_words: int | None = None,
    max_words: int | None = None,
    keywords: Sequence[str] = (),
    no_keywords: bool = False,
    prefixes: Sequence[str] = (),
) -> Config:
    """The config with other filters: those of the file, then those of the options. `keywords` and
    `prefixes` join the lists, which `no_keywords` empties first.

    Raises ConfigError for a setting that is not there or out of range, and for one that decides more than
    verdicts.
    """
    values = config.model_dump()
    if config_file is not None:
        _merge(values, _read_toml(config_file))
        _check_reach(config, _validate(values, config_file), config_file)
    filters = values["filters"]
    for name, value in {"max_similarity": novelty, "min_words": min_words, "max_words": max_words}.items():
        if value is not None:
            filters[name] = value
    if no_keywords:
        filters["keywords"] = ()
    for name, more in {"keywords": keywords, "prefixes": prefixes}.items():
        filters[name] = tuple(dict.fromkeys([*filters[name], *more]))
    return _validate(values, None)


def _check_reach(config: Config, changed: Config, config_file: Path) -> None:
    """Recorded candidates can be judged by other filters; all else would need other requests or parsers."""
    others = [
        section
        for section in Config.model_fields
        if section not in ("filters", "reference") and getattr(config, section) != getattr(changed, section)
    ]
    before, after = config.reference.model_dump(), changed.reference.model_dump()
    others += [
        f"reference.{switch}"
        for switch in before
        if switch not in REFERENCE_FILTERS and before[switch] != after[switch]
    ]
    if others:
        raise ConfigError(
            f"{config_file}: {others[0]} is not what the run was made with, and filtering cannot change it.",
            "Only [filters] and, of [reference], " + ", ".join(sorted(REFERENCE_FILTERS)) + " can differ.",
        )


def refilter(reader: RunReader, config: Config, *, out: Path | None = None) -> Refiltered:
    """Judge the run's candidates under `config`, a result of `change_filters`; works while the run goes on.

    out: where to write a new run of the outcome, with its data set of what is there: it keeps replies,
    classifications and instances, and `generate` goes on with it. Raises ConfigError where something is
    there already, StorageError.
    """
    if out is None:
        return _judge_again(reader, config)
    with new_directory(out) as growing:
        refiltered = _judge_again(reader, config)
        notes = reader.notes()
        origins = [*notes.get("filtered_from", []), _origin(reader)]
        copy_run(
            reader.directory,
            growing,
            config,
            refiltered.tickets,
            notes={key: notes[key] for key in NOTES_KEPT if key in notes} | {"filtered_from": origins},
            remark="Filtered from " + ", filtered from ".join(map(_in_words, reversed(origins))) + ".",
        )
        write_dataset(RunReader(growing), RunPaths(growing).dataset)
    return refiltered


def _origin(reader: RunReader) -> dict[str, str]:
    """The name of a run's folder, and a digest of what decided its data."""
    identity = json.dumps(reader.config().identity(), sort_keys=True).encode()
    return {"name": reader.directory.resolve().name, "identity": hashlib.sha256(identity).hexdigest()}


def _in_words(origin: dict[str, str]) -> str:
    return f"the run {json.dumps(origin['name'], ensure_ascii=False)} (identity {origin['identity']})"


def _judge_again(reader: RunReader, config: Config) -> Refiltered:
    # All of it is read first: a snapshot held while minutes of judging pass could hold up the run's writer.
    recorded, seeds, before = list(reader.admissions()), reader.seeds(), reader.config().identity()
    admission = Admission(config, [seed.instruction for seed in seeds])
    tickets = tuple(tuple(admission.judge([_as_parsed(each) for each in ticket])) for ticket in recorded)
    after = config.identity()
    return Refiltered(
        changed={name: (before[name], after[name]) for name in after if before[name] != after[name]},
        tickets=tickets,
        candidates=tuple(_compare(seeds, recorded, tickets)),
    )


def _as_parsed(candidate: JudgedInstruction) -> InstructionCandidate:
    """The candidate as the parser gave it."""
    reason = candidate.verdict.reason
    flaw = None if reason in JUDGED_BY_FILTERS else reason
    return InstructionCandidate(candidate.text, flaw, candidate.is_classification)


def _compare(
    seeds: Iterable[SeedTask],
    recorded: Sequence[Sequence[JudgedInstruction]],
    tickets: Sequence[Sequence[JudgedInstruction]],
) -> Iterator[Rejudged]:
    """Both pools grow beside each other, under the names of the recorded one."""
    pool_before = [PoolEntry(seed.id, seed.instruction) for seed in seeds]
    pool_after, tasks = list(pool_before), 0
    for ticket, pair in enumerate(zip(recorded, tickets, strict=True)):
        for position, (was, now) in enumerate(zip(*pair, strict=True)):
            entry = PoolEntry(candidate_id(ticket, position), was.text)
            if was.verdict.accepted:
                entry = PoolEntry(task_id(tasks), was.text)
                tasks += 1
            yield Rejudged(entry.id, entry.instruction, _decision(was, pool_before), _decision(now, pool_after))
            if was.verdict.accepted:
                pool_before.append(entry)
            if now.verdict.accepted:
                pool_after.append(entry)


def _decision(judged: JudgedInstruction, pool: Sequence[PoolEntry]) -> Decision:
    if not judged.neighbours:
        return Decision(judged.verdict, None)
    near = judged.neighbours[0]
    return Decision(judged.verdict, NearEntry(*astuple_of(pool[near.index]), near.score))
