"""The values that pass between the rooms of the house: frozen, plain, without behaviour of their own.

The words are those of docs/architecture.md: a seed task is written by a person; a request goes to a
model and a completion comes back; a candidate is parsed out of a completion; a verdict says whether it
was accepted, and if not, for which reason.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

__all__ = [
    "ABOUT_SEEDS",
    "ACCEPTED",
    "CALIBRATION",
    "SEED_TEXTS",
    "Attributes",
    "Completion",
    "Example",
    "Instance",
    "InstanceCandidate",
    "InstructionCandidate",
    "JudgedInstance",
    "JudgedInstruction",
    "Neighbour",
    "Prompt",
    "Request",
    "Row",
    "Sampling",
    "SeedTask",
    "Stage",
    "Task",
    "TokenCounts",
    "Verdict",
    "request_seed",
]


Attributes = Mapping[str, tuple[str, ...]]
"""What an instruction is asked to be: attributes by name (`persona`, `topic` …), each with one value or more.
"""


class Stage(StrEnum):
    """What a request asks for (section 2.2 of the paper, steps 1 to 3). Where answers are asked apart, the
    instances stage brings inputs, and each of them is then a request of the answers stage. Where instructions
    are compared by meaning, requests of that stage ask for the embeddings of a ticket's candidates."""

    INSTRUCTIONS = "instructions"
    CLASSIFICATION = "classification"
    INSTANCES = "instances"
    ANSWERS = "answers"
    MEANING = "meaning"


@dataclass(frozen=True, slots=True)
class Instance:
    """One worked example of a task. `input` is empty where the instruction needs none."""

    input: str
    output: str


@dataclass(frozen=True, slots=True)
class Example:
    """A pool instruction as a demonstration. input: one that it can be done on; empty where it needs none,
    or where none came with it."""

    instruction: str
    input: str = ""


@dataclass(frozen=True, slots=True)
class SeedTask:
    """A task that a person wrote."""

    id: str
    name: str
    instruction: str
    instances: tuple[Instance, ...]
    is_classification: bool

    @property
    def example(self) -> Example:
        """With the shortest of its inputs."""
        inputs = [each.input for each in self.instances if each.input]
        return Example(self.instruction, min(inputs, key=len, default=""))


