"""The house keeps its shape: floors, public names, light start-up, a docstring in every room."""

import ast
import importlib
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import selfinstruct

SOURCE = Path(selfinstruct.__file__).parent
FLOORS = (
    ("errors", "records", "config"),
    ("paths", "text", "extensions"),
    ("seeds", "attributes", "store", "models"),
    ("recipes", "filters", "evalsets", "ratings", "pages"),
    ("requests", "dataset"),
    ("pipeline",),
    ("training", "evaluation", "review"),
    ("report",),
    ("studies",),
    ("api",),
    ("cli",),
)
FLOOR = {name: number for number, rooms in enumerate(FLOORS) for name in rooms}
HEAVY = (
    "aiohttp", "asyncio", "jinja2", "lemminflect", "numpy", "plotly", "pydantic", "rapidfuzz", "sqlite3",
    "torch", "xllamacpp",
)  # fmt: skip


ABSENT_ON_WINDOWS = {"fcntl", "grp", "pty", "pwd", "resource", "syslog", "termios", "tty"}


def modules() -> list[str]:
    names = (module.name for module in pkgutil.walk_packages([str(SOURCE)], "selfinstruct."))
    return sorted(name for name in names if not name.endswith("__main__"))


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def imports(path: Path) -> Iterator[str]:
    """Every module of ours that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("selfinstruct"))
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("selfinstruct"):
            yield node.module or ""


def test_every_room_has_a_floor() -> None:
    assert {room(module) for module in modules()} == set(FLOOR)


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_imports_from_floors_strictly_below(path: Path) -> None:
    own = path.relative_to(SOURCE).with_suffix("").parts[0]
    if own in ("__init__", "__main__"):  # the package's face: it may see every room
        return
    for imported in imports(path):
        other = room(imported)
        if other not in (own, ""):
            assert FLOOR[other] < FLOOR[own], f"{own} (floor {FLOOR[own]}) imports {imported}"


def test_the_documented_floors_are_those() -> None:
    """docs/architecture.md has them as a table, a floor a row: its number, and its rooms."""
    text = (SOURCE.parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| ([^|]*) \|", text, re.MULTILINE)
    assert [(int(number), tuple(re.findall(r"`([a-z]+)(?:\.py|/)`", rooms))) for number, rooms in rows] == [
        (number, rooms) for number, rooms in enumerate(FLOORS)
    ]


def test_the_walk_through_the_files_is_true() -> None:
    """“Following one instruction”: about a dozen steps, each naming files, and names that these define."""
    text = (SOURCE.parents[1] / "docs" / "architecture.md").read_text(encoding="utf-8")
    walk = text.partition("## Following one instruction\n")[2].partition("\n## ")[0]
    named = re.findall(r"`([a-z_/]+\.py)`(?:, `(\w+)`)?", walk)
    assert 12 <= len(re.findall(r"^\d+\. ", walk, re.MULTILINE)) <= 14
    for path, name in named:
        tree = ast.parse((SOURCE / path).read_text(encoding="utf-8"))
        assert not name or name in {getattr(node, "name", "") for node in tree.body}, (path, name)


@pytest.mark.parametrize("name", modules())
def test_public_names_are_what_all_says(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__, "every module says what it is"
    if Path(module.__file__ or "").name == "__init__.py" and not hasattr(module, "__all__"):
        return
    tree = ast.parse(Path(module.__file__ or "").read_text(encoding="utf-8"))
    defined = {
        node.name
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) and node.name[0] != "_"
    }
    assert defined <= set(module.__all__), f"public but not in __all__: {defined - set(module.__all__)}"
    for public in module.__all__:
        assert hasattr(module, public), public


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_importing_a_module_needs_nothing_that_windows_lacks(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    imported = {alias.name for node in tree.body if isinstance(node, ast.Import) for alias in node.names}
    imported |= {node.module or "" for node in tree.body if isinstance(node, ast.ImportFrom)}
    assert imported & ABSENT_ON_WINDOWS == set()


def test_help_imports_nothing_heavy() -> None:
    probe = (
        "import sys\nsys.argv = ['selfinstruct', '--help']\n"
        "from selfinstruct.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules])"
    )
    shown = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True).stdout
    assert "generate" in shown
    assert shown.splitlines()[-1] == "HEAVY []"


def test_each_verb_has_help() -> None:
    making, using = (
        "generate status explain filter improve judge merge export report review",
        "finetune evaluate compare rounds bakeoff",
    )
    for verb in f"{making} {using} models seeds serve".split():
        done = subprocess.run(
            [sys.executable, "-m", "selfinstruct", verb, "--help"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "Usage: selfinstruct" in done.stdout
