import signal
import time
import urllib.error
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from command import run, start
from llamacpp_examples import ask, post, reply, run_python
from tiny_gguf import write_tiny_gguf

from selfinstruct.errors import ConfigError
from selfinstruct.models.llamacpp.server import ServedModel, serve


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")


def test_the_endpoint_writes_what_the_model_writes(tiny: Path) -> None:
    request = ask(seed=3, temperature=0.9, top_p=0.8)
    with serve(tiny) as served:
        assert served.model == "tiny"
        body = {"model": "any", "prompt": request.prompt.body, "max_tokens": 40, "seed": 3}
        answer = post(served, {**body, "temperature": 0.9, "top_p": 0.8})
        with pytest.raises(urllib.error.HTTPError) as caught:
            post(served, {**body, "prompt": "~" * 600})
        assert caught.value.code == 400
        assert "exceeds the available context size" in caught.value.read().decode()
    assert answer["choices"][0]["text"] == reply(tiny, request).text
    with pytest.raises(urllib.error.URLError, match="refused"):
        post(served, body)


def test_a_port_in_use_is_said_to_be(tiny: Path) -> None:
    with serve(tiny) as served:
        port = urlsplit(served.base_url).port
        assert port is not None
        with pytest.raises(ConfigError, match=f"port: {port}") as caught, serve(tiny, port=port):
            pass
    assert "choose another port" in caught.value.hint


def test_the_endpoint_ends_with_its_parent_however_that_ends(tiny: Path) -> None:
    killed = run_python(
        """
        import os, signal, sys
        from selfinstruct.models.llamacpp.server import serve

        with serve(sys.argv[1]) as served:
            print(served.base_url, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
        """,
        tiny,
    )
    assert killed.returncode == -signal.SIGKILL
    served = ServedModel(killed.stdout.strip(), "tiny")
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            post(served, {"prompt": "", "max_tokens": 1})
        except OSError:  # refused, or reset
            return
        time.sleep(0.02)
    pytest.fail("still answering")


def test_a_cut_off_file_is_reported_in_the_words_of_llama_cpp(tmp_path: Path, tiny: Path) -> None:
    cut = tmp_path / "cut.gguf"
    cut.write_bytes(tiny.read_bytes()[:-100_000])
    with pytest.raises(ConfigError, match="data is not within the file bounds") as caught, serve(cut):
        pass
    assert str(cut) in caught.value.message


def test_xllamacpp_is_imported_in_the_child_only(tiny: Path) -> None:
    light = run_python(
        """
        import sys
        from pathlib import Path
        from selfinstruct.models.llamacpp.server import serve

        with serve(Path(sys.argv[1])) as served:
            print(served.model, "xllamacpp" in sys.modules)
        """,
        tiny,
    )
    assert (light.stdout, light.stderr) == ("tiny False\n", "")


def test_the_command_takes_a_model_as_other_verbs_do() -> None:
    started = start("serve", "--model", "pocket", "--port", 0)
    assert started.process.stderr is not None
    assert "pocket answers at http://127.0.0.1:" in started.process.stderr.readline()
    started.interrupt()
    assert started.wait().code == 0
    assert "Which model, gguf/a or pocket?" in run("serve", "gguf/a", "--model", "pocket").error()
