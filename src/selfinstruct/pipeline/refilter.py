"""`filter`: every recorded candidate judged again under other filters, without a request.

Candidates come in admission order and meet the pool as these filters would have filled it from the same
replies. That is not what generating with them would have given, since its prompts would have shown other
instructions. With `drop_only` nothing is added (pipeline/dropping.py). Seeds are in the pool whatever the
filters say, as when a run generates. Instances are judged again only where other evaluation sets are to be
kept out, or other signals or filters of the user's own judge: no other setting decides about them.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from selfinstruct.config import Config, EvaluationSetConfig
from selfinstruct.dataset.scored import check_min_score, needed_scores
from selfinstruct.dataset.writers import write_dataset
from selfinstruct.errors import ConfigError
from selfinstruct.filters.contamination import ContaminationIndex
from selfinstruct.filters.custom import CustomFilters
from selfinstruct.filters.instances import judge_instances
from selfinstruct.models.embeddings import Vector
from selfinstruct.pipeline.admission import Admission, judge_task
from selfinstruct.pipeline.dropping import (
    DropWords,
    only_dropped,
    with_fewer_tasks,
    without_words,
)
from selfinstruct.pipeline.evaluation_sets import build_contamination, read_evaluation_sets
from selfinstruct.pipeline.meaning import recorded_vectors
from selfinstruct.pipeline.own_filters import (
    INSTANCE_REASONS,
    INSTRUCTION_REASONS,
    LOW_SCORE,
    NO_SCORE,
    chosen_signals,
    recorded_filters,
    recorded_signals,
    with_signals,
)
from selfinstruct.pipeline.rejudging import FilterComparison, compare
from selfinstruct.pipeline.settings import merge, read_toml, validate
from selfinstruct.ratings.decisions import instance_digest
from selfinstruct.ratings.scores import Scores
from selfinstruct.recipes.base import FLAWS
from selfinstruct.records import (
    Instance,
    InstanceCandidate,
    InstructionCandidate,
    JudgedInstance,
    JudgedInstruction,
    Stage,
    Verdict,
)
from selfinstruct.store.copying import Place, copy_run, new_directory
from selfinstruct.store.directory import RunPaths
from selfinstruct.store.judged import JudgePaths, copy_judge, judges
from selfinstruct.store.names import task_id
from selfinstruct.store.reader import JudgedTask, RunReader

__all__ = ["change_filters", "refilter", "write_refiltered"]

FILTER_SWITCHES = frozenset({"reference.bare_keywords", "reference.ascii_start", "reference.ascii_tokens"})
"""The reference code's defects in its filters. The others lie in its prompts and parsers."""
DECONTAMINATE, SIGNALS, CUSTOM = "filters.decontaminate", "filters.signals", "filters.custom"
NOTES_KEPT = ("capabilities.", "changes.", "prompts")
"""What stays true of a filtered run; a forecast does not."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """All of a run, judged again. config: with the digests of its evaluation sets. tickets: as the new run
    has them. tasks: those whose instances or reasons take the place of the recorded ones."""

    config: Config
    tickets: tuple[tuple[JudgedInstruction, ...], ...]
    tasks: Mapping[Place, JudgedTask]
    comparison: FilterComparison


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
    decontaminate: Sequence[Path] = (),
    no_decontaminate: bool = False,
    signals: str | None = None,
    meaning_threshold: float | None = None,
) -> Config:
    """The config with other filters: the file's, then the options'. `no_keywords` empties that list;
    `keywords` and `prefixes` are then added to theirs. `decontaminate` takes the place of the evaluation
    sets that the run keeps out, `no_decontaminate` leaves none. `signals`: as the setting.
    `meaning_threshold`: cosine, of a run that compares by meaning; 1 keeps everything.

    Raises ConfigError for a setting that is not there or out of range, and where the file would change one
    that decides more than verdicts.
    """
    values = config.model_dump()
    asked: dict[str, Any] = {}
    if config_file is not None:
        asked = read_toml(config_file)
        merge(values, asked)
        _check_reach(config, validate(values, config_file), config_file)
    filters = values["filters"]
    for name, value in {"max_similarity": novelty, "min_words": min_words, "max_words": max_words}.items():
        if value is not None:
            filters[name] = value
    least, most = filters["min_words"], filters["max_words"]
    if least > most and (min_words is not None or max_words is not None):
        raise ConfigError(
            f"`min_words` is {least} and `max_words` is {most}: no instruction could be kept.",
            "Give a `max_words` that is not smaller.",
        )
    if no_keywords:
        filters["keywords"] = ()
    for name, added in {"keywords": keywords, "prefixes": prefixes}.items():
        filters[name] = tuple(dict.fromkeys([*filters[name], *added]))
    if decontaminate or no_decontaminate:
        filters["decontaminate"] = tuple(EvaluationSetConfig(source=str(path)) for path in decontaminate)
    if signals is not None:
        filters["signals"] = signals
    if meaning_threshold is not None:
        if filters["meaning"] is None:
            raise ConfigError(
                "`meaning_threshold` is given, but the run has no embeddings.",
                "Leave it out; a new run with `meaning` has some.",
            )
        filters["meaning"]["threshold"] = meaning_threshold
    changed = validate(values, None)
    _check_embeddings(config, changed)
    if signals is None and "signals" not in asked.get("filters", {}):
        return changed
    return with_signals(changed, chosen_signals(changed))


def _check_embeddings(config: Config, changed: Config) -> None:
    """Others than the run's would have to be asked for."""
    before, after = config.filters.meaning, changed.filters.meaning
    if after is None or (
        before is not None and after == before.model_copy(update={"threshold": after.threshold})
    ):
        return
    raise ConfigError(
        "filters.meaning differs from the run's, and filtering sends no requests for embeddings.",
        "Only its threshold may differ.",
    )


