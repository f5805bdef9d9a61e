"""`selfinstruct serve`: a local model as an OpenAI-compatible endpoint."""

from __future__ import annotations

from typing import Annotated

import typer

from selfinstruct.cli.output import print_text

__all__ = ["serve"]


def serve(
    name: Annotated[
        str | None,
        typer.Argument(metavar="MODEL", help="pocket, or gguf/FILE. [dim]\\[default: pocket][/dim]"),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="MODEL", help="The same as MODEL."),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0: a free one.")] = 8080,
    context_window: Annotated[
        int | None,
        typer.Option(min=64, help="Context length, in tokens. [dim]\\[default: the model's own][/dim]"),
    ] = None,
) -> None:
    """Serve a local model over the OpenAI-compatible HTTP API.

    On this machine only, until Ctrl-C. It answers one request at a time; others wait.
    """
    import signal
    import threading

    from selfinstruct.errors import ConfigError
    from selfinstruct.models.catalog import local_file
    from selfinstruct.models.llamacpp.server import serve as serve_file

    if name is not None and model is not None and name != model:
        raise ConfigError(f"Which model, {name} or {model}?", "Name one.")
    model = model or name or "pocket"
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    with serve_file(local_file(model), port=port, context_window=context_window) as served:
        print_text(f"{model} answers at {served.base_url} until Ctrl-C. To generate with it:", err=True)
        print_text(
            f"selfinstruct generate RUN --base-url {served.base_url} --model {served.model} --concurrency 1",
            err=True,
        )
        stopped.wait()
