"""A checkpoint in Hugging Face's layout before it is loaded: where it is, how many tokens it takes, whether
it brings a chat template, and a digest by which changed weights are noticed. Needs neither torch nor
transformers.

A folder with `config.json` is a model; one with `adapter_config.json` a LoRA adapter, which names the model
that it belongs to. Either may be a folder or a name on the Hub; what is there stays where huggingface_hub
keeps it. What an adapter belongs to may also be `pocket` or a GGUF file, since these can be tuned.

The digest of a folder is cheap even for one of 100 GB: small files are hashed whole, of a large one its size
and 1,024 blocks of 4 KB, evenly spread. Two sets of weights that differ in none of these blocks are not told
apart; training changes nearly every number. Of a name on the Hub the digest is the commit, and it is that
commit which is loaded from then on.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from selfinstruct.errors import ConfigError, RunMismatchError, UnknownModelError
from selfinstruct.models.huggingface.hub import fetch, find_commit
from selfinstruct.models.llamacpp.gguf import choose_context, has_chat_template

__all__ = ["Checkpoint", "find_checkpoint"]

BUNDLED = Path(__file__).parents[1] / "pocket.gguf"
SMALL_PARAMETERS = 100_000_000
WHOLE_BYTES = 64 * 2**20
BLOCKS, BLOCK_BYTES = 1024, 4096
WEIGHTS = ("*.safetensors", "*.safetensors.index.json", "pytorch_model*.bin*", "adapter_model.bin")
TEXTS = (
    "config.json", "generation_config.json", "adapter_config.json", "tokenizer*", "special_tokens_map.json",
    "added_tokens.json", "vocab*", "merges.txt", "*.model", "*.tiktoken", "chat_template*",
)  # fmt: skip
"""Everything that decides a reply besides the weights."""
_HUB_NAME = re.compile(r"[\w-][\w.-]*(/[\w-][\w.-]*)?(@[\w./-]+)?", re.ASCII)
_WINDOW_FIELDS = ("max_position_embeddings", "n_positions", "max_sequence_length", "n_ctx", "seq_length")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A model, or an adapter with the model below it.

    name: the absolute path of its folder, or its name on the Hub. folder: None for the latter.
    commit: on the Hub, which one; empty for a folder. base: of an adapter, the model that it belongs to.
    gguf: the file that a base is in, in place of config and weights.
    """

    name: str
    folder: Path | None
    commit: str = ""
    base: Checkpoint | None = None
    gguf: Path | None = None

    @property
    def digest(self) -> str:
        """Its own, and after a `+` that of its base. Reads some MB of a folder."""
        own = self.commit or _digest([self.gguf] if self.gguf else _deciding_files(self.local()))
        return own if self.base is None else f"{own}+{self.base.digest}"

    @property
    def model(self) -> Checkpoint:
        """The model itself, below an adapter."""
        return self.base or self

    @property
    def is_small(self) -> bool:
        """Whether it has less than some 100 M parameters, as far as its config tells; not where it speaks of
        experts, whose kernels do not know float64."""
        if self.model.gguf is not None:
            return self.model.gguf.stat().st_size < SMALL_PARAMETERS  # most have about a byte for each
        config = _read_json(self.model.local() / "config.json")
        if any("expert" in name for name in config):
            return False
        match config:
            case {
                "hidden_size": int(width),
                "intermediate_size": int(inner),
                "num_hidden_layers": int(layers),
                "vocab_size": int(words),
            }:
                return layers * (4 * width * width + 3 * width * inner) + words * width < SMALL_PARAMETERS
            case _:
                return False

    @property
    def has_chat_template(self) -> bool:
        """Whether its tokenizer brings one, so that it was tuned for chat."""
        tokenizer = self.tokenizer()
        if tokenizer.gguf is not None:
            return has_chat_template(tokenizer.gguf)
        folder = tokenizer.local()
        return any(folder.glob("chat_template*")) or bool(
            _read_json(folder / "tokenizer_config.json", missing={}).get("chat_template")
        )

    def tokenizer(self) -> Checkpoint:
        """Whose tokenizer is used: the adapter's where it brings one, else its base's."""
        own = (self.local() / "tokenizer_config.json").exists() or (self.local() / "tokenizer.json").exists()
        return self if own else self.model

    def context_window(self, wanted: int | None) -> int | None:
        """Tokens of prompt and reply together: what is wanted, or all that the model was trained for; None
        where its config does not say. Raises ConfigError for a wanted one that is too large."""
        if self.model.gguf is not None:
            return choose_context(self.model.gguf, wanted)
        config = _read_json(self.model.local() / "config.json")
        nested = config.get("text_config")
        places = [config, nested] if isinstance(nested, dict) else [config]
        found = (place.get(name) for place in places for name in _WINDOW_FIELDS)
        trained = next((value for value in found if isinstance(value, int)), None)
        if wanted is not None and trained is not None and wanted > trained:
            raise ConfigError(
                f"A context window of {wanted} tokens does not fit {self.name}.",
                f"The model was trained for {trained}: choose 1 to {trained}.",
            )
        return wanted or trained

    def local(self, *, weights: bool = False) -> Path:
        """The folder with its small files, and with its weights if they are asked for; fetched from the Hub
        where that has not been done."""
        if self.folder is not None:
            return self.folder
        return fetch(self.name, self.commit, TEXTS + WEIGHTS if weights else TEXTS)


