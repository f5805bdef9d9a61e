"""What is wrong with a data set, as far as its text shows, and what it is made of.

Every example is looked at by the signals (`filters.signals`) and, where evaluation sets are given, compared
with them. A row is flagged where any of its examples is. Repeats, lengths, languages and verbs are counted
and flag
nothing: what to do about them depends on what the data is for.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from itertools import accumulate, islice
from pathlib import Path
from typing import Any

from selfinstruct.dataset.near_meanings import NearMeanings
from selfinstruct.dataset.reading import DataFile, RawRow, open_data, read_rows, row_writer
from selfinstruct.dataset.repeats import Repeat, Repeats
from selfinstruct.dataset.rows import FlawError, examples_of
from selfinstruct.errors import ConfigError
from selfinstruct.filters.contamination import ContaminationIndex
from selfinstruct.filters.signals.base import Signal
from selfinstruct.filters.signals.table import findings_of
from selfinstruct.records import Instance, InstanceCandidate, Row
from selfinstruct.store.directory import keep_run_files
from selfinstruct.text.language import find_language, language_name
from selfinstruct.text.tokens import count_words
from selfinstruct.text.verbs import find_verb_and_object

__all__ = ["CONTAMINATED", "UNREADABLE", "Checked", "Finding", "Lengths", "check_data"]

UNREADABLE, CONTAMINATED = "unreadable", "contaminated"
_TOGETHER = 64
_EARLIER = 8
_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Finding:
    """row: its number, from 0, through all files. id: the row's own, empty where it has none. example: its
    place in the row, from 0. detail: what triggered the signal, for people."""

    row: int
    id: str
    signal: str
    detail: str
    example: int = 0


@dataclass(frozen=True, slots=True)
class Lengths:
    """Words (`count_words`) of the texts that are not empty; 0 where there are none. high: of 95 in 100, at
    most."""

    texts: int
    median: int
    high: int
    longest: int


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found.

    rows, flagged: rows, and those with a finding; a row with several instances or replies counts once.
    examples: instances or replies in them. signals: rows for each signal that was looked for, 0 included.
    shown: for each signal that found something, an example: instruction, input, output, cut.
    classification: examples that are classification, of those that say; None where none says.
    languages: of outputs, by name; `unknown` where a text is too short. verbs: of English instructions.
    repeats: rows that say what an earlier one says. meaning: the same in other words, where an embedding
    model was asked. clean, rest: the files written.
    """

    path: str
    format: str
    rows: int
    examples: int
    flagged: int
    signals: Mapping[str, int]
    findings: tuple[Finding, ...]
    shown: Mapping[str, Row]
    lengths: Mapping[str, Lengths]
    classification: tuple[int, int] | None
    languages: Mapping[str, int]
    verbs: Mapping[str, int]
    repeats: tuple[Repeat, ...]
    clean: str = ""
    rest: str = ""
    written: tuple[int, int] = (0, 0)
    meaning: NearMeanings | None = None

    def __repr__(self) -> str:
        """One line: how many rows have findings."""
        repeated = f", {len(self.repeats):,} repeats" if self.repeats else ""
        return f"<Checked {self.path!r}: {self.flagged:,} of {self.rows:,} rows flagged{repeated}>"

    def to_json(self) -> dict[str, Any]:
        """As `check --json` prints it."""
        said = self.classification
        return {
            "data": self.path,
            "format": self.format,
            "rows": self.rows,
            "examples": self.examples,
            "flagged": self.flagged,
            "signals": dict(self.signals),
            "findings": [
                {
                    "row": each.row,
                    "id": each.id,
                    "signal": each.signal,
                    "detail": each.detail,
                    "example": each.example,
                }
                for each in self.findings
            ],
            "duplicates": {
                "exact": sum(each.exact for each in self.repeats),
                "near": sum(not each.exact for each in self.repeats),
                "pairs": [
                    {
                        "row": each.row,
                        "earlier": each.earlier,
                        "exact": each.exact,
                        "similarity": round(each.share, 3),
                    }
                    for each in self.repeats
                ],
            },
            "meaning": self.meaning and self.meaning.to_json(),
            "balance": {
                "classification": None if said is None else {"examples": said[0], "of": said[1]},
                "verbs": dict(self.verbs),
            },
            "lengths": {
                name: {"texts": of.texts, "median": of.median, "p95": of.high, "longest": of.longest}
                for name, of in self.lengths.items()
            },
            "languages": dict(self.languages),
            "clean": self.clean or None,
            "rest": self.rest or None,
        }


