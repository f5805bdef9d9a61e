import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.text.spelling import closest, did_you_mean

VERBS = (
    "generate", "status", "explain", "filter", "improve", "export", "report", "review", "finetune",
    "evaluate", "models", "serve", "seeds",
)  # fmt: skip
OPTIONS = ("--model", "--max-cost", "--max-requests", "--price-in", "--price-out", "--base-url", "--about")


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("genrate", ["generate"]),
        ("gen", ["generate"]),
        ("exprot", ["export"]),
        ("satus", ["status"]),
        ("stats", ["status"]),
        ("evaluation", ["evaluate"]),
        ("fine-tune", ["finetune"]),
        ("Report", ["report"]),
        ("re", []),
        ("merge", []),
        ("resume", []),
        ("compare", []),
        ("list", []),
        ("train", []),
    ],
)
def test_verbs(word: str, names: list[str]) -> None:
    assert closest(word, VERBS) == names


@pytest.mark.parametrize(
    ("word", "names"),
    [
        ("--modle", ["--model"]),
        ("--base_url", ["--base-url"]),
        ("--cost", ["--max-cost"]),
        ("--price", ["--price-in", "--price-out"]),
        ("--max", ["--max-cost", "--max-requests"]),
        ("--out", []),
        ("--temperature", []),
    ],
)
def test_options(word: str, names: list[str]) -> None:
    assert closest(word, OPTIONS) == names


def test_the_question() -> None:
    assert did_you_mean("--price", OPTIONS) == "Did you mean '--price-in' or '--price-out'?"
    assert did_you_mean("--out", OPTIONS) == ""


@given(st.sampled_from(VERBS), st.data())
def test_one_slip_is_always_seen_through(verb: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(verb) - 2))
    swapped = verb[:place] + verb[place + 1] + verb[place] + verb[place + 2 :]
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    slips = [swapped, verb[:place] + verb[place + 1 :], verb[:place] + letter + verb[place:]]
    assert verb in closest(data.draw(st.sampled_from(slips)), VERBS)


@given(st.text(), st.lists(st.text(), unique=True))
def test_anything_goes(word: str, names: list[str]) -> None:
    assert set(closest(word, names)) <= set(names)
