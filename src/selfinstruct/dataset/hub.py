"""Pushing a data set's folder to the Hugging Face Hub, by `huggingface_hub` (extra `hub`).

The token, the endpoint and proxies are those of that package's environment variables and of its login;
nothing here reads, keeps or prints them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import cast

from selfinstruct.dataset.export import WrittenFile
from selfinstruct.dataset.folder import CARD
from selfinstruct.errors import (
    AuthenticationError,
    ConfigError,
    EndpointUnavailableError,
    MissingExtraError,
)

__all__ = ["check_push", "push"]

REPOSITORY = re.compile(r"[\w-][\w.-]*/[\w-][\w.-]*", re.ASCII)


def check_push(repository: str) -> None:
    """Raises what can be known before anything is written: ConfigError for a name that is not OWNER/NAME,
    MissingExtraError without huggingface_hub."""
    if not REPOSITORY.fullmatch(repository):
        raise ConfigError(f"`push={repository!r}` is not a repository.", "Write it as OWNER/NAME.")
    try:
        import huggingface_hub  # noqa: F401  # whether it can be
    except ImportError as error:
        raise MissingExtraError(
            "`push` needs the package huggingface_hub, which is not installed.",
            "Install it with: pip install 'selfinstruct[hub]'",
        ) from error


def push(folder: Path, files: Sequence[WrittenFile], repository: str, *, public: bool = False) -> str:
    """Send these files of the folder and its card, in one commit, to a data set on the Hub, which is
    created where it is not there; its URL.

    public: whether everybody may see it. Without, a repository that is public already is refused.
    Raises ConfigError, AuthenticationError, EndpointUnavailableError.
    """
    check_push(repository)
    from huggingface_hub import HfApi

    api = HfApi(library_name="selfinstruct")
    with _hub_errors(repository):
        url = api.create_repo(repository, repo_type="dataset", private=not public, exist_ok=True)
        if not public and not api.dataset_info(repository).private:
            raise ConfigError(
                f"{repository} is public on the Hub, so nothing was uploaded.",
                "Add `public` to publish there, or name another repository.",
            )
        api.upload_folder(
            repo_id=repository,
            repo_type="dataset",
            folder_path=folder,
            allow_patterns=[CARD, *(str(path.relative_to(folder)) for file in files for path in file.paths)],
            commit_message="Data set exported by selfinstruct",
        )
    return str(url)


@contextmanager
def _hub_errors(repository: str) -> Iterator[None]:
    """Translate what huggingface_hub raises: its own HTTP errors, and the transport's."""
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError, OfflineModeIsEnabled

    client_error = cast("type[Exception]", HfHubHTTPError.__bases__[0])  # whichever HTTP client it is
    login = "Log in with `hf auth login`, or set HF_TOKEN to a token that may write there."
    try:
        yield
    except LocalTokenNotFoundError as error:
        raise AuthenticationError("No Hub token was found.", login) from error
    except OfflineModeIsEnabled as error:
        raise ConfigError("HF_HUB_OFFLINE is set, so the Hub cannot be used.", "Unset it to push.") from error
    except HfHubHTTPError as error:
        status = error.response.status_code
        said = error.server_message or f"status {status}"
        if status in (401, 403):
            raise AuthenticationError(
                f"The Hub does not let you write to {repository}: {said}.", login
            ) from error
        if status < 500 and status != 429:
            raise ConfigError(f"The Hub refused {repository}: {said}.") from error
        raise _unavailable(said) from error
    except (OSError, client_error) as error:
        raise _unavailable(str(error)) from error


def _unavailable(why: str) -> EndpointUnavailableError:
    return EndpointUnavailableError(
        f"The Hub could not be reached: {why}.", "The folder is written; run the same command again."
    )
