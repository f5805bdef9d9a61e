"""From what a user asked, and what a folder of rounds already holds, to what is to be done."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.errors import ConfigError
from selfinstruct.evalsets.code import CODE_SUITES
from selfinstruct.evalsets.suites import HARNESS
from selfinstruct.evaluation.plan import EvaluationPlan, plan_evaluation
from selfinstruct.models.catalog import can_be_tuned
from selfinstruct.pipeline.refilter import change_filters
from selfinstruct.pipeline.resolve import resolve
from selfinstruct.pipeline.settings import read_toml
from selfinstruct.ratings.scores import PASSING
from selfinstruct.records import SeedTask
from selfinstruct.seeds.load import bundled_seeds, load_seeds, seeds_digest
from selfinstruct.studies.rounds.settings import (
    RoundsPaths,
    RoundsSettings,
    check_same,
    read_settings,
    validated,
)
from selfinstruct.training.loading import TUNABLE, spec_of, tunable
from selfinstruct.training.settings import validated as validated_tuning

__all__ = ["RoundsPlan", "plan_evaluation_of", "plan_rounds"]

MAY_LIFT = ("limit", "max_requests", "max_total_tokens")
PLACEHOLDERS = {"learning_rate": 1.0, "max_length": 512, "bf16": False}
"""For what depends on the model, so that what was given is checked before anything is loaded."""


@dataclass(frozen=True, slots=True)
class RoundsPlan:
    """seeds: what the settings' digest stands for."""

    out: Path
    settings: RoundsSettings
    seeds: tuple[SeedTask, ...]

    @property
    def paths(self) -> RoundsPaths:
        """Where everything lies."""
        return RoundsPaths(self.out)


def plan_rounds(
    out: Path,
    *,
    values: Mapping[str, Any],
    tuning: Mapping[str, Any] | None = None,
    seeds: Path | None = None,
    items: Path | None = None,
    config: Path | Mapping[str, Any] | None = None,
) -> RoundsPlan:
    """What is to be done, checked as far as that goes without loading a model. Writes nothing.

    values: fields of `RoundsSettings`, tuning: of `TuningSettings`; what is None comes from an earlier
    invocation, or is the default. A budget or limit of 0 lifts the one that it has. config: further settings
    of each round's run.

    Raises ConfigError for what cannot be done, RunMismatchError for what was begun otherwise, and what
    reading seeds and items raises.
    """
    before = read_settings(out)
    asked = {name: value for name, value in values.items() if value is not None}
    chosen = ({} if before is None else before.model_dump()) | asked
    chosen |= {name: None for name in MAY_LIFT if chosen.get(name) == 0}
    if not chosen.get("model"):
        raise ConfigError("Which model should begin?", f"Name one that can be tuned here: `model={TUNABLE}`")
    _require_tunable(chosen["model"])
    model = tunable(chosen["model"])
    chosen |= {"model": spec_of(model), "model_digest": model.digest}
    given = {name: value for name, value in (tuning or {}).items() if value is not None}
    if given.get("template") == "auto":
        del given["template"]
    chosen["tuning"] = (before.tuning if before is not None else {}) | given
    validated_tuning({**PLACEHOLDERS, **chosen["tuning"]})
    _choose_config(chosen, config, asked)
    _choose_suite(chosen, items)
    _choose_judge(chosen)
    path = seeds or (Path(chosen["seeds"]) if chosen.get("seeds") else None)
    tasks = bundled_seeds() if path is None else load_seeds(path)
    chosen |= {"seeds": "" if path is None else str(path.absolute()), "seeds_digest": seeds_digest(tasks)}
    settings = validated({**chosen, "items_digest": ""})
    plan = RoundsPlan(out, settings, tasks)
    measured = plan_evaluation_of(plan, 0, settings.model, {})
    plan = RoundsPlan(out, settings.model_copy(update={"items_digest": measured.settings.items}), plan.seeds)
    _require_fitting_run(plan)
    if before is not None:
        check_same(before, plan.settings, out)
    return plan


def plan_evaluation_of(
    plan: RoundsPlan, number: int, spec: str, options: Mapping[str, Any]
) -> EvaluationPlan:
    """How the model of a round is measured: as all are. Raises what `plan_evaluation` raises."""
    settings, paths = plan.settings, plan.paths.round(number)
    kept = paths.kept if number and paths.kept.is_dir() else None
    return plan_evaluation(
        paths.evaluation,
        settings={
            "suite": settings.suite,
            "limit": settings.limit,
            "template": settings.template,
            "max_tokens": settings.max_tokens,
            "stop": settings.stop or None,
            "seed": settings.seed,
        },
        tasks=Path(settings.items) if settings.items else None,
        run=kept,
        model_spec=spec,
        options={"seed": settings.seed, "endpoint.concurrency": settings.concurrency, **options},
    )


def _require_tunable(spec: str) -> None:
    if not can_be_tuned(spec):
        raise ConfigError(
            f"{spec!r} cannot be tuned on this machine, and rounds tune the model that writes.",
            f"Name a model as {TUNABLE}.",
        )


def _choose_config(
    chosen: dict[str, Any], config: Path | Mapping[str, Any] | None, asked: Mapping[str, Any]
) -> None:
    """What the file sets for each round's run. Its seed, tasks and budgets are those of the rounds, where
    they are not given by name."""
    if config is None:
        return
    found = deepcopy(read_toml(config) if isinstance(config, Path) else {**config})
    limits = found.get("limits")
    for section, names in ((found, ("seed",)), (limits, ("tasks", "max_requests", "max_total_tokens"))):
        if isinstance(section, dict):
            named = {name: section.pop(name) for name in names if name in section}
            chosen |= {name: value for name, value in named.items() if name not in asked}
    if limits == {}:
        del found["limits"]
    chosen["config"] = found


def _choose_suite(chosen: dict[str, Any], items: Path | None) -> None:
    if items is not None:
        chosen["items"] = str(items.absolute())
        chosen.setdefault("suite", "jsonl")
    suite = str(chosen.get("suite") or "")
    if not suite:
        raise ConfigError(
            "Which questions should each round be measured on?",
            "Name a file of your own (instruction, input, output): `items=PATH`; or a `suite` of `evaluate`.",
        )
    if suite.startswith(HARNESS) or suite in CODE_SUITES:
        why = "is one of lm-eval" if suite.startswith(HARNESS) else "runs programs that the model writes"
        raise ConfigError(
            f"The suite {suite} {why}: rounds cannot measure by it.",
            "Choose another; `selfinstruct evaluate` can measure the tuned models by this one.",
        )


def _choose_judge(chosen: dict[str, Any]) -> None:
    if chosen.get("judge"):
        if chosen.get("min_score") is None:
            chosen["min_score"] = float(PASSING)
    elif chosen.get("judge_base_url"):
        raise ConfigError("Which model at `judge_base_url` should judge?", "Name it: `judge=NAME`")
    elif chosen.get("min_score") is not None:
        raise ConfigError("`min_score` needs a judge.", "Name one: `judge=SPEC`; or leave out `min_score`.")


def _require_fitting_run(plan: RoundsPlan) -> None:
    """What a run, or filtering it, would refuse later is refused now."""
    run = plan.paths.round(1).run
    if not run.exists():
        fitting = resolve(
            run,
            options={"limits.tasks": plan.settings.tasks, "seed": plan.settings.seed},
            config_file=deepcopy(plan.settings.config),
            seeds_file=plan.seeds,
            model_spec=plan.settings.model,
        )
        change_filters(fitting.config, signals=plan.settings.signals)
