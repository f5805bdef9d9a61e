"""Filters, models and recipes of the user's own: what they may be, and that a run keeps to them."""

import asyncio
import functools
import json
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from command import run as command
from hypothesis import given, settings
from hypothesis import strategies as st

import selfinstruct as si
from selfinstruct.filters.custom import CustomFilter
from selfinstruct.models.scripted.model import ScriptedModel
from selfinstruct.pipeline.own_filters import given_filters
from selfinstruct.recipes.registry import build_recipe

WORDS = ("devise", "extract", "propose", "classify")


def starts_plainly(instruction: str) -> str | None:
    return "plain_start" if instruction.lower().startswith(WORDS) else None


def short_output(instance: si.Instance) -> str | None:
    return "short_output" if len(instance.output.split()) < 3 else None


def without_input(task: si.Task) -> si.Verdict | None:
    if any(each.input for each in task.instances):
        return None
    return si.Verdict("no_input", f"{len(task.instances)} instances")


@dataclass(frozen=True)
class Longest:
    """An object with settings."""

    most: int = 100
    name = "longest"
    version = "1"
    reasons = ("wordy",)

    def __call__(self, instruction: str) -> str | None:
        return "wordy" if len(instruction) > self.most else None


def made(directory: Path, **options: object) -> si.Run:
    return si.generate(directory, **{"model": "scripted", "tasks": 40, **options})  # type: ignore[arg-type]


# ---------------------------------------------------------------------------------- verdicts


def test_an_instruction_is_rejected_with_its_reason(tmp_path: Path) -> None:
    run = made(tmp_path / "r", filters=[starts_plainly])
    rejected = [each for each in run.candidates() if each.reason == "plain_start"]
    assert run.status().rejected["plain_start"] >= len(rejected) > 0
    assert all(each.instruction.lower().startswith(WORDS) for each in rejected)
    assert not any(task.instruction.lower().startswith(WORDS) for task in run.tasks)
    first = rejected[0]
    assert run.explain(f"{first.ticket}.{first.position}").verdict.reason == "plain_start"
    assert "plain_start" in run.report().read_text(encoding="utf-8")


def test_an_instance_is(tmp_path: Path) -> None:
    run = made(tmp_path / "r", filters=short_output)
    assert run.status().rejected_instances["short_output"] > 0
    assert all(len(each.output.split()) >= 3 for task in run.tasks for each in task.instances)


def test_a_task_is(tmp_path: Path) -> None:
    run = made(tmp_path / "r", filters=(without_input,))
    assert run.status().dropped_tasks["no_input"] > 0
    assert len(run.tasks) == 40
    assert all(any(each.input for each in task.instances) for task in run.tasks)
    assert "no_input" in run.report().read_text(encoding="utf-8")


def test_with_a_filter_that_accepts_all_nothing_changes(tmp_path: Path) -> None:
    def never(instruction: str) -> None:
        return None

    with_it, without = made(tmp_path / "a", filters=[never]), made(tmp_path / "b")
    assert list(with_it.tasks) == list(without.tasks)


# ---------------------------------------------------------------------------------- identity


def test_a_resume_without_it_is_refused_by_name(tmp_path: Path) -> None:
    made(tmp_path / "r", filters=[starts_plainly])
    with pytest.raises(
        si.errors.RunMismatchError, match="started with the filter 'starts_plainly', which is missing"
    ):
        made(tmp_path / "r", tasks=50)
    with pytest.raises(
        si.errors.RunMismatchError, match=r"filters.custom is \[\"starts_plainly .*not \[.*longest"
    ):
        made(tmp_path / "r", tasks=50, filters=[starts_plainly, Longest()])
    assert len(made(tmp_path / "r", tasks=50, filters=[starts_plainly]).tasks) == 50


def test_stopping_and_resuming_changes_nothing(tmp_path: Path) -> None:
    own = [starts_plainly, short_output, without_input]
    stopped = made(tmp_path / "a", filters=own, max_requests=60)
    assert stopped.stopped == "budget"
    resumed, whole = made(tmp_path / "a", filters=own, max_requests=0), made(tmp_path / "b", filters=own)
    assert list(resumed.tasks) == list(whole.tasks)


def test_settings_are_part_of_it(tmp_path: Path) -> None:
    made(tmp_path / "r", filters=[Longest(150)])
    with pytest.raises(si.errors.RunMismatchError, match=r"longest \(version 1, settings .*150.*120"):
        made(tmp_path / "r", filters=[Longest(120)])
    made(tmp_path / "r", filters=[Longest(150)])