def _check_reach(config: Config, changed: Config, config_file: Path) -> None:
    """All but the filters would need other requests, or reading the replies anew."""
    fixed = [
        section
        for section in Config.model_fields
        if section not in ("filters", "reference") and getattr(changed, section) != getattr(config, section)
    ]
    before, after = config.reference.model_dump(), changed.reference.model_dump()
    switched = {f"reference.{switch}" for switch in before if after[switch] != before[switch]}
    fixed += sorted(switched - FILTER_SWITCHES)
    if fixed:
        raise ConfigError(
            f"{config_file}: {fixed[0]} differs from the run's, and filtering cannot change it.",
            f"Only [filters] may differ, and {', '.join(sorted(FILTER_SWITCHES))}.",
        )


def refilter(
    reader: RunReader,
    config: Config,
    custom: CustomFilters | None = None,
    *,
    drop_only: bool = False,
    words: DropWords | None = None,
    min_score: float | None = None,
) -> FilterComparison:
    """What `config`, from `change_filters`, would keep of the run. Works while the run goes on.

    custom: the user's own filters, in place of those of the run; None for these, as far as they are
        installed. Signals that reject are the config's.
    drop_only: what the run rejected stays rejected, and ids stay. words: drop instances that have them, too.
    min_score: the least mean score over judges of an instance, from 1 to 5; None for all.
    Raises UserError for an evaluation set that cannot be read, RunMismatchError for a filter of the run that
    has to be given again, FilterError for one that fails, ConfigError for `words` without
    `drop_only`, and where there are no scores to go by.
    """
    judged = _judge_again(
        reader,
        config,
        custom,
        drop_only=drop_only,
        words=words,
        min_score=min_score,
    )
    return judged.comparison


def write_refiltered(
    reader: RunReader,
    config: Config,
    out: Path,
    custom: CustomFilters | None = None,
    *,
    drop_only: bool = False,
    words: DropWords | None = None,
    min_score: float | None = None,
) -> FilterComparison:
    """`refilter`, and its outcome as a new run, with the data set of what is there already.

    The new run has the replies, classifications and instances of the old one, and what judges said of the
    instances that it keeps, but not its improved outputs; `generate` resumes it. It is there as a whole or
    not at all. Raises ConfigError where `out` is there already, StorageError.
    """
    with new_directory(out) as growing:
        judged = _judge_again(
            reader,
            config,
            custom,
            drop_only=drop_only,
            words=words,
            min_score=min_score,
        )
        notes = reader.notes()
        origins = [*notes.get("filtered_from", []), _origin(reader)]
        kept = {key: note for key, note in notes.items() if key.startswith(NOTES_KEPT)}
        if words is not None:
            dropped = {"in": words.where, "words": list(words.words)}
            kept["dropped_words"] = [*notes.get("dropped_words", []), dropped]
        copy_run(
            reader.directory,
            growing,
            judged.config,
            judged.tickets,
            judged.tasks,
            notes=kept | {"filtered_from": origins},
            remark=f"Filtered from {', filtered from '.join(map(_in_words, reversed(origins)))}.",
        )
        write_dataset(RunReader(growing), RunPaths(growing).dataset)
        _copy_verdicts(reader, growing)
    return judged.comparison


