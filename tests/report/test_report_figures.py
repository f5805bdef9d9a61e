"""The figures of a run: what they count, and that they are what other parts of the program say."""

import json
from pathlib import Path

import pytest
from report_examples import SEEDS, Ticket, Written, figures_of, small_run, write_run
from rouge_score.rouge_scorer import RougeScorer

from selfinstruct.config import Config, LimitsConfig, ModelConfig
from selfinstruct.records import Neighbour, SeedTask, Stage
from selfinstruct.report.figures import Figures
from selfinstruct.report.samples import draw_samples
from selfinstruct.store.reader import RunReader
from selfinstruct.text.verbs import find_verb_and_object


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_run(tmp_path_factory.mktemp("small") / "run")


@pytest.fixture(scope="module")
def figures(run: Path) -> Figures:
    return figures_of(run)


def test_the_funnel_counts_everything(figures: Figures, run: Path) -> None:
    funnel, summary = figures.funnel, RunReader.open(run).summary()
    assert (funnel.attempts, funnel.requests) == (summary.attempts, summary.requests) == (16, 13)
    assert (funnel.tickets, funnel.candidates, funnel.admitted, funnel.tasks) == (3, 8, 5, 4)
    assert (
        {each.reason: each.count for each in funnel.rejected}
        == summary.rejected
        == {"similar": 2, "keyword": 1}
    )
    assert sum(each.count for each in funnel.rejected) + funnel.admitted == funnel.candidates
    assert [(each.reason, each.count) for each in funnel.dropped] == [("no_valid_instance", 1)]
    assert (funnel.classification, funnel.other, funnel.pending, funnel.left_over) == (1, 4, 0, 0)
    assert (funnel.instances_read, funnel.instances) == (7, 5)
    assert [(each.reason, each.count) for each in funnel.rejected_instances] == [("empty_output", 2)]


def test_every_admitted_task_is_somewhere(tmp_path: Path) -> None:
    """Also while some are not settled, and where there are more than were wanted."""
    tasks = [Written(f"Write a thing{place}.", [("", "x")]) for place in range(6)]
    lost = Written("Write a lost thing.", [], reason="lost")
    for wanted, waiting, expected in (
        (4, (), (4, 2, 0)),
        (9, (2,), (2, 0, 4)),
        (9, (), (6, 0, 0)),
        (2, (4,), (2, 4, 0)),
    ):
        config = Config(limits=LimitsConfig(tasks=wanted))
        directory = tmp_path / f"{wanted}{waiting}"
        ticket = Ticket([*tasks, lost])
        funnel = figures_of(write_run(directory, [ticket], config=config, unsettled=waiting)).funnel
        assert (funnel.tasks, funnel.left_over, funnel.pending) == expected
        assert funnel.tasks + funnel.left_over + funnel.pending + funnel.dropped_count == funnel.admitted == 7
        assert funnel.valid == 6 - len(waiting)


def test_examples_of_similar_ones_stand_beside_their_neighbours(figures: Figures) -> None:
    similar, keyword = figures.funnel.rejected
    near = {example.id: example.nearest for example in similar.examples}
    assert near["0.2"] is not None
    assert (near["0.2"].id, near["0.2"].instruction) == ("seed_task_0", SEEDS[0].instruction)
    assert near["0.2"].score == pytest.approx(12 / 13)
    assert near["1.2"] is not None
    assert (near["1.2"].id, near["1.2"].instruction) == ("task_0", "Write a letter to your boss.")
    assert [(each.id, each.text, each.nearest) for each in keyword.examples] == [("0.3", "Draw a map.", None)]
    assert "0.7" in similar.meaning


