"""Scores and ids beside rows, rows by a least score, and pairs for preference tuning."""

import json
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

os.environ.setdefault("HF_HUB_OFFLINE", "1")  # read when transformers is imported

from dataset_examples import load, make_run, many_tasks
from tiny_gguf import CHAT_TEMPLATE
from tiny_llama import write_tiny_llama

from selfinstruct.dataset.export import export
from selfinstruct.dataset.folder import export_folder
from selfinstruct.dataset.pairs import pair_effect
from selfinstruct.dataset.scored import score_effect
from selfinstruct.errors import ConfigError
from selfinstruct.ratings.decisions import instance_digest, instance_id
from selfinstruct.records import Instance, Task
from selfinstruct.store.improved import (
    OutputCandidates,
    OutputVerdict,
    improvement_directory,
    write_candidates,
    write_improved,
)
from selfinstruct.store.judged import InstanceVerdict, JudgePaths, keep_rubric, write_scores
from selfinstruct.store.rating_log import RatingLog
from selfinstruct.store.reader import RunReader
from selfinstruct.training.data import read_data

TASKS = (
    Task("task_0", "Sort.", False, (Instance("b a", "a b"), Instance("d c", "d c"))),
    Task("task_1", "Name a mood.", False, (Instance("", "gloom"),)),
    Task("task_2", "Greet.", False, (Instance("", "Hello."),)),
)
SCORES = {("task_0", 0): (5, 4), ("task_0", 1): (1, 2), ("task_1", 0): (4, None)}
FORMATS = ("jsonl", "alpaca", "chat", "sharegpt", "openai", "prompt-completion", "parquet")


def write_judge(run: Path, name: str, scores: Mapping[tuple[str, Instance], float | None]) -> None:
    """scores: by instruction and instance."""
    paths = JudgePaths(run, name)
    keep_rubric(paths, "Be strict.")
    write_scores(
        paths,
        [
            InstanceVerdict(
                "task_0", 0, "original", instance_digest(*about), score, problem="" if score else "x"
            )
            for about, score in scores.items()
        ],
    )


@pytest.fixture
def judged(tmp_path: Path) -> RunReader:
    """Two judges: both on the first task, one on the second, none on the third."""
    reader = make_run(tmp_path / "run", TASKS)
    for place, judge in enumerate(("a", "b")):
        found = {
            (TASKS[int(task[-1])].instruction, TASKS[int(task[-1])].instances[at]): scores[place]
            for (task, at), scores in SCORES.items()
        }
        write_judge(reader.directory, judge, found)
    return reader


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_takes_scores_and_ids(judged: RunReader, tmp_path: Path, name: str) -> None:
    kind = "parquet" if name == "parquet" else "json"
    (file,) = export(judged, name, tmp_path / f"x.{kind}", with_scores=True, with_ids=True)
    rows = list(load(tmp_path / "cache", kind, data_files=str(file.path))["train"])
    if name == "jsonl":
        rows = [instance for row in rows for instance in row["instances"]]
    assert [(row["id"], row["score"], row["score_a"], row["score_b"]) for row in rows] == [
        ("task_0/0", 4.5, 5, 4), ("task_0/1", 1.5, 1, 2), ("task_1/0", 4, 4, None),
        ("task_2/0", None, None, None),
    ]  # fmt: skip
    (plain,) = export(judged, name, tmp_path / f"y.{kind}")
    fields = set(load(tmp_path / "cache", kind, data_files=str(plain.path))["train"].column_names)
    assert not {"id", "score"} & fields - ({"id"} if name == "jsonl" else set())
    (chosen,) = export(judged, name, tmp_path / f"z.{kind}", min_score=4)
    assert chosen.rows == 2


def test_ids_stay_where_reviews_leave_rows_out(judged: RunReader, tmp_path: Path) -> None:
    log = RatingLog.open(judged.directory)
    answers = {"task": True, "input": True, "output": False, "decision": "reject"}
    digest = instance_digest("Sort.", TASKS[0].instances[0])
    log.rate("Ann", instance_id("task_0", 0), "original", digest, answers)
    log.close()
    (file,) = export(judged, "alpaca", tmp_path / "x.jsonl", with_ids=True, include_seeds=True)
    assert file.path is not None
    rows = [json.loads(line)["id"] for line in file.path.read_text(encoding="utf-8").splitlines()]
    assert rows == ["seed_task_0/0", "seed_task_moods/0", "task_0/1", "task_1/0", "task_2/0"]


