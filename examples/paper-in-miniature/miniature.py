"""The paper's experiment in miniature: is a model better for having learnt from tasks that it wrote itself?

    python examples/paper-in-miniature/miniature.py OUT
    python examples/paper-in-miniature/miniature.py OUT --human FILE --superni FOLDER --user-oriented FILE

What the paper does with GPT-3 is done here with the bundled model, which is 32,000 times smaller, in the same
steps. Each is a `selfinstruct` command, and is printed before it is run:

    1. the base model writes tasks                                          generate    section 3
    2. it is tuned: on the seeds only, on its own tasks at three sizes,
       on tasks whose answers are right                                     finetune    section 4.1
    3. all are asked what none has seen                                     evaluate    section 5.2
    4. side by side, with intervals                                         compare     Table 3, Figure 7
    5. the run and what came of it on one page                              report

Needs a checkout of the project: the questions are drawn from families of tasks that were kept out of the
bundled model's training text (pocket/curriculum). And `pip install "selfinstruct[train]"`.

A step that is done is not done again, so the same command goes on after any interruption. OUT gets the run
(report.html in it), a folder for each tuning, one for each suite with everybody's answers, and the tables in
results.md and results.json.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "pocket"))

from curriculum.base import Family
from curriculum.families import draw_task, held_out_families, training_families
from results import write_results
from steps import SEED, System, selfinstruct, tune


def main() -> None:
    """The experiment."""
    options = parse_arguments()
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)

    # 1. The base writes as many tasks as the largest tuning wants, from the bundled seeds.
    run, largest = out / "run", max(options.sizes)
    selfinstruct("generate", run, "--model", options.model, "--tasks", largest, "--seed", SEED)

    # 2. Where the paper has SuperNI's training tasks and T0's, there are tasks whose answers are computed, of
    #    the families that the base's own training text was made of: what could be had if every answer were
    #    right. The last row of "base" asks how much of a gain is only that answers end.
    computed = write_tasks(out / "computed.jsonl", training_families(), largest, held_out=False)
    systems = [
        System("base", "base model"),
        System("base-one-line", "base model, only its first line", stop=r"\n"),
        System("seeds", "tuned on the seeds only", run, tasks=0),
        *(System(f"own-{size}", f"tuned on {size:,} of its own tasks", run, size) for size in options.sizes),
        System("computed", f"tuned on {largest:,} tasks with correct answers", computed),
    ]
    if options.human:
        systems.append(System("human", f"tuned on {largest:,} tasks by people", options.human, largest))
    costs = {
        system.name: tune(system, options.model, out, "--epochs", options.epochs, "--gguf")
        for system in systems
        if system.data
    }

    # 3. One item of each task, from families and about topics that no training text has.
    questions = write_tasks(out / "questions.jsonl", held_out_families(), options.questions, held_out=True)
    suites = {
        "held-out": ("jsonl", questions),
        "superni": ("superni", options.superni),
        "user-oriented": ("user-oriented", options.user_oriented),
    }
    suites = {name: chosen for name, chosen in suites.items() if chosen[1]}
    for name, (suite, tasks) in suites.items():
        for system in systems:
            tuned = out / "tuned" / system.name / "model.gguf"
            selfinstruct(
                "evaluate", "--suite", suite, "--tasks", tasks, "--run", run,
                "--model", f"gguf/{tuned}" if system.data else options.model,
                "--max-tokens", options.max_tokens, *(("--stop", system.stop) if system.stop else ()),
                "--out", out / name / system.name,
            )  # fmt: skip

    # 4. Everybody against the base.
    results = {}
    for name in suites:
        compared = [out / name / system.name for system in systems]
        results[name] = selfinstruct("compare", *compared, "--out", out / name)
    generation = selfinstruct("status", run)
    titles = {system.name: system.title for system in systems}
    write_results(out, results, titles, costs, generation)

    # 5. Did it help?
    shown = [out / name / system.name for name in suites for system in systems]
    selfinstruct("report", run, *(word for folder in shown for word in ("--evaluation", folder)))
    print((out / "results.md").read_text(encoding="utf-8"))


def write_tasks(file: Path, families: Sequence[Family], count: int, *, held_out: bool) -> Path:
    """So many different tasks of these families, taken in turn, an instance of each: JSON Lines."""
    rows: dict[tuple[str, str], dict[str, str]] = {}
    number = 0
    while len(rows) < count:
        family = families[number % len(families)]
        draft = draw_task(family, f"miniature:{number}", held_out=held_out)
        asked = draft.instances[0]
        row = {"instruction": draft.instruction, "input": asked.input, "output": asked.output}
        rows.setdefault(
            (draft.instruction, asked.input), {"id": f"{family.name}-{number}", "task": family.name, **row}
        )
        number += 1
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows.values())
    if not file.exists():
        file.write_text(text, encoding="utf-8")
    return file


def parse_arguments() -> argparse.Namespace:
    """What to do, and how large."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument("--model", default="pocket", help="the base: pocket or gguf/FILE [pocket]")
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 150, 450], help="tasks [50 150 450]")
    parser.add_argument("--epochs", type=float, default=2, help="of each tuning [2]")
    parser.add_argument("--questions", type=int, default=1050, help="held-out items [1050]")
    parser.add_argument("--max-tokens", type=int, default=96, help="of an answer [96]")
    parser.add_argument("--human", type=Path, metavar="FILE", help="JSON Lines: instruction, input, output")
    parser.add_argument("--superni", type=Path, metavar="FOLDER", help="a natural-instructions checkout")
    parser.add_argument("--user-oriented", type=Path, metavar="FILE", help="the paper's 252 tasks")
    return parser.parse_args()


if __name__ == "__main__":
    main()
