"""The study's file: what all entries have in common, and what each has of its own.

    out = "which-model"
    seeds = "seeds.jsonl"
    tasks = 60

    [entries.small]
    model = "ollama/llama3.2:3b"

    [entries.large]
    model = "openai/gpt-5-mini"
    recipe = "chat"
    sampling.chat_instructions.temperature = 1.0

Settings are those of a run: the arguments of `generate` by their names, and the sections of a config file.
Those of an entry lie over those of the file's head, table by table.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selfinstruct.config import Config
from selfinstruct.errors import ConfigError
from selfinstruct.pipeline.asking import file_name
from selfinstruct.pipeline.settings import ARGUMENTS, merge, read_toml
from selfinstruct.records import SeedTask
from selfinstruct.studies.bakeoff.study import EntryFile, JudgeFile, StudentFile, StudyFile, flat_settings
from selfinstruct.text.spelling import did_you_mean
from selfinstruct.training.settings import FIELDS

__all__ = ["read_study"]

STUDY = ("out", "entries", "judge", "student", "rank_by")
DIRECT = ("seeds", "decontaminate", "paper_exact")
"""Arguments of `generate` that no field of a config holds as they are given."""
SETTINGS = {name: dotted for dotted, name in ARGUMENTS.items()}
SHARED = ("seeds", "limits")
"""What all entries have in common, or there would be nothing to compare."""
JUDGE = ("model", "name", "sample", "rubric", "seed")
STUDENT = ("model", "suite", "items", "limit", "max_tokens", *(name for name in FIELDS if name != "seed"))
ASKING = tuple(
    name
    for dotted, name in ARGUMENTS.items()
    if dotted.startswith(("limits.max", "endpoint.", "model.")) and "batch" not in dotted
)


@dataclass(slots=True)
class _Level:
    """The head's settings, or an entry's own."""

    direct: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)


def read_study(study: Path | Mapping[str, Any], out: Path | None = None) -> StudyFile:
    """study: a TOML file, or what such a file holds; then models, recipes and filters may be objects too, and
    `seeds` tasks. out: in place of the study's own. Without either, the folder is called as the file, without
    its ending.

    Raises ConfigError naming the file, the entry and the setting that is wrong.
    """
    source = str(study) if isinstance(study, Path) else "the study"
    values = read_toml(study) if isinstance(study, Path) else dict(study)
    head = _level({key: value for key, value in values.items() if key not in STUDY}, source)
    if not isinstance(values.get("entries"), Mapping) or not values["entries"]:
        raise ConfigError(
            f"{source} has no entries.",
            'Add a table for each, with its name: [entries.NAME] with model = "PROVIDER/NAME"',
        )
    entries = tuple(_entry(name, own, head, source) for name, own in values["entries"].items())
    if len({entry.name.casefold() for entry in entries}) < len(entries):  # one folder on some systems
        raise ConfigError(f"{source}: two entries differ only in upper and lower case.", "Rename one.")
    folder = values.get("out")
    if folder is not None and (not isinstance(folder, str | Path) or not str(folder).strip()):
        raise ConfigError(f"{source}: out = {folder!r} is not a folder.", 'Write out = "FOLDER"')
    if out is None and folder is None and not isinstance(study, Path):
        raise ConfigError("There is no folder for the study.", "Name a folder: `out=DIR`")
    return StudyFile(
        source=source,
        out=out or Path(folder or Path(source).stem),
        seeds=head.direct.get("seeds"),
        entries=entries,
        judge=_judge(values.get("judge"), source),
        student=_student(values.get("student"), source),
        rank_by=_texts(values.get("rank_by", []), f"{source}: rank_by"),
    )


def _entry(name: str, own: Any, head: _Level, source: str) -> EntryFile:
    where = f"{source}, entry {name!r}"
    if not name or file_name(name) != name:
        raise ConfigError(
            f"{where}: a folder is called so too, and cannot be.",
            "Use letters, digits, dots, - and _ only, 80 at most.",
        )
    level = _level(_table(own, where), where)
    shared = {name for name in SHARED if name in level.direct or name in level.config}
    shared |= {field.partition(".")[0] for field in level.options if field.startswith("limits.")}
    if shared:
        raise ConfigError(
            f"{where}: {min(shared)} cannot differ between entries: all have the same seeds and the same"
            " budget.",
            "Write it above the entries.",
        )
    config = deepcopy(head.config)
    merge(config, level.config)
    given = {dotted for dotted, _ in flat_settings(level.config)}
    options = {dotted: value for dotted, value in head.options.items() if dotted not in given}
    direct = head.direct | level.direct
    model_table = level.config.get("model", {})
    if "model" not in level.direct and model_table.keys() & {"provider", "name", "custom"}:
        direct.pop("model", None)
    if "recipe" not in level.direct and level.options.get("recipe.name"):
        direct.pop("recipe", None)
    return EntryFile(
        name=name,
        model=direct.get("model"),
        recipe=direct.get("recipe"),
        filters=direct.get("filters"),
        options={name: value for name, value in (options | level.options).items() if value is not None},
        config=config,
        decontaminate=direct.get("decontaminate", ()),
        paper_exact=direct.get("paper_exact", False),
    )


def _level(values: Mapping[str, Any], where: str) -> _Level:
    """Raises ConfigError for a name that no setting has, or a value that cannot be meant."""
    level = _Level()
    for name, value in values.items():
        if isinstance(value, str) and not value.strip() and name not in ("language", "about"):
            raise ConfigError(f"{where}: {name} is empty.", "Give it a value, or leave it out.")
        match name:
            case "model" if not isinstance(value, Mapping):
                level.direct["model"] = value
            case "recipe" if isinstance(value, str):
                level.options["recipe.name"] = None if value == "auto" else value
            case "recipe" if not isinstance(value, Mapping):
                level.direct["recipe"] = value
            case "filters" if not isinstance(value, Mapping):
                level.direct["filters"] = (
                    [value] if isinstance(value, str) or callable(value) else list(value)
                )
            case "seeds":
                level.direct["seeds"] = _seeds(value, where)
            case "decontaminate":
                level.direct["decontaminate"] = tuple(map(Path, _texts(value, f"{where}: decontaminate")))
            case "paper_exact":
                level.direct["paper_exact"] = _switch(value, f"{where}: paper_exact")
            case "signals" if isinstance(value, list):
                level.options["filters.signals"] = ",".join(_texts(value, f"{where}: signals")) or "none"
            case "api" if value == "auto":
                level.options["model.api"] = None
            case _ if name in Config.model_fields and name not in SETTINGS:
                level.config[name] = (
                    value if name == "attributes" else dict(_table(value, f"{where}, {name}"))
                )
            case _ if name in SETTINGS and not isinstance(value, Mapping):
                level.options[SETTINGS[name]] = value
            case _ if name in Config.model_fields:
                level.config[name] = dict(_table(value, f"{where}, {name}"))
            case _:
                known = (*STUDY, *DIRECT, *SETTINGS, *Config.model_fields)
                raise ConfigError(
                    f"{where}: there is no setting named {name!r}.", did_you_mean(name, dict.fromkeys(known))
                )
    return level


def _judge(value: Any, source: str) -> JudgeFile | None:
    if value is None:
        return None
    where = f"{source}, [judge]"
    table = _known(value, (*JUDGE, *ASKING), where)
    _required(table, "model", where)
    return JudgeFile(
        model=table["model"],
        name=table.get("name"),
        sample=_count(table.get("sample"), f"{where}: sample"),
        rubric=Path(table["rubric"]) if "rubric" in table else None,
        seed=_whole(table.get("seed", 42), f"{where}: seed"),
        options={SETTINGS[name]: table[name] for name in ASKING if name in table},
    )


def _student(value: Any, source: str) -> StudentFile | None:
    if value is None:
        return None
    where = f"{source}, [student]"
    table = _known(value, STUDENT, where)
    _required(table, "model", where)
    _required(table, "suite", where)
    return StudentFile(
        model=table["model"],
        suite=table["suite"],
        items=Path(table["items"]) if "items" in table else None,
        limit=_count(table.get("limit"), f"{where}: limit"),
        max_tokens=_count(table.get("max_tokens"), f"{where}: max_tokens"),
        tuning={name: table[name] for name in FIELDS if name in table},
    )


def _known(value: Any, names: Sequence[str], where: str) -> Mapping[str, Any]:
    table = _table(value, where)
    if unknown := [name for name in table if name not in names]:
        raise ConfigError(
            f"{where}: there is no setting named {unknown[0]!r}.", did_you_mean(unknown[0], names)
        )
    return table


def _required(table: Mapping[str, Any], name: str, where: str) -> None:
    if not isinstance(table.get(name), str) or not table[name].strip():
        raise ConfigError(f"{where}: {name} is missing, or no text.", f'Add {name} = "…"')


def _table(value: Any, where: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ConfigError(f"{where} is {value!r:.80}, and should be a table.")
    return value


def _count(value: Any, where: str) -> int | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
        raise ConfigError(f"{where} = {value!r:.80}: should be a number from 1.")
    return value


def _whole(value: Any, where: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ConfigError(f"{where} = {value!r:.80}: should be a whole number.")
    return value


def _switch(value: Any, where: str) -> bool:
    if not isinstance(value, bool):
        raise ConfigError(f"{where} = {value!r:.80}: should be true or false.")
    return value


def _texts(value: Any, where: str) -> tuple[str, ...]:
    texts = [value] if isinstance(value, str | Path) else value
    if not isinstance(texts, Sequence) or not all(isinstance(each, str | Path) for each in texts):
        raise ConfigError(f"{where} = {value!r:.80}: should be a list of texts.")
    return tuple(str(each) for each in texts)


def _seeds(value: Any, where: str) -> Path | tuple[SeedTask, ...] | None:
    if isinstance(value, str) and value != "bundled":
        return Path(value)
    if value == "bundled" or isinstance(value, Path):
        return None if value == "bundled" else value
    if isinstance(value, tuple) and all(isinstance(each, SeedTask) for each in value):
        return value
    raise ConfigError(f"{where}: seeds = {value!r:.80} is not a file of seed tasks.", 'Write seeds = "FILE"')
