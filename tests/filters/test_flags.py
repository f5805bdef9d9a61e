"""Marks of rows, and their counts over a data set."""

from selfinstruct.filters.signals.flags import count_flags, marks_of
from selfinstruct.filters.signals.table import SIGNALS, choose_signals
from selfinstruct.records import Instance, Task

GOOD = Task("task_0", "Name the capital of France.", False, (Instance("", "Paris"),))
TWO_COUNTS = Task(
    "task_1",
    "List five fruits.",
    False,
    (Instance("", "1. Apple\n2. Pear"), Instance("", "1. Apple\n2. Pear\n3. Fig\n4. Plum\n5. Date")),
)
EXAMPLES = [
    Task(f"task_{place + 2}", row.instruction, False, (*row.earlier, Instance(row.input, row.output)))
    for place, row in enumerate(signal.example for signal in SIGNALS)
]


def test_rows_are_counted_by_signal() -> None:
    counts = count_flags([GOOD, TWO_COUNTS])
    assert (counts.rows, counts.flagged, counts.by_signal, counts.of) == (3, 1, {"wrong_count": 1}, 3)
    assert str(counts) == "1 of 3 rows flagged (wrong_count 1)"
    assert set(count_flags(EXAMPLES).by_signal) == {signal.name for signal in SIGNALS}


def test_nothing_to_look_at() -> None:
    assert str(count_flags([])) == "0 of 0 rows flagged"


def test_of_a_large_data_set_a_sample_is_looked_at() -> None:
    counts = count_flags([GOOD] * 40, most=10)
    assert (counts.rows, counts.of) == (10, 40)
    assert str(counts) == "0 of 10 rows of 40, drawn at random, flagged"
    assert count_flags([GOOD] * 40, most=None).rows == 40


def test_the_language_asked_for_is_told_to_its_signal() -> None:
    task = Task(
        "task_0",
        "Explain to a child how a rainbow forms in the sky after the rain.",
        False,
        (
            Instance(
                "", "A rainbow appears when sunlight passes through many small drops of water in the air."
            ),
        ),
    )
    assert count_flags([task]).flagged == 0
    assert count_flags([task], "de").by_signal == {"wrong_language": 1}


def test_marks_are_of_each_instance() -> None:
    marks = marks_of(TWO_COUNTS, choose_signals())
    assert [[verdict.reason for verdict in each] for each in marks] == [["wrong_count"], []]
