"""Mistral's batches: jobs, with the model on the job and not in the lines.

Sources: docs.mistral.ai/capabilities/batch and the API reference. Files, rows and errors are as OpenAI's.
"""

from __future__ import annotations

import re
from typing import Any

from selfinstruct.models.base import Api
from selfinstruct.models.batching import RemoteBatch
from selfinstruct.models.http.batches import MOST_PAGES, PAGE, HttpBatches
from selfinstruct.records import Request

__all__ = ["MistralBatches"]

_STATUSES = {"success": "completed", "timeout_exceeded": "expired"}
"""Mistral's words, in OpenAI's."""
_HOURS = re.compile(r"(\d+)([hd])")


class MistralBatches(HttpBatches):
    """Satisfies `Batches`."""

    jobs = "/batch/jobs"

    def row(self, custom_id: str, request: Request) -> dict[str, Any]:
        """See `HttpBatches`."""
        row = super().row(custom_id, request)
        return {"custom_id": custom_id, "body": {k: v for k, v in row["body"].items() if k != "model"}}

    def job(self, file: str, api: Api, *, window: str, key: str) -> dict[str, Any]:
        """See `HttpBatches`."""
        asked = super().job(file, api, window=window, key=key)
        hours = _HOURS.fullmatch(window)
        return {
            "input_files": [file],
            "endpoint": asked["endpoint"],
            "model": self.model,
            "metadata": asked["metadata"],
            "timeout_hours": 24 if hours is None else int(hours[1]) * (24 if hours[2] == "d" else 1),
        }

    async def find(self, file: str, key: str) -> RemoteBatch | None:
        """See `Batches`. Pages are numbered here, and begin with the latest job."""
        for page in range(MOST_PAGES):
            value = await self.call("GET", self.jobs, params={"page": str(page), "page_size": str(PAGE)})
            listed = self.listed(value)
            for batch in listed:
                if batch.key == key or batch.input_file == file:
                    return batch
            if not listed:
                break
        return None

    def read(self, value: Any) -> RemoteBatch:
        """See `HttpBatches`."""
        if not isinstance(value, dict):
            return super().read(value)
        status = str(value.get("status") or "").lower()
        files = value.get("input_files")
        return super().read(
            {
                **value,
                "status": _STATUSES.get(status, status),
                "request_counts": {
                    "total": value.get("total_requests"),
                    "completed": value.get("succeeded_requests"),
                    "failed": value.get("failed_requests"),
                },
                "output_file_id": value.get("output_file"),
                "error_file_id": value.get("error_file"),
                "input_file_id": files[0] if isinstance(files, list) and files else "",
            }
        )
