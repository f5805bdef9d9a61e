"""A recipe of one's own: the prompts of all stages, and how their replies are read.

    python examples/own_recipe.py
    selfinstruct generate lines --recipe examples/own_recipe.py:OneLiners --model PROVIDER/NAME

It needs no key and no network: a script stands in for the model.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import selfinstruct as si


class OneLiners:
    """Asks for new instructions one a line, and for a task's answer alone.

    It draws nothing by chance, reads no file and asks no model: prompts in, texts out. Reading never raises:
    what cannot be read has a flaw, which is counted and reported like any other reason.
    """

    name, version = "one_liners", "1"
    api = "completions"  # by which call its prompts are sent; "chat" is the other
    flaws = ("unfinished",)  # the reasons that its parsers give themselves
    answers = None  # what parse_instances reads has its outputs: none has to be asked for on its own
    usual: Mapping[si.Stage, si.Usual] = {
        si.Stage.INSTRUCTIONS: si.Usual(requests=0.5, reply_tokens=40),
        si.Stage.INSTANCES: si.Usual(requests=1, reply_tokens=20),
    }  # no classification: that stage is left out

    def __init__(self, demonstrations: int = 3) -> None:
        """demonstrations: instructions of the pool to show in a prompt."""
        self.settings = {"demonstrations": demonstrations}

    def fitting_demonstrations(self) -> int:
        """How many to draw from the pool."""
        return self.settings["demonstrations"]

    def instructions_prompt(
        self, demonstrations: Sequence[str], *, examples: Sequence[object] = ()
    ) -> si.Prompt:
        """Ask for new ones. examples: the same ones with what came with them, unused here."""
        lines = "".join(f"{' '.join(each.split())}\n" for each in demonstrations)
        sampling = si.Sampling(0.7, 1.0, 0.0, 0.0, max_tokens=120)
        return si.Prompt("Instructions, one a line:\n", lines, sampling, len(demonstrations))

    def parse_instructions(self, completion: si.Completion) -> list[si.InstructionCandidate]:
        """One a line. They say themselves that they are no classification, so that nobody asks."""
        lines = [line.strip() for line in completion.text.splitlines() if line.strip()]
        found = [si.InstructionCandidate(line, is_classification=False) for line in lines]
        if found and completion.finish_reason == "length":
            found[-1] = si.InstructionCandidate(lines[-1], flaw="unfinished", is_classification=False)
        return found

    def classification_prompt(self, instruction: str, *, at_most: int | None = None) -> si.Prompt:
        """Never asked, since instructions come with their kind."""
        return si.Prompt("", instruction, si.Sampling(0.0, 1.0, 0.0, 0.0, max_tokens=1), 0)

    def parse_classification(self, completion: si.Completion) -> bool:
        """No."""
        return False

    def instances_prompt(
        self, instruction: str, is_classification: bool, *, given: str = "", at_most: int | None = None
    ) -> si.Prompt:
        """Ask for the answer. There are no worked examples to leave out where the context is short."""
        sampling = si.Sampling(0.0, 1.0, 0.0, 0.0, max_tokens=60, stop=("\n",))
        return si.Prompt("", f"Instruction: {instruction}\nAnswer:", sampling, 0)

    def parse_instances(
        self, completion: si.Completion, is_classification: bool
    ) -> list[si.InstanceCandidate]:
        """The reply is the output; these tasks have no input."""
        flaw = "unfinished" if completion.finish_reason == "length" else None
        return [si.InstanceCandidate("", completion.text.partition("\n")[0].strip(), flaw)]


def main() -> None:
    """Generate six tasks with it, by a script."""
    rows = [
        {"contains": "Answer:", "reply": [" Under an old oak.", " In the last week of May."]},
        {
            "contains": "one a line",
            "reply": [
                "Say where the hedgehog sleeps.\nName a month for planting beans.\n",
                "Tell a gardener when frost ends.\nDescribe how rain smells in June.\n",
                "Explain why bees like clover.\nSuggest a shrub for deep shade.\n",
            ],
        },
    ]
    with tempfile.TemporaryDirectory() as place:
        script = Path(place) / "script.jsonl"
        script.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
        run = si.generate(Path(place) / "run", recipe=OneLiners(), model=f"scripted/{script}", tasks=6)
        print(f"{len(run.tasks)} tasks by the recipe {run.status().recipe}")
        task = run.tasks[0]
        print(f"{task.instruction} -> {task.instances[0].output}")


if __name__ == "__main__":
    main()
