"""Embeddings: how requests and replies hold them, from an endpoint and from a GGUF file in this process."""

from __future__ import annotations

import asyncio
import base64
import json
from pathlib import Path

import numpy as np
import pytest

import selfinstruct
from selfinstruct.config import EndpointConfig
from selfinstruct.errors import ConfigError, ContextLengthError, MalformedReplyError
from selfinstruct.models.catalog import embedding_notice, open_embedder, parse_embedding_spec, parse_spec
from selfinstruct.models.embeddings import asked_texts, embedding_prompt, told_vectors, vectors_text
from selfinstruct.models.http.embeddings import read_embeddings
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.llamacpp.embedder import LlamaCppEmbedder
from selfinstruct.records import Completion, Request, Stage

POCKET = Path(selfinstruct.__file__).parent / "models" / "pocket.gguf"
ENDPOINT = Endpoint("http://localhost:1/v1", "emb")


def asking(*texts: str) -> Request:
    return Request(Stage.MEANING, 0, embedding_prompt(list(enumerate(texts))), 0)


def read(value: object, texts: int = 2) -> Completion:
    return read_embeddings({}, json.dumps(value), ["some text"] * texts, 0.1, ENDPOINT)


def test_texts_and_vectors_come_back() -> None:
    texts = [(3, 'say "ü"\n'), (7, "")]
    assert asked_texts(embedding_prompt(texts).body) == texts
    whole = np.array([[0.5, -1.0, 0.25], [0.0, 0.0, 0.0], [1e-9, 2e-9, 0.0]])
    told = told_vectors(vectors_text(whole))
    assert told is not None
    assert told.tolist() == [[64, -127, 32], [0, 0, 0], [64, 127, 0]]
    assert told_vectors("Yes") is None
    assert told_vectors('{"vectors": 2, "numbers": 3, "int8": "AAAA"}') is None


def test_a_cosine_of_bytes_is_nearly_that_of_the_numbers() -> None:
    rng = np.random.default_rng(3)
    whole = rng.standard_normal((2, 768)) * np.where(rng.random(768) < 0.01, 10.0, 1.0)
    whole[1] = 0.8 * whole[0] + 0.6 * whole[1]
    told = told_vectors(vectors_text(whole))
    assert told is not None

    def cosine(pair: np.ndarray) -> float:
        one, other = pair.astype(float)
        return float(one @ other / np.linalg.norm(one) / np.linalg.norm(other))

    assert cosine(told) == pytest.approx(cosine(whole), abs=1e-3)


def test_replies_are_read_in_the_order_of_the_texts() -> None:
    rows = [{"index": 1, "embedding": [0, 1]}, {"index": 0, "embedding": [1, 0]}]
    completion = read({"data": rows, "usage": {"prompt_tokens": 5, "total_tokens": 5}})
    assert told_vectors(completion.text).tolist() == [[127, 0], [0, 127]]  # type: ignore[union-attr]
    assert (completion.prompt_tokens, completion.completion_tokens, completion.estimated) == (5, 0, False)
    packed = base64.b64encode(np.array([1, 0], dtype="<f4").tobytes()).decode()
    completion = read({"data": [{"embedding": packed}, {"embedding": [0.5, 0.5]}]})
    assert told_vectors(completion.text).tolist() == [[127, 0], [127, 127]]  # type: ignore[union-attr]
    assert completion.estimated


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"embedding": [1.0]}],
        [{"embedding": [1.0]}, {"embedding": [1.0, 2.0]}],
        [{"embedding": [1.0]}, {"embedding": []}],
        [{"embedding": [1.0]}, {"embedding": ["x"]}],
        [{"embedding": [1.0]}, {"embedding": "?"}],
        [{"embedding": [1.0]}, None],
        [{"index": 0, "embedding": [1.0]}, {"index": 0, "embedding": [1.0]}],
        [{"embedding": [1.0]}, {"embedding": [float("nan")]}],
        [{"embedding": [[1.0]]}, {"embedding": [[1.0]]}],
    ],
)
def test_replies_without_a_vector_for_each_text_are_malformed(rows: list[object]) -> None:
    with pytest.raises(MalformedReplyError, match="does not hold a vector for each"):
        read({"data": rows})


def test_models_that_make_none_are_refused() -> None:
    for spec in ("hf/nobody/nothing", "scripted"):
        with pytest.raises(ConfigError, match="makes no embeddings here"):
            parse_embedding_spec(spec)
    with pytest.raises(ConfigError, match="makes no embeddings here"):
        open_embedder(parse_spec("scripted"), EndpointConfig())


def test_a_model_that_was_not_made_for_them_is_told() -> None:
    said = embedding_notice(parse_embedding_spec("pocket"))
    assert said is not None
    assert "was not made for embeddings" in said
    assert embedding_notice(parse_embedding_spec("ollama/nomic-embed-text")) is None


def test_a_gguf_file_embeds_in_this_process() -> None:
    """Its vectors depend on the text alone, and not on what else is asked with it."""
    texts = ("Write a poem about spring.", "Compose a poem on spring.", "Add 17 and 25.")

    async def ask() -> list[Completion]:
        embedder = LlamaCppEmbedder(POCKET, context_window=256)
        try:
            with pytest.raises(ContextLengthError):
                await embedder.complete(asking("word " * 400))
            return [await embedder.complete(asking(*each)) for each in (texts, texts[::-1])]
        finally:
            await embedder.aclose()

    forth, back = asyncio.run(ask())
    vectors, backward = told_vectors(forth.text), told_vectors(back.text)
    assert vectors is not None
    assert backward is not None
    assert vectors.tolist() == backward[::-1].tolist()
    assert forth.prompt_tokens == back.prompt_tokens > 10
    lengths = np.linalg.norm(vectors.astype(float), axis=1)
    cosines = vectors.astype(float) @ vectors.astype(float).T / np.outer(lengths, lengths)
    assert cosines[0, 1] > cosines[0, 2]
