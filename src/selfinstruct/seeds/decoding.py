"""From a file's bytes to text: UTF-8, or else what the file seems to be and how to save it instead."""

from __future__ import annotations

import codecs

from selfinstruct.seeds.rows import SeedProblem

__all__ = ["decode"]

_SAVE_TABLE = "Save the table as CSV (in Excel: “CSV UTF-8”) and give that file."
_UNPACK = "Unpack it and give the file inside."
_SAVE_TEXT = "Save it as plain text, one instruction per line."
_CONVERT = 'Convert it to JSON Lines, one {"instruction": "…"} per line.'

_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"PK\x03\x04", "a ZIP archive, as .xlsx, .ods and .docx are", _SAVE_TABLE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file, such as .xls or .doc", _SAVE_TABLE),
    (b"PAR1", "Parquet", _CONVERT),
    (b"ARROW1", "Arrow", _CONVERT),
    (b"SQLite format 3\0", "a SQLite database", _CONVERT),
    (b"\x1f\x8b", "compressed with gzip", _UNPACK),
    (b"BZh", "compressed with bzip2", _UNPACK),
    (b"\xfd7zXZ\0", "compressed with xz", _UNPACK),
    (b"\x28\xb5\x2f\xfd", "compressed with zstd", _UNPACK),
    (b"%PDF", "a PDF", _SAVE_TEXT),
    (b"{\\rtf", "rich text", _SAVE_TEXT),
)  # fmt: skip

_SAVE_UTF8 = "Save the file as UTF-8"
_UTF16_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def decode(data: bytes) -> str | SeedProblem:
    """The text, without a byte order mark; or the one problem that keeps it from being read."""
    for signature, what, hint in _SIGNATURES:
        if data.startswith(signature):
            return SeedProblem(0, f"this is {what}, not text", hint=hint)
    if data.startswith(_UTF16_MARKS):
        width = "UTF-32" if data.startswith(_UTF16_MARKS[:2]) else "UTF-16"
        return SeedProblem(
            1, f"the text is {width}, as its byte order mark says", hint=f"{_SAVE_UTF8}, not “Unicode”."
        )
    if (nul := data.find(b"\0")) >= 0:
        message = f"not text: {_place(data, nul)} is NUL"
        return SeedProblem(_line(data, nul), message, hint=f"{_SAVE_UTF8}; it may be UTF-16, or no text.")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        # Counted in `data`: the codec drops a byte order mark from what it reports.
        start = error.start + (len(codecs.BOM_UTF8) if data.startswith(codecs.BOM_UTF8) else 0)
        message = f"not UTF-8 text: {_place(data, start)} is 0x{data[start]:02X}"
        hint = f"{_SAVE_UTF8}; it may be Windows-1252 or another old encoding now."
        return SeedProblem(_line(data, start), message, hint=hint)


def _line(data: bytes, position: int) -> int:
    return data.count(b"\n", 0, position) + 1


def _place(data: bytes, position: int) -> str:
    before = data.rfind(b"\n", 0, position)  # -1 on the first line, which is as good
    return f"byte {position - before} of the line"
