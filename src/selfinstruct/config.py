"""What a run was asked to do, resolved: every parameter with its default, in one frozen value.

Two halves. What decides the data (`seeds`, `model`, `recipe`, `filters`, `reference`, `sampling`,
`seed`, `window`) never changes within a run; what decides only how far and how fast it goes (`limits`,
`endpoint`) may change at every resume. `identity()` is the first half.

Defaults are the paper's and its code's (Wang et al., ACL 2023, section 3 and appendix A), except
where `ReferenceConfig` names a defect that ours mends.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Collection, Mapping
from typing import Annotated, Any, Literal, Protocol

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

__all__ = [
    "Config",
    "CustomConfig",
    "CustomFilterConfig",
    "EndpointConfig",
    "EvaluationSetConfig",
    "FeedbackConfig",
    "FilterConfig",
    "LimitsConfig",
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

LANGUAGE_CHARACTERS, TOPIC_CHARACTERS = 100, 1000
_JOINERS = frozenset("\u200c\u200d")  # of Persian and Indic words, and of emoji


def _named(text: str) -> str:
    if not text.strip():
        raise PydanticCustomError("empty", "should not be empty")
    return text


def _part_of_a_prompt(at_most: int) -> Callable[[str], str]:
    """A check for text that stands within a prompt's sentence, where a line of its own would be another
    sentence of ours."""

    def check(text: str) -> str:
        if text and not text.strip():
            raise PydanticCustomError("blank", "should not be blank")
        for char in text:
            if not (char.isprintable() or unicodedata.category(char) == "Zs" or char in _JOINERS):
                raise PydanticCustomError(
                    "one_line",
                    "should be one printable line, and holds {char}",
                    {"char": f"U+{ord(char):04X}"},
                )
        if len(text) > at_most:
            raise PydanticCustomError(
                "too_long",
                "should have at most {at_most} characters, and has {length}",
                {"at_most": f"{at_most:,}", "length": f"{len(text):,}"},
            )
        return text

    return check


def _json(value: dict[str, Any]) -> dict[str, Any]:
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise PydanticCustomError("json", "should be JSON: {why}", {"why": str(error)}) from None
    return value


Share = Annotated[float, Field(ge=0, le=1)]
Positive = Annotated[int, Field(ge=1)]
Name = Annotated[str, AfterValidator(_named)]
Language = Annotated[str, AfterValidator(_part_of_a_prompt(LANGUAGE_CHARACTERS))]
Topic = Annotated[str, AfterValidator(_part_of_a_prompt(TOPIC_CHARACTERS))]
JsonObject = Annotated[dict[str, Any], AfterValidator(_json)]
Price = Annotated[float, Field(ge=0, allow_inf_nan=False)]


WRITTEN_INSTANCES = 5
"""Of a task, where one reply holds inputs and outputs."""
ASKED_INSTANCES = 3
"""Where each input costs a request of its own (docs/chat-recipe-log.md)."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class CustomConfig(_Section):
    """What tells a model or a recipe of the user's own, an object passed in Python, from others."""

    name: str
    version: str = ""
    settings: dict[str, Any] = {}
    flaws: tuple[str, ...] = ()
    """Of a recipe: the reasons that its parsers themselves give."""


class SeedsConfig(_Section):
    """Which seed tasks. `digest` names their content: a seeds file may move, but not change."""

    source: str = "bundled"
    """`bundled`, or the absolute path of the file they were read from."""
    digest: str = ""
    """SHA-256 of the tasks as read."""
    count: int = 0


class ModelConfig(_Section):
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
    extra_body: JsonObject = {}
    """Fields added to every request's body as they are, such as `reasoning_effort`."""
    custom: CustomConfig | None = None
    """Of an object (provider `custom`)."""


class RecipeConfig(_Section):
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
    """Of these, at most so many that the model wrote itself; seeds for the rest."""
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
    """`natural`: answers as the model gives them. `direct`: it is asked for the result alone, without
    greeting, preface or remark."""
    check_labels: bool = True
    """Of a classification task, where answers are asked: ask the model about each input too, and drop those
    where its answer is another label (`disagrees`). Otherwise labels are taken on trust."""

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


class StageSampling(_Section):
    """How the completions of one stage are drawn."""

    temperature: Annotated[float, Field(ge=0, le=2)] = 0.0
    top_p: Annotated[float, Field(ge=0, le=1)] = 1.0
    frequency_penalty: Annotated[float, Field(ge=-2, le=2)] = 0.0
    presence_penalty: Annotated[float, Field(ge=-2, le=2)] = 0.0
    max_tokens: Positive
    stop: tuple[str, ...] | None = None
    """None: the recipe's own."""


class SamplingConfig(_Section):
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


class EvaluationSetConfig(_Section):
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


