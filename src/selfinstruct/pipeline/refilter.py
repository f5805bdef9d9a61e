"""`filter`: every recorded candidate judged again under other filters, without a request.

Candidates come in admission order and meet the pool as these filters would have filled it from the same
replies. That is not what generating with them would have given, since its prompts would have shown other
instructions. Seeds are in the pool whatever the filters say, as when a run generates.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from selfinstruct.config import Config
from selfinstruct.dataset.jsonl import write_dataset
from selfinstruct.errors import ConfigError
from selfinstruct.pipeline.admission import Admission
from selfinstruct.pipeline.rejudging import Comparison, compare
from selfinstruct.pipeline.settings import merge, read_toml, validate
from selfinstruct.records import InstructionCandidate, JudgedInstruction
from selfinstruct.store.copying import copy_run, new_directory
from selfinstruct.store.directory import RunPaths
from selfinstruct.store.reader import RunReader

__all__ = ["change_filters", "refilter", "write_refiltered"]

FILTER_REASONS = frozenset(
    {"empty", "too_short", "too_long", "keyword", "prefix", "punctuation", "script", "similar"}
)
"""What the filters say. Every other reason is a flaw that the parser saw, and no filter mends."""
FILTER_SWITCHES = frozenset({"reference.bare_keywords", "reference.ascii_start", "reference.ascii_tokens"})
"""The reference code's defects in its filters. The others lie in its prompts and parsers."""
NOTES_KEPT = ("capabilities", "prompts")
"""What stays true of a filtered run; a forecast does not."""

Tickets = tuple[tuple[JudgedInstruction, ...], ...]


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
    """The config with other filters: the file's, then the options'. `no_keywords` empties that list;
    `keywords` and `prefixes` are then added to theirs.

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
    """What `config`, from `change_filters`, would keep of the run. Works while the run goes on."""
    comparison, _ = _judge_again(reader, config)
    return comparison


def write_refiltered(reader: RunReader, config: Config, out: Path) -> Comparison:
    """`refilter`, and its outcome as a new run, with the data set of what is there already.

    The new run has the replies, classifications and instances of the old one, but not its improved outputs;
    `generate` goes on with it. It is there as a whole or not at all. Raises ConfigError where `out` is there
    already, StorageError.
    """
    with new_directory(out) as growing:
        comparison, tickets = _judge_again(reader, config)
        notes = reader.notes()
        origins = [*notes.get("filtered_from", []), _origin(reader)]
        kept = {key: notes[key] for key in NOTES_KEPT if key in notes}
        copy_run(
            reader.directory,
            growing,
            config,
            tickets,
            notes=kept | {"filtered_from": origins},
            remark=f"Filtered from {', filtered from '.join(map(_in_words, reversed(origins)))}.",
        )
        write_dataset(RunReader(growing), RunPaths(growing).dataset)
    return comparison


def _judge_again(reader: RunReader, config: Config) -> tuple[Comparison, Tickets]:
    # Read as a whole first: a snapshot held through minutes of judging could hold up the run's writer.
    recorded, seeds = tuple(reader.admissions()), reader.seeds()
    admission = Admission(config, [seed.instruction for seed in seeds])
    tickets = tuple(tuple(admission.judge([_as_parsed(each) for each in ticket])) for ticket in recorded)
    before, after = reader.config().identity(), config.identity()
    changed = {name: (before[name], after[name]) for name in after if after[name] != before[name]}
    return Comparison(changed, tuple(compare(seeds, recorded, tickets))), tickets


def _as_parsed(candidate: JudgedInstruction) -> InstructionCandidate:
    reason = candidate.verdict.reason
    flaw = None if reason in FILTER_REASONS else reason
    return InstructionCandidate(candidate.text, flaw, candidate.is_classification)


def _origin(reader: RunReader) -> dict[str, str]:
    """The name of a run's folder, and the SHA-256 of what decided its data."""
    identity = json.dumps(reader.config().identity(), sort_keys=True).encode()
    return {"name": reader.directory.resolve().name, "identity": hashlib.sha256(identity).hexdigest()}


def _in_words(origin: dict[str, str]) -> str:
    return f"the run {json.dumps(origin['name'], ensure_ascii=False)} (identity {origin['identity']})"
