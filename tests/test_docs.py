"""The documentation is true: its commands are run, its outputs compared, its paths and names looked up.

What the fences of README.md and of all pages in docs/ mean:

    console   Run. All of a file's blocks, in order, in one shell and one temporary directory. `$ ` begins a
              command, and a backslash at its end continues it. The lines below are what it prints, standard
              error included; where there are none, nothing is compared. In them `…` stands for any text,
              alone on a line for any lines. White space and progress lines do not matter. A command has
              to succeed, unless `$ echo $?` follows.
    python    Run. All of a file's blocks, in order, as one program in a temporary directory of its own. Lines
              that begin with `# → ` are what it prints, all of it; `…` as above.
    sh, py    Shown, not run: they need a key, a server or a model file of the reader's.
    toml      In docs/configuration.md: defaults too long for their table, compared with config/.

`<!-- numbers vary -->` before a console block: numbers, and lists of reasons with their counts, depend on
timing and are not compared, nor is where such a list wraps. `$ENDPOINT` is the base URL of a local endpoint.
"""

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from command import clean_environment
from endpoint import RunningEndpoint

import selfinstruct
from selfinstruct import errors
from selfinstruct.cli.asking import EXIT_CODES
from selfinstruct.config import Config, ReferenceConfig
from selfinstruct.filters.signals.table import SIGNALS, certain_signals
from selfinstruct.pipeline.own_filters import INSTANCE_REASONS, INSTRUCTION_REASONS
from selfinstruct.recipes.base import FLAWS

SOURCE = Path(selfinstruct.__file__).parent
ROOT = Path(__file__).parents[1]
RUN = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
ALONE = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md")]
"""Shown on a package index and on the site too, where a path leads nowhere."""
PAGES = [*RUN, *ALONE[1:]]
ADDRESS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"][
    "Repository"
]

