"""The sections of a config, each a frozen value; docs/configuration.md explains them to users."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, Protocol

from pydantic import Field, model_validator

from selfinstruct.config.checks import (
    JsonObject,
    Language,
    Name,
    Positive,
    Price,
    Section,
    Share,
    SignalNames,
    Topic,
)
from selfinstruct.config.filter_lists import KEYWORD_EXCEPTIONS, OWN_LISTS

__all__ = [
    "BatchConfig",
    "CustomConfig",
    "CustomFilterConfig",
    "EndpointConfig",
    "EngineConfig",
    "EvaluationSetConfig",
    "FeedbackConfig",
    "FilterConfig",
    "LimitsConfig",
    "LlamaCppConfig",
    "MeaningConfig",
    "ModelConfig",
    "RecipeConfig",
    "ReferenceConfig",
    "SamplingConfig",
    "SeedsConfig",
    "StageConfig",
    "StageSampling",
    "StagesConfig",
    "Tokens",
]

WRITTEN_INSTANCES = 5
"""Of a task, where one reply holds inputs and outputs."""
ASKED_INSTANCES = 3
"""Where each input costs a request of its own (docs/chat-recipe-log.md)."""


class CustomConfig(Section):
    """What tells a model or a recipe of the user's own from others. In a config file the name of an installed
    one may stand for it."""

    name: str
    version: str = ""
    settings: dict[str, Any] = Field(default_factory=dict)
    flaws: tuple[str, ...] = ()
    """Of a recipe: the reasons that its parsers themselves give."""
    source: str = ""
    """Where it was loaded from, as the user named it; `installed`; empty for an object that was passed in
    Python."""

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value


class SeedsConfig(Section):
    """Which seed tasks. `digest` names their content: a seeds file may move, but not change."""

    source: str = "bundled"
    """`bundled`, or the absolute path of the file they were read from."""
    digest: str = ""
    """SHA-256 of the tasks as read."""
    count: int = 0


class ModelConfig(Section):
    """Which model writes the data."""

    provider: Name = "pocket"
    """As `selfinstruct models` lists them: `pocket` (the bundled model), `openai`, `ollama` …, `http` (any
    other OpenAI-compatible endpoint), `gguf` (a file) and `hf` (a Hugging Face model), run in this
    process, `scripted`."""
    name: str = "pocket"
    """The model's name at the endpoint or on the Hub, or the path of its file or folder."""
    api: Literal["chat", "completions"] | None = None
    """By which of the two calls it is asked. None: by the one that suits the recipe and the model, which the
    first answer settles where nothing is known."""
    digest: str = ""
    """SHA-256 of the file that decides the replies, a GGUF or a script, or of what tells a folder's files
    from others; the commit of a model on the Hub; empty for an endpoint."""
    context_window: Positive | None = None
    """Tokens of prompt and reply together; None where unknown. Prompts are fitted to it."""
    extra_body: JsonObject = Field(default_factory=dict)
    """Fields added to every request's body as they are, such as `reasoning_effort`."""
    custom: CustomConfig | None = None
    """Of an object (provider `custom`)."""


