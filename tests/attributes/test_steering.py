"""Steering: what it measures, where it moves weights, and that a kill changes nothing."""

import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

import selfinstruct as si
from selfinstruct.attributes.load import attributes_from_mapping
from selfinstruct.config import AttributesConfig, SteeringConfig
from selfinstruct.errors import ConfigError, RunMismatchError
from selfinstruct.pipeline.steering import Steering, measured_value, with_measured
from selfinstruct.report.attributes import describe_attributes
from selfinstruct.seeds.load import bundled_seeds
from selfinstruct.store.reader import RunReader

ON = SteeringConfig(on=True, what=("attributes",))
TOPICS = attributes_from_mapping({"topic": {"tides": 1, "bread": 1, "chess": 2}})


def test_weights_move_toward_what_the_pool_lacks() -> None:
    steering = Steering(TOPICS, ON)
    assert steering.weights(0) is None
    steering.admit(["a"] * 30, [{"topic": ("tides",)}] * 30)
    steering.admit(["b"] * 10, [{"topic": ("chess",)}] * 10)
    moved = steering.weights(40)
    assert moved is not None
    weights = moved["topic"]
    # (0.25 · 60 / (30 + 5)), (0.25 · 60 / 5), (0.5 · 60 / (10 + 10)) times the target
    assert weights == pytest.approx({"tides": 0.25 * 15 / 35, "bread": 0.25 * 3, "chess": 0.5 * 1.5})
    again = steering.weights(10)  # a ticket that is built again sees what it saw before
    assert again is not None
    assert again["topic"]["chess"] == pytest.approx(0.5 * 1.5)
    assert steering.weights(40) == moved


def test_a_factor_has_bounds_and_off_is_off() -> None:
    steering = Steering(TOPICS, SteeringConfig(on=True, strength=4))
    steering.admit(["a"] * 500, [{"topic": ("tides",)}] * 500)
    weights = steering.weights(500)
    assert weights is not None
    assert weights["topic"] == {"tides": 0.25 / 4, "bread": 1.0, "chess": 2.0}
    off = Steering(TOPICS, SteeringConfig())
    off.admit(["a"], [{"topic": ("tides",)}])
    assert off.weights(1) is None


def test_what_is_measured_has_the_seeds_shares() -> None:
    seeds = bundled_seeds()
    measured = with_measured(AttributesConfig(), SteeringConfig(on=True), seeds).names
    assert list(measured) == ["verb", "kind", "size"]
    assert all(sum(each.values.values()) == len(seeds) and each.measured for each in measured.values())
    own = with_measured(attributes_from_mapping({"verb": ["sing"]}), SteeringConfig(on=True), seeds)
    assert own.names["verb"].values == {"sing": 1}
    assert not with_measured(own, SteeringConfig(), seeds).names.keys() - {"verb"}
    assert measured_value("verb", "Sing a song.") == "sing"
    assert measured_value("size", "Sing a song.") == "at most ten words"
    assert (
        measured_value("kind", "Is the review positive or negative?") == "classification, naming every label"
    )


def made(directory: Path, **options: Any) -> si.Run:
    settings: dict[str, Any] = {
        "model": "scripted", "recipe": "chat", "tasks": 60, "steer": True, "attributes": "bundled",
    }  # fmt: skip
    return si.generate(directory, **(settings | options))


def test_a_budget_and_resumes_do_not_change_what_is_asked_for(tmp_path: Path) -> None:
    whole = made(tmp_path / "whole", concurrency=1)
    parts = tmp_path / "parts"
    for requests in (7, 30, 80):
        made(parts, max_requests=requests)
    resumed = made(parts, max_requests=0, steer=False, attributes=None)
    assert resumed.dataset.read_bytes() == whole.dataset.read_bytes()
    queries = []
    for run in (whole, resumed):
        connection = sqlite3.connect(run.path / "run.db")
        queries.append(dict(connection.execute("SELECT ticket, asked FROM attributes")))
        connection.close()
    both = queries[0].keys() & queries[1].keys()
    assert len(both) > 7  # the first that see the pool
    assert {each: queries[0][each] for each in both} == {each: queries[1][each] for each in both}


def test_it_reaches_more_values_and_the_report_says_so(tmp_path: Path) -> None:
    given = {"topic": {"tides": 6, "bread": 1, "chess": 1}}
    plain = made(tmp_path / "plain", steer=False, attributes=given, tasks=150)
    settings = {"steering": {"target": "uniform", "what": ["attributes"]}}
    steered = made(tmp_path / "steered", attributes=given, tasks=150, config=settings)

    def shares(run: si.Run) -> Counter[str]:
        return Counter(each["topic"][0] for each in RunReader(run.path).attributes().values())

    assert shares(plain)["tides"] > 2 * shares(steered)["tides"] * 0.6
    (figures,) = describe_attributes(RunReader(steered.path).record())
    assert figures.distance is not None
    assert figures.distance < 0.1
    assert figures.yield_change is not None
    page = steered.report().read_text(encoding="utf-8")
    assert "What steering did to the yield" in page
    assert "What steering did" not in plain.report().read_text(encoding="utf-8")


def test_it_may_not_come_in_later_nor_with_paper_exact(tmp_path: Path) -> None:
    plain = si.generate(tmp_path / "run", model="scripted", tasks=2)
    with pytest.raises(RunMismatchError, match=r"steering\.on is false, not true"):
        si.generate(plain.path, tasks=2, steer=True)
    with pytest.raises(ConfigError, match="Leave out `attributes` and `steer`"):
        si.generate(tmp_path / "exact", model="scripted", tasks=2, steer=True, paper_exact=True)