def _copy_verdicts(reader: RunReader, run: Path) -> None:
    """Judges go by the texts that they saw, which stay the same whatever ids the tasks have now."""
    kept: dict[str, tuple[str, int]] = {}
    for task in RunReader(run).tasks():
        for place, instance in enumerate(task.instances):
            kept.setdefault(instance_digest(task.instruction, instance), (task.id, place))
    for name in judges(reader.directory):
        copy_judge(JudgePaths(reader.directory, name), run, kept)


def _judge_again(
    reader: RunReader,
    config: Config,
    custom: CustomFilters | None,
    *,
    drop_only: bool,
    words: DropWords | None,
    min_score: float | None,
) -> _Judged:
    if words is not None and not drop_only:
        raise ConfigError(
            "Dropping by words in inputs or outputs cannot be combined with this: instances that come "
            "later would not be checked.",
            "Leave out `regenerate`.",
        )
    check_min_score(min_score)
    scores = None if min_score is None else needed_scores(reader, "`min_score`")
    sets, items = read_evaluation_sets(config.filters.decontaminate)
    if custom is None:
        custom = recorded_filters(config.filters.custom, reader.directory)
    custom = replace(custom, signals=recorded_signals(config, reader.directory))
    own = tuple(each.config() for each in custom)
    filters = config.filters.model_copy(update={"decontaminate": sets, "custom": own})
    config = with_signals(config.model_copy(update={"filters": filters}), custom.signals)
    contamination = build_contamination(config, items)
    # Read as a whole first: a snapshot held through minutes of judging could hold up the run's writer.
    recorded, seeds, before = tuple(reader.admissions()), reader.seeds(), reader.config()
    admission = Admission(config, [seed.instruction for seed in seeds], contamination, custom)
    vectors: dict[int, dict[int, Vector]] = {}
    if config.filters.meaning is not None:
        of_seeds, vectors = recorded_vectors(reader.embeddings())
        admission.add_vectors(of_seeds.get(number) for number in range(len(seeds)))
    parsed = ([_as_parsed(each, before, drop_only=drop_only) for each in ticket] for ticket in recorded)
    tickets = tuple(
        tuple(admission.judge(candidates, vectors.pop(ticket, {})))
        for ticket, candidates in enumerate(parsed)
    )
    changed = _changes(before, config)
    if words is not None:
        changed[f"words in {words.where}"] = [], list(words.words)
    settled: dict[Place, JudgedTask] = {}
    tasks: dict[Place, JudgedTask] = {}
    judges_instances = bool(changed.keys() & {DECONTAMINATE, SIGNALS, CUSTOM})
    if judges_instances or drop_only or scores is not None:
        settled = dict(reader.judged_tasks())
    if judges_instances:
        tasks = {
            place: _judge_task(task, before, config, contamination, custom) for place, task in settled.items()
        }
    if words is not None:
        tasks = {place: without_words(tasks.get(place, task), words) for place, task in settled.items()}
    if scores is not None and min_score is not None:
        changed["min_score"] = (None, min_score)
        tasks = {
            place: _by_score(tasks.get(place, task), scores, min_score, custom)
            for place, task in settled.items()
        }
    data_set = None
    if drop_only:
        tasks = only_dropped(recorded, tickets, settled, tasks)
        dropped = {task_id(task.number) for task in tasks.values() if task.reason is not None}
        had = [task.id for task in reader.tasks()]
        data_set = len(had), sum(name not in dropped for name in had)
        config = with_fewer_tasks(config, data_set[1], data_set[0])
    # Of drop-only, without the tasks that are rejected as instructions, which are counted there.
    rejected = {place for place in tasks if drop_only and not _admitted(tickets, place)}
    was = {place: task for place, task in settled.items() if place not in rejected}
    now = {place: task for place, task in {**settled, **tasks}.items() if place not in rejected}
    comparison = FilterComparison(
        changed,
        tuple(compare(seeds, recorded, tickets, drop_only=drop_only)),
        _counts(_instance_reasons(was), _instance_reasons(now)),
        _counts(_task_reasons(was), _task_reasons(now)),
        data_set,
    )
    return _Judged(config, recorded if drop_only else tickets, tasks, comparison)


def _admitted(tickets: Sequence[Sequence[JudgedInstruction]], place: Place) -> bool:
    ticket, position = place
    return tickets[ticket][position].verdict.accepted