def test_similarity_to_the_seeds_is_that_of_rouge_score(figures: Figures, run: Path) -> None:
    scorer = RougeScorer(["rougeL"])
    expected = [
        max(scorer.score(task.instruction, seed.instruction)["rougeL"].fmeasure for seed in SEEDS)
        for task in RunReader.open(run).tasks()
    ]
    similarity = figures.similarity
    assert similarity.to_seeds.total == len(expected) == 4
    assert similarity.to_seeds_spread.mean == pytest.approx(sum(expected) / 4)
    assert similarity.closest[0].score == max(expected)
    assert similarity.closest[0].id == "task_0"
    assert similarity.closest[0].seed == "seed_task_0"
    assert (similarity.to_pool.total, similarity.similar.total) == (5, 2)


def test_verbs_and_objects(figures: Figures) -> None:
    verb_objects = figures.verb_objects
    assert (verb_objects.instructions, verb_objects.with_both) == (4, 4)
    assert verb_objects.commonest[0].verb == "write"
    assert dict(verb_objects.commonest[0].objects) == {"letter": 1, "story": 1}
    assert verb_objects.covered == 4
    assert verb_objects.distinct_pairs == 4


def test_requests_tokens_and_seconds(figures: Figures) -> None:
    usage = figures.usage
    by_stage = {use.stage: use for use in usage.stages}
    assert by_stage[Stage.INSTRUCTIONS].requests == 3
    assert by_stage[Stage.INSTRUCTIONS].failed == 3
    assert by_stage[Stage.INSTRUCTIONS].seconds.median == 0.5
    assert by_stage[Stage.INSTRUCTIONS].seconds.largest == 4.5
    assert by_stage[Stage.INSTANCES].seconds.p95 == 2.0
    assert usage.errors == {"EndpointFailedError": 2, "RateLimitedError": 1}
    assert (usage.prompt_tokens, usage.completion_tokens) == (1300, 130)
    assert usage.cost is not None
    assert usage.cost == pytest.approx((1300 * 1 + 130 * 10) / 1e6)
    assert usage.cost_a_task == pytest.approx(usage.cost / 4)
    assert usage.tokens_a_task == 1430 / 4
    assert usage.requests_a_task == 16 / 4
    assert sum(use.latency.total for use in usage.stages) == usage.seconds.count == 13


def test_growth_follows_admission_order(figures: Figures) -> None:
    growth = figures.growth
    assert growth.tickets == (0, 1, 2)
    assert growth.requests == (5, 13, 16)  # each ticket with what its tasks took, failures included
    assert growth.tasks == (2, 3, 4)
    assert growth.tokens == (550, 1100, 1430)
    assert growth.cost is not None
    assert growth.cost[-1] == pytest.approx(figures.usage.cost)
    assert growth.admitted == (0.5, 4 / 7, 5 / 8)
    novelty = [1 - score for score in (0.8, 0.25, 12 / 13, 0.25, 0.25, 0.75, 0.25)]
    assert growth.novelty[-1] == pytest.approx(sum(novelty) / len(novelty))
    assert growth.saturation.state == "early"


def test_demonstrations(figures: Figures) -> None:
    seed_yield = figures.seed_yield
    assert (seed_yield.seeds, seed_yield.seeds_shown, seed_yield.machine_shown) == (4, 3, 1)
    assert seed_yield.share == 5 / 8
    assert (seed_yield.best, seed_yield.worst) == ((), ()), "each was shown too few times to say"
    assert {each.id: each.repeated for each in seed_yield.repeated} == {"seed_task_0": 1, "task_0": 1}


def test_demonstrations_shown_often_are_ranked(tmp_path: Path) -> None:
    good = [Ticket(many(10)[place : place + 1], shown=(0,)) for place in range(5)]
    bad = [Ticket(rejected=[("Draw it.", "keyword", None)], shown=(1,)) for _ in range(5)]
    once = [Ticket(many(7)[6:], shown=(2,))]
    seed_yield = figures_of(write_run(tmp_path / "run", [*good, *bad, *once])).seed_yield
    assert [each.id for each in seed_yield.best] == ["seed_task_0"]
    assert [each.id for each in seed_yield.worst] == ["seed_task_1"]
    assert seed_yield.best[0].share > seed_yield.worst[0].share


