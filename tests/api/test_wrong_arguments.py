"""Arguments that cannot be meant: one message each, which names the argument and how to fix it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import selfinstruct as si


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With two runs, `a` and `b`."""
    made = tmp_path_factory.mktemp("wrong")
    si.generate(made / "a", model="scripted", tasks=5)
    si.generate(made / "b", model="scripted", tasks=5, seed=3)
    return made


def generate(at: Path, **given: Any) -> si.Run:
    return si.generate(at / "n", model="scripted", **given)


Call = Callable[[Path], Any]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda at: si.Run(at / "a").export(at / "s.jsonl", split=1.5), "`split='1.5'`: 1.5 is not between"),
        (lambda at: si.Run(at / "a").export(at / "s.jsonl", split=-0.1), "`split='-0.1'`: -0.1 is not"),
        (lambda at: si.Run(at / "a").export(at / "s.jsonl", split=True), "`split` is True, not shares."),
        (lambda at: si.Run(at / "a").export(at / "s.jsonl", split={}), "`split='='`: '' cannot be the name"),
        (lambda at: si.Run(at / "a").export(at / "s.jsonl", split={"train": "x"}), "'x' is not a number"),  # type: ignore[dict-item]
        (lambda at: si.Run(at / "a").export(3), "`path` is 3, not a path."),  # type: ignore[arg-type]
        (lambda at: si.Run(None), "`path` is None, not a path."),  # type: ignore[arg-type]
        (lambda at: si.Run(at / "a").explain(3), "`identifier` is 3, not an id."),  # type: ignore[arg-type]
        (lambda at: si.Run(at / "a").report(3), "`path` is 3, not a path."),  # type: ignore[arg-type]
        (lambda at: si.Run(at / "a").tasks["task_99"], "The data set has no task 'task_99'."),
        (lambda at: si.Run(at / "a").tasks[1.5], "`tasks` has no place 1.5."),  # type: ignore[call-overload]
        (lambda at: si.merge(str(at / "a"), at / "m"), 'not a list of runs. Give a list: ["run-1", "run-2"]'),
        (lambda at: si.merge(3, at / "m"), "`runs` is 3, not a list of runs."),  # type: ignore[arg-type]
        (lambda at: si.judge(at / "a", model=""), "`model` is empty."),
        (lambda at: si.check(at / "a", language=3), "`language=3`: no language of that name"),  # type: ignore[arg-type]
        (lambda at: si.check(at / "a", signals=3), "`signals` is 3, not names of signals."),  # type: ignore[arg-type]
        (lambda at: si.check(at / "a", decontaminate=at / "gone.jsonl"), "`decontaminate`: Cannot read "),
        (lambda at: si.generate(at / "n", model="scripted", filters=[3]), "`filters`: 3 is not a filter."),  # type: ignore[list-item]
        (lambda at: si.evaluate(at / "e", suite=3), "`suite` is 3, not the name of a suite."),  # type: ignore[arg-type]
        (lambda at: si.evaluate(at / "e", suite="gsm8k", stop=3), "`stop` is 3, not texts."),  # type: ignore[arg-type]
        (
            lambda at: si.evaluate(at / "e", suite="gsm8k", limit=-2),
            "`limit` = -2: should be 0 (no limit) or more.",
        ),
        (lambda at: si.evaluate(at / "e", suite="gsm8k", max_tokens=0), "`max_tokens` = 0: input should be"),
        (lambda at: generate(at, max_requests=-1), "`max_requests` = -1: should be 0 (no limit) or more."),
        (lambda at: generate(at, config={"filters": 3}), "`config`: filters = 3: should be a table."),
        (lambda at: generate(at, config={"filters": {"keywords": 3}}), "keywords = 3: should be a list."),
        (
            lambda at: generate(at, config={"filtrs": {}}),
            "named 'filtrs'. Did you mean 'filters'?",
        ),
        (lambda at: generate(at, attributes={"topic": []}), "`attributes`: attribute 'topic' has no values."),
        (
            lambda at: generate(at, attributes="bundle"),
            "taken for a file and does not exist. Did you mean",
        ),
        (lambda at: si.generate(at / "n", model="scriptd"), "Did you mean scripted?"),
        (lambda at: si.generate(at / "n", model="opnai"), "Did you mean openai/"),
        (lambda at: si.evaluate(at / "e", suite="gms8k", model="scripted"), "Did you mean 'gsm8k'?"),
        (lambda at: si.Run(at / "a").export(at / "s", format="alpacca"), "Did you mean 'alpaca'?"),
    ],
)
def test_the_message_names_the_argument(folder: Path, call: Call, said: str) -> None:
    with pytest.raises(si.errors.UserError) as raised:
        call(folder)
    assert said in str(raised.value)
    assert not (folder / "n").exists(), "nothing was begun"


def test_a_number_and_a_mapping_split_as_their_text_does(folder: Path) -> None:
    run = si.Run(folder / "a")
    written = [
        [path.read_bytes() for path in run.export(folder / "split.jsonl", split=split)]
        for split in ("0.4", 0.4, {"train": 0.6, "test": 0.4}, "train=0.6,test=0.4")
    ]
    assert len(written[0]) == 2
    assert written.count(written[0]) == 4


def test_a_run_and_a_task_stand_for_their_path_and_id(folder: Path) -> None:
    run = si.Run(si.Run(folder / "a"))
    assert run.path == folder / "a"
    task = run.tasks["task_2"]
    assert task in list(run.tasks)
    assert run.explain(task) == run.explain("task_2")
