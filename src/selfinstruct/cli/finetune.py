"""`selfinstruct finetune`: a model tuned on a run's tasks or on an exported file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from selfinstruct.cli.asking import EXIT_CODES
from selfinstruct.cli.options import CLUSTER, MODEL, ApiKeyEnv, BaseUrl, Json
from selfinstruct.cli.output import print_json, print_text
from selfinstruct.cli.tuning_options import (
    LEARNING,
    BatchSize,
    Epochs,
    LearningRate,
    Lora,
    LoraRank,
    MaxLength,
)

__all__ = ["finetune"]

DATA, RESULT, ELSEWHERE = "Data", "Result", "Hosted fine-tuning"


def finetune(
    data: Annotated[
        Path,
        typer.Argument(
            metavar="DATA",
            help="A run, a file that [bold]export[/bold] wrote (any of its formats), or a folder that it "
            "wrote.",
        ),
    ],
    out: Annotated[Path, typer.Option(help="Folder for checkpoints and the tuned model.")],
    model: Annotated[
        str | None,
        typer.Option(
            metavar="SPEC",
            help="pocket, gguf/FILE or hf/FOLDER-OR-NAME; with --provider, one of the provider's models. "
            "Not needed to resume.",
            rich_help_panel=MODEL,
        ),
    ] = None,
    provider: Annotated[
        Literal["here", "openai"],
        typer.Option(
            help="Tune on this machine, or as a job at OpenAI (or a compatible server: --base-url).",
            rich_help_panel=ELSEWHERE,
        ),
    ] = "here",
    base_url: BaseUrl = None,
    api_key_env: ApiKeyEnv = None,
    suffix: Annotated[
        str | None,
        typer.Option(help="Part of the tuned model's name.", rich_help_panel=ELSEWHERE),
    ] = None,
    learning_rate_multiplier: Annotated[
        float | None,
        typer.Option(help="Multiplier of the endpoint's own learning rate.", rich_help_panel=ELSEWHERE),
    ] = None,
    lora: Lora = None,
    lora_rank: LoraRank = None,
    tasks: Annotated[
        int | None,
        typer.Option(
            "--tasks",
            "-n",
            min=0,
            help="Only the first N generated tasks. 0: only a run's seeds.",
            rich_help_panel=DATA,
        ),
    ] = None,
    include_seeds: Annotated[
        bool | None,
        typer.Option(
            help="Train on a run's seed tasks too. [dim]\\[default: yes][/dim]",
            rich_help_panel=DATA,
        ),
    ] = None,
    outputs: Annotated[
        str | None,
        typer.Option(
            metavar="original|NAME",
            help="Use the outputs that improve wrote under this name.",
            rich_help_panel=DATA,
        ),
    ] = None,
    min_score: Annotated[
        float | None,
        typer.Option(
            metavar="X",
            min=1,
            max=5,
            help="Only a run's instances with a mean score over judges of X or more; seeds stay.",
            rich_help_panel=DATA,
        ),
    ] = None,
    template: Annotated[
        Literal["auto", "mixture", "chat"] | None,
        typer.Option(
            help="The paper's mixture of templates, or the model's chat template. auto: the chat template "
            "if there is one.",
            rich_help_panel=DATA,
        ),
    ] = None,
    max_length: MaxLength = None,
    held_out: Annotated[
        float | None,
        typer.Option(
            help="Share of the examples held out for validation. [dim]\\[default: 0.02][/dim]",
            rich_help_panel=DATA,
        ),
    ] = None,
    epochs: Epochs = None,
    learning_rate: LearningRate = None,
    batch_size: BatchSize = None,
    micro_batch: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Examples per forward pass; affects memory and speed, not the result. "
            "[dim]\\[default: by size][/dim]",
            rich_help_panel=LEARNING,
        ),
    ] = None,
    bf16: Annotated[
        bool | None,
        typer.Option(
            help="Train in bfloat16. [dim]\\[default: if the hardware supports it][/dim]",
            rich_help_panel=LEARNING,
        ),
    ] = None,
    seed: Annotated[
        int | None,
        typer.Option(
            help="Random seed of the order, the templates and the held-out share. [dim]\\[default: 42][/dim]",
            rich_help_panel=LEARNING,
        ),
    ] = None,
    checkpoint_minutes: Annotated[
        float,
        typer.Option(
            min=0, help="Minutes between checkpoints. 0: after every update.", rich_help_panel=LEARNING
        ),
    ] = 5.0,
    merge: Annotated[
        bool,
        typer.Option("--merge", help="With --lora, also write the merged model.", rich_help_panel=RESULT),
    ] = False,
    gguf: Annotated[
        bool, typer.Option("--gguf", help="Also write model.gguf, for llama.cpp.", rich_help_panel=RESULT)
    ] = False,
    license: Annotated[  # noqa: A002 - the option's name
        str | None,
        typer.Option(
            metavar="ID",
            help="License of the tuned model, for its card, as a Hub identifier such as apache-2.0.",
            rich_help_panel=RESULT,
        ),
    ] = None,
    engine: Annotated[
        Literal["local", "ray"],
        typer.Option(
            help="ray: tune by several workers on the Ray cluster of RAY_ADDRESS, or of this machine.",
            rich_help_panel=CLUSTER,
        ),
    ] = "local",
    workers: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Workers that tune together, with --engine ray. "
            "[dim]\\[default: one per GPU; without GPUs, one per node][/dim]",
            rich_help_panel=CLUSTER,
        ),
    ] = None,
    json: Json = False,
) -> None:
    """Fine-tune a model on a run's tasks or an exported file.

    The loss covers outputs and their end token only. The same command again resumes it; once training is done, it adds missing files (--merge, --gguf). Needs the extra `train`, or with --provider openai a key.

    Exit codes: 0 done, 2 invalid input or usage, 4 endpoint unavailable, 6 storage, 130 interrupted.
    """  # noqa: E501 - the help screen wraps paragraphs itself
    from rich.console import Console

    from selfinstruct.cli.finetune_job import follow, refuse_elsewhere
    from selfinstruct.cli.render_finetune import print_tuning
    from selfinstruct.dataset.reviewed import review_effect
    from selfinstruct.dataset.scored import score_effect
    from selfinstruct.training.display import LossDisplay
    from selfinstruct.training.on_ray import tuner
    from selfinstruct.training.plan import plan_finetuning
    from selfinstruct.training.workers import launched

    first = launched().first
    tuning = {
        "lora": lora,
        "lora_rank": lora_rank,
        "template": template,
        "max_length": max_length,
        "held_out": held_out,
        "epochs": epochs,
        "learning_rate": learning_rate,
        "batch_size": batch_size,
        "bf16": bf16,
        "seed": seed,
    }
    elsewhere = {"suffix": suffix, "learning_rate_multiplier": learning_rate_multiplier}
    if provider == "openai":
        local = {
            "micro_batch": micro_batch,
            "merge": merge or None,
            "gguf": gguf or None,
            "license": license,
            "engine": None if engine == "local" else engine,
            "workers": workers,
        }
        follow(
            data,
            out,
            model=model,
            base_url=base_url,
            api_key_env=api_key_env,
            tasks=tasks,
            include_seeds=include_seeds,
            outputs=outputs,
            min_score=min_score,
            options={**tuning, **elsewhere, **local},
            json=json,
        )
    refuse_elsewhere({**elsewhere, "base_url": base_url, "api_key_env": api_key_env})
    tune = tuner(engine, workers)
    plan = plan_finetuning(
        data,
        out,
        model_spec=model,
        tasks=tasks,
        include_seeds=include_seeds,
        outputs=outputs,
        min_score=min_score,
        options=tuning,
    )
    if (
        first
        and plan.data.run is not None
        and (told := review_effect(plan.data.run, plan.data.outputs).sentence())
    ):
        print_text(told, err=True)
    if first and plan.data.run is not None and plan.data.min_score is not None:
        effect = score_effect(plan.data.run, plan.data.outputs, "apply", plan.data.min_score)
        if left_out := effect.sentence():
            print_text(left_out, err=True)
    progress = Console(stderr=True)
    outcome = tune(
        plan,
        micro_batch=micro_batch,
        checkpoint_minutes=checkpoint_minutes,
        merge=merge,
        gguf=gguf,
        license_name=license,
        display=LossDisplay(progress if first else None),
    )
    if not first:
        raise typer.Exit(EXIT_CODES[outcome.stopped])
    if json:
        print_json(outcome.to_json())
    else:
        print_tuning(outcome, Console())
    if outcome.result is None:
        progress.print("Interrupted. Run the same command again to resume.", style="yellow", soft_wrap=True)
    raise typer.Exit(EXIT_CODES[outcome.stopped])
