"""`selfinstruct models`: what a SPEC can be, and whether it works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from selfinstruct.cli.options import ApiKeyEnv, BaseUrl, Json

if TYPE_CHECKING:
    from selfinstruct.models.provider import Provider

__all__ = ["models"]


def models(
    names: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="NAME",
            help="Providers, or models as in [bold]--model[/bold]; all if not given. With --base-url, the "
            "endpoint's names of models.",
            show_default=False,
        ),
    ] = None,
    probe: Annotated[
        bool,
        typer.Option(
            "--probe",
            help="Send each a small request and report the result. Without NAME: every server on this "
            "machine and every provider whose key is set.",
        ),
    ] = False,
    base_url: BaseUrl = None,
    api_key_env: ApiKeyEnv = None,
    json: Json = False,
) -> None:
    """List the available models and the keys they need.

    Shows whether each key is set, never the key. Contacts nothing without --probe. A probe
    costs a few tokens and takes at most ten seconds. Exit code: 0, or the code that a run
    would end with if a model that you named does not work.
    """
    from rich.console import Console

    from selfinstruct.cli.render_models import show_findings, show_providers
    from selfinstruct.errors import ConfigError

    if not probe:
        if base_url is not None or api_key_env is not None:
            raise ConfigError("--base-url and --api-key-env are for a probe.", "Add --probe.")
        show_providers(_rows(names or []), Console(), named=bool(names), as_json=json)
        return
    import asyncio

    from selfinstruct.models.probe import probe as ask
    from selfinstruct.models.probe import what_to_probe

    configs = what_to_probe(names or [], base_url=base_url, api_key_env=api_key_env)
    findings = asyncio.run(ask(configs))
    show_findings(findings, Console(), as_json=json)
    if names or base_url is not None:
        raise typer.Exit(next((found.exit_code for found in findings if found.exit_code), 0))


def _rows(names: list[str]) -> list[Provider]:
    """Those that are named, each once; all where none is. Raises `UnknownModelError`."""
    from selfinstruct.models.providers import PROVIDERS, provider_named

    named = {name.partition("/")[0]: name for name in names}
    return [provider_named(*pair) for pair in named.items()] or list(PROVIDERS.values())