BLOCK = re.compile(r"(<!-- numbers vary -->\n)?^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
TOML = re.compile(r"^```toml\n(.*?)^```$", re.MULTILINE | re.DOTALL)
WRAPPED = re.compile(r"[ ]*\n {20,}(?=\S)")  # the next line of a table's last column
PROGRESS = re.compile(  # and what is said where a busy machine makes something wait
    r"^(?:[\d,]+/[\d,]+ tasks · |Preparing |Reading |Loading the model|The model is loaded"
    r"|The first reply came|Waiting for |No reply for |Replies are arriving again).*\n",
    re.MULTILINE,
)
END = "\x1e"
COLUMNS = "104"


def named(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a page, and what the page says that it prints."""

    text: str
    output: tuple[str, ...]
    numbers_vary: bool


def commands(page: str) -> list[Command]:
    found = []
    for vary, block in BLOCK.findall(page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            text, _, output = re.sub(r"\\\n", "\\\\\0", part).partition("\n")
            found.append(Command(text.replace("\0", "\n"), tuple(output.splitlines()), bool(vary)))
    return found


def normal(text: str, *, numbers_vary: bool) -> list[str]:
    """What is compared, line by line."""
    if numbers_vary:
        text = WRAPPED.sub(" ", text)
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if numbers_vary:
        lines = [re.sub(r"\d+(?:[,.]\d+)*", "#", line) for line in lines]
        lines = [re.sub(r"\b[a-z_]+ #(?:, [a-z_]+ #)*", "COUNTS", line) for line in lines]
    return lines


def expected(command: Command) -> re.Pattern[str]:
    lines = normal("\n".join(command.output), numbers_vary=command.numbers_vary)
    return re.compile(
        "".join(r"(?:.*\n)*?" if line == "…" else re.escape(line).replace("…", ".*") + "\n" for line in lines)
    )


def run_all(wanted: list[Command], directory: Path, base_url: str) -> list[tuple[int, str]]:
    """Exit code and output of each, in one shell."""
    script = directory / "script.sh"
    steps = (f"{each.text}\ncode=$?; printf '{END}%s{END}' $code; (exit $code)\n" for each in wanted)
    script.write_text("".join(steps), encoding="utf-8")
    (directory / "work").mkdir()
    environment = clean_environment() | {
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "ENDPOINT": base_url,
        "COLUMNS": COLUMNS,
        "TERM": "dumb",
    }
    done = subprocess.run(
        ["bash", script],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=directory / "work",
        env=environment,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    parts = done.stdout.split(END)
    return [(int(code), text) for text, code in zip(parts[0::2], parts[1::2], strict=False)]


@pytest.mark.parametrize("page", RUN, ids=named)
def test_the_examples_do_what_the_page_says(
    page: Path, tmp_path: Path, endpoint: Callable[..., RunningEndpoint]
) -> None:
    wanted = commands(page.read_text(encoding="utf-8"))
    if not wanted:
        return
    results = run_all(wanted, tmp_path, endpoint().base_url)
    assert len(results) == len(wanted), "the shell ended early"
    followers = [*(each.text for each in wanted[1:]), ""]
    for command, (code, text), follower in zip(wanted, results, followers, strict=True):
        assert code == 0 or follower == "echo $?", f"{command.text} exits {code}:\n{text}"
        if command.output:
            lines = normal(PROGRESS.sub("", text), numbers_vary=command.numbers_vary)
            printed = "".join(f"{line}\n" for line in lines)
            shown = "\n".join(command.output)
            assert expected(command).fullmatch(printed), (
                f"$ {command.text}\nprints\n{text}\nand the page says\n{shown}"
            )


@pytest.mark.parametrize("page", RUN, ids=named)
def test_the_python_examples_do_what_the_page_says(page: Path, tmp_path: Path) -> None:
    blocks = PYTHON.findall(page.read_text(encoding="utf-8"))
    if not blocks:
        return
    program = tmp_path / "program.py"
    program.write_text("\n".join(blocks), encoding="utf-8")
    (tmp_path / "work").mkdir()
    done = subprocess.run(
        [sys.executable, program],
        cwd=tmp_path / "work",
        env=clean_environment(),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    said = re.findall(r"^# → (.*)$", "\n".join(blocks), re.MULTILINE)
    pattern = "".join(re.escape(line).replace("…", ".*") + "\n" for line in said)
    assert re.fullmatch(pattern, done.stdout), f"prints\n{done.stdout}\nand the page says\n" + "\n".join(said)


# ------------------------------------------------------------------------ paths and names


def tracked_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [Path(line) for line in listed.stdout.splitlines()]


def test_the_readme_captions_every_folder() -> None:
    folders = {Path(*path.parts[:1]) for path in tracked_files() if len(path.parts) > 1}
    folders |= {
        Path(*path.parts[: min(len(path.parts) - 1, 3)])
        for path in tracked_files()
        if path.parts[:2] == ("src", "selfinstruct")
    }
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    captions = dict(re.findall(r"^\| `([^`]+)/` \| (\S.*) \|$", readme, re.MULTILINE))
    assert {folder.as_posix() for folder in folders} - captions.keys() == set()
    assert [folder for folder in captions if not (ROOT / folder).is_dir()] == []


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page: Path) -> None:
    """On this machine too where they name a file of the repository by its address."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    defined = dict(re.findall(r"^\[([^\]\n]+)\]: (\S+)$", text, re.MULTILINE))
    used = set(re.findall(r"\]\[([^\]\n]+)\]", text))
    assert used <= defined.keys(), f"not defined at the end of the page: {used - defined.keys()}"
    for target in (*re.findall(r"\]\(([^)\s]+)\)", text), *defined.values()):
        path, _, anchor = target.removeprefix(f"{ADDRESS}/blob/main/").partition("#")
        if path.startswith(("https://", "http://")):
            continue
        by_address = target.startswith(ADDRESS)
        assert by_address or page not in ALONE, (
            f"{target} is a path: define it as {ADDRESS}/blob/main/{target}"
        )
        file = page if not path else ROOT / path if by_address else (page.parent / path).resolve()
        assert file.exists(), target
        if not by_address and page not in ALONE:
            assert file.is_relative_to(ROOT / "docs"), (
                f"{target} is not on the site: use its address, {ADDRESS}/…"
            )
        if anchor:
            assert anchor in anchors(file), target


def test_addresses_of_the_project_are_of_one_repository() -> None:
    for page in PAGES:
        for found in re.findall(r"https://github\.com/selfinstruct/\S+", page.read_text(encoding="utf-8")):
            assert found.startswith(ADDRESS), found


def anchors(page: Path) -> set[str]:
    """As GitHub derives them from headings."""
    headings = re.findall(r"^#+ (.+)$", FENCED.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_files_that_are_named_exist(page: Path) -> None:
    """In backquotes: modules and pages by their path, from the root or from the package; folders too."""
    text = FENCED.sub("", page.read_text(encoding="utf-8"))
    for name in re.findall(r"`([\w.-]+(?:/[\w.-]+)*(?:\.py|\.md|/))`", text):
        assert (ROOT / name).exists() or (SOURCE / name).exists(), name


def literals(*rooms: str) -> set[str]:
    """Every reason in these rooms, but for signals: `Verdict("…")` and `flaw="…"`."""
    found = set()
    for path in (path for room in rooms for path in (SOURCE / room).rglob("*.py")):
        if path.parent.name == "signals":  # the name of each is its one reason
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            values = [each.value for each in node.keywords if each.arg == "flaw"]
            if isinstance(node.func, ast.Name) and node.func.id == "Verdict":
                values += node.args[:1]
            constants = (leaf for value in values for leaf in ast.walk(value))
            found |= {
                leaf.value
                for leaf in constants
                if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)
            }
    return found


def test_every_reason_is_explained() -> None:
    page = (ROOT / "docs" / "how-the-data-is-made.md").read_text(encoding="utf-8")
    explained = set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE))
    reasons = literals("filters", "recipes")
    assert {"similar", "no_output", "truncated"} <= reasons
    of_tasks = {"no_valid_instance", "unreadable_reply", "lost"}
    assert explained == reasons | of_tasks | {"refused", "failed", "unrecognized_error"}
    page = (ROOT / "docs" / "guides" / "check.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE) == [signal.name for signal in SIGNALS]
    in_runs = page.partition("## In runs")[2].partition("## ")[0]
    assert [f"`{signal.name}`" for signal in certain_signals() if f"`{signal.name}`" not in in_runs] == []


def test_tables_of_reasons_hold_what_the_code_says() -> None:
    assert literals("filters") == INSTRUCTION_REASONS | INSTANCE_REASONS
    assert literals("recipes") == set(FLAWS)


def test_every_error_and_exit_code_is_listed() -> None:
    page = (ROOT / "docs" / "errors-and-exit-codes.md").read_text(encoding="utf-8")
    assert [name for name in errors.__all__ if f"`{name}`" not in page] == []
    codes = {int(code) for code in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)}
    classes = (getattr(errors, name) for name in errors.__all__)
    assert codes == {*EXIT_CODES.values(), *(each.exit_code for each in classes)}