def _changes(before: Config, after: Config) -> dict[str, tuple[Any, Any]]:
    """Settings that differ. Evaluation sets are told apart by digests, but shown by name."""
    old, new = before.identity(), after.identity()
    changed = {name: (old[name], new[name]) for name in new if new[name] != old[name]}
    if DECONTAMINATE in changed:
        changed[DECONTAMINATE] = _set_names(before), _set_names(after)
    return changed


def _set_names(config: Config) -> list[str]:
    return [f"{Path(each.source).name} ({each.digest[:12]})" for each in config.filters.decontaminate]


def _judge_task(
    task: JudgedTask,
    before: Config,
    config: Config,
    contamination: ContaminationIndex | None,
    custom: CustomFilters,
) -> JudgedTask:
    if not task.instances:
        return task  # lost, or its reply held none: no filter changes that
    candidates = []
    for each in task.instances:
        reason = each.verdict.reason
        asked_about = each.output or reason == "empty_output"  # else it was rejected before there was one
        flaw = _flaw(each.verdict, INSTANCE_REASONS, before) if asked_about else reason
        candidates.append(InstanceCandidate(each.input, each.output, flaw, each.verdict.detail))
    judged = judge_instances(
        candidates,
        max_instances=config.recipe_for(Stage.INSTANCES).instances_a_task,
        ascii_colons=config.reference.ascii_colons,
        contamination=contamination,
        custom=custom,
        instruction=task.instruction,
        is_classification=task.is_classification,
    )
    reason = judge_task(custom, task.number, task.instruction, task.is_classification, judged)
    return replace(task, instances=tuple(judged), reason=reason)


def _by_score(task: JudgedTask, scores: Scores, min_score: float, custom: CustomFilters) -> JudgedTask:
    """Without the instances that judges gave too little, or nothing."""

    def judged(each: JudgedInstance) -> JudgedInstance:
        mean = scores.mean(instance_digest(task.instruction, Instance(each.input, each.output)))
        if not each.verdict.accepted or (mean is not None and mean >= min_score):
            return each
        verdict = Verdict(NO_SCORE) if mean is None else Verdict(LOW_SCORE, f"{mean:.3g} on average")
        return replace(each, verdict=verdict)

    instances = tuple(map(judged, task.instances))
    if task.reason or instances == tuple(task.instances):
        return task
    reason = judge_task(custom, task.number, task.instruction, task.is_classification, list(instances))
    return replace(task, instances=instances, reason=reason)


def _instance_reasons(tasks: Mapping[Place, JudgedTask]) -> Counter[str]:
    return Counter(
        each.verdict.reason for task in tasks.values() for each in task.instances if each.verdict.reason
    )


def _task_reasons(tasks: Mapping[Place, JudgedTask]) -> Counter[str]:
    return Counter(task.reason for task in tasks.values() if task.reason)


def _counts(before: Counter[str], after: Counter[str]) -> dict[str, tuple[int, int]]:
    """Those that differ, by reason."""
    reasons = sorted(before.keys() | after.keys())
    return {each: (before[each], after[each]) for each in reasons if before[each] != after[each]}


def _as_parsed(
    candidate: JudgedInstruction, before: Config, *, drop_only: bool = False
) -> InstructionCandidate:
    """drop_only: what was rejected, for whatever reason, is so again, and joins no pool."""
    reason = candidate.verdict.reason
    flaw = reason if drop_only else _flaw(candidate.verdict, INSTRUCTION_REASONS, before)
    return InstructionCandidate(
        candidate.text, flaw, candidate.is_classification, candidate.needs_input, candidate.input
    )


def _flaw(verdict: Verdict, ours: frozenset[str], before: Config) -> str | None:
    """What the parser saw, which no filter fixes; None for what a filter said. before: the run's config."""
    reason = verdict.reason
    if reason is None or reason in ours or reason in before.filters.signal_versions:
        return None
    if before.filters.custom:
        own = [flaw for recipe, _ in before.recipes if recipe.custom for flaw in recipe.custom.flaws]
        return reason if reason in (*FLAWS, *own) else None
    return reason


def _origin(reader: RunReader) -> dict[str, str]:
    """The name of a run's folder, and the SHA-256 of what decided its data."""
    identity = json.dumps(reader.config().identity(), sort_keys=True).encode()
    return {"name": reader.directory.resolve().name, "identity": hashlib.sha256(identity).hexdigest()}


def _in_words(origin: dict[str, str]) -> str:
    return f"the run {json.dumps(origin['name'], ensure_ascii=False)} (identity {origin['identity']})"
