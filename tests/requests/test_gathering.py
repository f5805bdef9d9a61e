"""What goes into a batch together, and what a full queue teaches."""

import asyncio

import pytest

from selfinstruct.config import BatchConfig
from selfinstruct.models.base import Api
from selfinstruct.models.batching import BatchTerms
from selfinstruct.records import Prompt, Request, Sampling, Stage
from selfinstruct.requests.batches.gathering import Gathering, WaitingRow, attempt_of

SAMPLING = Sampling(0.0, 1.0, 0.0, 0.0, 10)


class Wire:
    """As much of `Batches` as gathering needs: lines of 100 bytes, answers asked by chat and the rest not."""

    terms = BatchTerms()

    def api(self, stage: Stage) -> Api:
        return "chat" if stage is Stage.ANSWERS else "completions"

    def line(self, custom_id: str, request: Request) -> bytes:
        return custom_id.ljust(99).encode() + b"\n"


def gathering(now: list[float], **settings: float) -> Gathering:
    return Gathering(Wire(), BatchConfig.model_validate(settings), lambda: now[0])  # type: ignore[arg-type]


def fill(into: Gathering, rows: int, tokens: int = 10, stage: Stage = Stage.INSTANCES) -> None:
    for number in range(rows):
        request = Request(stage, number, Prompt("sheet", "task", SAMPLING, 0), seed=0)
        into.add(WaitingRow(number + 1000 * (stage is Stage.ANSWERS), request, tokens, asyncio.Future()))


@pytest.mark.parametrize(
    ("settings", "fits"),
    [({"lines": 3}, 3), ({"megabytes": 0.00045}, 4), ({"enqueued_tokens": 55}, 5), ({}, 7)],
    ids=["lines", "bytes", "tokens", "all"],
)
def test_a_batch_keeps_to_every_limit(settings: dict[str, float], fits: int) -> None:
    async def scenario() -> None:
        gathered = gathering([0.0], **settings)
        fill(gathered, 7)
        fill(gathered, 2, stage=Stage.ANSWERS)
        rows, lines, api = await gathered.take(0)
        assert [row.attempt for row in rows] == list(range(fits))
        assert (len(lines), api, len(gathered)) == (fits, "completions", 9 - fits)

    asyncio.run(scenario())


def test_a_batch_is_due_when_nothing_has_come_for_a_while_or_it_is_full() -> None:
    async def scenario() -> None:
        now = [0.0]
        gathered = gathering(now, lines=5, gather_seconds=2)
        fill(gathered, 4)
        assert not gathered.is_due(0)
        now[0] = 2.0
        assert gathered.is_due(0)
        fill(gathered, 4)
        assert not gathered.is_due(0)
        fill(gathered, 5)
        assert gathered.is_due(0)

    asyncio.run(scenario())


@pytest.mark.parametrize(
    ("message", "limit"),
    [
        ("Enqueued token limit reached for m in organization o. Limit: 2,000 enqueued tokens. Please", 2000),
        ("enqueued tokens has surpassed the configured limit of 3K for the deployment 'm'", 3000),
        ("Too much.", None),
    ],
)
def test_a_full_queue_is_waited_for_and_sent_less(message: str, limit: int | None) -> None:
    async def scenario() -> None:
        now = [0.0]
        gathered = gathering(now, poll_seconds=10, gather_seconds=1)
        fill(gathered, 100, tokens=100)
        rows, _, _ = await gathered.take(0)
        gathered.queue_was_full(100 * len(rows), message)
        fill(gathered, 100, tokens=100)
        now[0] = 9.0
        assert not gathered.may_send(0)
        now[0] = 10.0
        assert gathered.is_due(0)
        rows, _, _ = await gathered.take(0)
        most = 50 if limit is None else limit // 100
        assert len(rows) == most  # half, or what the limit lets through
        if limit is not None:
            assert not gathered.may_send(limit)
        gathered.queue_was_full(100 * most, message)
        assert gathered.not_before == 10.0 + 20.0
        gathered.was_answered()
        assert gathered.may_send(0)
        rows, _, _ = await gathered.take(0)
        assert 1 <= len(rows) < most

    asyncio.run(scenario())


def test_names_of_rows_lead_to_their_attempts() -> None:
    assert [attempt_of(each) for each in ("answers-7-1-42", "42", "x", "a-", "a-²")] == [42, 42, -1, -1, -1]
