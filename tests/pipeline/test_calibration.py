"""Classification told by a cut that is learnt on the seeds: the cut, what it costs, and runs with it."""

import asyncio
import random
from dataclasses import replace
from pathlib import Path

import pytest
from command import run as command
from hypothesis import given, settings
from hypothesis import strategies as st

import selfinstruct as si
from selfinstruct.models.choices import choices_text
from selfinstruct.models.scripted.model import ScriptedModel
from selfinstruct.pipeline.calibration import EMPTY, FEWEST, MOST, Calibration, find_cut, margin
from selfinstruct.records import CALIBRATION, Completion, Instance, SeedTask, Stage
from selfinstruct.requests.dispatch import Lost
from selfinstruct.seeds.load import bundled_seeds

# ------------------------------------------------------------------------------------- the cut


def balanced_accuracy(margins: list[tuple[float, bool]], cut: float) -> float:
    right = {kind: [(value > cut) == kind for value, of in margins if of == kind] for kind in (True, False)}
    return sum(sum(each) / len(each) for each in right.values()) / 2


MARGINS = st.lists(st.tuples(st.integers(-20, 20).map(lambda n: n / 4), st.booleans()), min_size=2).filter(
    lambda margins: len({kind for _, kind in margins}) == 2
)


@given(MARGINS)
@settings(max_examples=200)
def test_no_cut_does_better(margins: list[tuple[float, bool]]) -> None:
    cut = find_cut(margins)
    assert cut.balanced_accuracy is not None
    places = [value + step for value, _ in margins for step in (-0.1, 0.1)]
    assert cut.balanced_accuracy == pytest.approx(balanced_accuracy(margins, cut.at))
    assert cut.balanced_accuracy >= max(0.5, *(balanced_accuracy(margins, place) for place in places)) - 1e-9
    assert cut == find_cut(margins[::-1])


def test_the_widest_gap_wins() -> None:
    margins = [(0.0, False), (1.0, True), (1.2, False), (4.0, True)]
    assert find_cut(margins).at == pytest.approx(2.6)


def test_what_was_not_told_is_unlikely() -> None:
    assert margin(choices_text({"Yes": -0.1})) == pytest.approx(24.9)
    assert margin(choices_text({"No": -0.1})) == pytest.approx(-24.9)
    assert margin(choices_text({})) is None
    assert margin("Yes") is None


# ------------------------------------------------------------------------------- the questions


def told(value: float) -> Completion:
    return Completion(choices_text({"Yes": value, "No": 0.0}), "stop", 9, 1, estimated=False, seconds=0.0)


def seeds(classification: int, other: int) -> list[SeedTask]:
    return [
        SeedTask(f"s{number}", "", f"Task {number}", (Instance("", "x"),), number < classification)
        for number in range(classification + other)
    ]


def test_as_many_seeds_of_either_kind() -> None:
    bundled = bundled_seeds()
    asked = Calibration(bundled, 42).questions
    assert sum(bundled[number].is_classification for number in asked) == len(asked) - MOST == MOST
    assert all(bundled[number].instruction == text for number, text in asked.items())
    assert list(asked) == list(Calibration(bundled, 42).questions) != list(Calibration(bundled, 43).questions)


def test_too_few_seeds_of_a_kind_leave_texts_without_content() -> None:
    calibration = Calibration(seeds(FEWEST - 1, 50), 42)
    assert list(calibration.questions.values()) == list(EMPTY)
    assert calibration.ask() == [54, 55, 56]
    assert [calibration.receive(number, told(value)) for number, value in ((54, 1), (56, 2), (55, 6))] == [
        False, False, True,
    ]  # fmt: skip
    assert calibration.cut is not None
    assert (calibration.cut.at, calibration.cut.seeds) == (3.0, 0)


def test_a_seed_that_is_lost_is_left_out() -> None:
    calibration = Calibration(seeds(5, 5), 42)
    assert len(calibration.ask()) == 10
    for number in range(9):
        assert not calibration.receive(number, told(4.0 if number < 5 else -2.0))
    assert calibration.receive(9, Lost("refused"))
    assert calibration.cut is not None
    assert (calibration.cut.at, calibration.cut.seeds) == (1.0, 9)
    assert calibration.ask() == []


# --------------------------------------------------------------------------------------- runs


class Telling:
    """The scripted model, which says Yes to everything, but tells how likely it finds that."""

    name, version, api = "telling", "1", "completions"
    default_concurrency, context_window = 8, None

    def __init__(self, *, jitter: bool = False, tells: bool = True) -> None:
        self._scripted, self._jitter, self._tells = ScriptedModel(), jitter, tells
        self.asked: list[si.Request] = []

    def count_tokens(self, text: str) -> int:
        return len(text) // 4

    async def complete(self, request: si.Request) -> si.Completion:
        self.asked.append(request)
        if self._jitter:
            await asyncio.sleep(random.random() / 200)
        completion = await self._scripted.complete(request)
        if request.stage is not Stage.CLASSIFICATION:
            return completion
        drawn = random.Random(request.prompt.body).uniform(-0.5, 0.5)
        yes = 3.0 + drawn + (1.0 if "classif" in request.prompt.body.lower() else -1.0)
        return replace(completion, text=choices_text({"Yes": yes, "No": 0.0}) if self._tells else " Yes")

    async def aclose(self) -> None:
        pass


