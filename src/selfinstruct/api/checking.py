"""`check`: the signals on any data set."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

from selfinstruct.api.blocking import run_to_end
from selfinstruct.api.given import filled, given_path, given_paths
from selfinstruct.api.run import Run
from selfinstruct.config import Config, EvaluationSetConfig, MeaningConfig
from selfinstruct.dataset.check import Checked, check_data
from selfinstruct.dataset.languages import CODES, language_code
from selfinstruct.dataset.near_meanings import NearMeanings, find_near, texts_of_rows
from selfinstruct.errors import ConfigError
from selfinstruct.filters.signals.base import Signal
from selfinstruct.filters.signals.language import WrongLanguage
from selfinstruct.filters.signals.table import SIGNALS, choose_signals
from selfinstruct.pipeline.embedding import embed_texts, embedding_model, require_embeddings_folder
from selfinstruct.pipeline.evaluation_sets import build_contamination, read_evaluation_sets
from selfinstruct.requests.batch_display import BatchDisplay
from selfinstruct.text.spelling import did_you_mean

__all__ = ["check"]


def check(
    data: Run | str | PathLike[str],
    *,
    signals: str | Sequence[str] = (),
    skip: str | Sequence[str] = (),
    language: str = "",
    decontaminate: str | PathLike[str] | Sequence[str | PathLike[str]] = (),
    meaning: str | None = None,
    meaning_threshold: float = 0.9,
    embeddings: str | PathLike[str] | None = None,
    base_url: str | None = None,
    api_key_env: str | None = None,
    out: str | PathLike[str] | None = None,
    rest: str | PathLike[str] | None = None,
    progress: Callable[[int], None] | None = None,
    display: BatchDisplay | None = None,
) -> Checked:
    """Find problems in a data set's text: refusals, placeholders, wrong counts, wrong sums and more.

    Works offline, unless an embedding model at an endpoint is named, and changes nothing.

    data: a run, or a file or folder in any format that `export` writes: Alpaca, ShareGPT, messages and
        others, as JSON Lines, JSON, CSV, TSV or Parquet.
    signals: those to run: `all` (the default), `certain` (which reject in `generate`), `none`, or names.
        skip: names of signals to leave out.
    language: the language that all texts should have, such as `"German"`; if empty, each output is
        compared with its instruction.
    decontaminate: evaluation sets, as `generate` takes them; rows that share text with one are flagged as
        `contaminated`.
    meaning: an embedding model, as `PROVIDER/NAME`: `Checked.meaning` tells which rows say what an earlier
        one says in other words, with a cosine above `meaning_threshold`, and how near rows are to each other.
        embeddings: a folder that keeps them, so that the same call asks for none twice. base_url,
        api_key_env: of the embedding model's endpoint.
    out, rest: files for the rows without and with findings, in the kind of file that `data` is.
    progress: called with the number of rows so far. display: shows how embeddings come in.
    Raises `ConfigError` if `data` is not a data set, for an unknown signal, and where `skip` leaves none.
    """
    chosen = _signals(_names(signals, "signals"), _names(skip, "skip"), _code(language))
    sets = [EvaluationSetConfig(source=str(path)) for path in given_paths(decontaminate, "decontaminate")]
    _, items = read_evaluation_sets(sets)
    path = data.path if isinstance(data, Run) else given_path(data, "data")
    place = None if embeddings is None else given_path(embeddings, "embeddings")
    model = None
    if meaning is not None:
        if place is not None:
            require_embeddings_folder(place)
        model = embedding_model(
            meaning, threshold=meaning_threshold, base_url=base_url, api_key_env=api_key_env
        )
    checked = check_data(
        path,
        chosen,
        contamination=build_contamination(Config(), items),
        clean=None if out is None else given_path(out, "out"),
        rest=None if rest is None else given_path(rest, "rest"),
        progress=progress,
    )
    if model is None:
        return checked
    return replace(checked, meaning=_by_meaning(path, model, place, display))


def _by_meaning(
    path: Path, model: MeaningConfig, place: Path | None, display: BatchDisplay | None
) -> NearMeanings:
    rows = list(texts_of_rows(path))
    vectors = run_to_end(lambda: embed_texts([text for _, text in rows], model, place, display=display))
    named = f"{model.model.provider}/{model.model.name}"
    return find_near([number for number, _ in rows], vectors, model=named, threshold=model.threshold)


def _names(given: object, argument: str) -> list[str]:
    """Names, also where they are one text with commas between them. Raises ConfigError for another type, and
    for an empty text."""
    if isinstance(given, str):
        several: list[Any] = [filled(given, argument)]
    else:
        several = list(given) if isinstance(given, Iterable) else [given]
    if not all(isinstance(each, str) for each in several):
        raise ConfigError(f"`{argument}` is {given!r:.80}, not names of signals.", "Give a list of names.")
    return [name.strip() for each in several for name in each.split(",") if name.strip()]


def _signals(names: list[str], skip: list[str], language: str) -> tuple[Signal, ...]:
    """names: without any, or with `all`: all signals. In a language that is asked for, `certain` has the
    check of it too."""
    if names == ["certain"]:
        names = [each.name for each in SIGNALS if each.certain or (language and each is WrongLanguage)]
    if names == ["none"]:
        choose_signals((), skip)  # names that no signal has
        return ()
    chosen = choose_signals([] if names == ["all"] else names, skip, language=language)
    if not chosen:
        raise ConfigError(
            "`skip` leaves out every signal, so nothing would be checked.", "Skip fewer signals."
        )
    return chosen


def _code(language: str) -> str:
    if not language:
        return ""
    code = language_code(language) if isinstance(language, str) else None
    if code is None:
        near = did_you_mean(str(language).lower(), CODES)
        raise ConfigError(
            f"`language={language!r}`: no language of that name is known. {near}".strip(),
            "Give its English name, such as German, or its code, such as de.",
        )
    return code
