"""Reads a run: its data set, its rejected candidates, its numbers; exports and reports it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from selfinstruct.api.given import given_path, given_paths
from selfinstruct.api.notebook import chosen_places, run_as_html
from selfinstruct.api.status import RunStatus, status_of
from selfinstruct.api.tasks import Tasks
from selfinstruct.errors import ConfigError, MissingExtraError
from selfinstruct.records import Task
from selfinstruct.store.improved import ORIGINAL
from selfinstruct.store.lineage import Lineage
from selfinstruct.store.reader import CandidateRow, RunReader

if TYPE_CHECKING:
    from datasets import Dataset  # type: ignore[attr-defined, unused-ignore]
    from pandas import DataFrame

    from selfinstruct.dataset.reviewed import ReviewPolicy
    from selfinstruct.report.quality import Quality
    from selfinstruct.requests.invocation import StopReason

__all__ = ["Run"]


class Run:
    """A run in a directory, to read. Reading never changes it, and works while it is written.

    Attributes:
        path: the directory.
        stopped: why the call that returned this run stopped: `done`, `budget`, `saturated`, `unavailable`,
            `refused` or `interrupted`; None for a run that was opened.
        advice: what would help, if it stopped early; otherwise empty.
    """

    def __init__(self, path: Run | str | PathLike[str]) -> None:
        """Raises `NotARunError` where there is no run, or one of a newer version, `StorageError`, and
        `ConfigError` for an empty path."""
        self.path: Path = path.path if isinstance(path, Run) else given_path(path, "path")
        self.stopped: StopReason | None = None
        self.advice = ""
        self._reader = RunReader.open(self.path)

    @property
    def dataset(self) -> Path:
        """Path of `dataset.jsonl`: the data set at the end of the last generation, one task per line."""
        return self.path / "dataset.jsonl"

    @property
    def tasks(self) -> Tasks:
        """The data set: a sequence of `Task`, read on access. It has the model's own texts; edits and
        rejections from a review apply to exports."""
        return Tasks(self._reader)

    def candidates(self) -> Iterator[CandidateRow]:
        """Every instruction that the model wrote, accepted or not, with the reason and the nearest entry of
        the pool; in the order in which they were judged."""
        return self._reader.candidates()

    def status(self) -> RunStatus:
        """The run's current numbers."""
        return status_of(self._reader)

    def quality(self) -> Quality:
        """The quality of the rows, as far as it was measured, and by whom. `level` is `good`, `warn`,
        `bad` or `unmeasured`; `verdict` says why in a sentence or two."""
        from selfinstruct.report.signals import quality_of_run

        return quality_of_run(self._reader)

    def explain(self, identifier: str | Task) -> Lineage:
        """Everything about one instruction: its prompt, its neighbours, its verdict and its instances.

        identifier: `task_17`; or `17.3`, the candidate at place 3 of the reply to request 17, accepted or
            not; or a seed's id; or a task of this run.
        Raises `UserError` for an id that the run does not have.
        """
        from selfinstruct.pipeline.full_lineage import full_lineage

        if isinstance(identifier, Task):
            identifier = identifier.id
        if not isinstance(identifier, str):
            raise ConfigError(
                f"`identifier` is {identifier!r:.80}, not an id.", 'Give an id, such as "task_17", or a task.'
            )
        return full_lineage(self._reader, identifier)

    def to_pandas(self) -> DataFrame:
        """The data set as a data frame, one instance per row: `id`, `instruction`, `input`, `output`,
        `is_classification`. Reviews apply, as in exports. Raises `MissingExtraError` without pandas."""
        pandas = _imported("pandas", "to_pandas")
        frame: DataFrame = pandas.DataFrame(self._rows())
        return frame

    def to_dataset(self) -> Dataset:
        """The data set as a `datasets.Dataset`, one instance per row.

        Raises `MissingExtraError` without the package datasets.
        """
        datasets = _imported("datasets", "to_dataset")
        dataset: Dataset = datasets.Dataset.from_dict(self._rows())
        return dataset

    def export(
        self,
        path: str | PathLike[str],
        *,
        format: str = "jsonl",  # noqa: A002 - what everybody calls it
        split: str | float | Mapping[str, float] | None = None,
        include_seeds: bool = False,
        system: str = "",
        outputs: str = ORIGINAL,
        reviews: ReviewPolicy = "apply",
        min_score: float | None = None,
        with_scores: bool = False,
        with_ids: bool = False,
        conversational: bool = False,
        with_attributes: bool = False,
        license: str | None = None,  # noqa: A002 - likewise
        shard_rows: int | None = None,
    ) -> tuple[Path, ...]:
        """Write the data set, or another record of the run, and return the files written.

        path: a file, which is replaced; or an existing folder or a name that ends in `/`, for a Hugging Face
            data set with its card.
        format: `jsonl`, `alpaca`, `chat`, `sharegpt`, `openai`, `prompt-completion`, `parquet`,
            `preference` (pairs for DPO); `candidates` or `requests` for records.
        split: the share to hold out, such as 0.1; or all shares, as `{"train": 0.9, "test": 0.1}` or
            `"train=0.9,test=0.1"`.
        include_seeds: put the seed tasks that have instances first.
        system: a system message for `chat`, `openai` and `sharegpt`.
        outputs: the run's own, or those that `improve` wrote under this name.
        reviews: `apply` what people edited and rejected; `only` what was reviewed; `ignore` reviews.
        min_score: only instances with at least this mean score over judges, from 1 to 5; those without a
            score are left out.
        with_scores: add `score`, the mean, and `score_JUDGE`. with_ids: add ids, such as `task_17/0`.
        conversational: `preference` pairs as messages.
        with_attributes: add `attributes`, what each task was asked to be.
        license: of the data set, for the card in a folder. shard_rows: rows in one file of a folder, at most;
            250,000 by default.
        """
        from selfinstruct.dataset.export import export
        from selfinstruct.dataset.folder import export_folder
        from selfinstruct.dataset.splits import given_split

        target = given_path(path, "path")
        sides = None if split is None else given_split(split)
        scored: dict[str, Any] = {
            "min_score": min_score,
            "with_scores": with_scores,
            "with_ids": with_ids,
            "conversational": conversational,
            "with_attributes": with_attributes,
        }
        if str(path).endswith("/") or target.is_dir():
            files = export_folder(
                self._reader,
                format,
                target,
                split=sides,
                include_seeds=include_seeds,
                system=system,
                outputs=outputs,
                reviews=reviews,
                **scored,
                license_name=license,
                shard_rows=shard_rows,
            )
        elif license is not None or shard_rows is not None:
            name = "license" if license is not None else "shard_rows"
            raise ConfigError(f"`{name}` needs a folder with a data card.", "End the path with a slash.")
        else:
            files = export(
                self._reader,
                format,
                target,
                split=sides,
                include_seeds=include_seeds,
                system=system,
                outputs=outputs,
                reviews=reviews,
                **scored,
            )
        return tuple(path for file in files for path in file.paths)

    def report(
        self, path: str | PathLike[str] | None = None, *, evaluations: Sequence[str | PathLike[str]] = ()
    ) -> Path:
        """Write the run as one self-contained HTML page, and return its path.

        path: None for `report.html` in the run. evaluations: folders that `evaluate` wrote, the base model's
            first, to show whether it helped.
        """
        from selfinstruct.ratings.scores import judged_figures, read_all_scores
        from selfinstruct.ratings.summary import ratings_of_run
        from selfinstruct.report.evaluated import read_evaluations
        from selfinstruct.report.figures import compute, read_for_report
        from selfinstruct.report.page import render_page, run_page
        from selfinstruct.report.writing import write_report

        target = self.path / "report.html" if path is None else given_path(path, "path")
        figures = compute(
            read_for_report(self._reader),
            self.path.resolve().name,
            running=self._reader.is_being_written,
            ratings=ratings_of_run(self._reader),
            judges=judged_figures(self._reader),
            scores=read_all_scores(self.path),
            evaluated=read_evaluations(given_paths(evaluations, "evaluations")),
        )
        return write_report(target, render_page(run_page(figures)))

    def __repr__(self) -> str:
        status = self.status()
        stopped = "" if self.stopped in (None, "done") else f", stopped: {self.stopped}"
        return f"<Run {str(self.path)!r}: {status.tasks:,} of {status.wanted:,} tasks{stopped}>"

    def _repr_html_(self) -> str:
        tasks = self.tasks
        samples = [tasks[place] for place in chosen_places(len(tasks))]
        return run_as_html(str(self.path), self.status(), samples, self.advice)

    def _rows(self) -> dict[str, list[Any]]:
        """Columns of equal length, an instance a row."""
        from selfinstruct.dataset.reviewed import reviewed_tasks

        columns: dict[str, list[Any]] = {
            "id": [],
            "instruction": [],
            "input": [],
            "output": [],
            "is_classification": [],
        }
        for task in reviewed_tasks(self._reader):
            for instance in task.instances:
                row = (task.id, task.instruction, instance.input, instance.output, task.is_classification)
                for column, value in zip(columns.values(), row, strict=True):
                    column.append(value)
        return columns


def _imported(package: str, method: str) -> Any:
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:
            raise
        raise MissingExtraError(
            f"Run.{method} needs the package {package}, which is not installed.",
            f"Install it: pip install {package}",
        ) from None
