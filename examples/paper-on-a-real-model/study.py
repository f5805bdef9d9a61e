r"""The paper's experiment on a real base model: is it better for having learned from tasks that it wrote?

    python examples/paper-on-a-real-model/study.py OUT --model gguf/FILE --superni FOLDER
    python examples/paper-on-a-real-model/study.py OUT --model hf/FOLDER --superni FOLDER \
        --human FILE --user-oriented FILE --gsm8k FILE --mmlu FOLDER

Each step is a `selfinstruct` command, printed before it is run:

    1. the base model writes tasks from the bundled seeds                    generate    section 3
    2. LoRA adapters are trained: on the seeds only, on its own tasks at
       several sizes, on as many examples by people                          finetune    section 4.1
    3. all answer the same items, with the same prompts and one engine       evaluate    section 5
    4. side by side with the base, with intervals                            compare     Table 3, Figure 7
    5. the run and its results on one page                                   report

The tuned systems are taken one by one, the largest first, and the tables are written after each. A finished
step is not repeated, so the same command resumes after any interruption. OUT gets the run, a folder for each
tuning, one for each suite with everybody's answers, and the tables in results.md and results.json.

With gguf/FILE (architectures llama, gemma3, qwen2) llama.cpp runs all systems, with hf/FOLDER transformers.
Needs `pip install "selfinstruct[train]"`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "paper-in-miniature"))

from results import Cost, write_results
from steps import SEED, System, selfinstruct, tune

SATURATED = 5
"""`generate` stopped by itself: the model brings nothing new. What there is will do."""


def main() -> None:
    """The experiment."""
    options = parse_arguments()
    out: Path = options.out
    out.mkdir(parents=True, exist_ok=True)
    suites = chosen_suites(options)

    # 1. As many tasks as the largest tuning needs.
    run = out / "run"
    largest = max(options.sizes)
    made = selfinstruct(
        "generate", run, "--model", options.model, "--tasks", largest, "--seed", SEED, codes=(0, SATURATED)
    )
    sizes = sorted({min(size, made["tasks"]) for size in options.sizes if made["tasks"]})

    base = System("base", "base model")
    line = System("base-one-line", "base model, only its first line", stop=r"\n")
    seeds = System("seeds", "tuned on the seeds only", run, tasks=0)
    own = [System(f"own-{size}", f"tuned on {size:,} of its own tasks", run, size) for size in sizes]

    # 2 to 4. The comparison that matters most comes first: one may stop when it is there.
    study = Study(options, suites)
    study.measure(base, line)
    study.measure(seeds, *own[-1:])
    if options.human:
        rows = study.costs[(own or [seeds])[-1].name].examples
        study.measure(System("human", f"tuned on {rows:,} examples by people", options.human, rows))
    study.measure(*own[:-1])

    # 5. Did it help?
    shown = [out / suite / system.name for suite in suites for system in study.measured(suite)]
    selfinstruct("report", run, *(word for folder in shown for word in ("--evaluation", folder)))
    print((out / "results.md").read_text(encoding="utf-8"))


class Study:
    """What was measured so far. suites: the options of `evaluate` for each."""

    def __init__(self, options: argparse.Namespace, suites: dict[str, tuple[object, ...]]) -> None:
        self.costs: dict[str, Cost] = {}
        self._options = options
        self._suites = suites
        self._systems: list[System] = []

    def measure(self, *systems: System) -> None:
        """Tune each that has data, ask it everything, and write the tables."""
        for system in systems:
            self._systems.append(system)
            asked = self._options.model
            if system.data:
                asked = self._tuned(system)
            for suite in self._suites:
                if system in self.measured(suite):
                    selfinstruct(
                        "evaluate", "--model", asked, *self._suites[suite],
                        *(("--stop", system.stop) if system.stop else ()),
                        "--run", self._options.out / "run", "--out", self._options.out / suite / system.name,
                    )  # fmt: skip
            if len(self._systems) > 1:
                self._write()

    def measured(self, suite: str) -> list[System]:
        """In the order of the table. Answers to GSM8K and MMLU end where the suite says, for all."""
        order = {"base": 0, "base-one-line": 1, "seeds": 2, "human": 4}
        found = [
            system for system in self._systems if not system.stop or suite in ("superni", "user-oriented")
        ]
        return sorted(found, key=lambda system: (order.get(system.name, 3), system.tasks or 0))

    def _tuned(self, system: System) -> str:
        """How the tuned model is named: a file for llama.cpp where the base is one, else the adapter."""
        in_file = not self._options.model.startswith("hf/")
        settings = ["--lora", "--epochs", self._options.epochs]
        if self._options.learning_rate:
            settings += ["--learning-rate", self._options.learning_rate]
        folder = self._options.out / "tuned" / system.name
        cost = tune(
            system, self._options.model, self._options.out, *settings, *(("--gguf",) if in_file else ())
        )
        self.costs[system.name] = cost
        return f"gguf/{folder / 'model.gguf'}" if in_file else f"hf/{folder / 'adapter'}"

    def _write(self) -> None:
        out, results = self._options.out, dict[str, Any]()
        for suite in self._suites:
            compared = [out / suite / system.name for system in self.measured(suite)]
            if len(compared) > 1:
                results[suite] = selfinstruct("compare", *compared, "--out", out / suite)
        titles = {system.name: system.title for system in self._systems}
        costs = {system.name: self.costs[system.name] for system in self._systems if system.data}
        write_results(out, results, titles, costs, selfinstruct("status", out / "run"))


def chosen_suites(options: argparse.Namespace) -> dict[str, tuple[object, ...]]:
    """Those whose data was given, with their options of `evaluate`. Ends the experiment without one."""
    chosen: dict[str, tuple[object, ...]] = {}
    if options.superni:
        chosen["superni"] = (
            "--suite", "superni", "--tasks", options.superni, "--per-task", options.superni_per_task,
            "--max-tokens", options.max_tokens,
        )  # fmt: skip
    if options.user_oriented:
        chosen["user-oriented"] = (
            "--suite", "user-oriented", "--tasks", options.user_oriented,
            "--limit", options.user_oriented_items, "--max-tokens", 2 * options.max_tokens,
        )  # fmt: skip
    if options.gsm8k:
        chosen["gsm8k"] = (
            "--suite", "gsm8k", "--tasks", options.gsm8k,
            "--limit", options.gsm8k_items, "--max-tokens", 4 * options.max_tokens,
        )  # fmt: skip
    if options.mmlu:
        chosen["mmlu"] = ("--suite", "mmlu", "--tasks", options.mmlu, "--per-task", options.mmlu_per_subject)
    if not chosen:
        sys.exit("Nothing to measure on: give --superni, --user-oriented, --gsm8k or --mmlu.")
    return chosen


def parse_arguments() -> argparse.Namespace:
    """What to do, and how large."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", type=Path, metavar="OUT")
    parser.add_argument(
        "--model", required=True, metavar="SPEC", help="the base: gguf/FILE or hf/FOLDER-OR-NAME"
    )
    parser.add_argument(
        "--human", type=existing, metavar="FILE", help="JSON Lines: instruction, input, output"
    )
    parser.add_argument("--superni", type=existing, metavar="FOLDER", help="a natural-instructions checkout")
    parser.add_argument("--user-oriented", type=existing, metavar="FILE", help="the paper's 252 tasks")
    parser.add_argument("--gsm8k", type=existing, metavar="FILE", help="its test.jsonl")
    parser.add_argument("--mmlu", type=existing, metavar="FOLDER", help="the folder with test and dev")
    sizes = parser.add_argument_group("sizes")
    sizes.add_argument(
        "--sizes", type=positive, metavar="N", nargs="+", default=[40, 80, 160], help="own tasks [40 80 160]"
    )
    sizes.add_argument("--epochs", type=float, metavar="X", default=2, help="of each tuning [2]")
    sizes.add_argument(
        "--learning-rate", type=float, metavar="X", help="of each tuning [by the model's size]"
    )
    sizes.add_argument(
        "--max-tokens",
        type=positive,
        default=64,
        help="of a SuperNI answer; user-oriented: twice that; gsm8k: four times [64]",
    )
    sizes.add_argument(
        "--superni-per-task", type=positive, metavar="N", default=1, help="items of each task [1]"
    )
    sizes.add_argument("--user-oriented-items", type=positive, metavar="N", default=60, help="items [60]")
    sizes.add_argument("--gsm8k-items", type=positive, metavar="N", default=50, help="items [50]")
    sizes.add_argument(
        "--mmlu-per-subject", type=positive, metavar="N", default=2, help="items of each subject [2]"
    )
    return parser.parse_args()


def existing(value: str) -> Path:
    """A path with something there."""
    path = Path(value)
    if not path.exists():
        raise argparse.ArgumentTypeError(f"there is no {value}")
    return path


def positive(value: str) -> int:
    """A whole number from 1."""
    if not value.isdecimal() or int(value) < 1:
        raise argparse.ArgumentTypeError(f"{value!r} is not a whole number from 1")
    return int(value)


if __name__ == "__main__":
    main()
