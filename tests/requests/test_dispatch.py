"""One request's fate: retried, lost, refused, or given up with the whole endpoint. A real store, and models
that fail as told."""

import asyncio
import sqlite3
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from selfinstruct.config import Config, EndpointConfig, LimitsConfig
from selfinstruct.errors import (
    ConnectionFailedError,
    ContentRefusedError,
    EndpointFailedError,
    EndpointMismatchError,
    EndpointRefusesError,
    EndpointUnavailableError,
    MalformedReplyError,
    ParameterRejectedError,
    RateLimitedError,
    UnrecognizedError,
)
from selfinstruct.models.base import Capabilities
from selfinstruct.records import Completion, Prompt, Request, Sampling, Stage
from selfinstruct.requests.budget import Budget, Spending
from selfinstruct.requests.dispatch import ATTEMPTS_BEFORE_LOST, BudgetReachedError, Dispatcher, Lost
from selfinstruct.requests.pacing import Pacer, Patience
from selfinstruct.store.writer import RunWriter

SAMPLING = Sampling(0.0, 1.0, 0.0, 0.0, 10)


def request(subject: int) -> Request:
    return Request(
        Stage.CLASSIFICATION, subject, Prompt("sheet", f"task {subject}", SAMPLING, 1), seed=subject
    )


class TroubledModel:
    """Completes a request unless `trouble(subject, attempt)` gives an error; attempts count from 1."""

    default_concurrency = 4
    context_window = None

    def __init__(self, trouble: Callable[[int, int], Exception | None]) -> None:
        self._trouble = trouble
        self.attempts: defaultdict[int, int] = defaultdict(int)
        self.taken = dict.fromkeys(Stage, Capabilities())

    def capabilities(self, stage: Stage) -> Capabilities:
        return self.taken[stage]

    def adopt(self, stage: Stage, capabilities: Capabilities) -> None:
        self.taken[stage] = capabilities

    def count_tokens(self, text: str) -> int:
        return len(text.split())

    async def complete(self, request: Request) -> Completion:
        self.attempts[request.subject] += 1
        await asyncio.sleep(0.002)
        error = self._trouble(request.subject, self.attempts[request.subject])
        if error is not None:
            raise error
        return Completion(" No", "stop", 5, 1, False, 0.002)

    async def aclose(self) -> None:
        pass


async def dispatch(
    directory: Path, model: TroubledModel, subjects: int, *, limit: int | None = None, patience: float = 60
) -> list[Completion | Lost | BaseException]:
    """Send requests 0, 1, 2 … as generation does; what became of each."""
    limits = LimitsConfig(max_requests=limit)
    writer = RunWriter.open(directory, Config(limits=limits), [])
    pacer = Pacer(4, asyncio.get_running_loop().time)
    budget = Budget(Config(limits=limits), Spending())
    endpoint = EndpointConfig(patience_seconds=patience)
    dispatcher = Dispatcher(model, writer, budget, pacer, endpoint, settled=())
    tasks = []
    for subject in range(subjects):
        await dispatcher.room()
        tasks.append(asyncio.create_task(dispatcher.complete(request(subject))))
        await asyncio.sleep(0)
    done = await asyncio.gather(*tasks, return_exceptions=True)
    await writer.aclose()
    return done


def outcomes(directory: Path, subject: int) -> list[str]:
    connection = sqlite3.connect(directory / "run.db")
    rows = connection.execute(
        "SELECT outcome FROM attempts WHERE subject = ? ORDER BY id", (subject,)
    ).fetchall()
    connection.close()
    return [outcome for (outcome,) in rows]


def test_a_request_that_fails_eight_times_while_others_succeed_is_lost(tmp_path: Path) -> None:
    model = TroubledModel(lambda subject, _: EndpointFailedError("500: no") if subject == 3 else None)

    async def scenario() -> list[Completion | Lost | BaseException]:
        return await dispatch(tmp_path, model, 2000)

    done = asyncio.run(scenario())
    assert done[3] == Lost("failed")
    assert outcomes(tmp_path, 3) == ["EndpointFailedError"] * ATTEMPTS_BEFORE_LOST
    assert all(isinstance(each, Completion) for number, each in enumerate(done) if number != 3)


