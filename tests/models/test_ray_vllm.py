"""vLLM as a replica runs it, with a stand-in for `vllm serve`: vLLM itself needs a graphics card."""

import asyncio
import json
import os
import sys
import time
from pathlib import Path

import pytest
import ray
from llamacpp_examples import ask
from tiny_llama import write_tiny_llama

from selfinstruct.config import EndpointConfig, ModelConfig
from selfinstruct.errors import ConfigError, MissingExtraError
from selfinstruct.models.catalog import parse_spec
from selfinstruct.models.ray.vllm import VllmBackend

ENDPOINT = Path(__file__).parents[1] / "support" / "endpoint.py"
SERVES = f"""#!{sys.executable}
import json, os, pathlib, sys
here = pathlib.Path(__file__).parent
(here / "asked.json").write_text(json.dumps([os.getpid(), *sys.argv[1:]]))
port = sys.argv[sys.argv.index("--port") + 1]
os.execv(sys.executable, [sys.executable, {str(ENDPOINT)!r}, "--port", port])
"""
FAILS = f"#!{sys.executable}\nprint('loading'); raise SystemExit('No CUDA GPUs are available')\n"


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModelConfig:
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr(ray, "get_gpu_ids", lambda: [2, 3])
    return parse_spec(f"hf/{write_tiny_llama(tmp_path / 'tiny', context=512)}")


def install(folder: Path, program: str) -> None:
    (folder / "vllm").write_text(program)
    (folder / "vllm").chmod(0o755)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_a_replica_runs_a_server_of_its_own(tiny: ModelConfig, tmp_path: Path) -> None:
    install(tmp_path, SERVES)
    model = VllmBackend().replica(tiny, EndpointConfig(), 1)
    pid, *asked = json.loads((tmp_path / "asked.json").read_text())
    assert asked[:4] == ["serve", str(tmp_path / "tiny"), "--host", "127.0.0.1"]
    assert asked[6:] == ["--tensor-parallel-size", "2", "--max-model-len", "512"]

    async def ask_and_close() -> str:
        completion = await model.complete(ask())
        await model.aclose()
        return completion.text

    assert asyncio.run(ask_and_close())
    until = time.monotonic() + 15
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not is_running(pid)


def test_a_server_that_does_not_start_says_why(tiny: ModelConfig, tmp_path: Path) -> None:
    install(tmp_path, FAILS)
    with pytest.raises(ConfigError, match=r"vLLM cannot serve .*tiny: No CUDA GPUs are available"):
        VllmBackend().replica(tiny, EndpointConfig(), 1)


def test_vllm_has_to_be_there(tiny: ModelConfig) -> None:
    with pytest.raises(MissingExtraError, match="pip install vllm"):
        VllmBackend().replica(tiny, EndpointConfig(), 1)