@dataclass(frozen=True, slots=True)
class Task:
    """An admitted instruction with its valid instances: one line of a data set."""

    id: str
    instruction: str
    is_classification: bool
    instances: tuple[Instance, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One example to train on: an instruction with one of its instances, whatever data set it is from.

    input: empty where the instruction needs none.
    is_classification: None where nothing says so.
    earlier: the instances of the same task that come before this one, where there are any.
    """

    instruction: str
    input: str
    output: str
    is_classification: bool | None = None
    earlier: tuple[Instance, ...] = ()


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a completion is drawn. Temperature 0 is greedy decoding; penalties of 0 are none.

    response_schema: JSON text of the schema that the reply must follow, for endpoints that can hold a
        model to one; empty for free text.
    echo: ask how likely the prompt's body is after its preamble, instead of what comes next: the completion's
        text is then that of `models.http.echoes`. Only for completions endpoints that echo log-probabilities.
    choices: answers of one token, of which it is asked how likely each comes next: the completion's text is
        then that of `models.choices`. A model that does not tell, and any chat, replies as always.
    """

    temperature: float
    top_p: float
    frequency_penalty: float
    presence_penalty: float
    max_tokens: int
    stop: tuple[str, ...] = ()
    response_schema: str = ""
    echo: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Prompt:
    """What a recipe renders. A completions endpoint is sent `preamble + body`; a chat endpoint gets
    the preamble as its system message and the body as the user's.

    preamble: the part that does not vary between requests of a stage (few-shot examples); may be
        empty. Kept once in a run, however many requests share it.
    demonstrations: how many worked examples the text shows, the pool's or the recipe's own.
    """

    preamble: str
    body: str
    sampling: Sampling
    demonstrations: int


CALIBRATION = 1
"""The `position` of classification requests that are about seed tasks."""

SEED_TEXTS = -1
"""The `position` of meaning requests for the embeddings of seed tasks."""


ABOUT_SEEDS = frozenset({(Stage.CLASSIFICATION, CALIBRATION), (Stage.MEANING, SEED_TEXTS)})
"""Stage and position of requests that no ticket bore."""


@dataclass(frozen=True, slots=True)
class Request:
    """A prompt on its way to a model. (stage, subject, position) names it within a run.

    subject: the ticket of an instruction request, and of one for the embeddings of its candidates; otherwise
        the number of the task.
    seed: for endpoints that take one; derived from the run's seed and the request's name.
    shown: the pool entries whose instructions are in the prompt, in its order (instruction requests).
    position: of an answer, the place of its input among those of the task. `CALIBRATION` for a classification
        request about a seed task, whose number `subject` is. Of a meaning request, which of several for the
        ticket; `SEED_TEXTS` where it is for seeds, and `subject` then says which of several. 0 otherwise.
    asked: of an instruction request, the attributes of each task asked for, in the prompt's order; one entry
        alone holds for every task of the reply, and none means that no attributes are asked for.
    """

    stage: Stage
    subject: int
    prompt: Prompt
    seed: int
    shown: tuple[int, ...] = ()
    position: int = 0
    asked: tuple[Attributes, ...] = ()


@dataclass(frozen=True, slots=True)
class TokenCounts:
    """Tokens of a request, or of many.

    prompt_tokens: all of the prompt's, wherever they came from. cached_tokens, cache_write_tokens: of these,
        those that the provider read from its cache and those that it wrote to it, where it says so.
    completion_tokens: all that the model wrote. reasoning_tokens: of these, those spent on thinking.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Completion:
    """A model's reply.

    finish_reason: `stop`, `length` (cut at max_tokens) or the endpoint's own word, in lower case.
    …_tokens: as `TokenCounts` has them.
    estimated: the endpoint does not count tokens, so that prompt_tokens or completion_tokens are estimates
        from the length.
    seconds: from sending to the last byte.
    """

    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    estimated: bool
    seconds: float
    cached_tokens: int = 0
    cache_write_tokens: int = 0
    reasoning_tokens: int = 0


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` is None for accepted, otherwise a stable snake_case word; `detail` says what triggered
    it, for people (the keyword found, the word count)."""

    reason: str | None = None
    detail: str = ""

    @property
    def accepted(self) -> bool:
        """Whether there is no reason against it."""
        return self.reason is None


ACCEPTED = Verdict()


@dataclass(frozen=True, slots=True)
class InstructionCandidate:
    """An instruction as parsed. `flaw` is a reason that the parser itself saw (`truncated`), or None.

    is_classification: where the same reply says so; None where that is a request of its own.
    needs_input: False where the same reply says that the instruction holds all that is needed.
    input: one that the same reply gives, where it gives one.
    """

    text: str
    flaw: str | None = None
    is_classification: bool | None = None
    needs_input: bool = True
    input: str = ""


@dataclass(frozen=True, slots=True)
class InstanceCandidate:
    """An instance as parsed. `flaw` is a reason that the parser itself saw (`truncated`, `no_output`),
    or None; `detail` what triggered it, for people.

    output: of a reply that holds inputs alone, empty, or the label that the input was written for.
    """

    input: str
    output: str
    flaw: str | None = None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A pool entry near a candidate. `index` is its place in the pool, seeds first; `score` the
    ROUGE-L F1 of the two, 0 to 1, unless another similarity is named."""

    index: int
    score: float


@dataclass(frozen=True, slots=True)
class JudgedInstruction:
    """An instruction candidate with its verdict.

    neighbours: the nearest pool entries, nearest first; empty when a cheaper filter had already
        rejected it, or when the pool was empty.
    mean_similarity: mean of its scores against the whole pool; None in the same cases.
    is_classification, needs_input, input: as the candidate had them.
    meaning: the pool entry nearest in meaning, `score` the cosine; None where none was looked for or, in a
        large pool, where none is above the threshold.
    untested: whether it should have been compared by meaning, but its embedding was lost.
    """

    text: str
    verdict: Verdict
    neighbours: tuple[Neighbour, ...] = ()
    mean_similarity: float | None = None
    is_classification: bool | None = None
    needs_input: bool = True
    input: str = ""
    meaning: Neighbour | None = None
    untested: bool = False


@dataclass(frozen=True, slots=True)
class JudgedInstance:
    """An instance candidate with its verdict."""

    input: str
    output: str
    verdict: Verdict


def request_seed(run_seed: int, stage: Stage, subject: int, position: int = 0) -> int:
    """The seed sent with a request: 31 bits, as most endpoints take."""
    place = f".{position}" if position else ""
    digest = hashlib.blake2b(f"{run_seed}:{stage}:{subject}{place}".encode(), digest_size=4).digest()
    return int.from_bytes(digest) >> 1
