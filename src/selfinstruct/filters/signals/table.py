"""The table of signals."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from selfinstruct.errors import ConfigError
from selfinstruct.filters.signals.arithmetic import WrongArithmetic
from selfinstruct.filters.signals.base import Signal
from selfinstruct.filters.signals.completeness import CutOff, EmptyOutput
from selfinstruct.filters.signals.counts import WrongCount
from selfinstruct.filters.signals.echo import Echo, NearIdentical
from selfinstruct.filters.signals.labels import LabelNotNamed
from selfinstruct.filters.signals.language import WrongLanguage
from selfinstruct.filters.signals.lengths import LengthLimit
from selfinstruct.filters.signals.missing import MissingInput
from selfinstruct.filters.signals.parsing import DoesNotParse
from selfinstruct.filters.signals.placeholders import Placeholder
from selfinstruct.filters.signals.refusal import Refusal
from selfinstruct.filters.signals.repetition import Loop, RunTogether
from selfinstruct.filters.signals.talk import Talk
from selfinstruct.records import Row, Verdict
from selfinstruct.text.spelling import did_you_mean

__all__ = ["SIGNALS", "certain_signals", "choose_signals", "findings_of"]

SIGNALS: tuple[type[Signal], ...] = (
    EmptyOutput, Refusal, RunTogether, Loop, CutOff, MissingInput, Placeholder, Echo, Talk, WrongLanguage,
    LabelNotNamed, WrongCount, LengthLimit, DoesNotParse, WrongArithmetic, NearIdentical,
)  # fmt: skip
"""In the order in which a row is looked at. A new signal is a class in one of the modules, and a place
here."""


def choose_signals(
    only: Iterable[str] = (), skip: Iterable[str] = (), *, language: str = ""
) -> tuple[Signal, ...]:
    """All of them, or those named in `only`, without those in `skip`, in the table's order.

    language: the ISO 639-1 code of the language that all texts should be in; empty for each row's own.
    Raises ConfigError for a name that no signal has.
    """
    only, skip = list(only), set(skip)
    names = [signal.name for signal in SIGNALS]
    for name in (*only, *skip):
        if name not in names:
            raise ConfigError(
                f"There is no signal {name!r}. {did_you_mean(name, names)}".rstrip(),
                f"Signals are {', '.join(names)}.",
            )
    wanted = [each for each in SIGNALS if (not only or each.name in only) and each.name not in skip]
    return tuple(each(language=language) if each is WrongLanguage else each() for each in wanted)


def certain_signals() -> tuple[Signal, ...]:
    """Those whose finding is nearly always right.

    `wrong_language` is none of them: a model that does not write the language asked for does so in every
    reply, and a run should tell that instead of spending its budget.
    """
    return choose_signals([each.name for each in SIGNALS if each.certain])


def findings_of(row: Row, signals: Sequence[Signal]) -> Iterator[Verdict]:
    """What the signals find in a row, each once."""
    for signal in signals:
        found = signal(row)
        if found is not None:
            yield found
            if found.reason == EmptyOutput.name:  # there is nothing else to look at
                return
