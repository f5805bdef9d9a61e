from pathlib import Path

from dataset_examples import TASKS, make_run

from selfinstruct.dataset.statistics import DatasetStatistics, measure
from selfinstruct.records import Instance, Task


def test_a_runs_statistics_are_those_of_table_1(tmp_path: Path) -> None:
    reader = make_run(tmp_path / "run")
    # 写诗 is one word, and Zwei another; an instruction counts once, whatever its instances.
    assert measure(reader.tasks()) == DatasetStatistics(
        instructions=3,
        classification=1,
        instances=5,
        empty_inputs=1,
        instruction_words=(2 + 3 + 4) / 3,
        input_words=(2 + 3 + 1 + 1) / 4,
        output_words=(1 + 2 + 2 + 1 + 1) / 5,
    )
    assert measure(reader.tasks()) == measure(TASKS)


def test_of_nothing_there_is_no_mean() -> None:
    assert measure([]) == DatasetStatistics(0, 0, 0, 0, None, None, None)
    alone = measure([Task("task_0", "Say hello.", False, (Instance("", "Hello."),))])
    assert (alone.empty_inputs, alone.input_words, alone.output_words) == (1, None, 1.0)
