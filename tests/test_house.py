"""The house keeps its shape: floors, public names, light start-up, a docstring in every room."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import selfinstruct

SOURCE = Path(selfinstruct.__file__).parent
FLOORS = {
    "errors": 0, "records": 0, "config": 0, "paths": 0,
    "text": 1, "seeds": 1, "store": 1, "models": 1,
    "recipes": 2, "filters": 2, "pages": 2,
    "pipeline": 3, "dataset": 3, "training": 3, "evaluation": 3, "review": 3, "report": 3,
    "api": 4,
    "cli": 5,
}  # fmt: skip
SHARED_WITHIN_THEIR_FLOOR = {"text"}
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
    assert {room(module) for module in modules()} == set(FLOORS)


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_module_imports_from_floors_below_only(path: Path) -> None:
    parts = path.relative_to(SOURCE).with_suffix("").parts
    own = parts[0]
    if own in ("__init__", "__main__"):
        return
    for imported in imports(path):
        other = room(imported)
        if other in (own, ""):
            continue
        if FLOORS[own] == FLOORS[other] and FLOORS[own] in (1, 2):
            assert other in SHARED_WITHIN_THEIR_FLOOR, f"{own} and {other} are siblings"
        assert FLOORS[other] <= FLOORS[own], f"{own} (floor {FLOORS[own]}) imports {imported}"


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
    making, using = "generate status explain filter improve merge export report review", "finetune evaluate"
    for verb in f"{making} {using} models seeds serve".split():
        done = subprocess.run(
            [sys.executable, "-m", "selfinstruct", verb, "--help"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert "Usage: selfinstruct" in done.stdout
