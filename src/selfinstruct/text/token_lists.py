"""A growing list of token sequences, kept as numbers in one flat array: 4 bytes a token.

For a call of rapidfuzz entries become strings: the tokens of the few sequences that they are compared with
each have a character, all other tokens share one that matches none. With up to 254 such tokens the characters
are below U+0100, which rapidfuzz looks up far faster than others.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

__all__ = ["TokenLists"]

_BLOCK = 1 << 16
_OTHER, _END, _FIRST_CODE = 0, 1, 2  # what characters mean: a token not compared, an entry's end, the rest


class TokenLists:
    """Entries are numbered from 0 in order of arrival; tokens from 1, since a 0 ends each entry."""

    def __init__(self) -> None:
        self._numbers: dict[str, int] = {}  # of each distinct token
        self._tokens = array("i")  # numbers, one entry after the other, a 0 behind each
        self._starts = array("q")
        self._lengths = array("i")

    def __len__(self) -> int:
        return len(self._lengths)

    @property
    def vocabulary(self) -> int:
        """One above the highest token number."""
        return len(self._numbers) + 1

    @property
    def nbytes(self) -> int:
        """What the arrays take; the dictionary of tokens is left out."""
        return sum(len(each) * each.itemsize for each in (self._tokens, self._starts, self._lengths))

    @property
    def lengths(self) -> array[int]:
        """Of every entry, in tokens. Not to be changed; a view of it must be gone before the next
        `append`."""
        return self._lengths

    def number(self, tokens: Sequence[str]) -> list[int]:
        """The tokens' numbers; new tokens get the next ones."""
        return [self._numbers.setdefault(token, len(self._numbers) + 1) for token in tokens]

    def append(self, numbers: Sequence[int]) -> None:
        """Make these tokens the next entry."""
        self._starts.append(len(self._tokens))
        self._tokens.extend(numbers)
        self._tokens.append(0)
        self._lengths.append(len(numbers))

    def slice(self, first: int, end: int) -> NDArray[np.int32]:
        """A copy of the numbers of entries `first` to `end`, a 0 behind each entry."""
        if first == end:
            return np.empty(0, dtype=np.int32)
        last = self._starts[end] if end < len(self) else len(self._tokens)
        return np.array(self._tokens[self._starts[first] : last], dtype=np.int32)

    def lengths_of(self, first: int, end: int) -> NDArray[np.int64]:
        """A copy of the lengths of entries `first` to `end`, in tokens."""
        return np.array(self._lengths[first:end], dtype=np.int64)

    def blocks(self, first: int = 0) -> Iterator[tuple[int, int]]:
        """Where to cut the entries from `first` on, so that arrays of a block's tokens are some megabytes."""
        for start in range(first, len(self), _BLOCK):
            yield start, min(start + _BLOCK, len(self))

    def codes(self, queries: Sequence[Sequence[str]]) -> dict[str, int]:
        """A code for each distinct token of the queries."""
        distinct = dict.fromkeys(token for tokens in queries for token in tokens)
        return {token: code for code, token in enumerate(distinct, _FIRST_CODE)}

    def strings(self, codes: dict[str, int], entries: NDArray[np.int64] | None = None) -> list[str]:
        """Entries, all of them if none are given, with one character a token.

        codes: from `codes`; a query is `"".join(chr(codes[token]) for token in tokens)`.
        """
        narrow = len(codes) + _FIRST_CODE <= 256
        code_of = np.full(self.vocabulary, _OTHER, dtype=np.uint8 if narrow else "<u4")
        code_of[0] = _END
        for token, code in codes.items():
            if number := self._numbers.get(token):
                code_of[number] = code
        encoded = code_of.take(self._flat(entries)).tobytes()
        text = encoded.decode("latin-1") if narrow else encoded.decode("utf-32-le", "surrogatepass")
        return text.split(chr(_END))[:-1]  # nothing follows the last end

    def _flat(self, entries: NDArray[np.int64] | None) -> NDArray[np.int32]:
        """The numbers of these entries, one entry after the other, a 0 behind each."""
        tokens: NDArray[np.int32] = np.frombuffer(self._tokens, dtype=np.intc)
        if entries is None:
            return tokens
        widths = np.frombuffer(self._lengths, dtype=np.intc)[entries].astype(np.int64) + 1
        before = np.cumsum(widths) - widths
        starts = np.frombuffer(self._starts, dtype=np.int64)[entries]
        return tokens.take(np.repeat(starts - before, widths) + np.arange(widths.sum()))
