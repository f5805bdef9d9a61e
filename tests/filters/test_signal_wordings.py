"""Faults and requests in many wordings: what is found stays found, and nothing that is meant is flagged.

signal_wordings.jsonl: rows with the `signal` that should say so, empty for a good row, and whether it is
`found`;
those that are not yet are kept to show what the rules still miss.
"""

import json
import re
from pathlib import Path

import pytest

from selfinstruct.filters.signals.table import SIGNALS, choose_signals, findings_of
from selfinstruct.records import Row

ROWS = [
    json.loads(line)
    for line in (Path(__file__).parent / "signal_wordings.jsonl").read_text(encoding="utf-8").splitlines()
]
GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "check.md"
ALL = choose_signals()


def found(row: dict[str, str]) -> set[str]:
    return {
        str(each.reason) for each in findings_of(Row(row["instruction"], row["input"], row["output"]), ALL)
    }


@pytest.mark.parametrize("signal", sorted({row["signal"] for row in ROWS if row["signal"]}))
def test_faults_in_many_wordings_are_found(signal: str) -> None:
    lost = [row for row in ROWS if row["signal"] == signal and row["found"] and signal not in found(row)]
    assert lost == []


def test_nothing_that_is_meant_is_flagged() -> None:
    assert [row for row in ROWS if not row["signal"] and found(row)] == []


def test_the_guide_has_every_signal() -> None:
    named = re.findall(r"^\| `(\w+)` \|", GUIDE.read_text(encoding="utf-8"), re.MULTILINE)
    assert named == [signal.name for signal in SIGNALS]
