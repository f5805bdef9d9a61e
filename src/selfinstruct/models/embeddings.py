"""Embeddings as requests and completions have them: texts in a prompt's body, vectors in a reply's text.

A vector is kept as one byte a number, the largest 127: 1.4 KB of a run's file at 1,024 numbers. What the
bytes say is what counts from then on. Their products are whole numbers, so that a similarity is the same
double on every machine; it differs from that of the model's own numbers by less than a thousandth.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from selfinstruct.records import Prompt, Sampling

__all__ = ["MOST_NUMBERS", "Vector", "asked_texts", "embedding_prompt", "told_vectors", "vectors_text"]

Vector = NDArray[np.int8]
"""Of shape (numbers,)."""

MOST_NUMBERS = 65_536
"""Of one vector: more than any model has."""

_NOTHING = Sampling(temperature=0.0, top_p=1.0, frequency_penalty=0.0, presence_penalty=0.0, max_tokens=0)


def embedding_prompt(texts: Sequence[tuple[int, str]]) -> Prompt:
    """Texts, each with the number that its vector is filed under."""
    body = json.dumps([list(text) for text in texts], ensure_ascii=False, separators=(",", ":"))
    return Prompt("", body, _NOTHING, 0)


def asked_texts(body: str) -> list[tuple[int, str]]:
    """The inverse, of the prompt's body."""
    return [(int(number), str(text)) for number, text in json.loads(body)]


def vectors_text(vectors: NDArray[Any]) -> str:
    """The text of a completion. vectors: shape (texts, numbers), finite, of any length; those of nothing but
    zeros stay so."""
    whole = np.asarray(vectors, dtype=np.float64)
    largest = np.abs(whole).max(axis=1, initial=0.0, keepdims=True)
    scaled = np.rint(whole / np.where(largest > 0, largest, 1.0) * 127).astype(np.int8)
    return json.dumps(
        {
            "vectors": scaled.shape[0],
            "numbers": scaled.shape[1],
            "int8": base64.b64encode(scaled.tobytes()).decode(),
        },
        separators=(",", ":"),
    )


def told_vectors(text: str) -> NDArray[np.int8] | None:
    """Shape (texts, numbers); None for any other text."""
    try:
        value = json.loads(text)
        data = base64.b64decode(value["int8"], validate=True)
        return np.frombuffer(data, dtype=np.int8).reshape(value["vectors"], value["numbers"])
    except (ValueError, TypeError, KeyError, binascii.Error):
        return None
