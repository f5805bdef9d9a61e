"""`merge`: one data set of several runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from os import PathLike

from selfinstruct.api.given import given_path
from selfinstruct.api.run import Run
from selfinstruct.dataset.merging import Merged, merge_runs
from selfinstruct.errors import ConfigError

__all__ = ["merge"]


def merge(
    runs: Sequence[Run | str | PathLike[str]], out: str | PathLike[str], *, max_similarity: float = 0.7
) -> Merged:
    """Merge several runs into one data set without near-duplicates, in the new folder `out`.

    Of two near-duplicates, the one from the run named first is kept; ids become `RUN/task_17`. The result
    says how many tasks of each run were kept and dropped; `out/dropped.jsonl` has the reasons.

    max_similarity: drop a task whose ROUGE-L F1 with an already merged task is above this.
    Raises `ConfigError` for fewer than two runs, a run given twice, and an `out` that already exists.
    """
    if isinstance(runs, Run | str | PathLike) or not isinstance(runs, Iterable):
        raise ConfigError(f"`runs` is {runs!r:.80}, not a list of runs.", 'Give a list: ["run-1", "run-2"]')
    paths = [run.path if isinstance(run, Run) else given_path(run, "runs") for run in runs]
    return merge_runs(paths, given_path(out, "out"), max_similarity=max_similarity)
