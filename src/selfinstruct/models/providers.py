"""What a SPEC can name: a table, one row a provider, with what is known of each before a request is sent.

A quirk stands here only where the provider's own documentation or code says so, and where that is noted
beside it. Everything else is left to negotiation: the first requests of a run find out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Literal

from selfinstruct.config import ModelConfig
from selfinstruct.errors import UnknownModelError
from selfinstruct.models.base import Capabilities

__all__ = ["PROVIDERS", "Provider", "provider_named", "provider_of"]


@dataclass(frozen=True, slots=True)
class Provider:
    """One row.

    name: what a SPEC begins with.
    title: what it is, for people.
    example: a SPEC; a word in capitals stands for something of the user's.
    place: where the model runs: in this process, on this machine behind a server, or elsewhere.
    base_url: empty where there is none, and for `http`, whose address is the user's to give.
    key_variable: the environment variable that holds the key; empty where none is ever sent.
    needs_key: whether nothing works without one.
    api: `chat` where no completions call continues a text as it stands; `either` where one may, which a
        model of its own may still refuse.
    chat: what its chat call is known to take.
    renamed: what it calls some fields: our name to its own.
    """

    name: str
    title: str
    example: str
    place: Literal["process", "machine", "network"]
    base_url: str = ""
    key_variable: str = ""
    needs_key: bool = False
    api: Literal["chat", "either"] = "either"
    chat: Capabilities = Capabilities(api="chat")  # noqa: RUF009 - a frozen value
    renamed: Mapping[str, str] = field(default_factory=dict)

    def capabilities(self, api: Literal["completions", "chat"]) -> Capabilities:
        """What to send at first."""
        return self.chat if api == "chat" else Capabilities()


_IN_PROCESS = (
    Provider("pocket", "the bundled model: small, no key, no network", "pocket", "process"),
    Provider("scripted", "canned replies, or scripted/FILE's: for a first look", "scripted", "process"),
    Provider("gguf", "a GGUF file, run by llama.cpp", "gguf/FILE", "process"),
    Provider(
        "hf", "a Hugging Face model or LoRA adapter, run by transformers", "hf/FOLDER-OR-NAME", "process"
    ),
)

_ON_THIS_MACHINE = (
    Provider(
        "ollama", "Ollama", "ollama/qwen2.5:7b", "machine",
        base_url="http://localhost:11434/v1",  # docs.ollama.com/api/openai-compatibility: the key is ignored
        # Its completions call wraps the prompt in the model's chat template (ollama issues 5544, 12636). A
        # base model without a template can be reached with --base-url.
        api="chat",
    ),
    Provider(
        "lmstudio", "LM Studio", "lmstudio/NAME", "machine",
        base_url="http://localhost:1234/v1",  # lmstudio.ai/docs/developer/openai-compat
        key_variable="LM_API_TOKEN",  # where its “Require Authentication” is on
    ),
    Provider(
        "llamacpp", "a llama.cpp server", "llamacpp/NAME", "machine",
        # The port of llama-server until late 2026, when it became 9931 (llama.cpp pull request 26508), and
        # of `selfinstruct serve`. LLAMA_API_KEY: its README, --api-key.
        base_url="http://localhost:8080/v1",
        key_variable="LLAMA_API_KEY",
    ),
    Provider(
        "vllm", "a vLLM server", "vllm/NAME", "machine",
        base_url="http://localhost:8000/v1",  # docs.vllm.ai, quick start: the server takes VLLM_API_KEY too
        key_variable="VLLM_API_KEY",
    ),
)  # fmt: skip

_HOSTED = (
    Provider(
        "openai", "OpenAI", "openai/gpt-5-mini", "network",
        base_url="https://api.openai.com/v1", key_variable="OPENAI_API_KEY", needs_key=True,
        # API reference, chat: max_tokens is deprecated, and refused by reasoning models and GPT-5. The
        # completions call knows max_tokens alone.
        chat=Capabilities(api="chat", max_tokens_field="max_completion_tokens"),
    ),
    Provider(
        "anthropic", "Anthropic", "anthropic/claude-haiku-4-5", "network",
        base_url="https://api.anthropic.com/v1", key_variable="ANTHROPIC_API_KEY", needs_key=True,
        api="chat",
        # platform.claude.com/docs, “OpenAI SDK compatibility”: these are ignored. Left out, so that the run
        # records what had an effect.
        chat=Capabilities(
            api="chat", unsupported=("frequency_penalty", "presence_penalty", "response_format", "seed")
        ),
    ),
    Provider(
        "gemini", "Google Gemini", "gemini/gemini-3-flash-preview", "network",
        # ai.google.dev/gemini-api/docs/openai: chat, images, audio and embeddings; no completions
        base_url="https://generativelanguage.googleapis.com/v1beta/openai",
        key_variable="GEMINI_API_KEY", needs_key=True, api="chat",
    ),
    Provider(
        "mistral", "Mistral AI", "mistral/mistral-small-latest", "network",
        # Its API reference has chat and fill-in-the-middle, calls the seed `random_seed`, and refuses
        # fields that it does not know (422, extra_forbidden).
        base_url="https://api.mistral.ai/v1", key_variable="MISTRAL_API_KEY", needs_key=True,
        api="chat", renamed={"seed": "random_seed"},
    ),
    Provider(
        "deepseek", "DeepSeek", "deepseek/deepseek-chat", "network",
        # api-docs.deepseek.com: completions only as a beta, for fill-in-the-middle, at another address
        base_url="https://api.deepseek.com/v1", key_variable="DEEPSEEK_API_KEY", needs_key=True, api="chat",
    ),
    Provider(
        "openrouter", "OpenRouter", "openrouter/meta-llama/llama-3.1-8b-instruct", "network",
        base_url="https://openrouter.ai/api/v1", key_variable="OPENROUTER_API_KEY", needs_key=True,
    ),
    Provider(
        "together", "Together AI", "together/openai/gpt-oss-20b", "network",
        # docs.together.ai, “OpenAI compatibility”: formerly api.together.xyz
        base_url="https://api.together.ai/v1", key_variable="TOGETHER_API_KEY", needs_key=True,
    ),
    Provider(
        "groq", "Groq", "groq/llama-3.1-8b-instant", "network",
        # console.groq.com/docs/openai and its API reference: chat and responses, no completions
        base_url="https://api.groq.com/openai/v1", key_variable="GROQ_API_KEY", needs_key=True, api="chat",
    ),
    Provider(
        "fireworks", "Fireworks AI", "fireworks/accounts/fireworks/models/gpt-oss-20b", "network",
        base_url="https://api.fireworks.ai/inference/v1", key_variable="FIREWORKS_API_KEY", needs_key=True,
    ),
    Provider(
        "http", "any other OpenAI-compatible endpoint", "--base-url URL --model NAME", "network",
        key_variable="OPENAI_API_KEY",
    ),
)  # fmt: skip

PROVIDERS: Mapping[str, Provider] = {
    provider.name: provider for provider in (*_IN_PROCESS, *_ON_THIS_MACHINE, *_HOSTED)
}


def provider_named(name: str, spec: str) -> Provider:
    """A row of the table. Raises `UnknownModelError`, with the nearest name for a slip, where there is none.

    spec: what the user wrote, for the message.
    """
    if name in PROVIDERS:
        return PROVIDERS[name]
    nothing = f"no provider {name!r}" if "/" in spec else "it names no provider"
    close = get_close_matches(name.lower(), PROVIDERS, n=1) if "/" in spec else []
    meant = f"Did you mean {close[0]}{spec[len(name) :]}? " if close else ""
    raise UnknownModelError(
        f"Unknown model {spec!r}: {nothing}.",
        f"{meant}A model is PROVIDER/NAME, of {', '.join(PROVIDERS)}; `selfinstruct models` tells more."
        " Only with --base-url is it the endpoint's own name for it.",
    )


def provider_of(model: ModelConfig) -> Provider:
    """The row of a config's model. Raises `UnknownModelError` as `provider_named`."""
    return provider_named(model.provider, f"{model.provider}/{model.name}")
