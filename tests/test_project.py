"""The project's own files agree with each other: workflow, constraints, versions, what the sdist holds."""

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement

import selfinstruct

ROOT = Path(__file__).parents[1]
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
POCKET = tomllib.loads((ROOT / "pocket" / "pyproject.toml").read_text(encoding="utf-8"))
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps() -> Iterator[dict[str, Any]]:
    for job in read_yaml(WORKFLOW)["jobs"].values():
        yield from job["steps"]


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(normal(line).split("==") for line in lines if line and not line.startswith("#"))


def normal(name: str) -> str:
    return re.sub(r"[-_.]+(?=.*==)", "-", name).lower()


# ------------------------------------------------------------------------ the workflow


def test_actions_are_pinned_to_a_release() -> None:
    used = [step["uses"] for step in steps() if "uses" in step]
    assert used
    assert [action for action in used if not re.fullmatch(r"[\w/-]+@v\d+\.\d+\.\d+", action)] == []


def test_the_workflow_tests_every_python_that_is_declared() -> None:
    declared = re.findall(r"Python :: (3\.\d+)", "\n".join(PYPROJECT["project"]["classifiers"]))
    jobs = read_yaml(WORKFLOW)["jobs"]
    assert jobs["linux"]["strategy"]["matrix"]["python"] == declared
    assert f">={declared[0]}" == PYPROJECT["project"]["requires-python"]


def test_systems_that_nobody_has_tried_may_fail_and_no_others() -> None:
    jobs = read_yaml(WORKFLOW)["jobs"]
    assert [name for name, job in jobs.items() if job.get("continue-on-error")] == ["untried"]
    assert {system.split("-")[0] for system in jobs["untried"]["strategy"]["matrix"]["system"]} == {
        "macos",
        "windows",
    }


def test_the_workflow_and_the_hooks_run_targets_and_tools_that_exist() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    commands = [step["run"] for step in steps() if "run" in step]
    called = {target for command in commands for target in re.findall(r"^make (?!-C)(.*)$", command)}
    assert called <= targets
    hooks = [hook for repo in read_yaml(ROOT / ".pre-commit-config.yaml")["repos"] for hook in repo["hooks"]]
    assert {hook["entry"].split()[0].removeprefix(".venv/bin/") for hook in hooks} == {"ruff", "mypy"}


# ------------------------------------------------------------------------ constraints


@pytest.mark.parametrize(
    "wanted",
    [
        *PYPROJECT["project"]["dependencies"],
        *(each for group in PYPROJECT["dependency-groups"].values() for each in group),
        *(each for group in POCKET["dependency-groups"].values() for each in group),
    ],
)
def test_every_dependency_is_pinned_to_a_version_that_is_wanted(wanted: str) -> None:
    requirement = Requirement(wanted)
    name = re.sub(r"[-_.]+", "-", requirement.name).lower()
    assert requirement.specifier.contains(pinned()[name]), "run make constraints"


def test_constraints_are_versions_and_nothing_else() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    odd = [line for line in lines if not re.fullmatch(r"#.*|[\w.-]+==[\w.]+", line)]
    assert odd == [], "no address, no local build, no file"


def test_every_install_of_the_makefiles_is_constrained() -> None:
    for makefile in (ROOT / "Makefile", ROOT / "pocket" / "Makefile"):
        for line in makefile.read_text(encoding="utf-8").splitlines():
            if "install " in line and line.startswith("\t") and "apt-get" not in line:
                assert re.search(r"\$\(INSTALL\)|--constraint|--upgrade \"?pip|build/constraints/", line), (
                    line
                )


# ------------------------------------------------------------------------ releases


def test_the_newest_section_of_the_changelog_is_this_version_and_has_a_date() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version, date = re.findall(r"^## (\S+) – (\S+)$", changelog, re.MULTILINE)[0]
    assert version == selfinstruct.__version__ == POCKET["project"]["version"]
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", date)


def test_the_sdist_holds_all_that_is_tracked() -> None:
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    tracked = {line.split("/")[0] for line in listed.stdout.splitlines()}
    included = PYPROJECT["tool"]["hatch"]["build"]["targets"]["sdist"]["include"]
    assert tracked - {".gitignore", "pyproject.toml"} == set(included)