def test_what_a_least_score_leaves_out_is_counted(judged: RunReader, tmp_path: Path) -> None:
    effect = score_effect(judged, "original", "apply", 4)
    assert (effect.kept, effect.below, effect.unscored) == (2, 1, 1)
    assert effect.sentence() == "instances left out with a mean score below 4: 1; without a score: 1"
    export_folder(judged, "jsonl", tmp_path / "folder", min_score=4, with_scores=True)
    card = (tmp_path / "folder" / "README.md").read_text(encoding="utf-8")
    assert effect.sentence() in card
    assert "    - name: score_a\n      dtype: float64" in card
    assert load(tmp_path / "cache", tmp_path / "folder")["train"].num_rows == 2
    data = read_data(judged.directory, min_score=4.5, include_seeds=False)
    assert ([each.key for each in data.examples], data.min_score) == (["task_0.0"], 4.5)
    with pytest.raises(ConfigError, match=r"has a mean score of 5 or more .*below 5: 3; without a score: 1"):
        read_data(judged.directory, min_score=5)
    with pytest.raises(ConfigError, match="`min_score` needs a run"):
        read_data(tmp_path / "folder", min_score=4)
    with pytest.raises(ConfigError, match="attributes, scores and reviews have no place in it"):
        export(judged, "requests", tmp_path / "x", with_scores=True)


NEW = {"task_0/0": "A, B", "task_0/1": "c d", "task_1/0": "joy", "task_2/0": "Good day."}


@pytest.fixture
def improved(judged: RunReader) -> RunReader:
    """Another output of each instance, and a third of the first; judge a likes all but the first better."""
    improvement_directory(judged.directory, "new").mkdir(parents=True)
    verdicts, scores = [], {}
    for task in TASKS:
        for place, instance in enumerate(task.instances):
            text = NEW[instance_id(task.id, place)]
            verdicts.append(OutputVerdict(task.id, place, text))
            scores[task.instruction, instance] = SCORES.get((task.id, place), (None,))[0]
            scores[task.instruction, Instance(instance.input, text)] = 4 if text == "A, B" else 5
    scores["Sort.", Instance("b a", "b")] = 1
    scores["Greet.", Instance("", "Good day.")] = None
    write_improved(judged.directory, "new", verdicts)
    write_candidates(
        judged.directory, "new", [OutputCandidates("task_0", 0, ("a b", "A, B", "b"), (5, 4, 1), 0)]
    )
    write_judge(judged.directory, "a", scores)
    return judged


def pairs(reader: RunReader, out: Path, **options: bool | float) -> dict[str, tuple[str, str]]:
    (file,) = export(reader, "preference", out, with_ids=True, **options)  # type: ignore[arg-type]
    assert file.path is not None
    rows = map(json.loads, file.path.read_text(encoding="utf-8").splitlines())
    return {row["id"]: (row["chosen"].strip(), row["rejected"].strip()) for row in rows}


def test_the_best_output_against_the_worst(improved: RunReader, tmp_path: Path) -> None:
    assert pairs(improved, tmp_path / "x.jsonl") == {
        "task_0/0": ("a b", "b"), "task_0/1": ("c d", "d c"), "task_1/0": ("joy", "gloom"),
    }  # fmt: skip
    assert pair_effect(improved).sentence() == (
        "pairs: 3 (judge 3); instances without a pair: no_preference 1"
    )
    assert set(pairs(improved, tmp_path / "y.jsonl", min_score=4.6)) == {"task_0/1", "task_1/0"}
    (file,) = export(
        improved,
        "preference",
        tmp_path / "z.jsonl",
        conversational=True,
        system="Be brief.",
        with_scores=True,
    )
    assert file.path is not None
    row = json.loads(file.path.read_text(encoding="utf-8").splitlines()[0])
    assert row["prompt"] == [
        {"role": "system", "content": "Be brief."}, {"role": "user", "content": "Sort.\n\nb a"},
    ]  # fmt: skip
    assert (row["chosen"], row["rejected"]) == (
        [{"role": "assistant", "content": "a b"}], [{"role": "assistant", "content": "b"}],
    )  # fmt: skip
    assert (row["score_chosen"], row["score_rejected_a"], row["score_rejected_b"]) == (4.5, 1, None)


