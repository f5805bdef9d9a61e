"""Outputs in a format that machines read, and that no machine can read."""

from __future__ import annotations

import ast
import csv
import io
import json
import re
import textwrap
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import ClassVar

from selfinstruct.filters.signals.base import speaks_of
from selfinstruct.records import Row, Verdict

__all__ = ["DoesNotParse", "unfinished"]

_MEANT_BROKEN = speaks_of(
    "bug* broken invalid malformed erroneous incorrect* error* mistake* "
    "syntax pseudo-?code pseudocode incomplete partial wrong fehlerhaft*"
    " fill missing_part skeleton template fragment fail* obfuscat* corrupt* python_2 python2 "
    "typo* placeholder* fehler* golf continue output_of"
    " what_does jinja"
)
_MENDS = re.compile(
    r"\b(?:fix|repair|correct the|debug|korrigier\w*|behebe?|corrige|repare)\b", re.IGNORECASE
)
_FENCE = re.compile(r"```[ \t]*(?P<language>[\w+#.-]*)[^\n]*\n(?P<code>.*?)(?:\n[ \t]*```|\Z)", re.DOTALL)
_WANTS_JSON = re.compile(
    r"\b(?:as|in|to|into|valid|return(?:s|ing)?|output|generate|create|write|produce|give|provide"
    r"|format\w*)\b[^.!?\n]{0,40}?\bJSON\b(?! (?:schema validator|parser|stand))"
    r"|\bJSON (?:object|array|format|list|output|document|file|string|response)\b|als JSON"
    r"|JSON-Objekt|en JSON|au format JSON|JSON 格式",
    re.IGNORECASE,
)
_WANTS_CSV = re.compile(
    r"\b(?:as|in|to|into|return|output|generate|create|write|produce"
    r"|valid)\b[^.!?\n]{0,40}?\bCSV\b(?! (?:reader|parser|stand))|\bCSV (?:format|table|data|rows"
    r"|lines|output)\b|als CSV|en CSV",
    re.IGNORECASE,
)
_WANTS_PYTHON = re.compile(r"\bpython\b", re.IGNORECASE)
_WANTS_SQL = re.compile(r"\bSQL\b|\b(?:mysql|postgres\w*|sqlite)\b", re.IGNORECASE)
_OTHER_LANGUAGE = re.compile(
    r"\b(?:java|javascript|typescript|c\+\+|c#|php|ruby|rust|go(?:lang)?|kotlin|swift|perl|bash|shell"
    r"|R|scala|html|css|pandas query|regex)\b",
    re.IGNORECASE,
)
_PYTHON_LINE = re.compile(
    r"\s*(?:def \w+|class \w+|(?:async )?(?:for|with) .+:\s*(?:#.*)?$|while .+:|if .+:|elif .+:"
    r"|else\s*:|try\s*:|except\b.*:|finally\s*:|import \w|from \w[\w.]* import|return\b|print\s*\("
    r"|@\w|[\w.\[\]'\", ]+\s*(?:[-+*/%|&]|//|\*\*)?=(?!=)\s*\S|\w[\w.]*\(.*\)\s*(?:#.*)?$|#|raise\b"
    r"|yield\b|pass\b|break\b|continue\b|assert\b|global\b|lambda\b|[\])}]+,?\s*$|\"\"\"|'''|await )"
)
_ONE_LINE = re.compile(
    r"\s*(?:for \w+ in range\(|def \w+ ?\(|while \w+ ?[<>=!]|import \w+;? \w+|from \w+ import)"
)
_SQL_START = re.compile(
    r"\s*(?:--[^\n]*\n\s*)*\(?\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|DROP|WITH|MERGE|TRUNCATE"
    r"|GRANT|REPLACE|EXPLAIN)\b",
    re.IGNORECASE,
)
_ELLIPSIS = re.compile(r"^\s*(?:#|//|--)?\s*(?:\.\.\.|…)", re.MULTILINE)
_DIALECTS = (None, "postgres", "mysql", "tsql", "sqlite", "bigquery", "oracle", "snowflake")


