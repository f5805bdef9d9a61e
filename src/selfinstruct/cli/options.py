"""Options that several verbs have in common: which model, how much of it, how fast."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

__all__ = [
    "About",
    "Api",
    "ApiKeyEnv",
    "Attributes",
    "BaseUrl",
    "Batch",
    "Concurrency",
    "ConfigFile",
    "ContextWindow",
    "Cosine",
    "Decontaminate",
    "Embeddings",
    "Engine",
    "EngineBackend",
    "Filters",
    "GpusPerReplica",
    "Host",
    "Json",
    "Language",
    "MaxCost",
    "MaxRequests",
    "MaxTotalTokens",
    "MeaningThreshold",
    "Port",
    "PriceCached",
    "PriceIn",
    "PriceOut",
    "Replicas",
    "Timeout",
    "Wait",
]

MODEL, RECIPE, BUDGET, SPEED, CLUSTER = "Model", "Recipe", "Budget", "Speed", "Cluster"


def _as_in_config(section: str, field: str) -> Callable[[typer.CallbackParam, Any], Any]:
    """A callback that holds the option to what the config takes in this field.

    It raises ConfigError that names the option; what the config itself would say names the field.
    """

    def check(parameter: typer.CallbackParam, value: Any) -> Any:
        if value is None:
            return None
        from pydantic import ValidationError

        from selfinstruct.config import Config
        from selfinstruct.errors import ConfigError
        from selfinstruct.pipeline.settings import described

        try:
            Config.model_validate({section: {field: value}})
        except ValidationError as error:
            raise ConfigError(f"{max(parameter.opts, key=len)} {described(error)}") from None
        return value

    return check


Attributes = Annotated[
    Path | None,
    typer.Option(
        metavar="bundled|FILE",
        help="What each new task is asked to be, drawn by weight: a TOML or JSON file of names with values, "
        "or bundled, a library of personas, topics and more.",
        rich_help_panel=RECIPE,
    ),
]
ConfigFile = Annotated[
    Path | None,
    typer.Option("--config", help="A TOML file of settings, in the layout of a run's config.toml."),
]
Decontaminate = Annotated[
    list[Path] | None,
    typer.Option(
        metavar="PATH",
        help="Drop tasks that share text with this evaluation set: JSON Lines, text with one instruction "
        "per line, or tasks of natural-instructions, as a file or a folder. Repeatable.",
    ),
]
Filters = Annotated[
    list[str] | None,
    typer.Option(
        "--filter",
        metavar="NAME",
        help="Your own filter, as module:name, file.py:name or the name of an installed one: a Python "
        "function of instruction, instance, row or task that returns None or a reason. Repeatable.",
    ),
]
MeaningThreshold = Annotated[
    float | None,
    typer.Option(
        min=0,
        max=1,
        metavar="X",
        help="Drop instructions whose embedding has a cosine above this with one of the pool; what suits "
        "depends on the model. [dim]\\[default: 0.9][/dim]",
        rich_help_panel=RECIPE,
    ),
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object on standard output.")]

BaseUrl = Annotated[
    str | None,
    typer.Option(
        help="An OpenAI-compatible endpoint, such as http://localhost:8000/v1", rich_help_panel=MODEL
    ),
]
ApiKeyEnv = Annotated[
    str | None,
    typer.Option(
        help="Environment variable that holds the key. [dim]\\[default: the provider's own; "
        "OPENAI_API_KEY with --base-url][/dim]",
        rich_help_panel=MODEL,
    ),
]
ContextWindow = Annotated[
    int | None,
    typer.Option(
        min=64, help="The model's context length in tokens; prompts are fitted to it.", rich_help_panel=MODEL
    ),
]

Language = Annotated[
    str | None,
    typer.Option(
        help="Generate tasks in this language, such as German.",
        callback=_as_in_config("recipe", "language"),
        rich_help_panel=RECIPE,
    ),
]
About = Annotated[
    str | None,
    typer.Option(
        help='Generate tasks on this topic, such as "tax law for small shops".',
        callback=_as_in_config("recipe", "about"),
        rich_help_panel=RECIPE,
    ),
]

Api = Annotated[
    Literal["auto", "chat", "completions"],
    typer.Option(
        help="API call to use. auto: chat, or completions if the model does not support chat.",
        rich_help_panel=MODEL,
    ),
]

MaxRequests = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="Hard cap on requests over the run's lifetime, retries included. 0: no limit.",
        rich_help_panel=BUDGET,
    ),
]
MaxTotalTokens = Annotated[
    int | None,
    typer.Option(
        min=0, help="Hard cap on prompt and completion tokens. 0: no limit.", rich_help_panel=BUDGET
    ),
]
MaxCost = Annotated[
    float | None,
    typer.Option(min=0, help="Hard cap in USD; needs both prices. 0: no limit.", rich_help_panel=BUDGET),
]
PriceIn = Annotated[
    float | None,
    typer.Option(min=0, help="USD per 1M prompt tokens.", rich_help_panel=BUDGET),
]
PriceOut = Annotated[
    float | None,
    typer.Option(min=0, help="USD per 1M completion tokens.", rich_help_panel=BUDGET),
]
PriceCached = Annotated[
    float | None,
    typer.Option(
        min=0,
        help="USD per 1M prompt tokens read from the provider's cache. [dim]\\[default: same as "
        "--price-in][/dim]",
        rich_help_panel=BUDGET,
    ),
]

Concurrency = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Maximum requests in flight. [dim]\\[default: the model's own][/dim]",
        rich_help_panel=SPEED,
    ),
]
Timeout = Annotated[
    float | None,
    typer.Option(
        help="Seconds to wait for a complete reply. [dim]\\[default: 300][/dim]",
        callback=_as_in_config("endpoint", "timeout_seconds"),
        rich_help_panel=SPEED,
    ),
]

Batch = Annotated[
    bool | None,
    typer.Option(
        "--batch/--no-batch",
        help="Use the provider's batch API: slower, often at half the price. "
        "[dim]\\[default: the run's; --no-batch][/dim]",
        rich_help_panel=SPEED,
    ),
]
Wait = Annotated[
    bool | None,
    typer.Option(
        "--wait/--no-wait",
        help="Wait for batches to finish. --no-wait sends and collects what is possible now, and exits "
        "with 7 if some are still running. [dim]\\[default: --wait][/dim]",
        rich_help_panel=SPEED,
    ),
]

Cosine = Annotated[
    float,
    typer.Option(
        metavar="X",
        min=0,
        max=1,
        help="Cosine above which two texts mean the same; what suits depends on the model.",
    ),
]
Embeddings = Annotated[
    Path | None,
    typer.Option(metavar="D", help="Keep the embeddings in this folder, so that none is requested twice."),
]
Engine = Annotated[
    Literal["local", "ray"] | None,
    typer.Option(
        help="What runs pocket, gguf/ and hf/ models. ray: replicas on the Ray cluster of RAY_ADDRESS, or of "
        "this machine. [dim]\\[default: the run's; local][/dim]",
        rich_help_panel=CLUSTER,
    ),
]
EngineBackend = Annotated[
    Literal["vllm"] | None,
    typer.Option(
        help="vllm: run each replica of an hf/ model by vLLM. [dim]\\[default: transformers][/dim]",
        rich_help_panel=CLUSTER,
    ),
]
Replicas = Annotated[
    int | None,
    typer.Option(
        min=1,
        help="Copies of the model. [dim]\\[default: as many as nodes; with GPUs, as many as fit][/dim]",
        rich_help_panel=CLUSTER,
    ),
]
GpusPerReplica = Annotated[
    int | None,
    typer.Option(
        min=0,
        help="GPUs per copy; vLLM splits the model across them. "
        "[dim]\\[default: 1 for hf/ where the cluster has GPUs, else 0][/dim]",
        rich_help_panel=CLUSTER,
    ),
]

Host = Annotated[
    str,
    typer.Option(
        help="Address to listen on. Any other than 127.0.0.1 lets people with the token in from other "
        "machines."
    ),
]
Port = Annotated[
    int | None,
    typer.Option(
        min=0, max=65535, help="Port; 0 picks a free one. [dim]\\[default: 8765, or a free one][/dim]"
    ),
]
