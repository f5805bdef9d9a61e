"""wtq, dolly and infinitebench as suites: what is sent, cut, scored and kept."""

import asyncio
import json
import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from selfinstruct.cli.render_evaluation import print_evaluation
from selfinstruct.errors import ConfigError, UserError
from selfinstruct.evaluation.comparison import compare, read_systems
from selfinstruct.evaluation.evaluate import Evaluation, evaluate
from selfinstruct.evaluation.plan import plan_evaluation
from selfinstruct.store.reader import RunReader

WINDOW = 1024


def lines(path: Path, *rows: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture
def wtq(tmp_path: Path) -> Path:
    root = tmp_path / "wtq"
    (root / "csv" / "1-csv").mkdir(parents=True)
    (root / "data").mkdir()
    (root / "csv" / "1-csv" / "1.csv").write_text('"Year","Winner"\n"2001","Ann|Lee"\n"2002","Mia\nSand"\n')
    towns = "".join(f'"Town {number}","{number} km"\n' for number in range(2_000))
    (root / "csv" / "1-csv" / "2.csv").write_text(f'"Town","Length"\n{towns}')
    (root / "data" / "pristine-unseen-tables.tsv").write_text(
        "id\tutterance\tcontext\ttargetValue\n"
        "q-0\twho won in 2002?\tcsv/1-csv/1.csv\tMia Sand\n"
        "q-1\twho won?\tcsv/1-csv/1.csv\tAnn\\pLee|Mia Sand\n"
        "q-2\thow long is town 7?\tcsv/1-csv/2.csv\t7 km\n"
    )
    return root


@pytest.fixture
def dolly(tmp_path: Path) -> Path:
    return lines(
        tmp_path / "dolly" / "valid.jsonl",
        {"instruction": "Name a colour.", "input": "", "output": "Red."},
        {"instruction": "Who walked?", "input": "Ann walked.", "output": ["Ann did.", "Ann"]},
    )


@pytest.fixture
def long(tmp_path: Path) -> Path:
    noise = "The grass is wet and the hill is far away. " * 400
    folder = tmp_path / "long"
    keys = [
        {"id": number, "context": f"{noise}The pass key is {key}.", "input": "Which?", "answer": [key]}
        for number, key in enumerate(["71432", "12345"])
    ]
    lines(folder / "passkey.jsonl", *keys)
    choice = {"input": "Who left?", "answer": ["Ann"], "options": ["Mia", "Ann", "Bob", "Eve"]}
    lines(folder / "longbook_choice_eng.jsonl", {"id": 0, "context": "Ann left. {brace}", **choice})
    return folder


def evaluated(
    suite: str, tasks: Path, out: Path, model: str, *, chat: bool = False, **asked: Any
) -> Evaluation:
    options = {"model.context_window": WINDOW, **({"model.api": "chat"} if chat else {})}
    plan = plan_evaluation(
        out, settings={"suite": suite, **asked}, tasks=tasks, model_spec=model, options=options
    )
    return asyncio.run(evaluate(plan))


def scripted(path: Path, *replies: tuple[str, str]) -> str:
    rows = [{"contains": contains, "reply": reply} for contains, reply in replies]
    return f"scripted/{lines(path, *rows, {'contains': '', 'reply': ''})}"


def prompts(out: Path) -> list[str]:
    """In the order of the items."""
    asked = RunReader(out / "requests").requests()
    return [each.prompt for each in sorted(asked, key=lambda each: int(str(each.task).rpartition("_")[2]))]


def shown(outcome: Evaluation) -> str:
    printed = StringIO()
    print_evaluation(outcome, None, Console(file=printed, width=200))
    return printed.getvalue()


@pytest.mark.parametrize("chat", [False, True])
def test_tables_are_laid_out_cut_and_scored(wtq: Path, tmp_path: Path, chat: bool) -> None:
    model = scripted(
        tmp_path / "script",
        ("won in 2002", " mia sand."),
        ("who won?", "Mia Sand | Ann|Lee"),
        ("town 7", "7"),
    )
    outcome = evaluated("wtq", wtq, tmp_path / "out", model, chat=chat)
    assert outcome.scores is not None
    by_id = {each.item.id: each for each in outcome.predictions}
    assert {name: each.score().values["denotation_accuracy"] for name, each in by_id.items()} == {
        "q-0": 100.0,
        "q-1": 0.0,  # which has a `|` in a name, and one value more
        "q-2": 100.0,
    }
    assert by_id["q-1"].verdict == "other_number_of_values"
    sent = prompts(tmp_path / "out")
    assert "Year | Winner\n2001 | Ann/Lee\n2002 | Mia Sand\n\nQuestion: who won in 2002?" in sent[0]
    assert sent[0].endswith("2002?" if chat else "2002?\nAnswer:")
    assert "more rows)\n\nQuestion: how long" in sent[2]
    assert outcome.asked is not None
    assert outcome.asked.prompts_cut == outcome.kept()["prompts_cut"] == 1
    assert "shortened" in shown(outcome)
    assert "without the release's `tagged`" in outcome.asked.layout
    again = plan_evaluation(
        None,
        settings={"suite": "wtq"},
        tasks=wtq,
        predictions=tmp_path / "out" / "predictions.jsonl",
        options={},
    )
    assert asyncio.run(evaluate(again)).scores == outcome.scores


def test_dolly_is_drawn_five_times_each_with_its_own_seed(dolly: Path, tmp_path: Path) -> None:
    model = scripted(tmp_path / "script", ("Who walked?", "Ann did."), ("colour", "Blue."))
    outcome = evaluated("dolly", dolly, tmp_path / "out", model)
    assert outcome.scores is not None
    assert outcome.scores.rouge_l.mean == 50
    assert outcome.scores.overall.n == 10
    assert [*outcome.summary] == [f"draw {number}" for number in range(1, 6)]
    assert {each.mean for each in outcome.summary.values()} == {50}
    kept = json.loads((tmp_path / "out" / "scores.json").read_text())
    assert (kept["samples"], kept["temperature"], len(kept["tasks"])) == (5, 1.0, 2)
    plain, with_input = prompts(tmp_path / "out")[0], prompts(tmp_path / "out")[5]
    assert plain.endswith("### Instruction:\nName a colour.\n\n### Response:\n")
    assert with_input.endswith("Who walked?\n\n### Input:\nAnn walked.\n\n### Response:\n")
    once = evaluated("dolly", dolly, tmp_path / "one", model, chat=True, samples=1, temperature=0.0, limit=1)
    assert prompts(tmp_path / "one") == ["Name a colour."]
    assert (once.summary, len(once.predictions)) == ({}, 1)
    with pytest.raises(ConfigError, match="Greedy decoding writes the same answer"):
        evaluated("dolly", dolly, tmp_path / "two", model, temperature=0.0)


@pytest.mark.parametrize("chat", [False, True])
def test_long_texts_lose_their_middle(long: Path, tmp_path: Path, chat: bool) -> None:
    model = scripted(
        tmp_path / "script", ("key is 71432", "71432"), ("key is 12345", "It is 9."), ("Ann left", "B.")
    )
    outcome = evaluated("infinitebench", long, tmp_path / "out", model, chat=chat, max_tokens=100)
    assert outcome.scores is not None
    assert {name: each.values["score"] for name, each in outcome.scores.categories.items()} == {
        "passkey": 50,
        "longbook_choice_eng": 100,
    }
    assert outcome.summary["average over 2 tasks"].mean == pytest.approx(75)
    assert outcome.asked is not None
    assert outcome.asked.prompts_cut == 2
    first = next(each for each in prompts(tmp_path / "out") if "71432" in each)
    assert len(first) < 6 * WINDOW
    assert first.startswith("The text below says")
    assert first.endswith("Which?" if chat else "The pass key is")
    assert outcome.asked.max_tokens == (100 if chat else 40)
    assert outcome.predictions[0].item.input == "", "predictions do not repeat the context"


def test_long_texts_are_not_asked_again(long: Path, tmp_path: Path) -> None:
    model = scripted(tmp_path / "script", ("key is 71432", "71432"))
    part = evaluated("infinitebench", long, tmp_path / "out", model, limit=1)
    assert part.asked is not None
    assert (part.asked.waiting, part.asked.prompts_cut) == (2, 1)
    whole = evaluated("infinitebench", long, tmp_path / "out", model, limit=0)
    assert whole.asked is not None
    assert (whole.asked.waiting, whole.asked.batch.summary.attempts) == (0, 3)
    again = evaluated("infinitebench", long, tmp_path / "out", model)
    assert again.asked is not None
    assert again.asked.batch.summary.attempts == 3
    assert again.kept() == whole.kept()
    twice = read_systems([tmp_path / "out", Path(shutil.copytree(tmp_path / "out", tmp_path / "copy"))])
    assert compare(twice, seed=1).differences[0].metrics["score"].mean == 0


@pytest.mark.parametrize(
    ("suite", "said"),
    [("wtq", "ppasupat/WikiTableQuestions"), ("infinitebench", "xinrongzhang2022/InfiniteBench")],
)
def test_says_which_data_to_bring(suite: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        plan_evaluation(tmp_path / "out", settings={"suite": suite}, model_spec="pocket", options={})
    assert said in str(raised.value.hint)


def test_dolly_is_fetched_where_nobody_names_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = pytest.importorskip("huggingface_hub")
    pytest.importorskip("datasets")
    file = lines(tmp_path / "valid.jsonl", {"instruction": "Say it.", "output": "It."})
    monkeypatch.setattr(hub, "hf_hub_download", lambda *_, **__: str(file))
    plan = plan_evaluation(tmp_path / "o", settings={"suite": "dolly"}, model_spec="pocket", options={})
    assert [each.id for each in plan.items or ()] == [f"dolly/0#{number}" for number in range(1, 6)]

    def fail(*_: object, **__: object) -> str:
        raise OSError("no network")

    monkeypatch.setattr(hub, "hf_hub_download", fail)
    with pytest.raises(UserError, match=r"valid\.jsonl of MiniLLM/dolly cannot be fetched"):
        plan_evaluation(tmp_path / "o", settings={"suite": "dolly"}, model_spec="pocket", options={})


@pytest.mark.parametrize("suite", ["wtq", "dolly", "infinitebench"])
def test_on_the_bundled_model(suite: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    folder = request.getfixturevalue("long" if suite == "infinitebench" else suite)
    plan = plan_evaluation(
        tmp_path / "out",
        settings={"suite": suite, "limit": 1, "max_tokens": 16},
        tasks=folder,
        model_spec="pocket",
        options={},
    )
    outcome = asyncio.run(evaluate(plan))
    assert outcome.asked is not None
    assert outcome.asked.batch.stopped == "done"
    assert not [each for each in outcome.predictions if each.lost]