@dataclass(frozen=True, slots=True)
class DoesNotParse:
    """JSON, CSV, Python or SQL that was asked for, or is marked as such, and is none."""

    name: ClassVar[str] = "does_not_parse"
    version: ClassVar[str] = "2"
    reasons: ClassVar[tuple[str, ...]] = ("does_not_parse",)
    certain: ClassVar[bool] = True
    about: ClassVar[str] = "JSON, CSV, Python or SQL that its parser refuses."
    example: ClassVar[Row] = Row("Give the name and age as JSON.", "Ada, 36", '{"name": "Ada", "age": 36')

    def __call__(self, row: Row) -> Verdict | None:
        """As `Signal`."""
        output = row.output.strip()
        if not output or (_MEANT_BROKEN(row.instruction) and not _MENDS.search(row.instruction)):
            return None
        for language, code in _pieces(row.instruction, output):
            if why := _PARSERS[language](code):
                return Verdict("does_not_parse", f"{_NAMES[language]}: {why}")
        return None


def unfinished(instruction: str, output: str) -> bool:
    """Whether JSON or Python that was asked for stops where its parser needs more."""
    if _MEANT_BROKEN(instruction):
        return False
    pieces = _pieces(instruction, output.strip())
    if not pieces:
        return False
    language, code = pieces[-1]
    if language == "json":
        return bool(re.match(r"\s*[\[{]", code)) and _json_stops(code.strip())
    return language == "python" and _python_stops(code)


def _json_stops(text: str) -> bool:
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.pos >= len(text) or (
            error.msg.startswith("Unterminated string") and "\n" not in text[error.pos :]
        )
    except (ValueError, RecursionError):
        return False
    return False


def _python_stops(text: str) -> bool:
    text = textwrap.dedent(text.replace("\t", "    ").strip("\n"))
    lines = text.count("\n") + 1
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except SyntaxError as error:
            at_end = (
                lines > 1
                and (error.lineno or 0) >= lines
                and (error.offset or 0) >= len(text.rsplit("\n", 1)[-1].rstrip())
            )
            open_string = "unterminated" in error.msg and (error.lineno or 0) >= lines
            never_closed = "was never closed" in error.msg and text.rstrip()[-1:] in ",(["
            return at_end or (open_string and lines > 1) or never_closed
        except (ValueError, RecursionError, MemoryError):
            return False
    return False


def _pieces(instruction: str, output: str) -> list[tuple[str, str]]:
    """What has to parse, each with the language that it is in."""
    wanted = _wanted(instruction)
    fenced = [(match["language"].lower(), match["code"]) for match in _FENCE.finditer(output)]
    if fenced:
        found = []
        for language, code in fenced:
            language = _ALIASES.get(language, language)
            if not language:
                language = wanted if len(fenced) == 1 and _looks_like(wanted, code) else ""
            if language in _PARSERS and not _ELLIPSIS.search(code) and code.strip():
                found.append((language, code))
        return found
    if wanted in _PARSERS and (
        _looks_like(wanted, output) or (wanted == "json" and not re.search(r"[\[{]", output))
    ):
        return [(wanted, output)]
    return []


_ALIASES = {
    "py": "python",
    "python3": "python",
    "sqlite": "sql",
    "postgresql": "sql",
    "mysql": "sql",
    "jsonc": "",
}
_NAMES = {"json": "JSON", "csv": "CSV", "python": "Python", "sql": "SQL"}


@lru_cache(maxsize=64)
def _wanted(instruction: str) -> str:
    """The one language that the instruction asks for; empty where that is not clear."""
    lower = instruction.lower()
    if not any(name in lower for name in ("json", "csv", "python", "sql", "postgres")):
        return ""
    if _WANTS_JSON.search(instruction):
        return (
            ""
            if re.search(
                r"\b(?:function|program|script|code|class|parse|convert (?:the |this |a )?JSON"
                r"|from JSON|to (?:xml|csv|yaml))\b",
                instruction,
                re.IGNORECASE,
            )
            else "json"
        )
    if _WANTS_CSV.search(instruction):
        return (
            ""
            if re.search(
                r"\b(?:function|program|script|code|class|parse|read)\b|\b(?:convert|turn) (?:the "
                r"|this |a )?CSV|from CSV",
                instruction,
                re.IGNORECASE,
            )
            else "csv"
        )
    if _OTHER_LANGUAGE.search(instruction):
        return ""
    if _WANTS_PYTHON.search(instruction):
        return "python"
    return "sql" if _WANTS_SQL.search(instruction) else ""


