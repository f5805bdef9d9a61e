"""The data card: what the data set is, how it was made, and what it is not good for.

Everything in it comes from the run. No text of the model's is quoted, no path or URL of the user's shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from selfinstruct import __version__
from selfinstruct.config import Config, ModelConfig
from selfinstruct.dataset.card_metadata import UNKNOWN_LICENSE, metadata
from selfinstruct.dataset.card_provenance import making, yields
from selfinstruct.dataset.export import WrittenFile
from selfinstruct.dataset.formats import TaskFormat
from selfinstruct.dataset.markdown import code, table
from selfinstruct.dataset.reviewed import ReviewEffect, ReviewPolicy
from selfinstruct.dataset.statistics import PAPER, DatasetStatistics
from selfinstruct.records import Stage
from selfinstruct.store.summary import Summary

__all__ = ["CardFacts", "render_card"]

CITATION = """\
```bibtex
@inproceedings{wang2023selfinstruct,
  title     = {Self-Instruct: Aligning Language Models with Self-Generated Instructions},
  author    = {Wang, Yizhong and Kordi, Yeganeh and Mishra, Swaroop and Liu, Alisa and Smith, Noah A. and
               Khashabi, Daniel and Hajishirzi, Hannaneh},
  booktitle = {Proceedings of the 61st Annual Meeting of the Association for Computational Linguistics},
  year      = {2023},
  url       = {https://arxiv.org/abs/2212.10560}
}
```"""

LOADING = """\
```python
from datasets import load_dataset

data = load_dataset("path/to/this/folder")
```"""

LIMITS = """\
When the paper's authors reviewed 200 of theirs, by GPT-3,
92 % of the instructions were valid tasks, 79 % of the inputs fitted them, 58 % of the outputs were correct,
and all three held in 54 % (Table 2): what another model writes may be better or worse.

Outputs state as facts what the model believed. They carry its biases, those of its seed tasks, and whatever
it was trained on. Filters look at form, and at likeness to other instructions, not at truth or harm."""


@dataclass(frozen=True, slots=True)
class CardFacts:
    """All that a card is made of.

    paths: of the files within the folder, one a split, or the pattern of its shards; files: the same, in the
        same order.
    asked_otherwise: as `store.notes.asked_otherwise` has it.
    seeds: how many of the tasks are seed tasks. improved_by: the model that wrote the outputs anew, if one
        did. review: what people's reviews changed; reviews: whether they apply. selected:
        what judges' scores had to do with the rows.
    """

    title: str
    config: Config
    format_name: str
    format: TaskFormat
    paths: tuple[str, ...]
    files: tuple[WrittenFile, ...]
    statistics: DatasetStatistics
    summary: Summary
    asked_otherwise: Mapping[Stage, Sequence[str]]
    seeds: int
    license_name: str
    improved_by: ModelConfig | None = None
    review: ReviewEffect | None = None
    reviews: ReviewPolicy = "apply"
    selected: str = ""


def render_card(facts: CardFacts) -> str:
    """README.md, metadata first."""
    head = metadata(
        facts.title,
        facts.config,
        facts.format.columns,
        {file.side: path for file, path in zip(facts.files, facts.paths, strict=True)},
        sum(file.rows for file in facts.files),
        facts.license_name,
    )
    sections = {
        "Contents": _contents(facts),
        "How it was made": making(facts.config, facts.asked_otherwise, facts.improved_by),
        "DatasetStatistics": _statistics(facts.statistics),
        "Yield": f"Of the whole run:\n\n{yields(facts.summary)}",
        "Limits": f"{_review(facts)} {_selected(facts)}{LIMITS}",
        "Licence": _licence(facts),
        "Citation": CITATION,
    }
    parts = (f"## {title}\n\n{text}" for title, text in sections.items())
    return "\n\n".join((head, f"# {facts.title}", _summary(facts), *parts)) + "\n"


def _summary(facts: CardFacts) -> str:
    seeds = (
        f"{facts.seeds:,} of the tasks are seed tasks, which people wrote; where rows have ids, theirs begin"
        " with `seed_task_`."
        if facts.seeds
        else "The seed tasks that it began with are not in it."
    )
    return (
        f"{facts.statistics.instructions:,} tasks with {facts.statistics.instances:,} instances, for"
        " instruction tuning. A language model wrote them, shown a few tasks of people's and of its own at a"
        f" time: Self-Instruct (Wang et al., ACL 2023), by `selfinstruct` {__version__}. {seeds}"
    )


def _review(facts: CardFacts) -> str:
    """What people had to do with the machine-written tasks."""
    review = facts.review
    if review is None or not review.reviewed:
        return "No person has reviewed the machine-written tasks."
    if facts.reviews == "ignore":
        return (
            f"People reviewed {review.reviewed:,} of the machine-written instances. What they edited or"
            " rejected is in it as the model wrote it."
        )
    out = f"{review.tasks:,} tasks and {review.rejected:,} instances of others were rejected and left out"
    rest = (
        f"; {review.unreviewed:,} that nobody had reviewed were left out too"
        if review.unreviewed
        else ", and the others are as the model wrote them"
    )
    return (
        f"People reviewed {review.reviewed:,} of the machine-written instances: {review.edited:,} are as they"
        f" edited them, {out}{rest}."
    )


def _selected(facts: CardFacts) -> str:
    return f"By what models and people said of the outputs: {facts.selected}. " if facts.selected else ""


def _contents(facts: CardFacts) -> str:
    total = facts.statistics.instructions
    counts = table(
        ("split", "tasks", "rows"),
        [(code(file.side), _share(file.tasks, total), f"{file.rows:,}") for file in facts.files],
    )
    rule = (
        "A hash of its instruction decides which split a task is in. So all its instances are in one split,"
        " instructions that differ only in case, white space, punctuation or accents are in the same, and no"
        " task moves when the data set grows. It makes the shares approximate.\n\n"
        if len(facts.files) > 1
        else ""
    )
    about = f"Format {code(facts.format_name)}: {facts.format.about}. To load it:"
    return f"{counts}\n\n{rule}{about}\n\n{LOADING}"


def _statistics(here: DatasetStatistics) -> str:
    rows = zip(_figures(here), _figures(PAPER), strict=True)
    return "Beside Table 1 of the paper, whose model was GPT-3:\n\n" + table(
        ("", "here", "paper"), [(name, ours, theirs) for (name, ours), (_, theirs) in rows]
    )


def _figures(numbers: DatasetStatistics) -> list[tuple[str, str]]:
    """The rows of Table 1, shares added."""
    return [
        ("instructions", f"{numbers.instructions:,}"),
        ("of these, classification tasks", _share(numbers.classification, numbers.instructions)),
        ("instances", f"{numbers.instances:,}"),
        ("of these, with an empty input", _share(numbers.empty_inputs, numbers.instances)),
        ("words per instruction, mean", _mean(numbers.instruction_words)),
        ("words per non-empty input, mean", _mean(numbers.input_words)),
        ("words per output, mean", _mean(numbers.output_words)),
    ]


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({part / whole:.1%})"


def _mean(words: float | None) -> str:
    return "–" if words is None else f"{words:.1f}"


def _licence(facts: CardFacts) -> str:
    stated = (
        "No license has been stated for this data set (export it with `license`)."
        if facts.license_name == UNKNOWN_LICENSE
        else f"As the makers state: {code(facts.license_name)}."
    )
    seeds = " The seed tasks among them stand under the licence of their own source." if facts.seeds else ""
    return (
        f"{stated} The terms of the model that wrote the texts may restrict what they are used for, such as"
        f" training another model.{seeds}"
    )
