"""The example of a filter of one's own runs, and rejects what it says."""

import subprocess
import sys
from pathlib import Path

EXAMPLE = Path(__file__).parents[2] / "examples" / "own_filter.py"


def test_it_shows_what_was_rejected() -> None:
    done = subprocess.run([sys.executable, EXAMPLE], capture_output=True, text=True, check=True)
    first, sentences, outputs, example = done.stdout.splitlines()
    assert first.startswith("20 tasks from ")
    assert int(sentences.removeprefix("many_sentences: ")) > 0
    assert int(outputs.removeprefix("short_output: ")) > 0
    assert ". " in example.partition(": ")[2]
    assert done.stderr == ""
