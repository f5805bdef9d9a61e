"""Requests to a Hugging Face model, and what comes back."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from selfinstruct.models.base import Capabilities
from selfinstruct.models.huggingface.checkpoint import find_checkpoint
from selfinstruct.models.huggingface.model import HuggingFaceModel
from selfinstruct.records import Completion, Request

CHAT = Capabilities(api="chat", unsupported=("response_format",))


def opened(
    folder: Path | str, *, batch: int | None = 1, context_window: int | None = None
) -> HuggingFaceModel:
    return HuggingFaceModel(find_checkpoint(str(folder)), batch=batch, context_window=context_window)


def replies(model: HuggingFaceModel, requests: Sequence[Request]) -> list[Completion]:
    """All asked at once; the model is closed then."""

    async def ask_all() -> list[Completion]:
        try:
            return await asyncio.gather(*(model.complete(request) for request in requests))
        finally:
            await model.aclose()

    return asyncio.run(ask_all())


def reply(folder: Path | str, request: Request) -> Completion:
    return replies(opened(folder), [request])[0]