class RecipeConfig(Section):
    """How prompts are made (section 2.2)."""

    name: Literal["paper", "chat", "custom"] = "paper"
    """`paper`: completions of a base model, in the paper's prompts. `chat`: an instruct model's replies.
    `custom`: an object of the user's own."""
    custom: CustomConfig | None = None
    """Of that object."""
    language: Language = ""
    """Tasks are asked for in this language, named in words (`German`); empty: whatever the seeds are in."""
    about: Topic = ""
    """Tasks are asked for about this (`tax law for small shops`); empty: anything."""
    classification_only: bool = False
    """Show only classification seeds, and ask for classification tasks (appendix A.1)."""
    instructions_a_request: Positive = 10
    """New instructions asked for in one request of the `chat` recipe."""
    demonstrations: Positive = 8
    """Pool instructions shown in a prompt for new ones."""
    machine_demonstrations: Annotated[int, Field(ge=0)] = 2
    """Maximum of these that the model wrote itself; the rest are seeds."""
    max_instances: Positive | None = None
    """Instances wanted of a task, and kept, at most; None: the recipe's own number, 5 or, where answers are
    asked, the input that came with the instruction, and 3 where none did and for classification."""
    answers: Literal["asked", "inline"] = "asked"
    """Of the `chat` recipe. `asked`: a reply holds a task's inputs alone, and each is then asked about in a
    message of its own, as a user would write it. `inline`: the same reply holds the outputs too, which takes
    fewer requests."""
    answer_system: str = ""
    """Where answers are asked: the system message that comes with each; empty: none."""
    answer_style: Literal["natural", "direct"] = "natural"
    """`natural`: answers as the model gives them. `direct`: it is asked to be brief."""
    calibrate: bool = True
    """Of the `paper` recipe, where the model tells how likely Yes and No are: hold them against a cut that is
    learnt on up to 48 seeds, a request each, once. `--paper-exact` reads the answer alone."""
    check_labels: bool = True
    """Of a classification task, where answers are asked: ask the model about each input too, and drop those
    where its answer is another label (`disagrees`). Otherwise labels are taken on trust."""

    @property
    def title(self) -> str:
        """Its name, for people: that of the user's own, where it is one."""
        return self.name if self.custom is None else self.custom.name

    @property
    def instances_a_task(self) -> int:
        """`max_instances`, or the recipe's own number."""
        if self.max_instances is not None:
            return self.max_instances
        return ASKED_INSTANCES if self.name == "chat" and self.answers == "asked" else WRITTEN_INSTANCES

    @property
    def more_inputs(self) -> bool:
        """Where answers are asked: whether more inputs are wanted than came with the instruction."""
        return self.max_instances is not None and self.max_instances > 1


class StageSampling(Section):
    """How the completions of one stage are drawn."""

    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    top_p: Annotated[float, Field(ge=0, le=1)] = 1.0
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] = 0.0
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] = 0.0
    max_tokens: Positive
    stop: tuple[str, ...] | None = None
    """None: the recipe's own."""


class SamplingConfig(Section):
    """The paper's Table 4, and the `chat` recipe's own. Greedy stages leave top_p at 1: with temperature 0 it
    changes nothing, and some endpoints reject 0."""

    instructions: StageSampling = StageSampling(
        temperature=0.7, top_p=0.5, presence_penalty=2.0, max_tokens=1024
    )
    classification: StageSampling = StageSampling(max_tokens=3)
    input_first: StageSampling = StageSampling(presence_penalty=1.5, max_tokens=350)
    output_first: StageSampling = StageSampling(presence_penalty=1.5, max_tokens=300)
    chat_instructions: StageSampling = StageSampling(temperature=0.8, top_p=0.95, max_tokens=2048)
    """The `chat` recipe's. Room for a reasoning model's thinking is the user's to add."""
    chat_instances: StageSampling = StageSampling(max_tokens=2048)
    """Of inputs with their outputs, where answers are `inline`, and of classification or not."""
    chat_inputs: StageSampling = StageSampling(temperature=0.7, max_tokens=2048)
    """Of inputs alone, where answers are `asked`."""
    chat_answers: StageSampling = StageSampling(max_tokens=2048)


class EvaluationSetConfig(Section):
    """An evaluation set that the data must not hold. In a config file its path may stand for it."""

    source: str
    """The absolute path of what it was read from, a file or a folder."""
    digest: str = ""
    """SHA-256 of the items as read: the set may move, but not change."""
    items: int = 0

    @model_validator(mode="before")
    @classmethod
    def _from_path(cls, value: Any) -> Any:
        return {"source": value} if isinstance(value, str) else value


class CustomFilterConfig(Section):
    """A filter of the user's own. In a config file the name of an installed one may stand for it."""

    name: str
    version: str = ""
    looks_at: Literal["instruction", "instance", "task", "row"] = "instruction"
    settings: dict[str, Any] = Field(default_factory=dict)
    reasons: tuple[str, ...] = ()
    """All that it may give; empty for a function that does not declare them."""
    source: str = ""
    """Where it was loaded from, as the user named it; empty for an object that was passed in Python."""

    @model_validator(mode="before")
    @classmethod
    def _from_name(cls, value: Any) -> Any:
        return {"name": value} if isinstance(value, str) else value

    def __str__(self) -> str:
        settings = f", settings {json.dumps(self.settings, ensure_ascii=False)}" if self.settings else ""
        return f"{self.name} (version {self.version}{settings})"


