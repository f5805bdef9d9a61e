"""`selfinstruct export` as users run it, pushing to a stand-in for the Hub included."""

import base64
import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
from command import run
from dataset_examples import make_run, many_tasks

from selfinstruct.cli.export import export
from selfinstruct.dataset.formats import FORMATS

REPOSITORY = "somebody/moods"


class Hub(ThreadingHTTPServer):
    """The calls of the Hub's API that a push makes, on loopback. Keeps what is committed.

    public: whether the repository is; status: answered to the call `failing`.
    """

    def __init__(self, *, public: bool = False, failing: str = "", status: int = 500) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.public, self.failing, self.status = public, failing, status
        self.created: list[dict[str, Any]] = []
        self.tokens: set[str | None] = set()
        self.files: dict[str, bytes] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    def answer(self, method: str, path: str, body: bytes) -> tuple[int, dict[str, Any]]:
        if self.failing and self.failing in path:
            return self.status, {"error": "no such luck"}
        match method, path.partition("?")[0].removeprefix("/api/"):
            case "POST", "repos/create":
                self.created.append(json.loads(body))
                return 200, {"url": f"{self.url}/datasets/{REPOSITORY}"}
            case "GET", place if place.startswith(f"datasets/{REPOSITORY}"):
                return 200, {
                    "id": REPOSITORY,
                    "private": not self.public,
                    "sha": "0" * 40,
                    "tags": [],
                    "siblings": [],
                }
            case "POST", "validate-yaml":
                return 200, {"errors": [], "warnings": []}
            case "POST", place if "/preupload/" in place:
                names = [file["path"] for file in json.loads(body)["files"]]
                modes = [{"path": name, "uploadMode": "regular", "shouldIgnore": False} for name in names]
                return 200, {"files": modes}
            case "POST", place if "/commit/" in place:
                for line in map(json.loads, body.splitlines()):
                    if line["key"] == "file":
                        self.files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
                return 200, {
                    "success": True,
                    "commitOid": "0" * 40,
                    "commitUrl": f"{self.url}/datasets/{REPOSITORY}/commit/0",
                }
        return 404, {"error": f"{method} {path}"}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        hub = self.server
        assert isinstance(hub, Hub)
        hub.tokens.add(self.headers["Authorization"])
        body = self.rfile.read(int(self.headers["Content-Length"] or 0))
        status, value = hub.answer(self.command, self.path, body)
        reply = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(reply)))
        self.end_headers()
        self.wfile.write(reply)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Silence."""


@contextmanager
def serving(hub: Hub) -> Iterator[dict[str, str]]:
    """The environment in which huggingface_hub talks to it."""
    thread = threading.Thread(target=hub.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield {
            "HF_ENDPOINT": hub.url,
            "HF_TOKEN": "hf_secret",
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }
    finally:
        hub.shutdown()
        thread.join()
        hub.server_close()


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("command") / "run"
    make_run(directory, many_tasks(40))
    return directory


def test_the_option_offers_the_tables_formats() -> None:
    annotated = get_type_hints(export, include_extras=True)["format"]
    assert get_args(get_args(annotated)[0]) == tuple(FORMATS)


def test_a_split_says_what_came_of_its_shares(directory: Path, tmp_path: Path) -> None:
    done = run("export", directory, "--split", "0.3", "--out", tmp_path / "d.jsonl")
    train, test = (
        (tmp_path / f"d-{side}.jsonl").read_text(encoding="utf-8").count("\n") for side in ("train", "test")
    )
    assert done.code == 0
    assert done.stderr.splitlines() == [
        f"{rows} rows in {tmp_path}/d-{side}.jsonl: {rows} tasks, {rows / 40:.1%}"
        for side, rows in (("train", train), ("test", test))
    ]


def test_a_slash_or_a_folder_asks_for_a_data_set_folder(directory: Path, tmp_path: Path) -> None:
    for out in (f"{tmp_path}/new/", tmp_path / "new"):
        done = run("export", directory, "-f", "openai", "--out", out)
        assert done.code == 0
        assert done.stderr == f"40 rows in {tmp_path}/new/data/train.jsonl\n"
    assert (tmp_path / "new/README.md").is_file()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--split", "2"], "--split '2': 2 is not between 0 and 1. Give the share held out, as 0.1,"),
        (
            ["--license", "mit", "--out", "x.jsonl"],
            "--license needs a folder with a data card. Add --out FOLDER/",
        ),
        (["--push", "a/b"], "--push needs a folder with a data card. Add --out FOLDER/"),
        (["--push", "moods", "--out", "x/"], "--push 'moods' is not a repository. Write it as OWNER/NAME."),
        (["--public", "--out", "x/"], "--public without --push publishes nothing."),
    ],
)
def test_a_wrong_option_is_told_with_its_mend(arguments: list[str], message: str, directory: Path) -> None:
    done = run("export", directory, *arguments)
    assert done.code == 2
    assert done.error().startswith(f"Error: {message}")


@pytest.mark.parametrize(
    ("package", "arguments", "message"),
    [
        ("pyarrow", ["-f", "parquet", "--out", "x.parquet"], "pip install 'selfinstruct[parquet]'"),
        ("huggingface_hub", ["--out", "x/", "--push", "a/b"], "pip install 'selfinstruct[hub]'"),
    ],
)
def test_a_missing_package_is_named_with_its_extra(
    package: str, arguments: list[str], message: str, directory: Path, tmp_path: Path
) -> None:
    script = f"import sys; sys.modules[{package!r}] = None\nfrom selfinstruct.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, "export", directory, *arguments],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert f"needs the package {package}, which is not installed. Install it with: {message}" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_pushed_private_unless_told_otherwise(directory: Path, tmp_path: Path) -> None:
    hub = Hub()
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / "notes.txt").write_text("mine", encoding="utf-8")
    with serving(hub) as environment:
        done = run("export", directory, "--out", tmp_path / "d", "--push", REPOSITORY, **environment)
    assert done.code == 0, done.stderr
    assert f"data set: {hub.url}/datasets/{REPOSITORY}" in done.stderr
    assert hub.created[0]["type"] == "dataset"
    assert hub.created[0]["visibility"] == "private"
    assert hub.tokens == {"Bearer hf_secret"}
    assert hub.files == {
        name: (tmp_path / "d" / name).read_bytes() for name in ("README.md", "data/train.jsonl")
    }


def test_what_is_public_already_needs_public(directory: Path, tmp_path: Path) -> None:
    hub = Hub(public=True)
    command = ("export", directory, "--out", f"{tmp_path}/d/", "--push", REPOSITORY)
    with serving(hub) as environment:
        refused = run(*command, **environment)
        assert refused.code == 2
        assert "is public on the Hub, so nothing was uploaded. Add --public" in refused.error()
        assert hub.files == {}
        published = run(*command, "--public", **environment)
    assert published.code == 0, published.stderr
    assert hub.created[1]["visibility"] == "public"
    assert set(hub.files) == {"README.md", "data/train.jsonl"}


@pytest.mark.parametrize(
    ("failing", "status", "code", "message"),
    [
        ("preupload", 401, 2, f"The Hub does not let you write to {REPOSITORY}: no such luck"),
        ("preupload", 400, 2, f"The Hub refused {REPOSITORY}: no such luck"),
        ("create", 503, 4, "The Hub could not be reached: no such luck"),
    ],
)
def test_what_the_hub_answers_becomes_one_message(
    failing: str, status: int, code: int, message: str, directory: Path, tmp_path: Path
) -> None:
    with serving(Hub(failing=failing, status=status)) as environment:
        done = run("export", directory, "--out", f"{tmp_path}/d/", "--push", REPOSITORY, **environment)
    assert done.code == code, done.stderr
    assert message in done.error()
    assert "hf_secret" not in done.stderr
    assert (tmp_path / "d" / "README.md").is_file()


def test_a_hub_that_is_not_there_can_be_tried_again(directory: Path, tmp_path: Path) -> None:
    with serving(Hub()) as environment:
        pass
    done = run("export", directory, "--out", f"{tmp_path}/d/", "--push", REPOSITORY, **environment)
    assert done.code == 4, done.stderr
    assert "The folder is written; run the same command again." in done.error()
