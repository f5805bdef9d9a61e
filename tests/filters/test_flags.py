"""Marks of rows, and their counts over a data set."""

from selfinstruct.filters.signals.flags import SignalCounts, count_marks, marks_of
from selfinstruct.filters.signals.table import choose_signals
from selfinstruct.records import Instance, Task


def test_rows_are_counted_by_signal() -> None:
    counts = count_marks([(), ("talk", "echo"), ("talk",)], of=3)
    assert counts == SignalCounts(3, 2, {"talk": 2, "echo": 1}, 3)


def test_marks_are_of_each_instance() -> None:
    outputs = ("1. Apple\n2. Pear", "1. Apple\n2. Pear\n3. Fig\n4. Plum\n5. Date")
    task = Task("task_1", "List five fruits.", False, tuple(Instance("", output) for output in outputs))
    marks = marks_of(task, choose_signals())
    assert [[verdict.reason for verdict in each] for each in marks] == [["wrong_count"], []]