def test_being_told_to_slow_down_never_loses_a_request(tmp_path: Path) -> None:
    model = TroubledModel(
        lambda subject, attempt: RateLimitedError("429") if subject == 3 and attempt <= 9 else None
    )
    done = asyncio.run(dispatch(tmp_path, model, 300))
    assert isinstance(done[3], Completion)
    assert outcomes(tmp_path, 3) == ["RateLimitedError"] * 9 + ["completed"]


def test_what_the_endpoint_asks_to_wait_is_waited(tmp_path: Path) -> None:
    model = TroubledModel(
        lambda _, attempt: RateLimitedError("429", retry_after=0.4) if attempt == 1 else None
    )

    async def scenario() -> float:
        loop = asyncio.get_running_loop()
        began = loop.time()
        await dispatch(tmp_path, model, 1)
        return loop.time() - began

    assert asyncio.run(scenario()) >= 0.4


def test_a_refusal_of_content_is_not_retried(tmp_path: Path) -> None:
    model = TroubledModel(lambda subject, _: ContentRefusedError("no") if subject == 1 else None)
    done = asyncio.run(dispatch(tmp_path, model, 5))
    assert [isinstance(each, Completion) for each in done] == [True, False, True, True, True]
    assert done[1] == Lost("refused")
    assert outcomes(tmp_path, 1) == ["ContentRefusedError"]


def test_an_endpoint_that_refuses_everything_is_not_asked_for_ever(tmp_path: Path) -> None:
    model = TroubledModel(lambda *_: ContentRefusedError("400: bad request"))
    done = asyncio.run(dispatch(tmp_path, model, 10))
    assert [isinstance(each, Lost) for each in done] == [True] * 9 + [False]
    assert isinstance(done[9], EndpointMismatchError)
    assert "refused all of the first 10 requests: 400: bad request" in str(done[9])


def test_a_server_that_was_never_there_is_told_apart_soon(tmp_path: Path) -> None:
    model = TroubledModel(lambda *_: ConnectionFailedError("No connection.", "Is the endpoint running?"))
    (done,) = asyncio.run(dispatch(tmp_path, model, 1))
    assert isinstance(done, EndpointUnavailableError)
    assert str(done) == "No connection. Is the endpoint running? Run the same command again once it is."
    assert model.attempts[0] == 4


def test_an_endpoint_that_answers_nothing_readable_is_left_soon(tmp_path: Path) -> None:
    model = TroubledModel(lambda *_: MalformedReplyError("not JSON: <html>."))
    (done,) = asyncio.run(dispatch(tmp_path, model, 1))
    assert isinstance(done, EndpointUnavailableError)
    assert "None of the last 4 replies could be read; the last one: not JSON: <html>." in str(done)
    assert model.attempts[0] == 4


def test_other_failures_between_unreadable_replies_are_waited_for(tmp_path: Path) -> None:
    def trouble(_: int, attempt: int) -> Exception | None:
        if attempt > 6:
            return None
        return EndpointFailedError("503") if attempt == 2 else MalformedReplyError("not JSON")

    (done,) = asyncio.run(dispatch(tmp_path, TroubledModel(trouble), 1))
    assert isinstance(done, Completion)


def test_nothing_but_unreadable_replies_after_a_success_are_borne_for_a_while() -> None:
    now = 0.0
    patience = Patience(600, lambda: now)
    patience.succeeded()
    for seconds in (1.0, 20.0, 40.0, 59.0):
        now = seconds
        patience.check(MalformedReplyError("not JSON"))
    now = 61.0
    with pytest.raises(EndpointUnavailableError, match="None of the last 5 replies could be read"):
        patience.check(MalformedReplyError("not JSON"))
    patience.succeeded()
    patience.check(MalformedReplyError("not JSON"))


def test_while_nobody_is_answered_all_wait_as_long_as_one_was_told_to(tmp_path: Path) -> None:
    told: list[float] = []

    def trouble(subject: int, attempt: int) -> Exception | None:
        if subject == 0:
            return None
        now = monotonic()
        told.append(now)
        return RateLimitedError("429", retry_after=0.5) if now - told[0] < 0.5 else None

    done = asyncio.run(dispatch(tmp_path, TroubledModel(trouble), 60))
    assert all(isinstance(each, Completion) for each in done)
    assert sum(each - told[0] < 0.5 for each in told) <= 12, "four in flight, and those being let in"