@dataclass(slots=True)
class _Look:
    """The counts under way."""

    signals: tuple[Signal, ...]
    contamination: ContaminationIndex | None
    rows: int = 0
    examples: int = 0
    flagged: int = 0
    unreadable: int = 0
    findings: list[Finding] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    shown: dict[str, Row] = field(default_factory=dict)
    words: dict[str, Counter[int]] = field(
        default_factory=lambda: {name: Counter() for name in ("instruction", "input", "output")}
    )
    kinds: Counter[bool] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    verbs: Counter[str] = field(default_factory=Counter)
    repeats: Repeats = field(default_factory=Repeats)
    repeated: list[Repeat] = field(default_factory=list)
    task: str = ""
    earlier: tuple[Instance, ...] = ()

    def look(self, raws: Sequence[RawRow]) -> list[tuple[RawRow, list[bool]]]:
        """Each row with which of its examples are flagged; a row that cannot be read has one."""
        read = [self._read(raw) for raw in raws]
        touched = self._contaminated([row for rows in read if not isinstance(rows, str) for row in rows])
        results = []
        for raw, rows in zip(raws, read, strict=True):
            number, name = self.rows, _id(raw.value)
            self.rows += 1
            found: list[tuple[int, str, str, Row | None]] = []
            if isinstance(rows, str):
                self.unreadable += 1
                found.append((0, UNREADABLE, rows, None))
                bad = [True]
            else:
                bad = [False] * len(rows)
                for place, row in enumerate(rows):
                    found += [
                        (place, str(verdict.reason), verdict.detail, row)
                        for verdict in findings_of(row, self.signals)
                    ]
                    if why := next(touched, ""):
                        found.append((place, CONTAMINATED, why, row))
                    self._measure(number, row)
            for place, signal, detail, seen in found:
                bad[place] = True
                self.findings.append(Finding(number, name, signal, detail, place))
                if seen is not None:
                    self.shown.setdefault(signal, _cut(seen))
            self.counts.update({signal for _, signal, _, _ in found})
            self.flagged += any(bad)
            results.append((raw, bad))
        return results

    def _read(self, raw: RawRow) -> tuple[Row, ...] | str:
        """Its examples, those of a task that began in an earlier row included; or why there are none."""
        if raw.flaw:
            return raw.flaw
        try:
            rows = examples_of(raw.value)
        except FlawError as flaw:
            return str(flaw)
        if len(rows) > 1 or rows[0].earlier:
            return rows
        (row,) = rows
        task = f"{raw.value.get('task_id') or ''}\n{row.instruction}"
        if task != self.task:
            self.task, self.earlier = task, ()
        row = replace(row, earlier=self.earlier)
        self.earlier = (*self.earlier, Instance(row.input, row.output))[-_EARLIER:]
        return (row,)

    def _contaminated(self, rows: list[Row]) -> Iterator[str]:
        if self.contamination is None:
            return iter([""] * len(rows))
        asked = self.contamination.judge_instructions([row.instruction for row in rows])
        held = self.contamination.judge_instances([InstanceCandidate(row.input, row.output) for row in rows])
        return iter(
            [(one if not one.accepted else other).detail for one, other in zip(asked, held, strict=True)]
        )

    def _measure(self, number: int, row: Row) -> None:
        self.examples += 1
        for name in ("instruction", "input", "output"):
            if text := getattr(row, name).strip():
                self.words[name][count_words(text)] += 1
        if row.is_classification is not None:
            self.kinds[row.is_classification] += 1
        found = find_language(row.output) or find_language(row.instruction)
        sure = found is not None and found.confidence >= 0.5
        self.languages[language_name(found.code) if found and sure else "unknown"] += 1
        if verb := find_verb_and_object(row.instruction[:400]).verb:
            self.verbs[verb] += 1
        if repeat := self.repeats.add(number, row):
            self.repeated.append(repeat)


