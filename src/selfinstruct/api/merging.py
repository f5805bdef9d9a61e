"""`merge`: one data set of several runs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from os import PathLike

from selfinstruct.api.blocking import run_to_end
from selfinstruct.api.given import given_path
from selfinstruct.api.run import Run
from selfinstruct.dataset.merging import Merged, instructions_of, merge_runs
from selfinstruct.dataset.near_meanings import MOST_CHARACTERS, ByMeaning
from selfinstruct.errors import ConfigError
from selfinstruct.pipeline.embedding import embed_texts, embedding_model, require_embeddings_folder
from selfinstruct.requests.batch_display import BatchDisplay

__all__ = ["merge"]


def merge(
    runs: Sequence[Run | str | PathLike[str]],
    out: str | PathLike[str],
    *,
    max_similarity: float = 0.7,
    meaning: str | None = None,
    meaning_threshold: float = 0.9,
    embeddings: str | PathLike[str] | None = None,
    base_url: str | None = None,
    api_key_env: str | None = None,
    display: BatchDisplay | None = None,
) -> Merged:
    """Merge several runs into one data set without near-duplicates, in the new folder `out`.

    Of two near-duplicates, the one from the run named first is kept; ids become `RUN/task_17`. The result
    says how many tasks of each run were kept and dropped; `out/dropped.jsonl` has the reasons.

    max_similarity: drop a task whose ROUGE-L F1 with an already merged task is above this.
    meaning: an embedding model, as `PROVIDER/NAME`: drop a task whose embedding has a cosine above
        `meaning_threshold` with that of an already merged one. embeddings: a folder that keeps them, so that
        the same call asks for none twice. base_url, api_key_env: of the embedding model's endpoint.
    display: shows how embeddings come in.
    Raises `ConfigError` for fewer than two runs, a run given twice, and an `out` that already exists.
    """
    if isinstance(runs, Run | str | PathLike) or not isinstance(runs, Iterable):
        raise ConfigError(f"`runs` is {runs!r:.80}, not a list of runs.", 'Give a list: ["run-1", "run-2"]')
    paths = [run.path if isinstance(run, Run) else given_path(run, "runs") for run in runs]
    by_meaning = None
    if meaning is not None:
        texts = [text[:MOST_CHARACTERS] for text in instructions_of(paths)]
        place = None if embeddings is None else given_path(embeddings, "embeddings")
        if place is not None:
            require_embeddings_folder(place)
        model = embedding_model(
            meaning, threshold=meaning_threshold, base_url=base_url, api_key_env=api_key_env
        )
        vectors = run_to_end(lambda: embed_texts(texts, model, place, display=display))
        by_meaning = ByMeaning(vectors, meaning_threshold)
    return merge_runs(paths, given_path(out, "out"), max_similarity=max_similarity, meaning=by_meaning)