def module(source: str) -> dict[str, object]:
    """Code without a file, as it is typed at a prompt."""
    names: dict[str, object] = {}
    exec(textwrap.dedent(source), names)
    return names


@pytest.mark.parametrize(
    ("before", "after", "same"),
    [
        ("return None", "return None  # a comment", True),
        ("return None", "return 'other'", False),
        ("return LIMIT and None", "return LIMIT and None", True),
    ],
)
def test_a_function_s_version_is_what_it_does(tmp_path: Path, before: str, after: str, same: bool) -> None:
    versions = []
    for number, body in enumerate((before, after)):
        file = tmp_path / f"f{number}.py"
        file.write_text(f"LIMIT = 3\n\ndef f(instruction):\n    {body}\n", encoding="utf-8")
        (own,) = given_filters([f"{file}:f"])
        versions.append(own.version)
    assert (versions[0] == versions[1]) is same


def test_values_that_it_uses_count(tmp_path: Path) -> None:
    def banning(words: set[str]) -> Callable[[str], str | None]:
        def banned(instruction: str) -> str | None:
            return "banned" if words & set(instruction.split()) else None

        return banned

    one, two, again = (CustomFilter.of(banning(words)) for words in ({"a", "b"}, {"a"}, {"b", "a"}))
    assert one.version == again.version != two.version


def test_code_typed_at_a_prompt_has_a_version_too() -> None:
    source = "def f(instruction):\n    return {}"
    one, same, other = (
        CustomFilter.of(module(source.format(text))["f"]) for text in ("None", "None", "'no'")
    )
    assert one.version == same.version != other.version


def test_a_declared_version_decides() -> None:
    def f(instruction: str) -> None:
        return None

    f.version = "2"  # type: ignore[attr-defined]
    assert CustomFilter.of(f).version == "2"


# ------------------------------------------------------------------------------ wrong filters


class Nameless:
    def __call__(self, instruction: str) -> None: ...


class Unversioned(Nameless):
    name = "unversioned"


class Reasonless(Unversioned):
    version = "1"


class Camel(Reasonless):
    reasons = ("TooLong",)


class Unsettled(Camel):
    reasons = ("fine",)
    settings = {"now": object()}  # noqa: RUF012


class Arguments(Nameless):
    def __init__(self, most: int) -> None: ...


async def waits(instruction: str) -> None: ...


def two(instruction: str, other: str) -> None: ...
def none() -> None: ...
def misnamed(text: str) -> None: ...
def keyword(*, instruction: str) -> None: ...
def anything(*args: object) -> None: ...


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (5, "5 is not a filter"),
        (lambda instruction: None, "A lambda has no name"),
        (functools.partial(two, other="x"), "has no name"),
        (Nameless(), "has no name"),
        (Unversioned(), "'unversioned' has no version"),
        (Reasonless(), "does not say which reasons"),
        (Camel(), "'TooLong' of the filter 'unversioned' is not in snake_case"),
        (Unsettled(), "settings of the filter 'unversioned' are not a mapping"),
        (Arguments, "'Arguments' cannot be made without arguments"),
        (waits, "'waits' is asynchronous"),
        (two, "should have one parameter, and has: instruction, other"),
        (none, "should have one parameter, and has: none"),
        (misnamed, "should have one parameter, and has: text"),
        (keyword, "should have one parameter"),
        (anything, "should have one parameter, and has: none"),
        ("nothing_installed", "No installed package offers a filter 'nothing_installed'"),
        ("no_such_module:f", "There is no module no_such_module"),
        ("no_such_file.py:f", "There is no file no_such_file.py"),
        ("json:nothing", "json has nothing named 'nothing'"),
        (":f", "':f' names no filter"),
        ("json:", "'json:' names no filter"),
    ],
)
def test_what_is_no_filter_is_refused_in_one_message(tmp_path: Path, wrong: object, says: str) -> None:
    with pytest.raises(si.errors.ConfigError, match=says):
        made(tmp_path / "r", filters=[wrong])
    assert not (tmp_path / "r").exists()


def test_two_of_one_name_are_refused(tmp_path: Path) -> None:
    with pytest.raises(si.errors.ConfigError, match="Two filters are named 'longest'"):
        made(tmp_path / "r", filters=[Longest(1), Longest(2)])


