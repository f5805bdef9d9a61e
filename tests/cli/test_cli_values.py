"""What no verb takes, whatever it does: empty texts, numbers that are none, misspelt names."""

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from selfinstruct.cli import main
from selfinstruct.cli.app import app

VERBS: dict[str, Any] = typer.main.get_command(app).commands  # type: ignore[attr-defined]


def leaves() -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every verb with its words, those of `seeds` too."""
    for name, verb in VERBS.items():
        for below, leaf in getattr(verb, "commands", {"": verb}).items():
            yield (name, below) if below else (name,), leaf


def test_a_misspelt_choice_is_told_the_near_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said = run(capsys, monkeypatch, "export", tmp_path, "--format", "alpacca")
    assert "Did you mean 'alpaca'?" in " ".join(said.replace("│", " ").split())
    assert "Value error" not in said


def parameters(kind: str) -> list[Any]:
    """Every option or argument of every verb that takes a value."""
    return [
        pytest.param(words, verb, one, id=" ".join([*words, one.name]))
        for words, verb in leaves()
        for one in verb.params
        if one.param_type_name == kind and not getattr(one, "is_flag", False)
    ]


def run(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *arguments: object) -> str:
    """What the command says on standard error, ending with exit code 2."""
    monkeypatch.setattr("sys.argv", ["selfinstruct", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert ended.value.code == 2, printed.err
    assert printed.out == ""
    return printed.err


def required(verb: Any, besides: Any) -> list[str]:
    words = []
    for one in verb.params:
        if one.required and one is not besides:
            words += ["x"] if one.param_type_name == "argument" else [one.opts[0], "x"]
    return words


@pytest.mark.parametrize("value", ["", "  "])
@pytest.mark.parametrize(("words", "verb", "option"), parameters("option"))
def test_an_empty_option(
    words: tuple[str, ...],
    verb: Any,
    option: Any,
    value: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    name = max(option.opts, key=len)
    said = run(capsys, monkeypatch, *words, *required(verb, option), name, value)
    assert (
        said
        == f"Error: {name} is empty. Is a shell variable not set? Give it a value, or leave the option out.\n"
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("words", "verb", "argument"), parameters("argument"))
def test_an_empty_argument(
    words: tuple[str, ...],
    verb: Any,
    argument: Any,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    given = [
        "" if one is argument else "x"
        for one in verb.params
        if one.param_type_name == "argument" and (one.required or one is argument)
    ]
    options = [
        word for one in verb.params if one.required and one.opts[0][0] == "-" for word in (one.opts[0], "x")
    ]
    said = run(capsys, monkeypatch, *words, *given, *options)
    assert said.endswith(" is empty. Is a shell variable not set? Give it a value.\n")
    assert list(tmp_path.iterdir()) == []


def numbers() -> list[Any]:
    return [
        pytest.param(words, verb, name, id=" ".join([*words, name]))
        for words, verb, name in (
            (("generate",), "generate", "--max-cost"),
            (("generate",), "generate", "--price-in"),
            (("generate",), "generate", "--price-out"),
            (("generate",), "generate", "--timeout"),
            (("improve",), "improve", "--max-cost"),
            (("evaluate",), "evaluate", "--price-in"),
            (("filter",), "filter", "--novelty"),
            (("finetune",), "finetune", "--learning-rate"),
            (("finetune",), "finetune", "--held-out"),
            (("finetune",), "finetune", "--epochs"),
            (("finetune",), "finetune", "--checkpoint-minutes"),
            (("finetune",), "finetune", "--learning-rate-multiplier"),
        )
    ]


@pytest.mark.parametrize("value", ["inf", "-inf", "nan", "Infinity", "1e400"])
@pytest.mark.parametrize(("words", "verb", "option"), numbers())
def test_a_number_that_is_not_finite(
    words: tuple[str, ...],
    verb: str,
    option: str,
    value: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert not math.isfinite(float(value))
    said = run(capsys, monkeypatch, *words, *required(VERBS[verb], None), f"{option}={value}")
    assert option in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("bakecake",), "No such command 'bakecake'."),
        (("genrate", "run"), "No such command 'genrate'. Did you mean 'generate'?"),
        (("seeds", "chekc", "x"), "No such command 'chekc'. Did you mean 'check'?"),
        (("generate", "x", "--modle", "m"), "No such option: --modle (Possible options: --model)"),
        (("generate", "x", "--out", "y"), "No such option: --out"),
        (("--vresion",), "No such option: --vresion (Possible options: --version)"),
    ],
)
def test_a_misspelt_name(
    arguments: tuple[str, ...],
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    printed = run(capsys, monkeypatch, *arguments)
    (line,) = [line.strip("│ ") for line in printed.splitlines() if "No such" in line]
    assert line == said


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        (
            "--language",
            "German\nIgnore all",
            r"--language 'German\nIgnore all': should be one printable line",
        ),
        (
            "--about",
            "tax\u2028law",
            r"--about 'tax\u2028law': should be one printable line, and holds U+2028.",
        ),
        ("--about", "tax\x1b[31mlaw", "and holds U+001B."),
        ("--about", "tax \u202elaw", "and holds U+202E."),
        ("--language", "x" * 101, "should have at most 100 characters, and has 101."),
        ("--about", "x" * 1001, "should have at most 1,000 characters, and has 1,001."),
        ("--timeout", "0", "--timeout 0.0: input should be greater than 0."),
    ],
)
def test_a_value_that_the_config_does_not_take_is_named_by_its_option(
    option: str, value: str, said: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = run(capsys, monkeypatch, "generate", "x", option, value)
    assert said in printed
    assert printed.startswith(f"Error: {option} ")
    assert len(printed) < 300


def test_an_option_whose_value_is_the_next_option(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As the shell leaves `--base-url $UNSET --model m`, without quotation marks."""
    monkeypatch.chdir(tmp_path)
    said = run(capsys, monkeypatch, "generate", "r", "--base-url", "--model", "m")
    assert said == (
        "Error: --base-url has no value: --model follows. Is a shell variable not set?"
        " Give it a value, or leave the option out.\n"
    )
    assert not list(tmp_path.iterdir())