def made(directory: Path, model: Telling, **options: object) -> si.Run:
    return si.generate(directory, model=model, recipe="paper", **{"tasks": 30, **options})  # type: ignore[arg-type]


def data(run: si.Run) -> bytes:
    return (run.path / "dataset.jsonl").read_bytes()


@pytest.fixture(scope="module")
def reference(tmp_path_factory: pytest.TempPathFactory) -> si.Run:
    return made(tmp_path_factory.mktemp("calibrated") / "run", Telling(), concurrency=1)


def test_a_habit_of_saying_yes_decides_nothing(reference: si.Run, tmp_path: Path) -> None:
    kinds = [task.is_classification for task in reference.tasks]
    assert 0 < sum(kinds) < len(kinds)
    exact = made(tmp_path / "exact", model := Telling(tells=False), paper_exact=True)
    assert all(task.is_classification for task in exact.tasks)
    assert not any(request.position == CALIBRATION for request in model.asked)
    assert not any(request.prompt.sampling.choices for request in model.asked)


def test_seeds_are_asked_about_once_and_recorded(reference: si.Run, tmp_path: Path) -> None:
    run = made(tmp_path / "run", model := Telling())
    asked = [request for request in model.asked if request.position == CALIBRATION]
    assert len(asked) == len({request.subject for request in asked}) == 2 * MOST
    of_seeds = [row for row in run._reader.requests() if row.position == CALIBRATION]
    assert {row.task for row in of_seeds} <= {f"seed_{seed.id}" for seed in bundled_seeds()} | {
        seed.id for seed in bundled_seeds()
    }
    assert {(row.stage, row.ticket) for row in of_seeds} == {(Stage.CLASSIFICATION, None)}
    assert run._reader.summary().requests == len(model.asked)
    assert data(run) == data(reference)


def test_neither_timing_nor_interruptions_matter(reference: si.Run, tmp_path: Path) -> None:
    """Stopped by budgets of every size, in the middle of the questions too."""
    directory = tmp_path / "run"
    for budget in range(8, 140, 7):
        run = made(directory, Telling(jitter=True), max_requests=budget, concurrency=1 + budget % 20)
        assert run.status().requests <= budget
    run = made(directory, Telling(jitter=True), max_requests=0, concurrency=64)
    assert data(run) == data(reference)


def test_a_model_that_does_not_tell_is_read(tmp_path: Path) -> None:
    run = made(tmp_path / "run", model := Telling(tells=False))
    assert all(task.is_classification for task in run.tasks)
    assert not any(request.position == CALIBRATION for request in model.asked)


def test_what_decided_is_explained(reference: si.Run) -> None:
    said = " ".join(command("explain", reference.path, reference.tasks[0].id).stdout.split())
    assert "log P(Yes) - log P(No) is" in said
    assert "the cut learnt on the seeds" in said


def test_a_filtered_run_keeps_the_requests_about_seeds(reference: si.Run, tmp_path: Path) -> None:
    filtered = si.filter(reference, novelty=0.6, out=tmp_path / "filtered").run
    assert filtered is not None
    counts = [
        sum(row.position == CALIBRATION for row in run._reader.requests()) for run in (reference, filtered)
    ]
    assert counts == [2 * MOST, 2 * MOST]


def test_a_run_without_it_is_another(reference: si.Run, tmp_path: Path) -> None:
    (tmp_path / "other.toml").write_text("[recipe]\ncalibrate = false\n")
    with pytest.raises(si.errors.RunMismatchError, match=r"recipe\.calibrate"):
        si.generate(reference.path, model=Telling(), recipe="paper", config=tmp_path / "other.toml")


def test_a_filtered_run_keeps_what_was_asked_about_seeds(reference: si.Run, tmp_path: Path) -> None:
    """Its numbers are seeds', some of them above any task's."""
    kept = si.filter(reference, novelty=0.4, out=tmp_path / "kept").run
    assert kept is not None

    def of_seeds(run: si.Run) -> list[tuple[str | None, str]]:
        return [(row.task, row.completion) for row in run._reader.requests() if row.position == CALIBRATION]

    assert len(of_seeds(kept)) == 2 * MOST
    assert of_seeds(kept) == of_seeds(reference)
    assert 0 < len(kept.tasks) < len(reference.tasks)


def test_the_report_counts_it_once(reference: si.Run) -> None:
    """With the first ticket: no task bore these requests."""
    reference.report()
    assert reference.status().requests == reference._reader.summary().requests