class FilterConfig(Section):
    """What an instruction must be to join the pool (section 2.2, step 4), as data."""

    min_words: Annotated[int, Field(ge=0)] = 4
    max_words: Positive = 150
    keywords: tuple[str, ...] = OWN_LISTS["paper"]["keywords"]
    """Whole words or phrases, in any case, of tasks that a text-only model cannot do. Unless they are given,
    a run of the `chat` recipe takes its own instead: what wants eyes, ears, a network or a life."""
    keyword_exceptions: tuple[str, ...] = KEYWORD_EXCEPTIONS
    """Phrases in which a keyword means something else; they do not count as a match."""
    prefixes: tuple[str, ...] = OWN_LISTS["paper"]["prefixes"]
    """Instructions that begin so, in any case, are dropped. If not given, `chat` has none."""
    max_similarity: Share = 0.7
    """ROUGE-L F1; an instruction above it with any pool entry is dropped."""
    neighbours: Positive = 10
    """Nearest pool entries recorded with each candidate."""
    decontaminate: tuple[EvaluationSetConfig, ...] = ()
    """Instructions and instances that hold text of these sets are dropped."""
    signals: SignalNames = "certain"
    """Signals (`filters.signals`) that reject instances: `certain`, those that are hardly ever wrong; `all`;
    `none`; or names, of which one text may hold several with commas between them. Others mark."""
    signal_versions: dict[str, str] = Field(default_factory=dict)
    """Of the signals that reject, by name, in the order in which they look; set by the program."""
    custom: tuple[CustomFilterConfig, ...] = ()
    """Filters of the user's own, in the order in which they judge."""
    meaning: MeaningConfig | None = None
    """Embeddings, by which instructions are compared that passed all else; None: they are not."""


class ReferenceConfig(Section):
    """Defects of the reference code, each fixed unless its switch is on. `--paper-exact` turns all on."""

    lowercase: bool = False
    """Lower-case all of an instruction but its first letter (`NASA` becomes `nasa`)."""
    stop_at_16: bool = False
    """Stop instruction lists at `16.` anywhere, also inside `in 2016.`."""
    discard_cut_lists: bool = False
    """Throw the whole list away when its last item was cut by the length limit."""
    exact_items: bool = False
    """Begin an item of a list only where its number begins a line and a space follows the dot; a number that
    the reply begins or ends with stays in the text."""
    bare_keywords: bool = False
    """Match keywords without looking at `filters.keyword_exceptions`."""
    ascii_start: bool = False
    """Drop instructions that begin with a character outside ASCII."""
    ascii_tokens: bool = False
    """See only a-z and 0-9 when comparing texts, so that other scripts never look similar."""
    strip_colons: bool = False
    """Strip a trailing colon from the instructions shown as demonstrations."""
    split_inner_examples: bool = False
    """Let `Example` anywhere in a reply start a new instance (`For Example, …`)."""
    unmarked_outputs: bool = False
    """Take a chunk without `Output:` as an output with an empty input."""
    end_at_inner_outputs: bool = False
    """End an output at `Output:` anywhere in it (`Write "Output: 5"`)."""
    exact_yes: bool = False
    """Know only `Yes`, `yes` and `YES`, with nothing else in the reply, as the answer yes."""
    exact_class_label: bool = False
    """Know only `Class label:` in exactly this case."""
    ascii_colons: bool = False
    """Drop an instance whose input or output ends in `:`, but not one that ends in the full-width colon."""
    copied_examples: bool = False
    """Keep instances that were copied from the examples of the prompt."""

    @classmethod
    def exact(cls) -> ReferenceConfig:
        """Every switch on: the reference behaviour."""
        return cls(**dict.fromkeys(cls.model_fields, True))


