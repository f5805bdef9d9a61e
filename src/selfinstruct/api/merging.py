"""`merge`: one data set of several runs."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

from selfinstruct.api.given import given_path
from selfinstruct.api.run import Run
from selfinstruct.dataset.merging import Merged, merge_runs

__all__ = ["merge"]


def merge(
    runs: Sequence[Run | str | PathLike[str]], out: str | PathLike[str], *, max_similarity: float = 0.7
) -> Merged:
    """One data set of several runs, without near-duplicates, in the new folder `out`.

    Of two tasks that are alike the one of the run named first stays; ids become `RUN/task_17`. The result
    says how many of each run were kept and dropped; `out/dropped.jsonl` has the reasons.

    max_similarity: a task with a ROUGE-L F1 above this with one merged already is dropped.
    Raises `ConfigError` for fewer than two runs, one that is given twice, and an `out` that is there already.
    """
    several = [runs] if isinstance(runs, Run | str | PathLike) else list(runs)
    paths = [run.path if isinstance(run, Run) else given_path(run, "runs") for run in several]
    return merge_runs(paths, given_path(out, "out"), max_similarity=max_similarity)
