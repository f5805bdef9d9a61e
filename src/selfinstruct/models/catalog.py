"""From a model's name on the command line to the model. What can be named is in providers.py, where an
endpoint is reached and with which key in access.py; each kind of model is imported only when it is opened.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from selfinstruct.config import Config, ModelConfig
from selfinstruct.errors import ConfigError, EndpointMismatchError, RunMismatchError
from selfinstruct.models.access import find_endpoint
from selfinstruct.models.base import Api, Capabilities, Model
from selfinstruct.models.provider import Provider
from selfinstruct.models.providers import PROVIDERS, provider_named, provider_of

if TYPE_CHECKING:
    from selfinstruct.models.huggingface.checkpoint import Checkpoint
    from selfinstruct.models.scripted.model import ScriptedModel

__all__ = [
    "is_local",
    "local_file",
    "model_notice",
    "only_chat",
    "open_model",
    "parse_spec",
    "suiting_api",
]

_BASE_MODEL = re.compile(r"(^|/)(davinci|babbage)-002$|[-_](base|pt)(?![a-z])", re.IGNORECASE)
"""What names of base models end in or hold: `davinci-002`, `Qwen3-8B-Base`, `gemma-3-270m-pt`."""

_POCKET = Path(__file__).with_name("pocket.gguf")


def parse_spec(spec: str, context_window: int | None = None) -> ModelConfig:
    """`provider/name` as a config section, with the digest of whatever file decides its replies. A name may
    hold slashes of its own.

    context_window: as the user gave it; where not, a GGUF file's own.

    Raises `UnknownModelError` for a provider that is not in the table, `ConfigError` for a name that is
    missing or a file that cannot be used.
    """
    provider, name = _split(spec)
    if provider.name == "pocket":
        from selfinstruct.models.llamacpp.model import LlamaCppModel

        bundled = LlamaCppModel(local_file(spec), context_window=context_window)
        return ModelConfig(digest=bundled.digest, context_window=bundled.context_window)
    if provider.name == "scripted":
        digest = _open_scripted(name).digest
        return ModelConfig(
            provider="scripted", name=name or "demo", digest=digest, context_window=context_window
        )
    if not name.strip():
        raise ConfigError(f"Which model of {provider.name}?", f"Name it, as in {provider.example}")
    if provider.name == "gguf":
        from selfinstruct.models.llamacpp.model import LlamaCppModel

        path = local_file(spec)
        model = LlamaCppModel(path, context_window=context_window)
        return ModelConfig(
            provider="gguf", name=str(path), digest=model.digest, context_window=model.context_window
        )
    if provider.name == "hf":
        from selfinstruct.models.huggingface.checkpoint import find_checkpoint

        found = find_checkpoint(name)
        return ModelConfig(
            provider="hf",
            name=found.name,
            digest=found.digest,
            context_window=found.context_window(context_window),
        )
    return ModelConfig(provider=provider.name, name=name, context_window=context_window)


def is_local(spec: str | None) -> bool:
    """Whether a SPEC names a model that runs in this process, so that no base URL belongs to it."""
    provider = PROVIDERS.get((spec or "").partition("/")[0])
    return provider is not None and provider.place == "process"


def local_file(spec: str) -> Path:
    """The file of a model that llama.cpp runs in this process; it may be missing. Raises `ConfigError` for
    any other model, `UnknownModelError` as `parse_spec`."""
    provider, name = _split(spec)
    if provider.name == "pocket":
        return _POCKET
    if provider.name != "gguf" or not name:
        raise ConfigError(f"{spec!r} names no model file.", "Give it as gguf/FILE, or take pocket.")
    return Path(name).expanduser().absolute()


def suiting_api(model: ModelConfig) -> Api | None:
    """The call for a model about which that is known; None where only its first answer tells.

    Chat for a GGUF file or a folder with a chat template, and for providers that have no other call;
    completions for other files, and for models that are known as base models. Raises `UnknownModelError` for
    a provider that is not in the table, `ConfigError` for a file that cannot be read.
    """
    if model.provider == "gguf":
        from selfinstruct.models.llamacpp.gguf import has_chat_template

        return "chat" if has_chat_template(Path(model.name)) else "completions"
    if model.provider == "hf":
        return "chat" if _find_checkpoint(model).has_chat_template else "completions"
    if model.provider in ("pocket", "scripted"):
        return "completions"
    if only_chat(model):
        return "chat"
    return "completions" if _BASE_MODEL.search(model.name) else None


def only_chat(model: ModelConfig) -> bool:
    """Whether the provider has no completions call that continues a text as it stands. Raises
    `UnknownModelError` for a provider that is not in the table."""
    return provider_of(model).api == "chat"


def open_model(config: Config) -> Model:
    """The model that a resolved config names. Nothing is sent and nothing large is loaded yet.

    It is asked by the call that `model.api` names, by completions where it names none. An endpoint's key, and
    the variables that its headers name, are read from the environment here, and kept nowhere else.

    Raises `ConfigError` for a key or a variable that is missing, `EndpointMismatchError` for a
    call that the model does not have, `RunMismatchError` for a file that is no longer what the
    config's digest says, `UnknownModelError` as `parse_spec`.
    """
    provider = provider_of(config.model)
    if provider.name == "scripted":
        scripted = _open_scripted("" if config.model.name == "demo" else config.model.name)
        _check_digest(config.model, scripted.digest)
        return scripted
    if provider.name in ("pocket", "gguf"):
        from selfinstruct.models.llamacpp.model import LlamaCppModel

        # As many servers as cores, whatever the concurrency: more would only share them.
        path = _POCKET if provider.name == "pocket" else Path(config.model.name)
        if config.model.api == "chat":
            _require_chat_template(path)
        local = LlamaCppModel(
            path,
            context_window=config.model.context_window,
            capabilities=Capabilities(api=config.model.api or "completions"),
        )
        _check_digest(config.model, local.digest)
        return local
    if provider.name == "hf":
        return _open_hugging_face(config)
    return _open_http(config, provider)


def model_notice(model: ModelConfig) -> str | None:
    """A sentence for the user whose tasks are for trying the program out only, else None."""
    match model.provider, model.name:
        case "pocket", _:
            return (
                "The bundled model is small: good for a first run, not for training data. "
                "Other models: selfinstruct models"
            )
        case "scripted", "demo":
            return "These tasks are template text, not written by a model: for trial runs only."
    return None


def _split(spec: str) -> tuple[Provider, str]:
    name, _, rest = spec.partition("/")
    return provider_named(name, spec), rest


def _open_http(config: Config, provider: Provider) -> Model:
    from selfinstruct.models.http.model import HttpModel

    api = config.model.api or "completions"
    if api == "completions" and provider.api == "chat":
        raise EndpointMismatchError(f"{provider.title} takes chat requests only.", wants="chat")
    endpoint = find_endpoint(config.endpoint, config.model)
    return HttpModel(
        base_url=endpoint.base_url,
        model=endpoint.model,
        api_key=endpoint.api_key,
        timeout_seconds=config.endpoint.timeout_seconds,
        context_window=config.model.context_window,
        capabilities=provider.capabilities(api),
        key_hint=endpoint.key_hint,
        headers=endpoint.headers,
        secrets=endpoint.secrets,
        extra_body={**provider.fields_for(config.model.name), **config.model.extra_body},
        renamed=endpoint.renamed,
        key_header=endpoint.key_header,
    )


def _open_hugging_face(config: Config) -> Model:
    from selfinstruct.models.huggingface.model import HuggingFaceModel

    checkpoint = _find_checkpoint(config.model)
    if config.model.api == "chat" and not checkpoint.has_chat_template:
        raise _no_chat_template(checkpoint.name)
    return HuggingFaceModel(
        checkpoint,
        batch=config.endpoint.concurrency,
        context_window=config.model.context_window,
        capabilities=Capabilities(api=config.model.api or "completions", unsupported=("response_format",)),
    )


def _find_checkpoint(model: ModelConfig) -> Checkpoint:
    """Refuses a folder whose weights are not those of the digest any more."""
    from selfinstruct.models.huggingface.checkpoint import find_checkpoint

    return find_checkpoint(model.name, model.digest)


def _check_digest(model: ModelConfig, found: str) -> None:
    """A file that is another one by now, or another version's bundled model, must not go on with the data."""
    if model.digest and found != model.digest:
        name = "bundled model" if model.provider == "pocket" else f"model {model.name}"
        raise RunMismatchError(
            f"The {name} is not the one that the run was started with: its content has changed.",
            "Restore it, or start a new run.",
        )


def _require_chat_template(path: Path) -> None:
    from selfinstruct.models.llamacpp.gguf import has_chat_template

    if not has_chat_template(path):
        raise _no_chat_template(path.name)


def _no_chat_template(name: str) -> EndpointMismatchError:
    return EndpointMismatchError(
        f"{name} has no chat template: it is not a model for chat.", wants="completions"
    )


def _open_scripted(name: str) -> ScriptedModel:
    from selfinstruct.models.scripted.model import ScriptedModel

    return ScriptedModel.from_file(Path(name).expanduser()) if name else ScriptedModel()
