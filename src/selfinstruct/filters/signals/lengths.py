"""How long an instruction lets the output be, in words, sentences, paragraphs, lines or characters."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from selfinstruct.filters.signals.limits import Limit, limits_of
from selfinstruct.records import Row, Verdict
from selfinstruct.text.formats import Format, output_format
from selfinstruct.text.tokens import count_words

__all__ = ["LengthLimit"]

_SENTENCE = re.compile(r"(?<=[.!?…])[\"”’)\]]*\s+(?=[\"“‘(\[]?[\w])|(?<=[。！？])")
_NOT_AN_END = re.compile(
    r"(?:^|[\s(])(?:[A-Za-z]|e\.g|i\.e|etc|vs|[Mm]rs?|[Mm]s|[Dd]r|[Pp]rof|[Ss]t|[Nn]o|[Jj]r|[Ss]r"
    r"|[Ii]nc|approx|Fig|al|z\.B|bzw|ca|Nr|usw|\d{1,2}|[ap]\.m|U\.S|U\.K)\.[\"”’)\]]*$"
)


@dataclass(frozen=True, slots=True)
class LengthLimit:
    """An output longer or shorter than the instruction allows.

    slack: by what share an exact or a least number of words, or a limit above 20, may be missed.
    about: within which factor `about N words` has to be.
    """

    name: ClassVar[str] = "length_limit"
    version: ClassVar[str] = "2"
    reasons: ClassVar[tuple[str, ...]] = ("length_limit",)
    certain: ClassVar[bool] = False
    about: ClassVar[str] = "The instruction limits the length, and the output breaks the limit."
    example: ClassVar[Row] = Row(
        "Describe a robin in at most five words.", "", "A small brown bird that has a bright red breast"
    )
    slack: float = 0.1
    factor: float = 1.8

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        output = row.output.strip()
        if not output:
            return None
        for limit in limits_of(row.instruction):
            shortest, longest = _measures(output, limit.unit)
            low, high = self._range(limit)
            if shortest > high or longest < low:
                if limit.unit == "line" and "\n" not in output:
                    continue  # verse in one line
                found = shortest if shortest > high else longest
                return Verdict("length_limit", f"{found:,} of {limit.shown}")
        return None

    def _range(self, limit: Limit) -> tuple[float, float]:
        number, slack = limit.number, self.slack if limit.unit in ("word", "character") else 0.0
        match limit.kind:
            case "at most":
                return 0, number * (1 + (slack / 2 if number > 20 else 0))
            case "at least":
                return number * (1 - slack), float("inf")
            case "between":
                return limit.low * (1 - slack), number * (1 + slack)
            case "about":
                return number / self.factor - 1, number * self.factor + 1
        slack = slack if number > 10 else 0
        return number * (1 - 2 * slack), number * (1 + 2 * slack)


def _measures(output: str, unit: str) -> tuple[int, int]:
    """The least and the most that a reader could count."""
    if unit == "word":
        text = re.sub(r"^[#*\-•\s]+|[*_`]", "", output)
        spaced, counted = (
            len([word for word in text.split() if any(map(str.isalnum, word))]),
            count_words(text),
        )
        body = text.split("\n", 1)[-1] if "\n" in text and len(text.split("\n", 1)[0].split()) < 13 else text
        bare = len([word for word in body.split() if any(map(str.isalnum, word))])
        return min(spaced, counted, bare or spaced), max(spaced, counted)
    if unit == "character":
        return len(output), len(output)
    blocks = [block for block in re.split(r"\n\s*\n", output) if block.strip()]
    lines = [line for line in output.splitlines() if line.strip()]
    if unit == "line":
        titled = len(blocks) > 1 and "\n" not in blocks[0].strip()
        return len(lines) - titled, max(len(lines), output.count(" / ") + 1)
    if unit == "paragraph":
        long = [block for block in blocks if len(block.split()) > 11]
        if output_format(output) in (
            Format.LETTER,
            Format.VERSE,
            Format.STEPS,
            Format.BULLETS,
            Format.DIALOGUE,
        ):
            return 1, len(lines)
        return min(len(long) or 1, len(blocks)), max(len(lines), 1)
    pieces = [
        piece for line in lines for piece in _SENTENCE.split(line) if piece and any(map(str.isalnum, piece))
    ]
    least = len(pieces) - sum(_NOT_AN_END.search(piece.strip()) is not None for piece in pieces[:-1])
    capitals = sum(
        1
        for line in lines
        for before, piece in zip(_SENTENCE.split(line), _SENTENCE.split(line)[1:], strict=False)
        if piece and piece.lstrip('"“‘([')[:1].islower() and before
    )
    semicolons = output.count(";") + output.count("…") + output.count(" - ")
    return max(
        least
        - capitals
        - (len(lines) - 1 if len(lines) > 1 and least > len(lines) and not output[:1].isalpha() else 0),
        1,
    ), len(pieces) + semicolons + (1 if not pieces else 0)