def test_figures_are_json(figures: Figures) -> None:
    printed = json.loads(json.dumps(figures.to_json(), allow_nan=False))
    assert printed["funnel"]["tasks"] == 4
    assert printed["statistics"]["classification"] == 1
    assert "samples" not in printed


def test_a_large_run_is_sampled_and_says_so(run: Path) -> None:
    record = RunReader.open(run).record()
    drawn = draw_samples(record, find_verb_and_object, most=2)
    assert drawn.missing == {"kept": (2, 4), "rejected": (1, 3), "seed": (2, 4)}
    assert drawn == draw_samples(record, find_verb_and_object, most=2)
    here = {sample.id for sample in drawn.those}
    for sample in drawn.those:
        if sample.nearest is not None:
            assert (sample.nearest.id in here) == (sample.nearest.instruction == "")


def test_equal_runs_have_equal_figures(run: Path) -> None:
    assert figures_of(run) == figures_of(run)


def test_samples_are_of_every_verdict(figures: Figures) -> None:
    by_status: dict[str, set[str]] = {}
    for sample in figures.samples.those:
        by_status.setdefault(sample.status, set()).add(sample.id)
    assert by_status == {
        "kept": {"task_0", "task_1", "task_2", "task_4"},
        "dropped": {"task_3"},
        "rejected": {"0.2", "0.3", "1.2"},
        "seed": {seed.id for seed in SEEDS},
    }
    assert figures.samples.missing == {}
    story = next(sample for sample in figures.samples.those if sample.id == "task_2")
    assert [(each.output, each.reason) for each in story.instances] == [
        ("One two.", None),
        ("", "empty_output"),
    ]
    assert story.request is not None
    assert figures.samples.shown[story.request] == ("seed_task_0", "seed_task_2")
    assert (story.verb, story.object, story.kind) == ("write", "story", "other")


# ------------------------------------------------------------------------------------------ verdicts


def verdict(directory: Path, tickets: list[Ticket], **limits: float) -> tuple[str, list[str]]:
    config = Config(
        model=ModelConfig(provider="openai", name="m"),
        limits=LimitsConfig.model_validate({"tasks": 60, **limits}),
    )
    found = figures_of(write_run(directory / "run", tickets, config=config)).assessment
    return found.level, [f"{each.level}: {each.text}" for each in found.findings]


def many(count: int, verb: str = "") -> list[Written]:
    verbs = ["Write", "Give", "Name", "Explain", "Find", "List", "Describe", "Sort", "Suggest", "Rewrite"]
    return [
        Written(f"{verb or verbs[place % 10]} a thing{place} of some kind.", [("", f"out {place}")])
        for place in range(count)
    ]


def test_a_good_run(tmp_path: Path) -> None:
    level, findings = verdict(tmp_path, [Ticket(many(60))])
    assert level == "unmeasured", "nobody has looked at it"
    assert not [each for each in findings if not each.startswith("info")]


def test_a_run_that_stopped_early(tmp_path: Path) -> None:
    level, findings = verdict(tmp_path, [Ticket(many(10))])
    assert level == "warn"
    assert "warn: 50 tasks are missing; `selfinstruct generate` resumes the run." in findings


def test_a_saturated_run(tmp_path: Path) -> None:
    near = Neighbour(0, 0.9)
    repeats = [Ticket(rejected=[(f"Write a letter {place}.", "similar", near)] * 5) for place in range(3)]
    level, findings = verdict(tmp_path, [Ticket(many(60)), *repeats], saturation_tickets=3)
    assert level == "bad"
    assert findings[0].startswith(
        "bad: Saturated: of the last 15 instructions 0 were new and well-formed; most resemble"
    )