def test_patience_ends_when_nothing_succeeds_for_long(tmp_path: Path) -> None:
    model = TroubledModel(lambda subject, _: EndpointFailedError("503") if subject else None)
    done = asyncio.run(dispatch(tmp_path, model, 3, patience=0.5))
    assert isinstance(done[0], Completion)
    for each in done[1:]:
        assert isinstance(each, EndpointUnavailableError)
        assert "the last error: 503" in str(each)
    assert max(model.attempts.values()) < ATTEMPTS_BEFORE_LOST, "nothing is lost to an outage"


def test_an_endpoint_that_wants_a_longer_wait_than_there_is_patience_is_left(tmp_path: Path) -> None:
    model = TroubledModel(lambda *_: RateLimitedError("daily limit.", retry_after=7200))
    (done,) = asyncio.run(dispatch(tmp_path, model, 1))
    assert isinstance(done, EndpointUnavailableError)
    assert "The endpoint asks to wait 2 h 00 min: daily limit." in str(done)


def test_the_first_request_settles_what_the_endpoint_takes(tmp_path: Path) -> None:
    def trouble(subject: int, attempt: int) -> Exception | None:
        rejected = {1: "seed", 2: "max_tokens"}
        return (
            ParameterRejectedError("no", rejected[attempt]) if subject == 0 and attempt in rejected else None
        )

    model = TroubledModel(trouble)
    done = asyncio.run(dispatch(tmp_path, model, 5))
    assert all(isinstance(each, Completion) for each in done)
    assert model.taken[Stage.CLASSIFICATION] == Capabilities(
        max_tokens_field="max_completion_tokens", unsupported=("max_tokens", "seed")
    )
    assert outcomes(tmp_path, 0) == ["negotiated", "negotiated", "completed"]


def test_what_the_endpoint_takes_never_changes_later(tmp_path: Path) -> None:
    model = TroubledModel(lambda subject, _: ParameterRejectedError("no", "seed") if subject == 2 else None)
    done = asyncio.run(dispatch(tmp_path, model, 3))
    assert isinstance(done[2], ParameterRejectedError)
    assert model.attempts[2] == 10, "ten in a row are no accident"
    assert "It accepted such requests before" in str(done[2])
    assert model.taken[Stage.CLASSIFICATION] == Capabilities()


def test_a_field_that_is_refused_now_and_then_is_sent_again(tmp_path: Path) -> None:
    """As by a gateway with servers of several kinds behind it."""
    model = TroubledModel(
        lambda subject, attempt: (
            ParameterRejectedError("no", "top_p") if subject % 2 and attempt == 1 else None
        )
    )
    done = asyncio.run(dispatch(tmp_path, model, 12))
    assert all(isinstance(each, Completion) for each in done)
    assert outcomes(tmp_path, 3) == ["ParameterRejectedError", "completed"]
    assert model.taken[Stage.CLASSIFICATION] == Capabilities()


def test_a_length_that_is_taken_under_neither_name_is_said_to_be(tmp_path: Path) -> None:
    model = TroubledModel(
        lambda _, attempt: ParameterRejectedError(
            "no.", "max_tokens" if attempt == 1 else "max_completion_tokens"
        )
    )
    (done,) = asyncio.run(dispatch(tmp_path, model, 1))
    assert isinstance(done, ParameterRejectedError)
    assert "accepts neither name" in str(done)


def test_ten_refusals_in_unknown_words_in_a_row_are_enough(tmp_path: Path) -> None:
    model = TroubledModel(lambda subject, _: UnrecognizedError("flurb.") if subject >= 12 else None)
    done = asyncio.run(dispatch(tmp_path, model, 22))
    assert all(isinstance(each, Completion) for each in done[:12])
    assert sum(each == Lost("unrecognized_error") for each in done) == 9
    (stop,) = (each for each in done if isinstance(each, EndpointRefusesError))
    assert "flurb." in str(stop)


@pytest.mark.parametrize("limit", [1, 7, 50])
def test_the_limit_on_requests_is_exact(tmp_path: Path, limit: int) -> None:
    model = TroubledModel(lambda subject, attempt: EndpointFailedError("500") if attempt == 1 else None)
    done = asyncio.run(dispatch(tmp_path, model, 60, limit=limit))
    assert sum(model.attempts.values()) == limit
    assert sum(isinstance(each, BudgetReachedError) for each in done) >= 60 - limit
