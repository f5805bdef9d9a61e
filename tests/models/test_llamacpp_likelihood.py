import math
from collections.abc import Iterator
from pathlib import Path

import pytest
from llamacpp_examples import ask, reply
from tiny_gguf import write_tiny_gguf

from selfinstruct.errors import EndpointFailedError
from selfinstruct.models.llamacpp.likelihood import LikelihoodServer, serve_likelihoods


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_tiny_gguf(tmp_path_factory.mktemp("models") / "tiny.gguf")


@pytest.fixture(scope="module")
def server(tiny: Path) -> Iterator[LikelihoodServer]:
    with serve_likelihoods(tiny) as served:
        yield served


def test_what_may_come_next_sums_to_one(server: LikelihoodServer) -> None:
    alphabet = [chr(code) for code in range(32, 127)]
    found = server.of_continuations("Answer:", alphabet)
    assert 0.5 < sum(math.exp(each.log_probability) for each in found) < 1.0
    assert sum(each.is_greedy for each in found) <= 1


def test_a_continuation_is_as_likely_as_its_parts_one_after_the_other(server: LikelihoodServer) -> None:
    (whole,) = server.of_continuations("Answer:", ["xyz"])
    parts = [server.of_continuations(f"Answer:{'xyz'[:at]}", ["xyz"[at]])[0] for at in range(3)]
    assert whole.log_probability == pytest.approx(sum(part.log_probability for part in parts))


def test_what_greedy_decoding_writes_is_greedy(tiny: Path, server: LikelihoodServer) -> None:
    request = ask("Q7", temperature=0.0, max_tokens=1)
    written = reply(tiny, request).text
    (same, other) = server.of_continuations(request.prompt.body, [written, "~" + written])
    assert same.is_greedy
    assert not other.is_greedy
    assert same.log_probability > other.log_probability


def test_spaces_at_the_end_belong_to_what_follows(server: LikelihoodServer) -> None:
    assert server.of_continuations("Answer: ", ["the"]) == server.of_continuations("Answer:", [" the"])


def test_an_empty_context_is_the_beginning_of_a_text(server: LikelihoodServer) -> None:
    first, second = server.of_continuations("", ["a", "ab"])
    assert second.log_probability < first.log_probability < 0


def test_the_beginning_of_a_text_that_is_too_long_is_left_out(server: LikelihoodServer) -> None:
    long = "".join(chr(97 + number % 26) for number in range(700))  # a token each, and a window of 512
    (whole,) = server.of_continuations(long, ["!"])
    (end,) = server.of_continuations(long[-600:], ["!"])
    assert whole == end


def test_a_server_that_is_gone(tiny: Path) -> None:
    with serve_likelihoods(tiny) as gone:
        pass
    with pytest.raises(EndpointFailedError, match="does not answer"):
        gone.of_continuations("a", ["b"])
