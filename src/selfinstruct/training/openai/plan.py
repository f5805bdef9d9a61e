"""What `finetune --provider openai` is to do, checked before anything is sent."""

from __future__ import annotations

import math
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from selfinstruct.config import EndpointConfig, ModelConfig
from selfinstruct.errors import ConfigError
from selfinstruct.models.access import endpoint_warning, find_endpoint
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.providers import model_at
from selfinstruct.store.failures import storage_errors
from selfinstruct.training.data import read_data
from selfinstruct.training.openai.record import (
    EVENTS,
    JOB,
    ROWS,
    JobRecord,
    JobSettings,
    UploadedRows,
    read_record,
    rows_of,
)
from selfinstruct.training.settings import check_same

__all__ = ["JobPlan", "plan_job"]

FEWEST_ROWS = 10  # developers.openai.com, “Supervised fine-tuning”
LONGEST_SUFFIX = 64
OURS = (".lock", JOB, ROWS, EVENTS)


@dataclass(frozen=True, slots=True)
class JobPlan:
    """record: of the job as far as it is. warning: for the user, or None."""

    out: Path
    rows: UploadedRows
    record: JobRecord
    endpoint: Endpoint
    warning: str | None


def plan_job(
    data: Path,
    out: Path,
    *,
    model: str | None,
    base_url: str | None = None,
    api_key_env: str | None = None,
    tasks: int | None = None,
    include_seeds: bool | None = None,
    outputs: str | None = None,
    min_score: float | None = None,
    options: Mapping[str, Any],
) -> JobPlan:
    """Nothing is written, nothing sent.

    model: the endpoint's own name for it, or `openai/NAME`; not needed to go on.
    base_url: of a compatible server; OpenAI's where not given.
    options: of `JobSettings`, and those of a tuning here, which are refused; None for what was not given.

    Raises ConfigError for what cannot be done, RunMismatchError for a job that was begun otherwise, and what
    `read_data` raises.
    """
    before = _begun(out)
    was = None if before is None else before.settings
    url = base_url or (was.base_url if was else "")
    name = (model or (was.model if was else "")).removeprefix("" if url else "openai/")
    if not name:
        raise ConfigError("Which model should be fine-tuned?", "Name it: `model=gpt-4.1-nano-2025-04-14`")
    read = read_data(data, tasks=tasks, include_seeds=include_seeds, outputs=outputs, min_score=min_score)
    rows = rows_of(read.examples)
    _check_rows(data, rows)
    given = {option: value for option, value in options.items() if value not in (None, "")}
    if given.get("template") in ("auto", "chat"):  # as rows of a job always are
        del given["template"]
    _check_options(given)
    if "epochs" in given:
        given["epochs"] = int(given["epochs"])
    if was is None:
        settings = JobSettings(data=rows.digest, model=name, base_url=url, **given)
    else:
        settings = was
        now = {"data": rows.digest, "model": name, "base_url": url, **given}
        check_same(asdict(was), now, out)
    where = EndpointConfig(base_url=url or None, api_key_env=api_key_env)
    provider = model_at(url, name)[0] if url else "openai"
    return JobPlan(
        out,
        rows,
        before or _new_record(settings, rows),
        find_endpoint(ModelConfig(provider=provider, name=name), where),
        endpoint_warning(where, provider),
    )


def _new_record(settings: JobSettings, rows: UploadedRows) -> JobRecord:
    name = f"selfinstruct-{secrets.token_hex(8)}.jsonl"
    return JobRecord(settings, len(rows.lines), rows.left_out, name)


def _begun(out: Path) -> JobRecord | None:
    """None where a new job can begin. One for which nothing was sent yet may be asked for something else.

    Raises ConfigError where the folder is somebody else's.
    """
    hint = "Name a new or empty folder, or that of a job."
    with storage_errors(out):
        if out.exists() and not out.is_dir():
            raise ConfigError(f"{out} is a file, not a folder.", hint)
        if out.exists() and any(_strange(each.name) for each in out.iterdir()):
            raise ConfigError(f"{out} holds files that belong to no job.", hint)
    record = read_record(out)
    sent = record is not None and (record.uploading or record.file_id)
    return record if sent else None


def _strange(name: str) -> bool:
    return name not in OURS and not any(name.startswith(f".{each}.") for each in OURS)  # left by a kill


def _check_rows(data: Path, rows: UploadedRows) -> None:
    if rows.left_out.get("rendered"):
        raise ConfigError(
            f"The rows of {data} are in a template already, but a job needs chats.",
            "Name the run, or export it as chat.",
        )
    if len(rows.lines) < FEWEST_ROWS:
        raise ConfigError(
            f"{data} has {len(rows.lines)} examples; a job needs at least {FEWEST_ROWS}.",
            "Resume it with `selfinstruct generate`.",
        )


def _check_options(given: Mapping[str, Any]) -> None:
    for name in given.keys() - JobSettings.__dataclass_fields__.keys():
        raise ConfigError(
            f"`{name}` works only for fine-tuning on this machine.",
            "Leave it out.",
        )
    if given.get("epochs", 1) % 1:
        raise ConfigError(f"`epochs={given['epochs']}` is not a whole number; hosted fine-tuning needs one.")
    for name in ("epochs", "batch_size", "learning_rate_multiplier"):
        if name in given and not 0 < given[name] < math.inf:
            raise ConfigError(f"`{name}={given[name]}` is not a number above 0.")
    if len(given.get("suffix", "")) > LONGEST_SUFFIX:
        raise ConfigError(f"`suffix` is longer than {LONGEST_SUFFIX} characters.")