def test_a_pool_that_fills_up(tmp_path: Path) -> None:
    near = Neighbour(0, 0.9)
    fresh = [Ticket(many(20)[place * 5 : place * 5 + 5]) for place in range(4)]
    stale = [
        Ticket(many(2), rejected=[(f"Write a letter {place}.", "similar", near)] * 8) for place in range(4)
    ]
    config = Config(limits=LimitsConfig(tasks=20, saturation_tickets=4))
    found = figures_of(write_run(tmp_path / "run", fresh + stale, config=config))
    assert found.growth.saturation.state == "filling"
    assert (found.growth.saturation.first_share, found.growth.saturation.share) == (1.0, 0.2)
    assert found.growth.first is not None
    assert found.growth.last is not None
    assert found.growth.first.requests == pytest.approx(11 / 5)
    assert found.growth.last.requests == pytest.approx(5 / 2)
    assert any("of the latest instructions were admitted" in each.text for each in found.assessment.findings)


def test_a_run_of_one_verb(tmp_path: Path) -> None:
    level, findings = verdict(tmp_path, [Ticket(many(60, "Write"))])
    assert level == "warn"
    assert any("root verb “write”" in each for each in findings)


def test_a_run_without_valid_tasks(tmp_path: Path) -> None:
    tasks = [Written(f"Write a thing{place}.", [], reason="no_valid_instance") for place in range(20)]
    level, findings = verdict(tmp_path, [Ticket(tasks)])
    assert level == "bad"
    assert "100\N{NARROW NO-BREAK SPACE}% of the admitted instructions did not become tasks" in findings[0]


def verdict_of(directory: Path, tickets: list[Ticket], wanted: int, unsettled: tuple[int, ...] = ()) -> str:
    config = Config(limits=LimitsConfig(tasks=wanted))
    return figures_of(write_run(directory, tickets, config=config, unsettled=unsettled)).assessment.verdict


def test_the_verdict_says_what_is_not_known_and_not_done(tmp_path: Path) -> None:
    tickets = [Ticket(many(2))]
    assert verdict_of(tmp_path / "cut", tickets, 5, (0, 1)) == (
        "Run incomplete: 0 of 5 tasks; 100\N{NARROW NO-BREAK SPACE}% of the instructions were admitted, and"
        " none of these has its instances yet. Quality: not judged: there are no instances yet."
    )
    assert verdict_of(tmp_path / "part", tickets, 5).startswith("Run incomplete: 2 of 5 tasks; ")
    assert verdict_of(tmp_path / "one", [Ticket(many(1))], 1).startswith("Run complete: 1 of 1 tasks; ")
    rejected = [Ticket(rejected=[("Draw a map.", "keyword", None)])]
    assert verdict_of(tmp_path / "rejected", rejected, 5).startswith(
        "Run incomplete: 0 of 5 tasks; 0\N{NARROW NO-BREAK SPACE}% of the instructions were admitted. "
    )


def test_a_run_before_its_first_reply(tmp_path: Path) -> None:
    found = figures_of(write_run(tmp_path / "run", []))
    assert found.assessment.level == "unmeasured"
    assert found.assessment.verdict.startswith("Nothing to judge yet")
    assert found.usage.pace is None
    assert found.statistics.instructions == 0


def test_thin_is_what_seeds_have_and_the_data_has_not(tmp_path: Path) -> None:
    found = figures_of(write_run(tmp_path / "run", [Ticket(many(60, "Explain"))])).coverage
    assert [item.name for item in found.verbs.under_represented] == ["list"]  # two seeds begin with it
    assert [item.name for item in found.topics.under_represented] == ["spain"]
    assert {item.name for item in found.formats if item.is_under_represented} == {"bulleted list"}


def test_seeds_without_instances_are_no_column_of_table_1(tmp_path: Path) -> None:
    seeds = (SeedTask("s", "s", "Write a poem.", (), False),)
    found = figures_of(write_run(tmp_path / "run", [Ticket(many(3))], seeds=seeds))
    assert found.seed_statistics.instructions == 0
    assert found.run.seeds == 1