def check_data(
    path: Path,
    signals: tuple[Signal, ...],
    *,
    contamination: ContaminationIndex | None = None,
    clean: Path | None = None,
    rest: Path | None = None,
    progress: Callable[[int], None] | None = None,
) -> Checked:
    """Look at all rows of a run, a file or a folder, once.

    clean, rest: where the rows without and with findings go, in the kind of file that the data set is; a
    folder where it is one. Of a task with several instances each file gets those that belong there.
    progress: told the number of rows so far, every few dozen.
    Raises ConfigError where no row can be read, and what reading and writing raise.
    """
    files = open_data(path)
    _refuse_own_files(files, clean, rest)
    look = _Look(signals, contamination)
    written = [0, 0]
    with ExitStack() as stack:
        for file in files:
            sides = [
                None
                if target is None
                else stack.enter_context(row_writer(file, _target(target, file, files)))
                for target in (clean, rest)
            ]
            rows = read_rows(file)
            while several := list(islice(rows, _TOGETHER)):
                for raw, bad in look.look(several):
                    for side, (write, part) in enumerate(zip(sides, _parts(raw, bad), strict=True)):
                        written[side] += part is not None
                        if write is not None and part is not None:
                            write(part)
                if progress is not None:
                    progress(look.rows)
        if look.rows and look.unreadable == look.rows:
            raise ConfigError(
                f"{path} holds no row that can be read; of the first, {look.findings[0].detail}.",
                "Rows need an instruction and an output, messages, or a prompt and a completion.",
            )
    return _checked(path, files, look, clean, rest, (written[0], written[1]))


def _checked(
    path: Path,
    files: Sequence[DataFile],
    look: _Look,
    clean: Path | None,
    rest: Path | None,
    written: tuple[int, int],
) -> Checked:
    names = [signal.name for signal in look.signals]
    names += [CONTAMINATED] if look.contamination is not None else []
    names += [UNREADABLE] if look.unreadable else []
    return Checked(
        path=str(path),
        format=", ".join(dict.fromkeys(file.kind for file in files)),
        rows=look.rows,
        examples=look.examples,
        flagged=look.flagged,
        signals={name: look.counts[name] for name in names},
        findings=tuple(look.findings),
        shown=look.shown,
        lengths={name: _lengths(counts) for name, counts in look.words.items()},
        classification=(look.kinds[True], look.kinds.total()) if look.kinds else None,
        languages=dict(look.languages.most_common()),
        verbs=dict(look.verbs.most_common(20)),
        repeats=tuple(look.repeated),
        clean=str(clean) if clean else "",
        rest=str(rest) if rest else "",
        written=written,
    )


def _parts(raw: RawRow, bad: Sequence[bool]) -> tuple[RawRow | None, RawRow | None]:
    """What of a row goes to the clean part, and what to the rest."""
    if all(bad):
        return None, raw
    if not any(bad):
        return raw, None
    instances = raw.value.get("instances")
    if not isinstance(instances, list) or len(instances) != len(bad):
        return None, raw  # a conversation is not taken apart
    sides = [
        [each for each, flagged in zip(instances, bad, strict=True) if flagged is side]
        for side in (False, True)
    ]
    clean, rest = (RawRow({**raw.value, "instances": side}) for side in sides)
    return clean, rest


def _target(target: Path, file: DataFile, files: Sequence[DataFile]) -> Path:
    """As `_place`, in a folder that is there."""
    place = _place(target, file, files)
    if place != target:
        place.parent.mkdir(parents=True, exist_ok=True)
    return place


def _place(target: Path, file: DataFile, files: Sequence[DataFile]) -> Path:
    """The file itself, or of a data set in a folder a file of the same name in a folder."""
    alone = (len(files) == 1 and file.name == Path(file.path.name)) or file.kind == "run"
    return target if alone else target / file.name


def _refuse_own_files(files: Sequence[DataFile], clean: Path | None, rest: Path | None) -> None:
    for target in (clean, rest):
        if target is None:
            continue
        for file in files:
            keep_run_files(_place(target, file, files))
        if any(target.resolve() == file.path.resolve() for file in files):
            raise ConfigError(f"{target} is the data set itself.", "Name another file.")
    if clean is not None and rest is not None and clean.resolve() == rest.resolve():
        raise ConfigError(f"`out` and `rest` are both {clean}.", "Name two files.")


def _lengths(counts: Counter[int]) -> Lengths:
    total = counts.total()
    if not total:
        return Lengths(0, 0, 0, 0)
    ends = list(accumulate(counts[words] for words in sorted(counts)))
    median, high = (
        next(words for words, end in zip(sorted(counts), ends, strict=True) if end * 100 >= share * total)
        for share in (50, 95)
    )
    return Lengths(total, median, high, max(counts))


def _id(value: Mapping[str, Any]) -> str:
    found = next((value[name] for name in ("id", "task_id", "name") if value.get(name) not in (None, "")), "")
    return str(found)


def _cut(row: Row) -> Row:
    return Row(row.instruction[:_SHOWN], row.input[:_SHOWN], row.output[:_SHOWN], row.is_classification)