OWN_LISTS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "paper": {
        "keywords": (
            "image", "images", "graph", "graphs", "picture", "pictures", "file", "files",
            "map", "maps", "draw", "plot", "go to",
        ),
        "prefixes": ("Write a program",),
    },
    "chat": {
        "keywords": (
            "the image", "this image", "given image", "following image", "the images", "these images",
            "the picture", "this picture", "given picture", "following picture", "the pictures",
            "the photo", "this photo", "the photos", "the photograph", "this photograph", "the screenshot",
            "the painting", "the drawing", "the video", "this video", "the audio", "this audio",
            "the recording", "this recording", "the audio clip", "the video clip", "listen to", "watch the",
            "look at the", "draw a picture", "draw an image", "draw a diagram", "take a photo",
            "take a picture", "record yourself", "record a video", "attached", "the link", "this link",
            "go to the website", "visit the website", "search the web", "search online",
            "search the internet",
            "browse the", "look up online", "download the",
            "your favorite", "your favourite", "you grew up", "your hometown", "in your country",
            "you have read", "you have seen", "you have watched", "you have heard", "you have listened",
            "you have visited", "you've read", "you've seen", "you've visited", "you recently",
            "your last", "your day", "latest news", "current news", "recent news", "today's news",
        ),
        "prefixes": (),
    },
}  # fmt: skip
"""By recipe: the lists that `filters` has where none are given."""


class CustomFilterConfig(_Section):
    """A filter of the user's own. In a config file the name of an installed one may stand for it."""

    name: str
    version: str = ""
    looks_at: Literal["instruction", "instance", "task", "row"] = "instruction"
    settings: dict[str, Any] = {}
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


class FilterConfig(_Section):
    """What an instruction must be to join the pool (section 2.2, step 4), as data."""

    min_words: Annotated[int, Field(ge=0)] = 4
    max_words: Positive = 150
    keywords: tuple[str, ...] = OWN_LISTS["paper"]["keywords"]
    """Whole words or phrases, in any case, of tasks that a text-only model cannot do. Unless they are given,
    a run of the `chat` recipe takes its own instead: what wants eyes, ears, a network or a life."""
    keyword_exceptions: tuple[str, ...] = (
        "draw a conclusion", "draw a logical conclusion", "draw conclusions", "draw the conclusion",
        "draw an inference", "draw inferences", "draw a comparison", "draw comparisons",
        "draw a contrast", "draw a connection", "draw connections", "draw a parallel",
        "draw parallels", "draw a distinction", "draw an analogy", "draw attention", "draw up",
        "draw a lesson", "draw lessons", "draw inspiration",
        "big picture", "bigger picture", "picture yourself",
        "graph theory", "graph database", "knowledge graph",
        "mind map", "road map", "map out",
        "plot twist", "plot summary", "plot hole", "plot holes", "plot point", "plot points",
        "the plot of",
        "file a complaint", "file a claim", "file an appeal", "file for", "file taxes",
        "self image", "self-image", "brand image", "mirror image",
        "go to bed", "go to sleep", "go to school", "go to college", "go to work",
        "go to the doctor", "go to the gym", "go to the store", "go to market",
    )  # fmt: skip
    """Phrases in which a keyword means something else; they do not count as a match."""
    prefixes: tuple[str, ...] = OWN_LISTS["paper"]["prefixes"]
    """Instructions that begin so, in any case, are dropped. Likewise, and the `chat` recipe has none."""
    max_similarity: Share = 0.7
    """ROUGE-L F1; an instruction above it with any pool entry is dropped."""
    neighbours: Positive = 10
    """Nearest pool entries recorded with each candidate."""
    decontaminate: tuple[EvaluationSetConfig, ...] = ()
    """Instructions and instances that hold text of these sets are dropped."""
    custom: tuple[CustomFilterConfig, ...] = ()
    """Filters of the user's own, in the order in which they judge."""


class ReferenceConfig(_Section):
    """Defects of the reference code, each mended unless its switch is on. `--paper-exact` turns all on."""

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


class LimitsConfig(_Section):
    """How far a run goes. Changing these between resumes never changes a task, only how many there
    are."""

    tasks: Positive = 100
    """Tasks wanted: the data set is the first so many admitted that have a valid instance."""
    max_requests: Positive | None = None
    """Requests sent over the whole run, retries and lost ones included."""
    max_total_tokens: Positive | None = None
    """Prompt and completion tokens over the whole run."""
    max_cost: Annotated[float, Field(gt=0)] | None = None
    """US dollars over the whole run; needs both prices."""
    saturation_tickets: Positive = 40
    """Judge saturation over so many of the last tickets."""
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


