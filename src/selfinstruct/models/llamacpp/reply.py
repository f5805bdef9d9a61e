"""One request to one loaded llama.cpp server: what it is asked, and the reply as it comes.

One difference to the OpenAI API remains: llama.cpp's penalties look at a window of tokens that reaches
back into the prompt, the API's at the reply only. The window is max_tokens here, the shortest that always
holds the whole reply, so the end of the prompt counts as well while the reply is shorter.

Chat requests go through the template that the file brings, completions never do.
"""

from __future__ import annotations

import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from typing import Any

from selfinstruct.errors import ContextLengthError, EndpointFailedError
from selfinstruct.models.base import Capabilities
from selfinstruct.models.choices import read_choices
from selfinstruct.models.llamacpp.prefixes import PrefixStates
from selfinstruct.models.reply_text import ReplyText, as_messages, no_room, without_surrogates
from selfinstruct.records import Completion, Request

__all__ = ["LoadedServer"]

LIKELIEST = 1000
"""First tokens that are looked through for the answers to choose from."""


@dataclass(frozen=True, slots=True)
class LoadedServer:
    """An `xllamacpp.Server`, the key of its loopback port, and what it shares with others of its model: None
    for one of several slots, which keeps what it read by llama.cpp's own means."""

    llama: Any
    key: str
    states: PrefixStates | None

    def count_tokens(self, text: str) -> int:
        """The model's own count."""
        return len(
            self._post("/tokenize", {"content": without_surrogates(text), "add_special": True})["tokens"]
        )

    # A `Slot`, which has one prompt at a time.

    def read(self, text: str) -> bool:
        """See `Slot`."""
        writing = _Writing((), (), lambda: False)
        self.llama.handle_completions({"prompt": text, "max_tokens": 0, "stream": True}, writing)
        return "error" not in writing.last

    def save(self, name: str) -> None:
        """See `Slot`."""
        self._post("/slots/0?action=save", {"filename": name})

    def restore(self, name: str) -> bool:
        """See `Slot`."""
        try:
            self._post("/slots/0?action=restore", {"filename": name})
        except OSError:
            return False
        return True

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        """Over its port, for what xllamacpp has no call for. Raises OSError with llama.cpp's words."""
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"}
        request = urllib.request.Request(  # noqa: S310 - loopback
            f"{self.llama.listening_address}{path}", json.dumps(body).encode(), headers
        )
        no_proxy = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        try:
            with no_proxy.open(request, timeout=60) as reply:
                return json.load(reply)
        except urllib.error.HTTPError as error:
            with error:
                raise OSError(json.load(error)["error"]["message"]) from error

    def write(
        self, request: Request, capabilities: Capabilities, abandoned: Callable[[], bool]
    ) -> Completion:
        """One reply. Raises CancelledError at the first token after which `abandoned` is true,
        ContextLengthError, and EndpointFailedError when llama.cpp fails otherwise."""
        chat = capabilities.api == "chat"
        sampling = request.prompt.sampling
        writing = _Writing(sampling.stop, () if chat else sampling.choices, abandoned)
        call = self.llama.handle_chat_completions if chat else self.llama.handle_completions
        started = time.perf_counter()
        try:
            keep = self.states is None or (
                not chat and self.states.begin(self, without_surrogates(request.prompt.preamble))
            )
            call({**_body(request, chat=chat), "cache_prompt": keep}, writing)
        except RuntimeError as error:
            raise EndpointFailedError(f"llama.cpp failed: {error}.") from error
        seconds = time.perf_counter() - started
        if abandoned():
            raise CancelledError
        if "error" in writing.last:
            raise _translated(writing.last["error"])
        timings, told = writing.last["timings"], writing.told
        return Completion(
            text=writing.reply.text if told is None else told,
            finish_reason="stop"
            if told is not None or writing.reply.stopped
            else writing.last["choices"][0]["finish_reason"],
            prompt_tokens=timings["cache_n"] + timings["prompt_n"],
            completion_tokens=timings["predicted_n"],
            estimated=False,
            seconds=seconds,
        )


def _text(request: Request, *, chat: bool) -> dict[str, Any]:
    prompt = replace(
        request.prompt,
        preamble=without_surrogates(request.prompt.preamble),  # llama.cpp's JSON refuses them
        body=without_surrogates(request.prompt.body),
    )
    return {"messages": as_messages(prompt)} if chat else {"prompt": prompt.preamble + prompt.body}


def _body(request: Request, *, chat: bool) -> dict[str, Any]:
    sampling = request.prompt.sampling
    schema = json.loads(sampling.response_schema) if sampling.response_schema else None
    held_to = {"type": "json_schema", "json_schema": {"name": request.stage.value, "schema": schema}}
    return {
        **_text(request, chat=chat),
        **({"response_format": held_to} if schema else {}),
        **({"logprobs": LIKELIEST} if sampling.choices and not chat else {}),
        "temperature": sampling.temperature,
        "top_p": sampling.top_p if sampling.temperature > 0 else 1.0,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        "repeat_last_n": sampling.max_tokens,
        "max_tokens": sampling.max_tokens,
        "seed": request.seed % 0xFFFFFFFF,  # 32 bits, the last of which would mean: a random one
        "stream": True,
        "timings_per_token": True,  # the only count of tokens in a stream that ends early
    }


class _Writing:
    """A reply as it comes, token by token; what llama.cpp calls with each, until it returns True.

    Looks for the stops itself: llama.cpp keeps back what may be the beginning of one and, in a stream,
    never delivers it when the reply is cut at max_tokens instead. (A stream it must be, since nothing
    else can be ended early.)
    """

    def __init__(self, stops: Sequence[str], choices: Sequence[str], abandoned: Callable[[], bool]) -> None:
        self.reply = ReplyText(stops)
        self.told: str | None = None
        self._choices = choices
        self.last: dict[str, Any] = {}
        self._abandoned = abandoned

    def __call__(self, chunk: dict[str, Any]) -> bool:
        # An exception in here would vanish without a trace: nothing that could raise.
        self.last = chunk
        if "choices" in chunk:
            self.reply.add(_written(chunk["choices"][0]))
            if self._choices and self.told is None:
                self.told = read_choices(chunk["choices"][0], self._choices)
        return self.told is not None or self.reply.stopped or self._abandoned()


def _written(choice: dict[str, Any]) -> str:
    """What a chunk adds: the text of a completion, or a chat message's content, thinking left out."""
    return choice["text"] if "text" in choice else choice.get("delta", {}).get("content") or ""


def _translated(error: dict[str, Any]) -> ContextLengthError | EndpointFailedError:
    if error.get("type") == "exceed_context_size_error":
        return no_room(error["n_prompt_tokens"], error["n_ctx"])
    return EndpointFailedError(f"llama.cpp failed: {error.get('message')}.")
