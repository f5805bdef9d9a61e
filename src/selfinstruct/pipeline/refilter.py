"""`filter`: every recorded candidate judged again under other filters, without a request.

Candidates come in admission order and meet the pool as these filters would have filled it from the same
replies. That is not what generating with them would have given, since its prompts would have shown other
instructions. Seeds are in the pool whatever the filters say, as when a run generates. Instances are judged
again only where other evaluation sets are to be kept out: no other setting decides about them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.config import Config, EvaluationSetConfig
from selfinstruct.dataset.jsonl import write_dataset
from selfinstruct.errors import ConfigError
from selfinstruct.filters.contamination import ContaminationIndex
from selfinstruct.filters.instances import judge_instances
from selfinstruct.pipeline.admission import Admission
from selfinstruct.pipeline.evaluation_sets import build_contamination, read_evaluation_sets
from selfinstruct.pipeline.rejudging import Comparison, compare
from selfinstruct.pipeline.settings import merge, read_toml, validate
from selfinstruct.records import InstanceCandidate, InstructionCandidate, JudgedInstance, JudgedInstruction
from selfinstruct.store.copying import Place, copy_run, new_directory
from selfinstruct.store.directory import RunPaths
from selfinstruct.store.reader import RunReader

__all__ = ["change_filters", "refilter", "write_refiltered"]

FILTER_REASONS = frozenset(
    {"empty", "too_short", "too_long", "keyword", "prefix", "punctuation", "script", "similar"}
    | {"contaminated"}
)
"""What the filters say. Every other reason is a flaw that the parser saw, and no filter mends."""
INSTANCE_REASONS = frozenset(
    {"empty_output", "same_as_input", "trailing_colon", "contaminated", "conflicting", "duplicate", "surplus"}
)
"""The same of instances."""
FILTER_SWITCHES = frozenset({"reference.bare_keywords", "reference.ascii_start", "reference.ascii_tokens"})
"""The reference code's defects in its filters. The others lie in its prompts and parsers."""
DECONTAMINATE = "filters.decontaminate"
NOTES_KEPT = ("capabilities.", "changes.", "prompts")
"""What stays true of a filtered run; a forecast does not."""


@dataclass(frozen=True, slots=True)
class _Judged:
    """All of a run, judged again. config: with the digests of its evaluation sets. instances: of all tasks
    that had some, where they were judged again; otherwise empty."""

    config: Config
    tickets: tuple[tuple[JudgedInstruction, ...], ...]
    instances: Mapping[Place, Sequence[JudgedInstance]]
    comparison: Comparison


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
) -> Config:
    """The config with other filters: the file's, then the options'. `no_keywords` empties that list;
    `keywords` and `prefixes` are then added to theirs. `decontaminate` takes the place of the evaluation
    sets that the run keeps out, `no_decontaminate` leaves none.

    Raises ConfigError for a setting that is not there or out of range, and where the file would change one
    that decides more than verdicts.
    """
    values = config.model_dump()
    if config_file is not None:
        merge(values, read_toml(config_file))
        _check_reach(config, validate(values, config_file), config_file)
    filters = values["filters"]
    for name, value in {"max_similarity": novelty, "min_words": min_words, "max_words": max_words}.items():
        if value is not None:
            filters[name] = value
    if no_keywords:
        filters["keywords"] = ()
    for name, added in {"keywords": keywords, "prefixes": prefixes}.items():
        filters[name] = tuple(dict.fromkeys([*filters[name], *added]))
    if decontaminate or no_decontaminate:
        filters["decontaminate"] = tuple(EvaluationSetConfig(source=str(path)) for path in decontaminate)
    return validate(values, None)


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


def refilter(reader: RunReader, config: Config) -> Comparison:
    """What `config`, from `change_filters`, would keep of the run. Works while the run goes on.

    Raises UserError for an evaluation set that cannot be read.
    """
    return _judge_again(reader, config).comparison


