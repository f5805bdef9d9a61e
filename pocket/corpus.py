"""Reading the public data: books and textbooks as documents, NIv2 and GSM8K as tasks.

Data: corpus/{books.txt,openstax.txt,niv2-train.jsonl,gsm8k-train.jsonl}.xz under one folder. The T0 rows
are not read: the licences of the sets under them vary, and weights made from them are shipped.
Nothing is written.
"""

from __future__ import annotations

import html
import json
import lzma
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.records import Instance

__all__ = [
    "DOCUMENT_SEPARATOR",
    "PublicTask",
    "clean",
    "read_documents",
    "read_gsm8k",
    "read_niv2",
]

DOCUMENT_SEPARATOR = "<|doc|>"
LONGEST_DEFINITION = 150
"""Words; the filters of the paper's recipe drop longer ones."""
LONGEST_INPUT = 900
"""Characters; several tasks must fit a sheet."""

_TYPOGRAPHY = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "\u00a0": " ", "\u2009": " ", "\ufeff": "", "\r": ""}
)
_LANGUAGES = re.compile(
    r"""\b(?:afrikaans|arabic|assamese|basque|bengali|bulgarian|catalan|chinese|croatian|czech|danish|dutch
    |estonian|farsi|filipino|finnish|french|galician|german|greek|gujarati|haitian|hausa|hebrew|hindi
    |hungarian|igbo|indonesian|irish|italian|japanese|javanese|kannada|korean|kurdish|latin|lithuanian|malay
    |malayalam|mandarin|marathi|nepali|norwegian|odia|oriya|pashto|persian|polish|portuguese|punjabi|quechua
    |romanian|russian|serbian|sinhala|slovak|slovenian|somali|spanish|swahili|swedish|tagalog|tamil|telugu
    |thai|turkish|ukrainian|urdu|vietnamese|yoruba|xhosa|translat\w+)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_STRUCTURE = re.compile(r"(?:Task|Output|Class label)\s*:|^Example \d", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class PublicTask:
    """A task of a public set. is_classification: None where it cannot be told from the row."""

    source: str
    instruction: str
    instances: tuple[Instance, ...]
    is_classification: bool | None


def read_documents(data: Path, name: str) -> Iterator[str]:
    """Books (`books`) or chapters of textbooks (`openstax`), lightly cleaned; empty ones left out."""
    text = _read(data / "corpus" / f"{name}.txt.xz")
    for document in text.split(DOCUMENT_SEPARATOR):
        document = clean(_without_markup(document) if name == "openstax" else document)
        if len(document) > 200:
            yield document + "\n"


def read_niv2(data: Path) -> Iterator[PublicTask]:
    """English rows whose definition, input and output are short and cannot be mistaken for the frame of a
    sheet; the same definition only once."""
    seen = set()
    for row in _rows(data / "corpus" / "niv2-train.jsonl.xz"):
        definition = " ".join(clean(row["definition"]).split()).rstrip(":")
        instances = tuple(
            Instance(input=clean(example["input"]), output=clean(example["output"]))
            for example in row["positive_examples"]
        )
        if definition in seen or not _is_usable(definition, instances):
            continue
        seen.add(definition)
        kind = _is_classification(row["task"], definition, instances)
        yield PublicTask("niv2", definition, instances, kind)


def read_gsm8k(data: Path) -> Iterator[PublicTask]:
    """Word problems, each an instruction without input, its answer worked out in sentences."""
    for row in _rows(data / "corpus" / "gsm8k-train.jsonl.xz"):
        question = " ".join(clean(row["question"]).split())
        steps, _, result = clean(re.sub(r"<<.*?>>", "", row["answer"])).rpartition("#### ")
        output = f"{steps.strip()}\nThe answer is {result.strip()}."
        yield PublicTask("gsm8k", question, (Instance(input="", output=output),), is_classification=False)


def clean(text: str) -> str:
    """Plain quotation marks and spaces, no carriage returns, no spaces before line ends, at most one
    empty line in a row."""
    text = text.translate(_TYPOGRAPHY)
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ \t]+\n", "\n", text)).strip()


def _without_markup(chapter: str) -> str:
    """A textbook's chapter without the marks of its Markdown that are no text."""
    chapter = re.sub(r"\A\s*---\n.*?\n---\n", "", chapter, flags=re.DOTALL)
    chapter = re.sub(r"\{:[^}]*\}|\s?\(?\[\\\[link\\\]\]\(#[^)]*\)\)?", "", chapter)  # attributes, figures
    chapter = re.sub(r"!?\[([^\]]*)\](?:\([^)]*\)|\[\d+\])", r"\1", chapter)
    chapter = re.sub(r"^\s*(?:\[\d+\]: \S+|\^|\x22\)|<[^>]*>)\s*$", "", chapter, flags=re.MULTILINE)
    return html.unescape(chapter).replace("**", "")


def _is_usable(definition: str, instances: tuple[Instance, ...]) -> bool:
    texts = [definition, *(text for instance in instances for text in (instance.input, instance.output))]
    return (
        4 <= len(definition.split()) <= LONGEST_DEFINITION
        and bool(instances)
        and all(instance.output for instance in instances)
        and all(len(instance.input) <= LONGEST_INPUT for instance in instances)
        and all(text.isascii() for text in texts)
        and not _LANGUAGES.search(definition)
        and not any(_STRUCTURE.search(text) for text in texts)
    )


def _is_classification(name: str, definition: str, instances: tuple[Instance, ...]) -> bool | None:
    """By the outputs: a short one that the definition itself names is a label, a sentence is none."""
    outputs = [instance.output.rstrip(".") for instance in instances]
    if all(len(output.split()) <= 3 for output in outputs):
        named = all(re.search(rf"\b{re.escape(output)}\b", definition, re.IGNORECASE) for output in outputs)
        return True if named or "classification" in name else None
    return False if all(len(output.split()) > 5 for output in outputs) else None


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    # Some rows hold other line separators than \n, so no splitlines.
    return (json.loads(line) for line in _read(path).split("\n") if line)


def _read(path: Path) -> str:
    with lzma.open(path, "rt", encoding="utf-8", newline="\n") as file:
        return file.read()