def test_people_come_before_judges(improved: RunReader, tmp_path: Path) -> None:
    log = RatingLog.open(improved.directory)

    def rate(name: str, text: str, outputs: str, decision: str, **edit: str) -> None:
        task = TASKS[int(name[5])]
        instance = Instance(task.instances[int(name[-1])].input, text)
        answers = {"task": True, "input": True, "output": decision == "accept", "decision": decision}
        log.rate("Ann", name, outputs, instance_digest(task.instruction, instance), answers, edit=edit)

    rate("task_0/0", "a b", "original", "edit", output="a, b")
    rate("task_0/1", "c d", "new", "reject")
    rate("task_1/0", "gloom", "original", "edit", instruction="Name a bad mood.")
    rate("task_2/0", "Good day.", "new", "accept")
    log.close()
    assert pairs(improved, tmp_path / "x.jsonl") == {
        "task_0/0": ("a, b", "a b"), "task_2/0": ("Good day.", "Hello."),
    }  # fmt: skip
    assert pair_effect(improved).without == {"edited_prompt": 1, "no_preference": 1}
    (file,) = export(improved, "preference", tmp_path / "z.jsonl", reviews="ignore")
    assert file.rows == 3, "by the judge alone"


def test_no_pair_is_no_file(tmp_path: Path) -> None:
    reader = make_run(tmp_path / "run", TASKS)
    for out in (tmp_path / "x.jsonl", tmp_path / "folder"):
        with pytest.raises(ConfigError, match=r"has no preference pairs \(pairs: 0; .*one_output 4\)"):
            (export_folder if out.suffix == "" else export)(reader, "preference", out)
    assert not (tmp_path / "x.jsonl").exists()
    with pytest.raises(ConfigError, match="`conversational` belongs to preference pairs"):
        export(reader, "chat", tmp_path / "x.jsonl", conversational=True)


@pytest.mark.filterwarnings("ignore")  # those of torch and transformers are theirs to fix
@pytest.mark.parametrize("conversational", [False, True])
def test_one_step_of_dpo(tmp_path: Path, *, conversational: bool) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import DPOConfig, DPOTrainer

    tasks = many_tasks(4)
    reader = make_run(tmp_path / "run", tasks, [])
    improvement_directory(reader.directory, "new").mkdir(parents=True)
    write_improved(reader.directory, "new", [OutputVerdict(task.id, 0, "A better one.") for task in tasks])
    scores = {}
    for task in tasks:
        scores[task.instruction, task.instances[0]] = 1.0
        scores[task.instruction, Instance("", "A better one.")] = 5.0
    write_judge(reader.directory, "j", scores)
    (file,) = export(
        reader,
        "preference",
        tmp_path / "x.jsonl",
        conversational=conversational,
        with_scores=True,
        with_ids=True,
    )
    rows = load(tmp_path / "cache", "json", data_files=str(file.path))["train"]
    assert rows.num_rows == 4
    folder = write_tiny_llama(tmp_path / "model", chat_template=CHAT_TEMPLATE)
    model = AutoModelForCausalLM.from_pretrained(folder)
    before = {name: weights.detach().clone() for name, weights in model.named_parameters()}
    settings = DPOConfig(
        output_dir=str(tmp_path / "out"), max_steps=1, per_device_train_batch_size=4, max_length=64,
        learning_rate=0.01, use_cpu=True, bf16=False, report_to="none", save_strategy="no", disable_tqdm=True,
    )  # fmt: skip
    trainer = DPOTrainer(
        model=model, args=settings, train_dataset=rows, processing_class=AutoTokenizer.from_pretrained(folder)
    )
    trained = trainer.train()
    assert trained.global_step == 1
    assert 0 < trained.training_loss < 10
    assert any(not weights.equal(before[name]) for name, weights in model.named_parameters())
