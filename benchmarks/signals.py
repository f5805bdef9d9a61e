"""How often the signals say so where something is wrong, and where nothing is.

Data: benchmarks/signals/rows.jsonl, rows with labels, half of them never looked at while the rules were set
(`tune` and `held_out`). Metric: precision and recall of each signal, and the shares of bad and of good rows
that are flagged by any. With --time: seconds of processor time for 10,000 rows, those of the file over and
over.

    python benchmarks/signals.py [--half held_out] [--json] [--time]
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from selfinstruct.dataset.languages import language_code
from selfinstruct.filters.signals.table import SIGNALS, choose_signals, findings_of
from selfinstruct.records import Instance, Row

ROWS = Path(__file__).parent / "signals" / "rows.jsonl"
TIMED = 10_000


@dataclass(slots=True)
class Half:
    """Counts of a half's rows: by whether they are bad, and by signal."""

    rows: Counter[bool] = field(default_factory=Counter)
    flagged: Counter[bool] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)
    wrong: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)

    def add(self, labelled: dict[str, Any]) -> None:
        """Look at a row."""
        language = language_code(labelled.get("language") or "") or ""
        found = {
            str(verdict.reason)
            for verdict in findings_of(row_of(labelled), choose_signals(language=language))
        }
        meant = set(labelled["signals"])
        self.rows[labelled["bad"]] += 1
        self.flagged[labelled["bad"]] += bool(found)
        self.right.update(found & meant)
        self.wrong.update(found - meant)
        self.missed.update(meant - found)

    def to_json(self) -> dict[str, Any]:
        """As --json prints it."""
        return {
            "bad": {"rows": self.rows[True], "flagged": self.flagged[True]},
            "good": {"rows": self.rows[False], "flagged": self.flagged[False]},
            "signals": {
                signal.name: {
                    "found": self.right[signal.name],
                    "missed": self.missed[signal.name],
                    "wrong": self.wrong[signal.name],
                }
                for signal in SIGNALS
            },
        }


def row_of(labelled: dict[str, Any]) -> Row:
    """The row without its labels."""
    return Row(
        labelled["instruction"],
        labelled.get("input") or "",
        labelled["output"],
        labelled.get("is_classification"),
        tuple(Instance(given, output) for given, output in labelled.get("earlier", ())),
    )


def report(name: str, half: Half) -> None:
    """A table of a half."""
    bad, good = (f"{half.flagged[kind]} of {half.rows[kind]}" for kind in (True, False))
    print(f"\n{name}: {bad} bad rows flagged, {good} good ones")
    print(f"{'signal':18}{'rows':>6}{'precision':>11}{'recall':>8}")
    for signal in SIGNALS:
        right, wrong, missed = half.right[signal.name], half.wrong[signal.name], half.missed[signal.name]
        precision = f"{right / (right + wrong):.2f}" if right + wrong else "–"
        recall = f"{right / (right + missed):.2f}" if right + missed else "–"
        print(f"{signal.name:18}{right + missed:>6}{precision:>11}{recall:>8}")


def seconds(labelled: list[dict[str, Any]]) -> float:
    """Processor time of all signals on `TIMED` rows, each of another text, models loaded before."""
    signals = choose_signals()
    for each in labelled:
        list(findings_of(row_of(each), signals))
    rows = [row_of(labelled[place % len(labelled)]) for place in range(TIMED)]
    began = time.process_time()
    for place, row in enumerate(rows):
        list(findings_of(Row(f"{row.instruction} ", row.input, f"{row.output} {place}."), signals))
    return time.process_time() - began


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--half", choices=("tune", "held_out"))
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--time", action="store_true")
    asked = parser.parse_args()
    labelled = [json.loads(line) for line in ROWS.read_text(encoding="utf-8").splitlines()]
    halves = {name: Half() for name in ((asked.half,) if asked.half else ("tune", "held_out"))}
    for each in labelled:
        if each["half"] in halves:
            halves[each["half"]].add(each)
    if asked.json:
        print(json.dumps({name: half.to_json() for name, half in halves.items()}))
    else:
        for name, half in halves.items():
            report(name, half)
    if asked.time:
        print(f"\n{seconds(labelled):.1f} s of processor time for {TIMED:,} rows")


if __name__ == "__main__":
    main()