class LimitsConfig(Section):
    """How far a run goes. Changing these between resumes never changes a task, only how many there
    are."""

    tasks: Positive = 100
    """Number of tasks: the data set is the first N admitted tasks with a valid instance."""
    max_requests: Positive | None = None
    """Requests sent over the whole run, retries and lost ones included."""
    max_total_tokens: Positive | None = None
    """Prompt and completion tokens over the whole run."""
    max_cost: Annotated[float, Field(gt=0)] | None = None
    """US dollars over the whole run; needs both prices."""
    saturation_tickets: Positive = 40
    """Number of last tickets over which saturation is measured."""
    saturation_share: Share = 0.03
    """Stop when less than this share of their candidates was admitted."""


class Tokens(Protocol):
    """Whatever counts tokens as `records.TokenCounts` does."""

    @property
    def prompt_tokens(self) -> int:
        """Those read from a cache and written to one included."""

    @property
    def completion_tokens(self) -> int:
        """Thinking included."""

    @property
    def cached_tokens(self) -> int:
        """Of the prompt's, those read from a cache."""

    @property
    def cache_write_tokens(self) -> int:
        """Of the prompt's, those written to a cache."""


class BatchConfig(Section):
    """Requests in batches of the provider's, which take hours and cost less. Of these limits and the
    provider's own, the smaller ones hold."""

    on: bool = False
    """Send requests in batches. Those that are out are collected either way."""
    wait: bool = True
    """Wait for results; otherwise send and collect what can be, and stop. Unless it is given, each invocation
    waits."""
    lines: Positive = 50_000
    """Requests in one batch, at most."""
    megabytes: Annotated[float, Field(gt=0)] = 100.0
    """Of one batch's file, at most."""
    enqueued_tokens: Positive | None = None
    """Prompt tokens in all batches that are out, at most, by our estimate; None: as many as the provider
    takes, which is found out."""
    requests: Positive = 50_000
    """In batches at once, at most: each is held in memory."""
    window: Name = "24h"
    """The provider's time limit for a batch."""
    gather_seconds: Annotated[float, Field(gt=0)] = 5.0
    """A batch is sent when for so long no request has joined it, or when it is full."""
    poll_seconds: Annotated[float, Field(gt=0)] = 20.0
    """Until a batch is first looked at; the pauses grow to fifteen times that."""
    price_factor: Share | None = None
    """What a request in a batch costs, as a share of its price; None: the provider's, where it is known, or
    1."""


class LlamaCppConfig(Section):
    """What llama.cpp takes of this machine for a GGUF file. With anything but the defaults a reply also
    depends on which others were written with it, now and then by a token."""

    gpu_layers: Annotated[int, Field(ge=-1)] = 0
    """Of the model, on a graphics card, where llama.cpp was built for one; -1: all. There is then one copy of
    the model, otherwise one for as many cores as it has threads."""
    threads: Positive = 1
    """Of the processor, for each copy. More than there are idle cores are far slower than one: they wait for
    each other."""
    slots: Positive = 1
    """Replies that a copy writes together, a step of all at a time, each with a context window of its own."""


