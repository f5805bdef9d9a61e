"""Checkpoints before they are loaded: in folders, and on a stand-in for the Hub."""

import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from command import run
from llamacpp_examples import run_python
from tiny_gguf import CHAT_TEMPLATE
from tiny_llama import write_tiny_adapter, write_tiny_llama

from selfinstruct.config import EndpointConfig
from selfinstruct.errors import ConfigError, EndpointMismatchError, RunMismatchError, UnknownModelError
from selfinstruct.models.catalog import is_local, open_model, parse_spec, suiting_api
from selfinstruct.models.huggingface import checkpoint as huggingface_checkpoint
from selfinstruct.models.huggingface.checkpoint import find_checkpoint

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_llama(tmp_path_factory.mktemp("models") / "tiny", context=2048)


@pytest.fixture
def copy(tiny: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(tiny, tmp_path / "copy"))


@pytest.fixture(scope="module")
def adapter(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_adapter(tmp_path_factory.mktemp("adapters") / "adapter", tiny)


def change(path: Path, place: int) -> None:
    """One byte of a file."""
    with path.open("r+b") as file:
        file.seek(place)
        (byte,) = file.read(1)
        file.seek(place)
        file.write(bytes([byte ^ 1]))


# The digest


def test_a_folder_may_move_but_not_change(tiny: Path, copy: Path) -> None:
    digest = find_checkpoint(str(tiny)).digest
    assert find_checkpoint(str(copy), digest).digest == digest
    for name in ("README.md", "training_args.bin", "optimizer.pt"):  # nothing that decides a reply
        (copy / name).write_text("new")
    assert find_checkpoint(str(copy), digest).digest == digest
    for name, place in (("model.safetensors", -1), ("tokenizer.json", 100), ("config.json", 50)):
        changed = shutil.copytree(tiny, copy.with_name(name))
        change(changed / name, place % (changed / name).stat().st_size)
        with pytest.raises(RunMismatchError, match="its files have changed"):
            find_checkpoint(str(changed), digest)


def test_of_a_large_file_blocks_are_read(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = copy / "model.safetensors"
    size = weights.stat().st_size
    monkeypatch.setattr(huggingface_checkpoint, "WHOLE_BYTES", 10_000)
    monkeypatch.setattr(huggingface_checkpoint, "BLOCKS", 8)
    monkeypatch.setattr(huggingface_checkpoint, "BLOCK_BYTES", 64)
    digests = [find_checkpoint(str(copy)).digest]
    for place in (0, 63, size - 1, (size - 64) // 7 + 5):
        change(weights, place)
        digests.append(find_checkpoint(str(copy)).digest)
    assert len(set(digests)) == 5
    change(weights, 64)  # between two blocks
    assert find_checkpoint(str(copy)).digest == digests[-1]
    weights.write_bytes(weights.read_bytes() + b" ")
    assert find_checkpoint(str(copy)).digest != digests[-1]


def test_of_an_adapter_the_base_counts_too(adapter: Path, tiny: Path, copy: Path) -> None:
    digest = find_checkpoint(str(adapter)).digest
    assert digest.endswith("+" + find_checkpoint(str(tiny)).digest)
    change(copy / "model.safetensors", 100_000)
    moved = shutil.copytree(adapter, copy.with_name("adapter"))
    config = json.loads((moved / "adapter_config.json").read_text()) | {"base_model_name_or_path": str(copy)}
    (moved / "adapter_config.json").write_text(json.dumps(config))
    with pytest.raises(RunMismatchError):
        find_checkpoint(str(moved), digest)


def test_a_base_beside_its_adapter_moves_with_it(adapter: Path, copy: Path) -> None:
    moved = shutil.copytree(adapter, copy.with_name("adapter"))
    config = json.loads((moved / "adapter_config.json").read_text())
    (moved / "adapter_config.json").write_text(
        json.dumps(config | {"base_model_name_or_path": "../copy"}), encoding="utf-8"
    )
    found = find_checkpoint(str(moved))
    assert found.base is not None
    assert found.base.folder is not None
    assert found.base.folder.samefile(copy)


# What it says of itself


def test_a_spec_is_resolved(
    tiny: Path, adapter: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny.parent)
    parsed = parse_spec("hf/tiny")
    assert (parsed.provider, parsed.name, parsed.context_window) == ("hf", str(tiny), 2048)
    assert parsed.digest == find_checkpoint(str(tiny)).digest
    assert is_local("hf/tiny")
    assert parse_spec(f"hf/{adapter}").context_window == 2048
    assert parse_spec("hf/tiny", 64).context_window == 64
    with pytest.raises(ConfigError, match=r"window of 2049 tokens does not fit .*: choose 1 to 2048"):
        parse_spec("hf/tiny", 2049)
    with pytest.raises(ConfigError, match="Which model of hf"):
        parse_spec("hf/")


def test_a_chat_template_decides_the_call(tiny: Path, tmp_path: Path) -> None:
    chat = write_tiny_llama(tmp_path / "chat", chat_template=CHAT_TEMPLATE)
    with_template, without = parse_spec(f"hf/{chat}"), parse_spec(f"hf/{tiny}")
    assert suiting_api(without) == "completions"
    assert suiting_api(with_template) == "chat"
    assert open_model(with_template.model_copy(update={"api": "chat"}), EndpointConfig())
    with pytest.raises(EndpointMismatchError, match="has no chat template") as refused:
        open_model(without.model_copy(update={"api": "chat"}), EndpointConfig())
    assert refused.value.wants == "completions"


def test_the_context_is_found_under_its_other_names(copy: Path) -> None:
    config = json.loads((copy / "config.json").read_text())
    del config["max_position_embeddings"]
    for odd, window in (
        ({"n_positions": 77}, 77),
        ({"text_config": {"max_position_embeddings": 9}}, 9),
        ({}, None),
    ):
        (copy / "config.json").write_text(json.dumps(config | odd))
        assert find_checkpoint(str(copy)).context_window(None) == window
        assert find_checkpoint(str(copy)).context_window(8) == 8


def test_how_large_is_small(copy: Path) -> None:
    assert find_checkpoint(str(copy)).is_small
    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps(config | {"hidden_size": 2048, "num_hidden_layers": 16}))
    assert not find_checkpoint(str(copy)).is_small
    (copy / "config.json").write_text(json.dumps(config | {"num_local_experts": 2}))
    assert not find_checkpoint(str(copy)).is_small
    (copy / "config.json").write_text(json.dumps({"n_embd": 8}))
    assert not find_checkpoint(str(copy)).is_small


# What cannot be used


@pytest.mark.parametrize(
    ("spec", "error", "message"),
    [
        ("./missing", UnknownModelError, "There is no folder ./missing. Give a folder, or OWNER/NAME"),
        ("a/b/c", UnknownModelError, "There is no folder a/b/c."),
        ("some.gguf", ConfigError, "some.gguf is a file, not a folder. Did you mean gguf/some.gguf?"),
        ("some.txt", ConfigError, "Give the folder that it is in."),
        ("empty", ConfigError, "empty holds no model: neither config.json nor adapter_config.json"),
        ("tuned", ConfigError, "Did you mean hf/tuned/model?"),
        ("weightless", ConfigError, "weightless holds no weights"),
        ("garbled", ConfigError, "config.json cannot be read"),
        ("listed", ConfigError, "config.json is not a JSON object"),
        ("prompted", ConfigError, "is not a LoRA adapter but PROMPT_TUNING"),
        ("baseless", ConfigError, "does not name the adapter's base model"),
        ("stacked", ConfigError, "belongs to another adapter. Merge that one first."),
        ("orphan", UnknownModelError, "There is no folder /nowhere/at/all"),
    ],
)
def test_one_message_each(
    spec: str, error: type[Exception], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    lora = {"peft_type": "LORA"}
    files = {
        "some.gguf": "GGUF",
        "some.txt": "",
        "empty/note.txt": "",
        "tuned/model/config.json": "{}",
        "weightless/config.json": "{}",
        "garbled/config.json": "{",
        "garbled/model.safetensors": "",
        "listed/config.json": "[]",
        "listed/model.safetensors": "",
        "prompted/adapter_config.json": '{"peft_type": "PROMPT_TUNING"}',
        "baseless/adapter_config.json": json.dumps(lora),
        "stacked/adapter_config.json": json.dumps(lora | {"base_model_name_or_path": "whole"}),
        "whole/adapter_config.json": json.dumps(lora | {"base_model_name_or_path": "model"}),
        "model/config.json": "{}",
        "model/model.safetensors": "",
        "orphan/adapter_config.json": json.dumps(lora | {"base_model_name_or_path": "/nowhere/at/all"}),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    with pytest.raises(error) as raised:
        parse_spec(f"hf/{spec}")
    assert message in str(raised.value)


@pytest.mark.parametrize("package", ["torch", "transformers", "peft"])
def test_a_missing_package_is_named_with_its_extra(
    package: str, tiny: Path, adapter: Path, tmp_path: Path
) -> None:
    script = f"import sys; sys.modules[{package!r}] = None\nfrom selfinstruct.cli import main; main()"
    model = f"hf/{adapter if package == 'peft' else tiny}"
    done = run_python(script, "generate", tmp_path / "run", "--model", model)
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        f"Error: A model of hf/ needs the package {package}, which is not installed."
        " Install it with: pip install 'selfinstruct[train]'"
    )
    assert not (tmp_path / "run").exists()


# On the Hub


@dataclass
class Hub:
    """The calls of the Hub's API that fetching a model makes: one repository, on loopback.

    main: the commit of the main branch; any other has the same files. fetched: names of the files that were
    asked for. status: answered to everything, if it is set.
    """

    folder: Path
    main: str = COMMIT
    status: int = 0
    error: str = ""
    fetched: list[str] = field(default_factory=list)

    def answer(self, path: str) -> tuple[int, dict[str, str], bytes]:
        path = path.partition("?")[0]
        if self.status:
            return self.status, {"X-Error-Code": self.error}, b"{}"
        if path == "/api/models/owner/tiny/revision/gone":
            return 404, {"X-Error-Code": "RevisionNotFound"}, b"{}"
        if path.startswith("/api/models/owner/tiny/tree/"):
            files = [
                {"type": "file", "path": each.name, "size": each.stat().st_size, "oid": each.name}
                for each in self.folder.iterdir()
            ]
            return 200, {}, json.dumps(files).encode()
        if path.startswith("/api/models/owner/tiny"):
            return 200, {}, json.dumps({"id": "owner/tiny", "sha": self.main, "siblings": []}).encode()
        if path.startswith("/owner/tiny/resolve/"):
            commit, _, name = path.removeprefix("/owner/tiny/resolve/").partition("/")
            self.fetched.append(name)
            return 200, {"ETag": f'"{name}"', "X-Repo-Commit": commit}, (self.folder / name).read_bytes()
        return 404, {"X-Error-Code": "RepoNotFound"}, b"{}"


@contextmanager
def serving(hub: Hub, home: Path) -> Iterator[dict[str, str]]:
    """The environment in which huggingface_hub talks to it, with a cache of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = hub.answer(self.path)
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        do_HEAD = do_GET  # noqa: N815 - the name that http.server looks for

        def log_message(self, *_: object) -> None:
            """Silence."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield {
            "HF_ENDPOINT": f"http://127.0.0.1:{server.server_port}",
            "HF_HOME": str(home),
            "HF_HUB_OFFLINE": "0",
            "HF_HUB_DISABLE_TELEMETRY": "1",
        }
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


RESOLVE = """
import sys
from selfinstruct.config import EndpointConfig, ModelConfig
from selfinstruct.models.catalog import open_model, parse_spec, suiting_api
from selfinstruct.models.huggingface.checkpoint import find_checkpoint

parsed = parse_spec(sys.argv[1]) if len(sys.argv) == 2 else ModelConfig(
    provider="hf", name=sys.argv[1], digest=sys.argv[2], context_window=64
)
found = find_checkpoint(parsed.name, parsed.digest)
window = open_model(parsed, EndpointConfig()).context_window
print(parsed.name, parsed.digest[:4], suiting_api(parsed), window, *{"torch"} & sys.modules.keys())
if len(sys.argv) == 3:
    print(*sorted(each.name for each in found.local(weights=True).iterdir()))
"""


def test_a_name_on_the_hub(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hub = Hub(tiny)
    with serving(hub, tmp_path / "home") as environment:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        asked = run_python(RESOLVE, "hf/owner/tiny")
        assert (asked.stdout, asked.stderr) == ("owner/tiny 0123 completions 2048\n", "")
        assert "model.safetensors" not in hub.fetched

        # The main branch is another model now, but a run goes on with the commit that it was started with.
        hub.main, hub.fetched = COMMIT[::-1], []
        assert run_python(RESOLVE, "hf/owner/tiny").stdout.startswith("owner/tiny 7654 ")
        assert run_python(RESOLVE, f"hf/owner/tiny@{COMMIT}").stdout.startswith("owner/tiny 0123 ")
        pinned = run_python(RESOLVE, "owner/tiny", COMMIT)
        assert pinned.stdout.splitlines()[0] == "owner/tiny 0123 completions 64"
        assert pinned.stdout.splitlines()[1].split() == sorted(each.name for each in tiny.iterdir())
        assert pinned.stderr == ""

    again = run_python(RESOLVE, "owner/tiny", COMMIT)
    assert (again.stdout, again.stderr) == (pinned.stdout, "")
    newest = run_python(RESOLVE, "hf/owner/tiny")
    assert newest.stdout.startswith("owner/tiny 7654 ")


@pytest.mark.parametrize(
    ("name", "status", "error", "code", "message"),
    [
        (
            "owner/other",
            0,
            "",
            2,
            "There is no folder owner/other, and no such model on the Hub that you may read",
        ),
        ("owner/tiny@gone", 0, "", 2, "owner/tiny has no such revision on the Hub"),
        ("owner/tiny", 403, "GatedRepo", 2, "owner/tiny is gated: ask for access"),
        ("owner/tiny", 401, "", 2, "The Hub does not let you read owner/tiny: status 401. Log in with"),
        ("owner/tiny", 503, "", 4, "the Hub could not be reached: status 503, and no copy is here"),
    ],
)
def test_what_the_hub_refuses(
    name: str, status: int, error: str, code: int, message: str, tiny: Path, tmp_path: Path
) -> None:
    with serving(Hub(tiny, status=status, error=error), tmp_path / "home") as environment:
        done = run("generate", tmp_path / "run", "--model", f"hf/{name}", **environment)
    assert done.code == code
    assert message in done.error()
    assert not (tmp_path / "run").exists()