def write_refiltered(reader: RunReader, config: Config, out: Path) -> Comparison:
    """`refilter`, and its outcome as a new run, with the data set of what is there already.

    The new run has the replies, classifications and instances of the old one, but not its improved outputs;
    `generate` goes on with it. It is there as a whole or not at all. Raises ConfigError where `out` is there
    already, StorageError.
    """
    with new_directory(out) as growing:
        judged = _judge_again(reader, config)
        notes = reader.notes()
        origins = [*notes.get("filtered_from", []), _origin(reader)]
        kept = {key: note for key, note in notes.items() if key.startswith(NOTES_KEPT)}
        copy_run(
            reader.directory,
            growing,
            judged.config,
            judged.tickets,
            judged.instances,
            notes=kept | {"filtered_from": origins},
            remark=f"Filtered from {', filtered from '.join(map(_in_words, reversed(origins)))}.",
        )
        write_dataset(RunReader(growing), RunPaths(growing).dataset)
    return judged.comparison


def _judge_again(reader: RunReader, config: Config) -> _Judged:
    sets, items = read_evaluation_sets(config.filters.decontaminate)
    filters = config.filters.model_copy(update={"decontaminate": sets})
    config = config.model_copy(update={"filters": filters})
    contamination = build_contamination(config, items)
    # Read as a whole first: a snapshot held through minutes of judging could hold up the run's writer.
    recorded, seeds = tuple(reader.admissions()), reader.seeds()
    admission = Admission(config, [seed.instruction for seed in seeds], contamination)
    tickets = tuple(tuple(admission.judge([_as_parsed(each) for each in ticket])) for ticket in recorded)
    changed = _changes(reader.config(), config)
    instances, contaminated = {}, (0, 0)
    if DECONTAMINATE in changed:
        before = dict(reader.judged_instances())
        instances = {place: _judge_instances(each, config, contamination) for place, each in before.items()}
        contaminated = _contaminated(before), _contaminated(instances)
    comparison = Comparison(changed, tuple(compare(seeds, recorded, tickets)), contaminated)
    return _Judged(config, tickets, instances, comparison)


def _changes(before: Config, after: Config) -> dict[str, tuple[Any, Any]]:
    """Settings that differ. Evaluation sets are told apart by digests, but shown by name."""
    old, new = before.identity(), after.identity()
    changed = {name: (old[name], new[name]) for name in new if new[name] != old[name]}
    if DECONTAMINATE in changed:
        changed[DECONTAMINATE] = _set_names(before), _set_names(after)
    return changed


def _set_names(config: Config) -> list[str]:
    return [f"{Path(each.source).name} ({each.digest[:12]})" for each in config.filters.decontaminate]


def _judge_instances(
    judged: Sequence[JudgedInstance], config: Config, contamination: ContaminationIndex | None
) -> list[JudgedInstance]:
    candidates = []
    for each in judged:
        reason = each.verdict.reason
        asked_about = each.output or reason == "empty_output"  # else it was rejected before there was one
        flaw = None if reason in INSTANCE_REASONS and asked_about else reason
        candidates.append(InstanceCandidate(each.input, each.output, flaw, each.verdict.detail))
    return judge_instances(
        candidates,
        max_instances=config.recipe.instances_a_task,
        ascii_colons=config.reference.ascii_colons,
        contamination=contamination,
    )


def _contaminated(instances: Mapping[Place, Sequence[JudgedInstance]]) -> int:
    return sum(each.verdict.reason == "contaminated" for task in instances.values() for each in task)


def _as_parsed(candidate: JudgedInstruction) -> InstructionCandidate:
    reason = candidate.verdict.reason
    flaw = None if reason in FILTER_REASONS else reason
    return InstructionCandidate(candidate.text, flaw, candidate.is_classification, candidate.needs_input)


def _origin(reader: RunReader) -> dict[str, str]:
    """The name of a run's folder, and the SHA-256 of what decided its data."""
    identity = json.dumps(reader.config().identity(), sort_keys=True).encode()
    return {"name": reader.directory.resolve().name, "identity": hashlib.sha256(identity).hexdigest()}


def _in_words(origin: dict[str, str]) -> str:
    return f"the run {json.dumps(origin['name'], ensure_ascii=False)} (identity {origin['identity']})"
