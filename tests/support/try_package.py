"""Builds the sdist and the wheel, and tries them as someone who downloads them would: `make package`.

The wheel is installed into a fresh environment, where the command has to run. Then the tests in SUBSET, from
the unpacked sdist, have to pass against that installation. Outputs: both files, in dist/.
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[2]
DIST = ROOT / "dist"
NEEDED = ("hypothesis", "playwright", "pytest", "pytest-cov", "rouge-score")
SUBSET = (
    "tests/text",
    "tests/seeds",
    "tests/filters",
    "tests/store/test_store_lock.py",
    "tests/test_docs.py",
)
NOT_IN_SUBSET = "not examples"
"""The pages' examples: some want what the other extras install."""


def main() -> None:
    shutil.rmtree(DIST, ignore_errors=True)
    run(sys.executable, "-m", "build", "--outdir", DIST, ROOT)
    (wheel,), (sdist,) = DIST.glob("*.whl"), DIST.glob("*.tar.gz")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with tarfile.open(sdist) as archive:
            archive.extractall(folder, filter="data")
        unpacked = folder / sdist.name.removesuffix(".tar.gz")
        venv.create(folder / "venv", with_pip=True)
        python = folder / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
        run(
            python,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--constraint",
            unpacked / "constraints.txt",
            wheel,
            *NEEDED,
        )
        run(python.with_name("selfinstruct"), "--help", cwd=folder)
        run(
            python.with_name("selfinstruct"),
            "generate",
            "tried",
            "--model",
            "scripted",
            "--tasks",
            5,
            cwd=folder,
        )
        run(python, "-m", "pytest", *SUBSET, "-k", NOT_IN_SUBSET, "-p", "no:cacheprovider", cwd=unpacked)
    print(f"Both work: {wheel.name} and {sdist.name} are in {DIST}.")


def run(*command: object, cwd: Path = ROOT) -> None:
    print("$", *command, flush=True)
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    subprocess.run([str(part) for part in command], cwd=cwd, check=True, env=environment)


if __name__ == "__main__":
    main()