def _looks_like(language: str, text: str) -> bool:
    """Whether a text without a fence means to be in this language, all of it."""
    lines = [line for line in text.splitlines() if line.strip()]
    match language:
        case "json":
            return text.lstrip()[:1] in ("{", "[") or ("{" in text and '":' in text)
        case "csv":
            return (
                len(lines) > 1 and sum("," in line for line in lines) * 2 > len(lines) and "|" not in lines[0]
            )
        case "python":
            code = sum(_PYTHON_LINE.match(line) is not None or line[:1] in " \t" for line in lines)
            strong = re.search(
                r"^\s*(?:def |class |import |from \w+ import|for .+ in |while |print\s*\(|return\b|if )",
                text,
                re.MULTILINE,
            )
            if text.lstrip()[:1] in ("[", "{") and len(lines) < 20:
                return True
            if len(lines) == 1 and _ONE_LINE.match(text) and "(" in text:
                return True
            return bool(strong) and code >= 0.8 * len(lines) and _PYTHON_LINE.match(lines[0]) is not None
        case "sql":
            return (
                _SQL_START.match(text) is not None
                and "{" not in text
                and re.search(r"\w\. [A-Z][a-z]+ [a-z]+ ", text) is None
            )
    return False


def _json_problem(text: str) -> str:
    text = text.strip()
    try:
        json.loads(text)
    except RecursionError:
        return "nested too deeply"
    except ValueError as error:
        start = min((place for sign in "{[" if (place := text.find(sign)) >= 0), default=-1)
        if start >= 0:
            try:
                _, end = json.JSONDecoder().raw_decode(text, start)
            except (ValueError, RecursionError):
                pass
            else:
                rest = text[end:].strip()
                if start > 0 or not rest.startswith((",", "]", "}", '"')):
                    return ""  # an object with words around it: another signal's affair
        lines = [line for line in text.splitlines() if line.strip()]
        if len(lines) > 1 and all(_is_json(line) for line in lines):  # JSON Lines
            return ""
        return str(error).split(": line")[0] if isinstance(error, json.JSONDecodeError) else str(error)
    return ""


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _csv_problem(text: str) -> str:
    try:
        rows = [
            row for row in csv.reader(io.StringIO(text.strip()), skipinitialspace=True, strict=True) if row
        ]
    except csv.Error as error:
        return str(error)
    widths = {len(row) for row in rows}
    if len(rows) > 1 and len(widths) > 1:
        return f"rows of {' and '.join(map(str, sorted(widths)))} cells"
    return ""


def _python_problem(text: str) -> str:
    text = textwrap.dedent(text.replace("\t", "    ").strip("\n"))
    if re.search(r"^\s*(?:>>>|In \[\d+\]|\$ |[%!]\w)", text, re.MULTILINE):
        return ""  # a session, or a notebook's cell
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            ast.parse(text)
        except SyntaxError as error:
            return f"{error.msg}, line {error.lineno}"
        except (ValueError, RecursionError, MemoryError) as error:
            return str(error) or "nested too deeply"
    return ""


def _sql_problem(text: str) -> str:
    import logging

    import sqlglot
    from sqlglot.errors import SqlglotError

    first = ""
    log = logging.getLogger("sqlglot")
    level = log.level
    log.setLevel(logging.CRITICAL)  # it warns of statements that it passes over
    try:
        for dialect in _DIALECTS:
            try:
                sqlglot.parse(text, dialect=dialect)
            except (SqlglotError, RecursionError) as error:
                first = first or str(error).split("\n")[0].split(". Line")[0]
            else:
                return ""
    finally:
        log.setLevel(level)
    return re.sub(r"\x1b\[\d+m", "", first)[:80] or "it does not parse"


_PARSERS: Mapping[str, Callable[[str], str]] = {
    "json": _json_problem,
    "csv": _csv_problem,
    "python": _python_problem,
    "sql": _sql_problem,
}
"""Each says what is wrong with a text; nothing for one that parses."""