def find_checkpoint(name: str, digest: str = "") -> Checkpoint:
    """What `hf/NAME` stands for: a folder if there is one, else a name on the Hub, perhaps with @REVISION.

    digest: what it is known to be, from a run; a name on the Hub then means that commit, and a folder that
        has changed since is refused.

    Raises UnknownModelError where there is neither, ConfigError for a folder that holds no model,
    RunMismatchError for one that has changed, and what `find_commit` does.
    """
    found = _find(name, digest)
    if digest and found.digest != digest:
        raise RunMismatchError(
            f"The model in {name} is not the one that the run was started with: its files have changed.",
            "Restore it, or start a new run.",
        )
    return found


def _find(name: str, digest: str) -> Checkpoint:
    folder = Path(name).expanduser()
    own, _, below = digest.partition("+")
    if folder.is_dir():
        found = Checkpoint(str(folder.absolute()), folder.absolute())
    elif folder.exists():
        hint = f"Did you mean gguf/{name}?" if folder.suffix == ".gguf" else "Give the folder that it is in."
        raise ConfigError(f"{name} is a file, not a folder.", hint)
    elif _HUB_NAME.fullmatch(name):
        repository, _, revision = name.partition("@")
        found = Checkpoint(repository, None, commit=own or find_commit(repository, revision))
    else:
        raise UnknownModelError(f"There is no folder {name}.", "Give a folder, or OWNER/NAME on the Hub.")
    files = found.local()
    if not (files / "adapter_config.json").exists():
        _check_model(files, name, has_weights=found.folder is None)
        return found
    adapter = _read_json(files / "adapter_config.json")
    if adapter.get("peft_type") != "LORA":
        raise ConfigError(f"The adapter in {name} is not a LoRA adapter but {adapter.get('peft_type')}.")
    base = _find_base(_base_name(adapter, files), below)
    if base.base is not None:
        raise ConfigError(f"The adapter in {name} belongs to another adapter.", "Merge that one first.")
    return Checkpoint(found.name, found.folder, found.commit, base)


def _find_base(name: str, digest: str) -> Checkpoint:
    gguf = BUNDLED if name == "pocket" else Path(name)
    if gguf.suffix == ".gguf" and gguf.is_file():
        return Checkpoint(name, gguf.absolute().parent, gguf=gguf.absolute())
    return _find(name, digest)


def _base_name(adapter: dict[str, Any], folder: Path) -> str:
    """As the adapter has it; a path that does not lead anywhere from here is tried from its folder."""
    named = adapter.get("base_model_name_or_path")
    if not isinstance(named, str) or not named:
        raise ConfigError(f"{folder / 'adapter_config.json'} does not name the adapter's base model.")
    beside = folder / named
    return str(beside) if not Path(named).exists() and beside.is_dir() else named


def _check_model(folder: Path, name: str, *, has_weights: bool) -> None:
    if not (folder / "config.json").exists():
        inside = [each for each in ("model", "adapter") if (folder / each).is_dir()]
        hint = f"Did you mean hf/{name.rstrip('/')}/{inside[0]}?" if inside else ""
        raise ConfigError(f"{name} holds no model: neither config.json nor adapter_config.json.", hint)
    if not has_weights and not any(any(folder.glob(pattern)) for pattern in WEIGHTS):
        raise ConfigError(f"{name} holds no weights: no *.safetensors and no pytorch_model.bin.")


def _read_json(path: Path, *, missing: dict[str, Any] | None = None) -> dict[str, Any]:
    """The object in a file, or `missing` where that is given and there is none."""
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if missing is not None:
            return missing
        raise ConfigError(f"There is no {path}.") from error
    except (OSError, ValueError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.") from error
    if not isinstance(value, dict):
        raise ConfigError(f"{path} is not a JSON object.")
    return value


def _deciding_files(folder: Path) -> list[Path]:
    found = {path for pattern in TEXTS + WEIGHTS for path in folder.glob(pattern)}
    return sorted(path for path in found if path.is_file())


def _digest(files: Sequence[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        size = path.stat().st_size
        digest.update(f"{path.name}\0{size}\0".encode())
        for block in _blocks(path, size):
            digest.update(block)
    return digest.hexdigest()


def _blocks(path: Path, size: int) -> Iterator[bytes]:
    """All of a small file; of a large one, blocks at even distances, the first and the last among them."""
    try:
        with path.open("rb") as file:
            if size <= WHOLE_BYTES:
                yield file.read()
                return
            for block in range(BLOCKS):
                file.seek((size - BLOCK_BYTES) * block // (BLOCKS - 1))
                yield file.read(BLOCK_BYTES)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error