def raising(instruction: str) -> str | None:
    return str(1 / 0)


def yes(instruction: str) -> object:
    return True


def prose(instruction: str) -> str:
    return "Too long."


def ours(instruction: str) -> str:
    return "similar"


class Undeclared(Longest):
    def __call__(self, instruction: str) -> str | None:
        return "other_reason"


def raising_on_an_instance(instance: si.Instance) -> str | None:
    raise RuntimeError("no instances, please")


def wrong_task(task: si.Task) -> object:
    return ["reason"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (raising, "The filter 'raising' raised ZeroDivisionError: division by zero; on the instruction"),
        (yes, "The filter 'yes' returned True for the instruction"),
        (prose, "The filter 'prose' gave the reason 'Too long.', which is not in snake_case"),
        (ours, "gave the reason 'similar', which is reserved"),
        (Undeclared(), "gave the reason 'other_reason', which is not among its `reasons` .wordy."),
        (
            raising_on_an_instance,
            "raised RuntimeError: no instances, please; on the instance with the output",
        ),
        (wrong_task, "The filter 'wrong_task' returned .'reason'. for the task"),
    ],
)
def test_a_filter_that_fails_stops_the_run_and_is_named(tmp_path: Path, wrong: object, says: str) -> None:
    with pytest.raises(si.errors.FilterError, match=says):
        made(tmp_path / "r", filters=[wrong])
    run = si.Run(tmp_path / "r")
    assert not run.status().running
    assert run.dataset.exists()
    with pytest.raises(si.errors.FilterError, match=says):
        made(tmp_path / "r", filters=[wrong])


@given(
    st.one_of(
        st.text(),
        st.text("ab_1", min_size=1),
        st.integers(),
        st.binary(),
        st.lists(st.text()),
        st.floats(),
        st.booleans(),
    )
)
@settings(max_examples=200, deadline=None)
def test_whatever_it_returns_there_is_a_verdict_or_one_error(said: object) -> None:
    def says(instruction: str) -> object:
        return said

    own = given_filters([says])
    if isinstance(said, str) and re.fullmatch(r"[a-z][a-z0-9]*(_[a-z0-9]+)*", said):
        assert own.judge_instruction("Write a poem about the sea.").reason == said
    else:
        with pytest.raises(si.errors.FilterError, match="The filter 'says' "):
            own.judge_instruction("Write a poem about the sea.")


# -------------------------------------------------------------------------------- command line

CODE = """
def no_energy(instruction):
    return "about_energy" if "energy" in instruction else None
def no_trust(instance):
    return "about_trust" if "trust" in instance.output else None
def broken(instruction):
    return instruction.nothing
raises = 1
"""


@pytest.fixture
def rules(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file of filters in the current folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "rules.py").write_text(CODE, encoding="utf-8")
    return tmp_path / "rules.py"


@pytest.mark.parametrize("place", ["rules.py", "rules", "absolute"])
def test_generate_takes_them_by_name(rules: Path, place: str) -> None:
    reference = f"{rules if place == 'absolute' else place}:no_energy"
    asked = ("generate", "r", "--model", "scripted", "--tasks", 20, "--json")
    found = command(*asked, "--filter", reference).json()
    assert found["rejected"]["about_energy"] > 0
    refused = command("generate", "r", "--tasks", 30)
    assert refused.code == 2
    assert refused.error() == (
        "Error: The run r was started with the filter 'no_energy', which is missing now."
        f" Give it again: --filter {reference}"
    )
    again = command("generate", "r", "--tasks", 30, "--filter", reference, "--json")
    assert (again.code, again.json()["tasks"]) == (0, 30)
    of_python = si.generate("p", model="scripted", tasks=30, filters=[reference])
    assert [task.id for task in of_python.tasks] == [task.id for task in si.Run("r").tasks]


def test_code_that_a_run_names_is_not_loaded(rules: Path) -> None:
    """A run may come from somebody else."""
    command("generate", "r", "--model", "scripted", "--tasks", 5, "--filter", "rules.py:no_energy")
    rules.write_text("from pathlib import Path\nPath('loaded').touch()\n" + CODE, encoding="utf-8")
    for arguments in (
        ("generate", "r"),
        ("filter", "r"),
        ("generate", "other", "--model", "scripted", "--config", "r/config.toml"),
    ):
        refused = command(*arguments)
        assert refused.code == 2
        assert "'no_energy'" in refused.error()
    assert not Path("loaded").exists()


