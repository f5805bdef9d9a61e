"""Every error that selfinstruct raises on purpose.

    SelfInstructError
    ├── UserError (ValueError)                 exit 2: the user can fix it; nothing is lost
    │   ├── ConfigError                        an option or a config field
    │   ├── SeedsError                         a seeds file, with its line
    │   ├── RunMismatchError                   a resume that would change the data set
    │   ├── NotARunError                       a directory that holds no (readable) run
    │   ├── RunInUseError                      another process writes this run
    │   ├── AuthenticationError                the endpoint does not accept the key, or grants no access
    │   │   └── AccessDeniedError              it knows the key, and the account may not do this
    │   ├── AccountLimitError                  a request above what the account may ask for at once
    │   ├── UnknownModelError                  the endpoint, or the catalog, does not know the model
    │   ├── EndpointMismatchError              the URL answers, but not as an OpenAI-compatible API
    │   ├── ParameterRejectedError             a request parameter that the endpoint does not take
    │   ├── BatchRefusedError                  the endpoint takes no batches, or not this one
    │   ├── ContextLengthError                 a request longer than the model's context
    │   ├── FilterError                        a user's own filter that fails or returns an invalid reason
    │   └── MissingExtraError                  an optional dependency that is not installed
    ├── RequestError (RuntimeError)            one attempt at one request failed
    │   ├── ContentRefusedError                refused for its content: lost, recorded, never retried
    │   ├── UnrecognizedError                  refused with an unknown message: lost, quoted, counted
    │   ├── RateLimitedError                   429: retried for as long as the endpoint answers others
    │   ├── EndpointFailedError                5xx
    │   ├── RequestTimeoutError                no reply in time
    │   ├── ConnectionFailedError              no connection could be made
    │   ├── ConnectionBrokenError              the connection broke before the reply was complete
    │   └── MalformedReplyError                a reply that is not what the API promises
    ├── EndpointUnavailableError               exit 4: given up on the endpoint; the run resumes
    ├── EndpointRefusesError                   exit 2: too many refusals with an unknown message
    └── StorageError                           exit 6: disk full, read-only, damaged file

Each class is also the fitting built-in type, so `except ValueError` and friends keep working. Errors
of other libraries are translated once, where they enter (models/, store/), never further in.
Each class declares whether to retry; the code that catches it does not decide.

Messages speak of arguments, as a Python caller has them, between backquotes: `max_cost`, `price_in=0.15`,
`recipe="chat"`. The command line writes them as its options (cli/flags.py).
"""

from __future__ import annotations

from typing import ClassVar

__all__ = [
    "AccessDeniedError",
    "AccountLimitError",
    "AuthenticationError",
    "BatchRefusedError",
    "ConfigError",
    "ConnectionBrokenError",
    "ConnectionFailedError",
    "ContentRefusedError",
    "ContextLengthError",
    "EndpointFailedError",
    "EndpointMismatchError",
    "EndpointRefusesError",
    "EndpointUnavailableError",
    "FilterError",
    "MalformedReplyError",
    "MissingExtraError",
    "NotARunError",
    "ParameterRejectedError",
    "RateLimitedError",
    "RequestError",
    "RequestTimeoutError",
    "RunInUseError",
    "RunMismatchError",
    "SeedsError",
    "SelfInstructError",
    "StorageError",
    "UnknownModelError",
    "UnrecognizedError",
    "UserError",
]


class SelfInstructError(Exception):
    """The root. `message` says what is wrong and where; `hint` says how to fix it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)  # both in args, so that the error pickles
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        if not self.hint:
            return self.message
        return f"{self.message}{'' if self.message.endswith(('.', '!', '?', ':')) else '.'} {self.hint}"


class UserError(SelfInstructError, ValueError):
    """Invalid input or usage that the user can fix; the command stops before anything is lost."""

    exit_code = 2


class ConfigError(UserError):
    """An option, a config file's field, or a combination of them that cannot work."""


class SeedsError(UserError):
    """A seeds file that cannot be read as tasks; the message names the file and the line."""


class RunMismatchError(UserError):
    """A resume with other seeds, recipe, model, run seed, window, sampling or filters."""


class NotARunError(UserError, FileNotFoundError):
    """A path that holds no run, or a run of another format, which another version wrote."""