def test_every_switch_of_the_reference_is_listed() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `(\w+)` \|", page, re.MULTILINE)) == set(ReferenceConfig.model_fields)


def test_every_setting_is_listed_with_its_default() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert dict(listed_settings(page)) == dict(flat(Config().model_dump(mode="json")))


def listed_settings(page: str) -> Iterator[tuple[str, Any]]:
    """Dotted name and default. A column between a table's first and last one that is headed by a name in
    backquotes holds the defaults of the section of that name within the heading's.
    """
    for part in re.split(r"^## ", page, flags=re.MULTILINE)[1:]:
        heading = re.match(r"`\[(\w+)\]`", part)
        below = tomllib.loads("".join(TOML.findall(part)))
        head, _, *rows = (line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("|"))
        for name, *cells, meaning in rows:
            assert meaning
            for column, cell in zip(head[1:-1], cells, strict=True):
                path = (heading[1] if heading else "", column if column[0] == "`" else "", name)
                dotted = ".".join(step.strip("`") for step in path if step)
                yield dotted, below[name.strip("`")] if cell == "below" else default(cell)


def default(cell: str) -> Any:
    return None if cell == "–" else tomllib.loads(f"value = {cell.strip('`')}")["value"]


def flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from flat(value, f"{prefix}{name}.")
        else:
            yield prefix + name, value
