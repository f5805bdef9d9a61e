"""Fetching a checkpoint from the Hugging Face Hub, by the package of that name (extra `train`).

The token, the address, the cache and proxies are those of its environment variables and its login; nothing
here reads, keeps or prints them. What was fetched before is used without a network.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import cast

from selfinstruct.errors import (
    AuthenticationError,
    ConfigError,
    EndpointUnavailableError,
    MissingExtraError,
    UnknownModelError,
)

__all__ = ["fetch", "find_commit"]


def find_commit(name: str, revision: str = "") -> str:
    """The commit that a revision (a branch, a tag, a commit; by default the main branch) stands for now; the
    one that was fetched last where the Hub cannot be asked.

    Raises UnknownModelError, AuthenticationError for one that wants a login, EndpointUnavailableError where
    the Hub does not answer and nothing was fetched, MissingExtraError without huggingface_hub.
    """
    return _snapshot(name, revision or None, ("config.json", "adapter_config.json")).name


@cache
def fetch(name: str, commit: str, patterns: tuple[str, ...]) -> Path:
    """The folder that holds these files of that commit. Raises as `find_commit`."""
    return _snapshot(name, commit, patterns)


def _snapshot(name: str, revision: str | None, patterns: tuple[str, ...]) -> Path:
    try:
        from huggingface_hub import snapshot_download
    except ImportError as error:
        raise MissingExtraError(
            "A model by its name on the Hub needs the package huggingface_hub, which is not installed.",
            "Install it with: pip install 'selfinstruct[train]'",
        ) from error
    from huggingface_hub import utils

    silent = utils.are_progress_bars_disabled()  # type: ignore[attr-defined] # public, but not declared so
    utils.disable_progress_bars()  # type: ignore[attr-defined] # they would go across ours
    try:
        with _hub_errors(name):
            found = snapshot_download(
                name, revision=revision, allow_patterns=list(patterns), library_name="selfinstruct"
            )
            return Path(found)
    finally:
        if not silent:
            utils.enable_progress_bars()  # type: ignore[attr-defined]


@contextmanager
def _hub_errors(name: str) -> Iterator[None]:
    """Translate what huggingface_hub raises: its own errors, and the transport's."""
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
        RevisionNotFoundError,
    )

    client_error = cast("type[Exception]", HfHubHTTPError.__bases__[0])  # whichever HTTP client it is
    login = "Log in with `hf auth login`, or set HF_TOKEN."
    try:
        yield
    except GatedRepoError as error:
        raise AuthenticationError(
            f"{name} is gated: ask for access on its page on the Hub.", login
        ) from error
    except RevisionNotFoundError as error:
        raise UnknownModelError(f"{name} has no such revision on the Hub.") from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise UnknownModelError(
            f"There is no folder {name}, and no such model on the Hub that you may read.",
            f"Check the name. {login}",
        ) from error
    except (LocalEntryNotFoundError, OfflineModeIsEnabled) as error:
        refused = error.__cause__  # what the Hub answered, where it was asked
        why = f"status {refused.response.status_code}" if isinstance(refused, HfHubHTTPError) else "no answer"
        raise _unavailable(name, f"{why}, and no copy is here") from error
    except HfHubHTTPError as error:
        said = error.server_message or f"status {error.response.status_code}"
        if error.response.status_code in (401, 403):
            raise AuthenticationError(f"The Hub does not let you read {name}: {said}.", login) from error
        if error.response.status_code < 500 and error.response.status_code != 429:
            raise ConfigError(f"The Hub refused {name}: {said}.") from error
        raise _unavailable(name, said) from error
    except (OSError, client_error) as error:
        raise _unavailable(name, str(error)) from error


def _unavailable(name: str, why: str) -> EndpointUnavailableError:
    return EndpointUnavailableError(
        f"{name} is not a local folder, and the Hub could not be reached: {why}.", "Try again later."
    )
