"""A model of one's own: whatever can complete a prompt, behind five names.

    python examples/own_model.py
    selfinstruct generate sums --model examples/own_model.py:Sums --tasks 10

It needs no key and no network: this one knows nothing but sums.
"""

from __future__ import annotations

import random
import re
import tempfile
from pathlib import Path

import selfinstruct as si


class Sums:
    """Answers the prompts of the paper's recipe. Equal requests get equal replies: so runs can be repeated.

    `name`, `version` and `settings` are part of what a run is: change the version when replies may differ.
    """

    name, version = "sums", "1"
    api = "completions"  # by which call it is asked: "chat" if left out
    default_concurrency = 8  # requests in flight
    context_window = None  # tokens of prompt and reply; None: no limit

    def __init__(self, largest: int = 999) -> None:
        """largest: of the numbers to add."""
        self.settings = {"largest": largest}

    def count_tokens(self, text: str) -> int:
        """An estimate is enough."""
        return len(text) // 4

    async def complete(self, request: si.Request) -> si.Completion:
        """One attempt at one request: send the text where your model is, and return what came back.

        For an attempt that failed raise one of `si.errors.RequestError`'s classes, such as
        `si.errors.RateLimitedError`: it is sent again, paced with all others.
        """
        prompt = request.prompt.preamble + request.prompt.body
        text = self._reply(request.stage, prompt, random.Random(request.seed))
        return si.Completion(
            text=text,
            finish_reason="stop",  # or "length", where max_tokens of request.prompt.sampling ended it
            prompt_tokens=self.count_tokens(prompt),
            completion_tokens=self.count_tokens(text),
            estimated=True,
            seconds=0.0,
        )

    async def aclose(self) -> None:
        """Close connections here."""

    def _reply(self, stage: si.Stage, prompt: str, draw: random.Random) -> str:
        if stage is si.Stage.INSTRUCTIONS:
            pairs = [
                (draw.randint(2, self.settings["largest"]), draw.randint(2, self.settings["largest"]))
                for _ in range(3)
            ]
            return "\n10. ".join(f" Add {one} and {other}." for one, other in pairs)
        if stage is si.Stage.CLASSIFICATION:
            return " No"
        asked = prompt.rpartition("Task:")[2]
        return f"\nOutput: {sum(map(int, re.findall(r'[0-9]+', asked)))}\n"


def main() -> None:
    """Generate ten tasks with it."""
    with tempfile.TemporaryDirectory() as place:
        run = si.generate(Path(place) / "run", model=Sums(largest=500), tasks=10)
        print(f"{len(run.tasks)} tasks by {run.status().model}")
        task = run.tasks[0]
        print(f"{task.instruction} -> {task.instances[0].output}")


if __name__ == "__main__":
    main()