class RunInUseError(UserError, BlockingIOError):
    """Another process holds the run's writer lock."""


class AuthenticationError(UserError, PermissionError):
    """The endpoint does not accept the key, wants one, or does not give the account access."""


class AccountLimitError(UserError):
    """A request above the account's limit, or a model without a quota: waiting does not help."""


class AccessDeniedError(AuthenticationError):
    """The key is known, but its account may not do this: to be verified, terms to be accepted, a region."""


class UnknownModelError(UserError, LookupError):
    """The endpoint or the catalog does not know the model."""


class EndpointMismatchError(UserError, ConnectionError):
    """The base URL answers, but not as an OpenAI-compatible API does, or not to this kind of request.

    wants: the kind of request that the endpoint says it takes instead, `chat` or `completions`; empty where
        it does not say.
    """

    def __init__(self, message: str, hint: str = "", wants: str = "") -> None:
        super().__init__(message, hint)
        self.args = (message, hint, wants)
        self.wants = wants


class ParameterRejectedError(UserError):
    """A 400 or 422 that names a parameter of the request.

    least, most: the smallest and the largest value that the endpoint says it takes; None where it does not
        say.
    """

    def __init__(
        self,
        message: str,
        parameter: str = "",
        hint: str = "",
        least: float | None = None,
        most: float | None = None,
    ) -> None:
        super().__init__(message, hint)
        self.args = (message, parameter, hint, least, most)
        self.parameter = parameter
        self.least, self.most = least, most


class BatchRefusedError(UserError):
    """The endpoint takes no batches of requests, or not this one, or does not know it any more."""


class ContextLengthError(UserError):
    """A request that does not fit the model's context window."""


class FilterError(UserError):
    """A user's own filter cannot be loaded, raised an error, or returned an invalid reason."""


class MissingExtraError(UserError, ImportError):
    """An optional dependency that this verb needs is not installed."""


class RequestError(SelfInstructError, RuntimeError):
    """One attempt at one request failed.

    `retryable`: the same request may succeed later.
    `blames_request`: when other requests succeed meanwhile, the fault may lie in this one, so that
    the attempt counts towards giving it up.
    """

    exit_code = 4
    label: ClassVar[str] = "failed"
    """For people, where failed attempts are counted."""
    retryable: ClassVar[bool] = True
    blames_request: ClassVar[bool] = True

    def __init__(self, message: str, hint: str = "", retry_after: float | None = None) -> None:
        super().__init__(message, hint)
        self.args = (message, hint, retry_after)
        self.retry_after = retry_after
        """Seconds that the endpoint asked to wait; None where it did not say."""


class ContentRefusedError(RequestError):
    """The endpoint refuses this request for its content: one lost request, recorded."""

    label = "refused for its content"
    retryable = False


class UnrecognizedError(RequestError):
    """The endpoint refuses this request with an unknown message: one lost request, recorded and quoted.
    If there are many, the run stops (`requests/dispatch.py`)."""

    label = "refused in words not understood"
    retryable = False


class RateLimitedError(RequestError):
    """429: too many requests; says nothing about the request itself."""

    label = "rate limited"
    blames_request = False


class EndpointFailedError(RequestError):
    """5xx: the endpoint failed."""

    label = "server error"


class RequestTimeoutError(RequestError, TimeoutError):
    """No whole reply within the timeout."""

    label = "timed out"


class ConnectionFailedError(RequestError, ConnectionError):
    """No connection to the endpoint could be made."""

    label = "no connection"
    blames_request = False


class ConnectionBrokenError(RequestError, ConnectionError):
    """The connection broke before the reply was complete."""

    label = "connection broken"


class MalformedReplyError(RequestError):
    """The reply is not JSON, or has not the fields that the API promises."""

    label = "unreadable reply"


class EndpointUnavailableError(SelfInstructError, ConnectionError):
    """The endpoint was given up on for now; everything received is kept and the run resumes."""

    exit_code = 4


class EndpointRefusesError(SelfInstructError, ConnectionError):
    """Too many requests of a stage were refused with an unknown message (`UnrecognizedError`);
    everything received is kept."""

    exit_code = 2


class StorageError(SelfInstructError, OSError):
    """Disk full, no permission, a read-only folder, or a damaged run file."""

    exit_code = 6