@pytest.mark.parametrize(
    ("reference", "says"),
    [
        (
            "rules.py:broken",
            "The filter 'broken' raised AttributeError: 'str' object has no attribute 'nothing'",
        ),
        ("rules.py:raises", "1 (rules.py:raises) is not a filter"),
        ("rules.py:no_enery", "rules.py has nothing named 'no_enery'"),
        ("bad.py:f", "The filter 'bad.py:f' cannot be loaded: SyntaxError"),
    ],
)
def test_a_wrong_one_is_one_message(rules: Path, reference: str, says: str) -> None:
    Path("bad.py").write_text("def f(:", encoding="utf-8")
    done = command("generate", "r", "--model", "scripted", "--filter", reference)
    assert done.code == 2
    assert says in done.error()


def test_filter_judges_with_them_offline(rules: Path) -> None:
    run = made(Path("r"))
    own = ("--filter", "rules.py:no_energy", "--filter", "rules.py:no_trust")
    done = command("filter", "r", *own, "--out", "s", "--json")
    assert done.code == 0, done.stderr
    found = done.json()
    about = [each for each in run.tasks if "energy" in each.instruction]
    assert found["counts"]["about_energy"]["after"] >= len(about) > 0
    assert found["instances"]["about_trust"]["after"] > 0
    assert found["changed"]["filters.custom"]["before"] == []
    judged = si.Run("s")
    assert not any("energy" in each.instruction for each in judged.tasks)
    assert not any("trust" in one.output for each in judged.tasks for one in each.instances)
    # The new run is one with these filters: it resumes with them, and is judged again without them.
    assert "'no_energy'" in command("generate", "s").error()
    assert command("generate", "s", *own, "--tasks", 45).code == 0
    assert "'no_energy'" in command("filter", "s", "--novelty", 0.6).error()
    back = command("filter", "s", "--no-filter", "--regenerate", "--json").json()
    assert back["tasks"]["about_energy"]["before"] > back["tasks"]["about_energy"]["after"] == 0
    printed = command("filter", "s", "--no-filter", "--regenerate").stdout
    assert "instances about_trust" in printed


def test_flaws_of_the_parser_stay_when_own_filters_are_lifted(rules: Path) -> None:
    made(Path("r"), filters=["rules.py:no_energy"], tasks=200)
    before = si.Run("r").status().rejected
    back = command("filter", "r", "--no-filter", "--json").json()
    assert before.keys() - {"about_energy"} <= back["counts"].keys()


def test_a_task_filter_judges_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("whole.py").write_text(
        "def with_input(task):\n    return None if any(i.input for i in task.instances) else 'no_input'\n"
    )
    made(Path("r"))
    found = command("filter", "r", "--filter", "whole.py:with_input", "--out", "s", "--json").json()
    assert found["tasks"]["no_input"]["after"] > 0
    assert all(any(each.input for each in task.instances) for task in si.Run("s").tasks)
    assert si.Run("s").status().dropped_tasks["no_input"] == found["tasks"]["no_input"]["after"]


