"""A filter of one's own, three ways: a function, an object with settings, and what it would drop of a run.

    python examples/own_filter.py

It needs no key and no network: the scripted model fills in templates.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import selfinstruct as si


def few_sentences(instruction: str) -> str | None:
    """Reject instructions of more than two sentences. The parameter's name says what is looked at."""
    return "many_sentences" if instruction.count(". ") > 1 else None


@dataclass(frozen=True)
class LongOutput:
    """Reject instances with a short output; `least` is part of the run's identity."""

    least: int = 3
    name = "long_output"
    version = "1"
    reasons = ("short_output",)

    def __call__(self, instance: si.Instance) -> si.Verdict | None:
        """The detail says what triggered it, for people."""
        words = len(instance.output.split())
        return si.Verdict("short_output", f"{words} of {self.least} words") if words < self.least else None


def main() -> None:
    """Generate with both filters and show what they rejected."""
    with tempfile.TemporaryDirectory() as place:
        run = si.generate(
            Path(place) / "run", model="scripted", tasks=20, filters=[few_sentences, LongOutput(least=4)]
        )
        status = run.status()
        print(f"{status.tasks} tasks from {status.candidates} instructions")
        print(f"many_sentences: {status.rejected['many_sentences']}")
        print(f"short_output: {status.rejected_instances['short_output']}")
        rejected = next(each for each in run.candidates() if each.reason == "many_sentences")
        print(f"{rejected.ticket}.{rejected.position}: {rejected.instruction}")


if __name__ == "__main__":
    main()