class EndpointConfig(_Section):
    """Where requests go and how fast. Never part of what decides the data."""

    base_url: Name | None = None
    api_key_env: Name | None = None
    """Name of the environment variable that holds the key; the key itself is never stored."""
    headers: dict[str, str] = {}
    """Sent with every request. `${NAME}` in a value stands for that environment variable."""
    concurrency: Positive | None = None
    """Requests in flight at most; None: the model's own default."""
    requests_per_minute: Positive | None = None
    """Sent in any minute at most; None: as fast as the endpoint answers."""
    tokens_per_minute: Positive | None = None
    """Of prompt and reply together, likewise."""
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

    def cost(self, tokens: Tokens) -> float | None:
        """US dollars; None unless `price_in` and `price_out` are known."""
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


class StageConfig(_Section):
    """Another model for one stage, with where it is reached. Limits stay the run's."""

    model: ModelConfig
    endpoint: EndpointConfig = EndpointConfig()


class StagesConfig(_Section):
    """Stages that another model than the run's does."""

    instructions: StageConfig | None = None
    classification: StageConfig | None = None
    instances: StageConfig | None = None
    answers: StageConfig | None = None


class FeedbackConfig(_Section):
    """How far behind its own number the pool is that an instruction request draws from: `lag + growth · t`
    for request t, of which the whole number counts."""

    lag: Positive = 4
    growth: Annotated[float, Field(ge=0, lt=1)] = 0.5


class Config(_Section):
    """All of it. Written to `config.toml` of the run before anything else."""

    seed: int = 42
    """Of the run: decides demonstrations, and the seeds sent with requests."""
    window: Annotated[int, Field(ge=0)] = 0
    """Maximum feedback lag, in instruction requests (tickets); 0: none."""
    feedback: FeedbackConfig = FeedbackConfig()
    seeds: SeedsConfig = SeedsConfig()
    model: ModelConfig = ModelConfig()
    recipe: RecipeConfig = RecipeConfig()
    sampling: SamplingConfig = SamplingConfig()
    filters: FilterConfig = FilterConfig()
    reference: ReferenceConfig = ReferenceConfig()
    limits: LimitsConfig = LimitsConfig()
    endpoint: EndpointConfig = EndpointConfig()
    stages: StagesConfig = StagesConfig()

    def for_stage(self, stage: str) -> Config:
        """The same with the model and the endpoint that the stage's requests go to."""
        own: StageConfig | None = getattr(self.stages, stage)
        return self if own is None else self.model_copy(update={"model": own.model, "endpoint": own.endpoint})

    def with_smallest_window(self) -> Config:
        """The same with the smallest context window of all stages' models, so that every prompt fits."""
        windows = [self.for_stage(stage).model.context_window for stage in StagesConfig.model_fields]
        known = [window for window in windows if window is not None]
        model = self.model.model_copy(update={"context_window": min(known, default=None)})
        return self.model_copy(update={"model": model})

    @property
    def priced(self) -> bool:
        """Whether the prices of every stage are known."""
        endpoints = [self.for_stage(stage).endpoint for stage in StagesConfig.model_fields]
        return all(each.price_in is not None and each.price_out is not None for each in endpoints)

    def cost(self, used: Mapping[Any, Tokens]) -> float | None:
        """US dollars for these tokens, by stage; None unless all prices are known."""
        total = 0.0
        for stage, tokens in used.items():
            cost = self.for_stage(stage).endpoint.cost(tokens)
            if cost is None:
                return None
            total += cost
        return total

    def with_own_lists(self, given: Collection[str] = ()) -> Config:
        """The same with the recipe's own lists in place of another recipe's, but for those `given`."""
        own = {
            name: words
            for name, words in OWN_LISTS.get(self.recipe.name, {}).items()
            if name not in given
            and any(getattr(self.filters, name) == lists[name] for lists in OWN_LISTS.values())
        }
        return self.model_copy(update={"filters": self.filters.model_copy(update=own)})

    def identity(self) -> dict[str, Any]:
        """The fields that may not change within a run, flat: dotted name to JSON value.

        Paths are left out where a digest stands for the content.
        """
        kept = self.model_dump(mode="json", exclude={"limits": True, "endpoint": True})
        kept["seeds"] = {"digest": kept["seeds"]["digest"]}
        kept["filters"]["decontaminate"] = [each["digest"] for each in kept["filters"]["decontaminate"]]
        kept["filters"]["custom"] = [str(each) for each in self.filters.custom]
        for own in filter(None, kept["stages"].values()):
            del own["endpoint"]
            _leave_out_path(own["model"])
        _leave_out_path(kept["model"])
        return dict(_flatten(kept, ""))


def _leave_out_path(model: dict[str, Any]) -> None:
    if model["digest"]:
        del model["name"]


def _flatten(value: dict[str, Any], prefix: str) -> list[tuple[str, Any]]:
    flat: list[tuple[str, Any]] = []
    for key, item in value.items():
        name = f"{prefix}{key}"
        flat.extend(_flatten(item, f"{name}.") if isinstance(item, dict) else [(name, item)])
    return flat