def test_one_of_an_installed_package_is_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site"
    (package / "polite-1.0.dist-info").mkdir(parents=True)
    (package / "polite.py").write_text(CODE, encoding="utf-8")
    (package / "polite-1.0.dist-info/METADATA").write_text(
        "Metadata-Version: 2.1\nName: polite\nVersion: 1.0\n"
    )
    (package / "polite-1.0.dist-info/entry_points.txt").write_text(
        "[selfinstruct.filters]\nno_energy = polite:no_energy\nmissing = polite:nothing\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(package), prepend=":")
    monkeypatch.syspath_prepend(str(package))
    monkeypatch.chdir(tmp_path)
    Path("c.toml").write_text('[filters]\ncustom = ["no_energy"]\n')
    found = command(
        "generate", "r", "--model", "scripted", "--tasks", 20, "--config", "c.toml", "--json"
    ).json()
    assert found["rejected"]["about_energy"] > 0
    assert command("generate", "r", "--tasks", 30).code == 0, "installed code is found by its name"
    assert command("filter", "r", "--novelty", 0.5).code == 0
    with pytest.raises(si.errors.FilterError, match="'missing' cannot be loaded: AttributeError"):
        made(Path("s"), filters=["missing"])


# --------------------------------------------------------------------------- models and recipes


class Mine:
    """A model of one's own."""

    name = "mine"
    version = "1"
    api = "completions"
    default_concurrency = 4
    context_window = None

    def __init__(self, warmth: float = 0.5) -> None:
        self.settings = {"warmth": warmth}
        self.asked = self.closed = 0
        self._scripted = ScriptedModel()

    def count_tokens(self, text: str) -> int:
        return len(text) // 4

    async def complete(self, request: si.Request) -> si.Completion:
        self.asked += 1
        await asyncio.sleep(0)
        return await self._scripted.complete(request)

    async def aclose(self) -> None:
        self.closed += 1


def test_a_model_of_one_s_own(tmp_path: Path) -> None:
    model = Mine()
    run = si.generate(tmp_path / "r", model=model, tasks=20)
    assert list(run.tasks) == list(made(tmp_path / "s", tasks=20).tasks)
    assert (model.asked, model.closed) == (run.status().requests, 1)
    assert run.status().model == "custom/mine"
    with pytest.raises(
        si.errors.RunMismatchError, match=r"the object 'mine' \(version 1\), which is missing"
    ):
        si.generate(tmp_path / "r", tasks=30)
    with pytest.raises(si.errors.RunMismatchError, match="the object 'mine'"):
        si.generate(tmp_path / "r", model="scripted", tasks=30)
    with pytest.raises(
        si.errors.RunMismatchError, match=r"model\.custom\.settings\.warmth is 0\.5, not 0\.7"
    ):
        si.generate(tmp_path / "r", model=Mine(0.7), tasks=30)
    assert len(si.generate(tmp_path / "r", model=Mine(), tasks=30).tasks) == 30
    assert "the object 'mine'" in command("generate", tmp_path / "r", "--tasks", 40).error()


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (ValueError("no luck"), "The model 'mine' raised ValueError: no luck"),
        ("text", "The model 'mine' returned 'text'"),
    ],
)
def test_a_model_that_fails_is_named(tmp_path: Path, reply: object, says: str) -> None:
    class Wrong(Mine):
        async def complete(self, request: si.Request) -> si.Completion:
            if isinstance(reply, Exception):
                raise reply
            return reply  # type: ignore[return-value]

    with pytest.raises(si.errors.UserError, match=says):
        si.generate(tmp_path / "r", model=Wrong(), tasks=5)


def test_its_errors_are_retried_as_ours_are(tmp_path: Path) -> None:
    class Flaky(Mine):
        async def complete(self, request: si.Request) -> si.Completion:
            if self.asked == 3:
                self.asked += 1
                raise si.errors.EndpointFailedError("busy")
            return await super().complete(request)

    run = si.generate(tmp_path / "r", model=Flaky(), tasks=10)
    assert run.stopped == "done"
    assert run.status().attempts == run.status().requests + 1


def recipe_of(name: str) -> object:
    from selfinstruct.config import Config

    recipe = build_recipe(Config())

    class Own:
        version = "3"
        api = "completions"

        def __getattr__(self, attribute: str) -> object:
            return getattr(recipe, attribute)

    own = Own()
    own.name = name  # type: ignore[attr-defined]
    return own


def test_a_recipe_of_one_s_own(tmp_path: Path) -> None:
    run = made(tmp_path / "r", recipe=recipe_of("house_style"), tasks=20)
    assert list(run.tasks) == list(made(tmp_path / "s", tasks=20).tasks)
    assert run.status().recipe == "house_style"
    run.report()
    with pytest.raises(si.errors.RunMismatchError, match=r"the object 'house_style' \(version 3\)"):
        si.generate(tmp_path / "r", tasks=30)
    with pytest.raises(
        si.errors.RunMismatchError, match=r'recipe\.custom\.name is "house_style", not "other"'
    ):
        si.generate(tmp_path / "r", recipe=recipe_of("other"))  # type: ignore[arg-type]
    assert len(si.generate(tmp_path / "r", recipe=recipe_of("house_style"), tasks=30).tasks) == 30  # type: ignore[arg-type]


def test_config_holds_what_tells_them_apart(tmp_path: Path) -> None:
    made(tmp_path / "r", filters=[Longest(120)], tasks=3)
    kept = si.Run(tmp_path / "r")._reader.config().filters.custom[0]
    assert json.loads(kept.model_dump_json()) == {
        "name": "longest",
        "version": "1",
        "looks_at": "instruction",
        "settings": {"most": 120},
        "reasons": ["wordy"],
        "source": "",
    }
