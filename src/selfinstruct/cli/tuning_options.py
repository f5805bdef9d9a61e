"""Options of how a model is tuned on this machine, alike wherever one is."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["LEARNING", "BatchSize", "Epochs", "LearningRate", "Lora", "LoraRank", "MaxLength"]

LEARNING = "Learning"

Lora = Annotated[
    bool | None,
    typer.Option(
        "--lora/--full",
        help="Train a LoRA adapter, or all weights. [dim]\\[default: full][/dim]",
        rich_help_panel=LEARNING,
    ),
]

LoraRank = Annotated[int | None, typer.Option(help="[dim]\\[default: 16][/dim]", rich_help_panel=LEARNING)]

Epochs = Annotated[float | None, typer.Option(help="[dim]\\[default: 2][/dim]", rich_help_panel=LEARNING)]

LearningRate = Annotated[
    float | None,
    typer.Option(
        help="Peak learning rate. [dim]\\[default: by the model's size: 5e-4 for 10 million parameters, "
        "2e-5 for 7 billion, ten times that with LoRA][/dim]",
        rich_help_panel=LEARNING,
    ),
]

BatchSize = Annotated[
    int | None,
    typer.Option(help="Examples per update. [dim]\\[default: 16][/dim]", rich_help_panel=LEARNING),
]

MaxLength = Annotated[
    int | None,
    typer.Option(
        help="Maximum tokens per example; longer ones are left out. "
        "[dim]\\[default: 512 or 1024, by the model's size][/dim]",
        rich_help_panel=LEARNING,
    ),
]
