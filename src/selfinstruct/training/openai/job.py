"""`finetune --provider openai`: rows uploaded, a job created, followed to its end.

    OUT/
      training.jsonl   what is uploaded
      job.json         what was asked, and how far it is
      events.jsonl     the endpoint's events
      .lock            locked by the one process that writes

There is never a second job. What may have reached the endpoint without our knowing (the program was killed,
the connection broke) is looked up before anything is sent again: the file by its name, the job by its file.
A job may appear in the list a little after it was asked for, so for a quarter of a minute its absence means
nothing.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from selfinstruct.errors import (
    ConfigError,
    ConnectionFailedError,
    EndpointMismatchError,
    EndpointUnavailableError,
    RateLimitedError,
    RequestError,
    UserError,
)
from selfinstruct.requests.pacing import Patience, backoff_seconds
from selfinstruct.requests.signals import interrupts
from selfinstruct.store.directory import atomic_write
from selfinstruct.store.failures import storage_errors
from selfinstruct.store.lock import RunLock
from selfinstruct.training.openai.api import FineTuningApi, identifier
from selfinstruct.training.openai.plan import JobPlan
from selfinstruct.training.openai.record import EVENTS, JOB, ROWS, JobRecord, write_record

__all__ = ["JobOutcome", "follow_job"]

SETTLE_SECONDS, LOOK_SECONDS = 15.0, 2.0
POLL_SECONDS = 10.0
PATIENCE_SECONDS = 600.0

_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class JobOutcome:
    """Of one invocation. A job that failed or was cancelled is an error instead.

    advice: why it stopped, where that needs saying; else empty.
    """

    out: Path
    record: JobRecord
    stopped: Literal["done", "interrupted", "unavailable"]
    advice: str

    def to_json(self) -> dict[str, Any]:
        """One object, as `finetune --provider openai --json` prints it."""
        files = {name: str(self.out / name) for name in (ROWS, JOB, EVENTS) if (self.out / name).exists()}
        record = self.record.to_json()
        kept = ("settings", "examples", "left_out", "file_id", "job_id", "status", "tuned_model")
        return {
            "out": str(self.out),
            "stopped": self.stopped,
            "advice": self.advice,
            **{name: record[name] for name in kept},
            "trained_tokens": self.record.trained_tokens,
            "files": files,
        }


async def follow_job(
    plan: JobPlan, say: Callable[[str], None], *, poll_seconds: float = POLL_SECONDS
) -> JobOutcome:
    """Start or resume the job of a plan, and follow it to its end.

    say: is given what happens, a line at a time. Signals stop it at once: the job itself goes on.

    Raises ConfigError for a job that failed or was cancelled, and the errors of errors.py.
    """
    out = plan.out.absolute()
    with storage_errors(out):
        out.mkdir(parents=True, exist_ok=True)
        lock = RunLock(out / ".lock")
    try:
        return await _follow(plan, out, say, poll_seconds)
    finally:
        lock.release()


async def _follow(plan: JobPlan, out: Path, say: Callable[[str], None], poll_seconds: float) -> JobOutcome:
    with atomic_write(out / ROWS) as file:
        file.writelines(plan.rows.lines)
    async with FineTuningApi(plan.endpoint) as api:
        job = _Job(api, out, write_record(out, plan.record), say)
        work = asyncio.create_task(job.carry_out(poll_seconds))

        def stop() -> None:
            work.cancel()

        try:
            with interrupts(stop, stop):
                await work
        except asyncio.CancelledError:
            goes_on = "The job continues at the endpoint. " if job.record.job_id else ""
            advice = f"Interrupted. {goes_on}Run the same command again to follow it."
            return JobOutcome(out, job.record, "interrupted", advice)
        except EndpointUnavailableError as error:
            return JobOutcome(out, job.record, "unavailable", str(error))
    record = job.record
    if record.status == "succeeded":
        return JobOutcome(out, record, "done", "")
    why = f": {record.error}" if record.error else "."
    raise ConfigError(
        f"The job {record.job_id} {'was cancelled' if record.status == 'cancelled' else 'failed'}{why}",
        "Start a new one with another `out`.",
    )


class _Job:
    """Every step writes its record before and after."""

    def __init__(self, api: FineTuningApi, out: Path, record: JobRecord, say: Callable[[str], None]) -> None:
        self.record = record
        self._api, self._out, self._say = api, out, say
        self._patience = Patience(PATIENCE_SECONDS, time.monotonic)
        self._has_events = True

    async def carry_out(self, poll_seconds: float) -> None:
        """Whatever is still to be done."""
        if not self.record.file_id:
            self._say(f"Uploading {self.record.examples:,} examples.")
            self._note(file_id=await self._persist(self._upload), uploading=False)
        if not self.record.job_id:
            job = await self._persist(self._create)
            self._note(creating=None, job_id=identifier(job))
            self._say(f"The job is {self.record.job_id}.")
        while not self.record.ended:
            before = self.record.status
            job = await self._persist(lambda: self._api.job(self.record.job_id))
            await self._tell_events()  # before the end is noted, after which nothing is asked any more
            self._take(job)
            if self.record.status != before:
                self._say(f"Status: {self.record.status}.")
            if not self.record.ended:
                await asyncio.sleep(poll_seconds)

    async def _upload(self) -> str:
        if self.record.uploading:
            found = await self._api.find_file(self.record.file_name)
            if found is not None:
                return found
        self._note(uploading=True)
        return await self._api.upload(self._out / ROWS, self.record.file_name)

    async def _create(self) -> dict[str, Any]:
        if self.record.creating is not None:
            found = await self._look_for_job(self.record.creating)
            if found is not None:
                return found
        self._note(creating=time.time())
        try:
            return await self._api.create(self.record.settings.fields(self.record.file_id))
        except (UserError, EndpointUnavailableError, RateLimitedError, ConnectionFailedError):
            self._note(creating=None)  # refused, or never sent
            raise

    async def _look_for_job(self, asked: float) -> dict[str, Any] | None:
        """asked: when, by a clock that may have been set since."""
        until = time.monotonic() + min(SETTLE_SECONDS, asked + SETTLE_SECONDS - time.time())
        while True:
            found = await self._api.find_job(self.record.file_id)
            left = until - time.monotonic()
            if found is not None or left <= 0:
                return found
            await asyncio.sleep(min(left, LOOK_SECONDS))

    async def _tell_events(self) -> None:
        """Keep what is new. Of measurements only the last is said."""
        if not self._has_events:
            return
        kept = _read_events(self._out / EVENTS)
        known = {str(event.get("id")) for event in kept}
        try:
            new = await self._persist(lambda: self._api.events(self.record.job_id, known))
        except EndpointMismatchError:
            self._has_events = False
            self._say("The endpoint does not list a job's events.")
            return
        if not new:
            return
        with atomic_write(self._out / EVENTS) as file:
            file.writelines(json.dumps(event, ensure_ascii=False) + "\n" for event in [*kept, *new])
        measured = [event for event in new if event.get("type") == "metrics"]
        for event in new:
            if event not in measured[:-1]:
                self._say(str(event.get("message", "")))

    def _take(self, job: dict[str, Any]) -> None:
        """What the endpoint says of the job."""
        error, tokens = job.get("error"), job.get("trained_tokens")
        self._note(
            status=str(job.get("status", "")),
            tuned_model=job.get("fine_tuned_model") or "",
            trained_tokens=tokens if isinstance(tokens, int) else None,
            error=str(error.get("message") or "") if isinstance(error, dict) else "",
        )

    def _note(self, **changed: Any) -> None:
        now = replace(self.record, **changed)
        if now != self.record:
            self.record = write_record(self._out, now)

    async def _persist(self, attempt: Callable[[], Awaitable[_Result]]) -> _Result:
        """Try until it succeeds. Raises what no further attempt can fix, EndpointUnavailableError when that
        takes too long."""
        failures = 0
        while True:
            try:
                result = await attempt()
            except RequestError as error:
                failures += 1
                self._patience.check(error)
                wait = backoff_seconds(failures, error.retry_after, random.random(), calm=False)
                await asyncio.sleep(wait)
            else:
                self._patience.succeeded()
                return result


def _read_events(path: Path) -> list[dict[str, Any]]:
    if not path.exists():
        return []
    with storage_errors(path):
        return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]
