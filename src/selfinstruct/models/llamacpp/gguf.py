"""A GGUF file before it is loaded: whether it can be run here, with how large a context window, and whether
it brings a chat template.

Reads the header as far as the field that matters, and none of the weights: damage further on is found when
llama.cpp loads the file.
"""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import IO, Any

from selfinstruct.errors import ConfigError, UnknownModelError
from selfinstruct.paths import path_problem

__all__ = ["architecture_of", "choose_context", "has_chat_template", "pooling"]

LARGEST_DEFAULT_CONTEXT = 8192
"""Tokens. Models trained for 128 K would take many GB a server for a window that no recipe fills."""


def choose_context(path: Path, wanted: int | None) -> int:
    """Check what can be checked without loading; the window, in tokens, that a server of this file will have.

    wanted: at most what the model was trained for, rounded up to llama.cpp's steps of 256 (but not beyond
        that); None for all it was trained for, at most 8192.

    Raises UnknownModelError where there is no such file, ConfigError for one that is no GGUF file, has a
    damaged header or is larger than memory, and for a window that does not fit the model.
    """
    trained = _trained_context(path)
    _check_size(path)
    if wanted is None:
        return min(trained, LARGEST_DEFAULT_CONTEXT)
    if not 1 <= wanted <= trained:
        raise ConfigError(
            f"A context window of {wanted} tokens does not fit {path}.",
            f"The model was trained for {trained}: choose 1 to {trained}.",
        )
    return min(trained, -(-wanted // 256) * 256)


def has_chat_template(path: Path) -> bool:
    """Whether the model was tuned for chat, so that it brings a template for it. Raises as
    `choose_context` does."""
    return bool(_read_field(path, "tokenizer.chat_template"))


def pooling(path: Path) -> bool:
    """Whether the file says how one vector is made of its tokens', as embedding models do. Raises as
    `choose_context` does."""
    return bool(_read_field(path, ".pooling_type"))


def architecture_of(path: Path) -> str:
    """Such as `llama` or `gemma3`. Raises as `choose_context` does."""
    found = _read_field(path, "general.architecture")
    if not isinstance(found, str):
        raise _damaged(path)
    return found


def _trained_context(path: Path) -> int:
    tokens = _read_field(path, ".context_length")
    if not isinstance(tokens, int):
        raise _damaged(path)
    return tokens


def _read_field(path: Path, suffix: str) -> Any:
    """The value of the first field whose name ends so, or None."""
    hint = "Give the path of a GGUF file."
    if problem := path_problem(path, below=True):
        raise ConfigError(problem.message, hint)
    if path.exists() and not path.is_file():
        what = "a folder" if path.is_dir() else "a pipe or a device"
        raise ConfigError(f"{path} is {what}, not a model file.", hint)
    try:
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                raise ConfigError(f"{path} is not a GGUF file.", hint)
            return _find_field(file, suffix)
    except FileNotFoundError as error:
        raise UnknownModelError(f"There is no model file {path}.", hint) from error
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.", hint) from error
    except (struct.error, KeyError, OverflowError, UnicodeDecodeError) as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> ConfigError:
    return ConfigError(f"The header of {path} is damaged or cut off.", "Download the file again.")


def _check_size(path: Path) -> None:
    size, available = path.stat().st_size, _available_memory()
    if available is not None and size > available:
        raise ConfigError(
            f"{path} is {size / 1e9:.1f} GB; {available / 1e9:.1f} GB of memory are available.",
            "Use a smaller model, or a smaller quantization of this one.",
        )


# GGUF: magic, version, number of tensors, number of fields; a field is a name, a type and a value. A
# string is its length and its bytes; an array its items' type, their number and the items.
_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9


def _find_field(file: IO[bytes], suffix: str) -> Any:
    """The value of the first field whose name ends so, a number or a text, or None; `file` stands behind
    the magic. Raises struct.error where the file ends too early, KeyError for an unknown type.
    """
    _version, _tensors, fields = _unpack(file, "IQQ")
    for _ in range(fields):
        name = file.read(min(_unpack(file, "Q")[0], 2**16)).decode()
        kind = _unpack(file, "I")[0]
        if name.endswith(suffix):
            if kind == _STRING:
                return file.read(_unpack(file, "Q")[0]).decode("utf-8", "replace")
            return _unpack(file, _SCALARS[kind])[0]
        _skip(file, kind, 1)
    return None


def _skip(file: IO[bytes], kind: int, count: int) -> None:
    if kind == _STRING:
        for _ in range(count):
            file.seek(_unpack(file, "Q")[0], os.SEEK_CUR)
    elif kind == _ARRAY:
        for _ in range(count):
            _skip(file, *_unpack(file, "IQ"))
    else:
        file.seek(count * struct.calcsize(_SCALARS[kind]), os.SEEK_CUR)


def _unpack(file: IO[bytes], layout: str) -> tuple[Any, ...]:
    return struct.unpack(f"<{layout}", file.read(struct.calcsize(f"<{layout}")))


def _available_memory() -> int | None:
    """Bytes that can be had without swapping, or where that is not told all there are, or None."""
    try:
        for line in Path("/proc/meminfo").read_text().splitlines():
            if line.startswith("MemAvailable:"):
                return int(line.split()[1]) * 1024
    except OSError:
        pass
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):
        return None
