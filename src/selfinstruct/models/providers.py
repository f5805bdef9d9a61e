"""What a SPEC can name: a table, one row a provider. hosted.py has those over the network."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

from selfinstruct.config import ModelConfig
from selfinstruct.errors import UnknownModelError
from selfinstruct.models.hosted import HOSTED
from selfinstruct.models.provider import Provider
from selfinstruct.text.spelling import closest

__all__ = ["CUSTOM", "CUSTOM_ROW", "PROVIDERS", "model_at", "provider_named", "provider_of"]

_IN_PROCESS = (
    Provider("pocket", "the bundled model: small, no key, no network", "pocket", "process"),
    Provider(
        "scripted",
        "template text, or scripted/FILE's replies; for trials only",
        "scripted",
        "process",
    ),
    Provider("gguf", "a GGUF file, run by llama.cpp", "gguf/FILE", "process"),
    Provider("hf", "a Hugging Face model or LoRA adapter", "hf/FOLDER-OR-NAME", "process"),
)

_ON_THIS_MACHINE = (
    Provider(
        "ollama", "Ollama", "ollama/NAME", "machine",
        base_url="http://localhost:11434/v1",  # docs.ollama.com/api/openai-compatibility: the key is ignored
        # Its completions call wraps the prompt in the model's chat template (ollama issues 5544, 12636). A
        # base model without a template can be reached with --base-url.
        api="chat",
    ),
    Provider(
        "lmstudio", "LM Studio", "lmstudio/NAME", "machine",
        base_url="http://localhost:1234/v1",  # lmstudio.ai/docs/developer/openai-compat
        keys=("LM_API_TOKEN",),  # where its “Require Authentication” is on
    ),
    Provider(
        "llamacpp", "a llama.cpp server", "llamacpp/NAME", "machine",
        # The port of llama-server until late 2026, when it became 9931 (llama.cpp pull request 26508), and
        # of `selfinstruct serve`. LLAMA_API_KEY: its README, --api-key.
        base_url="http://localhost:8080/v1",
        keys=("LLAMA_API_KEY",),
    ),
    Provider(
        "vllm", "a vLLM server", "vllm/NAME", "machine",
        base_url="http://localhost:8000/v1",  # docs.vllm.ai, quick start: the server takes VLLM_API_KEY too
        keys=("VLLM_API_KEY",),
    ),
)  # fmt: skip

PROVIDERS: Mapping[str, Provider] = {
    provider.name: provider for provider in (*_IN_PROCESS, *_ON_THIS_MACHINE, *HOSTED)
}

CUSTOM = "custom"
"""What a config calls the provider of a model of the user's own. It is none that a SPEC can name."""

CUSTOM_ROW = Provider(CUSTOM, "a model of your own", "module:name", "process")

_ELSEWHERE: Mapping[str, str] = {
    "alibaba": "dashscope", "alibaba-cn": "dashscope", "qwen": "dashscope",
    "amazon-bedrock": "bedrock", "aws": "bedrock", "bedrock-mantle": "bedrock",
    "azure-ai": "azure", "azure-openai": "azure", "azureopenai": "azure",
    "bigmodel": "zhipu", "zhipuai": "zhipu", "glm": "zai", "z-ai": "zai", "z.ai": "zai",
    "claude": "anthropic", "gpt": "openai", "text-completion-openai": "openai",
    "custom": "http", "openai-compatible": "http", "openai-like": "http",
    "deep-infra": "deepinfra",
    "fireworks-ai": "fireworks",
    "google": "gemini", "google-genai": "gemini", "vertex-ai": "gemini",
    "grok": "xai", "x-ai": "xai",
    "hf-inference": "huggingface", "hugging-face": "huggingface", "huggingface-hub": "huggingface",
    "hosted-vllm": "vllm",
    "kimi": "moonshot", "moonshotai": "moonshot",
    "llama-cpp": "llamacpp", "llama.cpp": "llamacpp", "lm-studio": "lmstudio", "ollama-chat": "ollama",
    "mistralai": "mistral",
    "nim": "nvidia", "nvidia-nim": "nvidia",
    "together-ai": "together", "togetherai": "together",
    "transformers": "hf",
}  # fmt: skip
"""What LiteLLM, the AI SDK, LangChain and people call them, with hyphens for underscores."""

_MODEL_FAMILIES: Mapping[str, str] = {
    "claude": "anthropic", "deepseek": "deepseek", "gemini": "gemini", "glm": "zai", "gpt": "openai",
    "grok": "xai", "kimi": "moonshot", "mistral": "mistral", "qwen": "dashscope",
}  # fmt: skip
"""How the names of their makers' models begin."""

_ENDED: Mapping[str, str] = {
    # github.com/orgs/community/discussions/203602
    **dict.fromkeys(("github", "github-models"), "GitHub Models ended on 30 July 2026"),
    # docs.perplexity.ai, “Migrate from Sonar”
    "perplexity": "Perplexity ended chat completions on 27 September 2026; its Agent API is of another kind",
}
"""Providers that users may still name, and why they are not in the table."""


def provider_named(name: str, spec: str) -> Provider:
    """A row of the table. Raises `UnknownModelError`, with the nearest name for a slip, where there is none.

    spec: what the user wrote, for the message.
    """
    if name in PROVIDERS:
        return PROVIDERS[name]
    plain = name.lower().replace("_", "-")
    nothing = _ENDED.get(plain) or (f"no provider {name!r}" if "/" in spec else "it names no provider")
    meant = _meant(plain, spec[len(name) :])
    help_ = f"Did you mean {meant}?" if meant else f"The providers are {', '.join(PROVIDERS)}."
    raise UnknownModelError(
        f"Unknown model {spec!r}: {nothing}.",
        f"{help_} A model is PROVIDER/NAME; see `selfinstruct models`. Only with `base_url` is it the"
        " endpoint's own name for it.",
    )


def _meant(plain: str, rest: str) -> str:
    """What was probably meant by a name that is no provider's; empty where that cannot be told.

    plain: what stands before the first slash, in lower case with hyphens. rest: from that slash on.
    """
    if plain in _ELSEWHERE:
        return _ELSEWHERE[plain] + rest
    if rest:
        close = closest(plain, PROVIDERS)[:1]
        return close[0] + rest if close else ""
    family = next((word for word in _MODEL_FAMILIES if plain.startswith(word)), "")
    if family:
        return f"{_MODEL_FAMILIES[family]}/{plain}"
    close = closest(plain, PROVIDERS)[:1]
    return PROVIDERS[close[0]].example if close else ""


def provider_of(model: ModelConfig) -> Provider:
    """The row of a config's model. Raises `UnknownModelError` as `provider_named`."""
    if model.custom is not None and model.provider == CUSTOM:
        return CUSTOM_ROW
    return provider_named(model.provider, f"{model.provider}/{model.name}")


def model_at(base_url: str, name: str) -> tuple[str, str]:
    """Whose endpoint an address is, and what the model is called there. `http` and the name as it stands,
    unless the address can only be one provider's: then a SPEC of that provider's does too."""
    try:
        parts = urlsplit(base_url)
        host, path = parts.hostname or "", parts.path
    except ValueError:  # said where the endpoint is opened
        host = path = ""
    for row in PROVIDERS.values():
        if (row.hosts and re.fullmatch(row.hosts, host)) or (row.path and re.search(row.path, path)):
            return row.name, name.removeprefix(f"{row.name}/")
    return "http", name
