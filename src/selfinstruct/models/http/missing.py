"""What is not there: the API, the kind of request, the model."""

from __future__ import annotations

import re

from selfinstruct.errors import ConfigError, EndpointMismatchError, SelfInstructError, UnknownModelError
from selfinstruct.models.http.endpoint import Endpoint
from selfinstruct.models.http.error_bodies import phrases
from selfinstruct.models.http.error_reply import ErrorReply
from selfinstruct.models.providers import PROVIDERS

__all__ = ["BARE", "about_call_or_model", "check_base_url", "not_found", "not_this_api"]

BARE = re.compile(
    r"\W*(?:http/1\.1 )?(?:(?:error|code|status)\W*)*(?:40[0-9]\W*)?(?:(?:page|resource|route|path|url) )?"
    r"(?:not[ _]?found|forbidden|access[ _]denied|the requested (?:url|resource) was not found.*)?"
    r"\W*(?:40[0-9]\W*)?"
)
_ADDRESS = phrases(
    r"invalid url|cannot post|no route|unknown request url",
    r"(?:unknown|no such) (?:url|path|route|endpoint)",
    r"(?:path|route|url|endpoint)\b.{0,40}?(?:not found|not exist|unknown)",
)
_RESPONSES_ONLY = phrases(
    r"only (?:supported|available) (?:in|with|through|via) .{0,20}?\bresponses\b", r"use .{0,20}?v1/responses"
)
_WANTS_CHAT = phrases(
    r"(?:use|mean|try|supports?)\b(?:(?!://).){0,60}chat[/ ]completions|this is a chat model",
    r"(?:not|n't) support (?:the )?completions?\b",
)
_WANTS_COMPLETIONS = phrases(
    r"not a chat model|chat template|(?:not|n't) support (?:the )?chat",
    r"(?:use|mean|try)\b(?:(?!://).){0,60}(?<!chat/)completions",
)
_MODEL = phrases(
    r"\bmodels?\b.{0,200}?(?:(?:does not|doesn't|do not|not) exist|not found|not loaded|decommissioned)",
    r"(?:unknown|invalid|no such|nonexistent|not a valid|unsupported) model\b",
    r"model_not_|(?:invalid|unknown)_model|no endpoints found|模型不存在",
)
_RETIRED = phrases(
    r"\bmodels?\b[^.;,]{0,80}?\b(?:is|has been|was|are|been)\b[^.;,]{0,20}?"
    r"(?:deprecated|decommissioned|shut ?down|retired|discontinued|removed|sunset|no longer|withdrawn)",
    r"no longer (?:available|supported|offered|served)\b.{0,40}?\bmodel",
    r"model_(?:deprecated|decommissioned|retired)|end[- ]of[- ]life",
)
_MODEL_CODES = frozenset({"1211"})  # Zhipu's
_ANY_MODEL = re.compile(r"(?<![\w/])models?(?![\w/])|model_|no endpoints found")


def not_this_api(reply: ErrorReply) -> EndpointMismatchError:
    """Something else answers at the base URL."""
    location = reply.headers.get("location", "")
    redirect = f", which redirects to {reply.endpoint.quote(location)}" if location else ""
    return EndpointMismatchError(
        f"No OpenAI-compatible API here. {reply.said}{redirect}", check_base_url(reply.endpoint)
    )


def not_found(reply: ErrorReply) -> SelfInstructError:
    """404 and 410: the kind of request, a deployment, the model or the address."""
    body, endpoint = reply.body, reply.endpoint
    known = about_call_or_model(reply)
    if known is not None:
        return known
    if "deployment" in body.searched:
        return UnknownModelError(
            f"The endpoint has no deployment {endpoint.model!r}. {reply.said}",
            "Use the deployment's name as the model; a new deployment takes a few minutes to appear.",
        )
    if body.parameter == "model" or _ANY_MODEL.search(body.searched):
        return _unknown_model(reply)
    if BARE.fullmatch(body.sentence) or _ADDRESS.search(body.sentence):
        return not_this_api(reply)
    return EndpointMismatchError(
        f"No OpenAI-compatible API here, or not for this model. {reply.said}",
        f"{check_base_url(endpoint)} Check the model's name, {endpoint.model!r}, too.",
    )


def about_call_or_model(reply: ErrorReply) -> SelfInstructError | None:
    """Of a 400: that the model is asked by the wrong call, is unknown, or is gone; None where it is not."""
    return _wrong_call(reply) or _about_model(reply)


def _wrong_call(reply: ErrorReply) -> SelfInstructError | None:
    searched, said = reply.body.searched, reply.said
    if _RESPONSES_ONLY.search(searched):
        return ConfigError(
            f"The model {reply.endpoint.model!r} is available only through the Responses API, which is "
            "not supported."
            f" {said}",
            "Use another model.",
        )
    if _WANTS_COMPLETIONS.search(searched):
        return EndpointMismatchError(f"The model does not support chat requests. {said}", wants="completions")
    if _WANTS_CHAT.search(searched):
        return EndpointMismatchError(f"The model supports chat requests only. {said}", wants="chat")
    return None


def _about_model(reply: ErrorReply) -> SelfInstructError | None:
    body = reply.body
    named = body.parameter == "model" or body.codes & _MODEL_CODES
    if named or _MODEL.search(body.searched) or _RETIRED.search(body.searched):
        return _unknown_model(reply)
    return None


def _unknown_model(reply: ErrorReply) -> UnknownModelError:
    endpoint, sentence = reply.endpoint, reply.body.sentence
    listed = f"{endpoint.at('/models')} lists those that it has."
    if _RETIRED.search(reply.body.searched):
        return UnknownModelError(f"The model {endpoint.model!r} is no longer offered. {reply.said}", listed)
    if re.search(r"\bpull", sentence):
        listed = f"Pull it first (ollama pull {endpoint.model}). {listed}"
    return UnknownModelError(f"The endpoint has no model {endpoint.model!r}. {reply.said}", listed)


def check_base_url(endpoint: Endpoint) -> str:
    """The hint for an address at which something else answers."""
    url = endpoint.base_url
    is_known = any(provider.base_url == url for provider in PROVIDERS.values())
    if is_known or "?" in url or re.search(r"/v\d", url):
        return f"Check the base URL, {url}."
    return f"Check the base URL, {url}: it should normally end in /v1."