class EndpointConfig(Section):
    """Where requests go and how fast. Never part of what decides the data."""

    base_url: Name | None = None
    api_key_env: Name | None = None
    """Name of the environment variable that holds the key; the key itself is never stored."""
    headers: dict[str, str] = Field(default_factory=dict)
    """Sent with every request. `${NAME}` in a value stands for that environment variable."""
    concurrency: Positive | None = None
    """Requests in flight at most; None: the model's own default."""
    requests_per_minute: Positive | None = None
    """Sent in any minute at most; None: as fast as the endpoint answers."""
    tokens_per_minute: Positive | None = None
    """Maximum tokens per minute, prompts and replies together."""
    timeout_seconds: Annotated[float, Field(gt=0)] = 300.0
    """For one whole reply."""
    patience_seconds: Annotated[float, Field(gt=0)] = 600.0
    """Stop, resumable, after so long without one success."""
    price_in: Price | None = None
    """USD per 1M prompt tokens."""
    price_out: Price | None = None
    """USD per 1M completion tokens, thinking included."""
    price_cached: Price | None = None
    """USD per 1M prompt tokens that the provider read from its cache; None: as `price_in`."""
    price_cache_write: Price | None = None
    """USD per 1M prompt tokens that it wrote to its cache; None: as `price_in`."""
    price_source: str = ""
    """Where the prices are from: `given`, or the price list with its version and the date it was read."""
    batch: BatchConfig = BatchConfig()
    llamacpp: LlamaCppConfig = LlamaCppConfig()

    def in_batches(self) -> EndpointConfig:
        """The same with the prices of requests that go in batches."""
        factor = 1.0 if self.batch.price_factor is None else self.batch.price_factor
        prices = ("price_in", "price_out", "price_cached", "price_cache_write")
        known = {name: getattr(self, name) for name in prices if getattr(self, name) is not None}
        return self.model_copy(update={name: price * factor for name, price in known.items()})

    def cost(self, tokens: Tokens, batched: Tokens | None = None) -> float | None:
        """US dollars; None unless `price_in` and `price_out` are known. batched: of these tokens, those of
        requests that went in batches."""
        if batched is not None:
            whole, direct, less = self.cost(tokens), self.cost(batched), self.in_batches().cost(batched)
            return None if whole is None or direct is None or less is None else whole - direct + less
        if self.price_in is None or self.price_out is None:
            return None
        cached, written = tokens.cached_tokens, tokens.cache_write_tokens
        return (
            (tokens.prompt_tokens - cached - written) * self.price_in
            + cached * (self.price_in if self.price_cached is None else self.price_cached)
            + written * (self.price_in if self.price_cache_write is None else self.price_cache_write)
            + tokens.completion_tokens * self.price_out
        ) / 1e6

    def highest_cost(self, prompt_tokens: int, completion_tokens: int) -> float | None:
        """US dollars where nothing comes from a cache and all of the prompt may be written to it; None as
        above."""
        if self.price_in is None or self.price_out is None:
            return None
        price_in = max(self.price_in, self.price_cache_write or 0.0)
        return (prompt_tokens * price_in + completion_tokens * self.price_out) / 1e6


class EngineConfig(Section):
    """What runs the models that need no endpoint. Never part of what decides the data."""

    name: Literal["local", "ray"] = "local"
    """`local`: this process. `ray`: replicas on a Ray cluster."""
    backend: Literal["vllm"] | None = None
    """Of a replica. None: what would run the model in this process, llama.cpp or transformers."""
    replicas: Positive | None = None
    """Copies of the model; None: as many as there is room for on cards, or as many as there are nodes."""
    gpus_per_replica: Annotated[int, Field(ge=0)] | None = None
    """Graphics cards of each; None: one for a Hugging Face model where there are some, otherwise none."""
    cores_per_replica: Positive | None = None
    """Processor cores of each; None: an equal share."""


class MeaningConfig(Section):
    """Instructions whose embedding is near to that of a pool entry are dropped (`same_meaning`)."""

    model: ModelConfig
    """The embedding model."""
    endpoint: EndpointConfig = EndpointConfig()
    threshold: Share = 0.9
    """Cosine; an instruction above it with any pool entry is dropped."""
    prefix: str = ""
    """Put before every text, as some models want it (`clustering: `)."""
    texts_a_request: Positive = 32
    """Maximum texts in one request."""


FilterConfig.model_rebuild()  # MeaningConfig stands after what it holds


class StageConfig(Section):
    """Another model for one stage, with where it is reached, and the recipe by which it is asked. Limits stay
    the run's, and so do all other settings of the recipe."""

    model: ModelConfig
    endpoint: EndpointConfig = EndpointConfig()
    recipe: Literal["paper", "chat", "custom"] | None = None
    """None: the run's. A config file may also say `auto`, for the one that suits the stage's model, or the
    name of an installed one."""
    custom: CustomConfig | None = None
    """Of the object, where `recipe` is `custom`."""


class StagesConfig(Section):
    """Stages that another model than the run's does."""

    instructions: StageConfig | None = None
    classification: StageConfig | None = None
    instances: StageConfig | None = None
    answers: StageConfig | None = None


class FeedbackConfig(Section):
    """How far behind its own number the pool is that an instruction request draws from: `lag + growth · t`
    for request t, of which the whole number counts."""

    lag: Positive = 4
    growth: Annotated[float, Field(ge=0, lt=1)] = 0.5
