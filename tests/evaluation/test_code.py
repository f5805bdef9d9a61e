"""humaneval and mbpp: problems read, programs taken out of replies, run where they harm nothing, scored."""

import asyncio
import gzip
import itertools
import json
import os
import shutil
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from command import run
from endpoint import RunningEndpoint

from selfinstruct.errors import ConfigError, RunMismatchError, UserError
from selfinstruct.evalsets.code import CodeProblem, load_humaneval, load_mbpp
from selfinstruct.evaluation.code.programs import code_of, program_of, prompt_for
from selfinstruct.evaluation.code.sandbox import Limits, Sandbox, open_sandbox
from selfinstruct.evaluation.code.suite import load_code_suite, pass_at_k
from selfinstruct.evaluation.comparison import compare, read_systems
from selfinstruct.evaluation.evaluate import evaluate
from selfinstruct.evaluation.plan import EvaluationPlan, plan_evaluation
from selfinstruct.evaluation.standing import evaluation_standing
from selfinstruct.report.evaluated import read_evaluations

Start = Callable[..., RunningEndpoint]

ADD = {
    "task_id": "HumanEval/0",
    "prompt": 'from typing import List\n\n\ndef total(numbers: List[int]) -> int:\n    """Add them up."""\n',
    "entry_point": "total",
    "canonical_solution": "    return sum(numbers)\n",
    "test": "def check(candidate):\n    assert candidate([1, 2]) == 3\n    assert candidate([]) == 0\n",
}
TWICE = {
    "task_id": "HumanEval/1",
    "prompt": (
        'def half(n):\n    """Half of it."""\n    return n / 2\n\n\ndef twice(n):\n    """Undo `half`."""\n'
    ),
    "entry_point": "twice",
    "canonical_solution": "    n = n + n\n    return n\n",
    "test": "def check(candidate):\n    assert candidate(half(5)) == 5\n",
}
NODES = {
    "task_id": 11,
    "text": "Write a function to count the nodes of a list.",
    "code": (
        "class Node:\r\n    def __init__(self, next=None):\r\n        self.next = next\r\n"
        "def count(node):\r\n    return 1 + count(node.next) if node else 0"
    ),
    "test_setup_code": "chain = Node(Node())",
    "test_list": ["assert count(chain) == 2", "assert count(None) == 0"],
    "challenge_test_list": [],
}
SHOWN = [
    {
        "task_id": number,
        "text": f"Write a function to return {number}.",
        "code": f"def f():\n    return {number}",
        "test_setup_code": "",
        "test_list": [f"assert f() == {number}"],
    }
    for number in (2, 3, 4)
]
TRAINING = {**SHOWN[0], "task_id": 700}


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


# ------------------------------------------------------------------------ the data


def test_humaneval_plain_and_packed(tmp_path: Path) -> None:
    plain = write(tmp_path / "HumanEval.jsonl", [ADD, TWICE])
    packed = tmp_path / "HumanEval.jsonl.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    found = load_humaneval(plain)
    assert load_humaneval(packed) == found
    assert [each.id for each in found.asked] == ["HumanEval/0", "HumanEval/1"]
    assert found.asked[0].tests.endswith("check(total)\n")


def test_mbpp_asks_its_test_split_and_counts_the_rest(tmp_path: Path) -> None:
    found = load_mbpp(write(tmp_path / "mbpp.jsonl", [*SHOWN, NODES, TRAINING]))
    assert ([each.id for each in found.asked], found.left_out) == (["MBPP/11"], 4)
    assert [each.id for each in found.shown] == ["MBPP/2", "MBPP/3", "MBPP/4"]
    assert found.asked[0].entry_point == "count"
    sanitized = {"task_id": 12, "prompt": "Write half.", "code": "def half(n):\n    return n / 2"}
    sanitized |= {"test_imports": ["import math"], "test_list": ["assert math.isclose(half(1), 0.5)"]}
    (tmp_path / "sanitized.json").write_text(json.dumps([sanitized], indent=2), encoding="utf-8")
    (half,) = load_mbpp(tmp_path / "sanitized.json").asked
    assert (half.prompt, half.entry_point) == ("Write half.", "half")
    assert half.tests.startswith("import math\nassert")
    others = load_mbpp(write(tmp_path / "train.jsonl", [TRAINING, {**NODES, "task_id": "mine"}]))
    assert ([each.id for each in others.asked], others.left_out) == (["MBPP/700", "mine"], 0)


@pytest.mark.parametrize(
    ("load", "content", "said"),
    [
        (load_humaneval, json.dumps({**ADD, "test": None}), "line 1: there is no 'test'"),
        (load_humaneval, json.dumps({**ADD, "entry_point": "a b"}), "line 1: field 'entry_point' is no name"),
        (load_humaneval, f"{json.dumps(ADD)}\n" * 2, "Two problems have the task_id 'HumanEval/0'"),
        (load_mbpp, json.dumps({**NODES, "test_list": []}), "there is no test in field 'test_list'"),
        (load_mbpp, json.dumps({**NODES, "test_list": "x"}), "field 'test_list' is not a list of strings"),
        (load_mbpp, "[1]", "line 1: not a JSON object"),
        (load_mbpp, "", "is empty"),
        (load_humaneval, gzip.compress(b"{}" * 99, mtime=0)[:-9], "cannot be unpacked"),
    ],
)
def test_files_that_are_not_what_they_should_be(
    load: Callable[[Path], Any], content: str | bytes, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UserError, match=said):
        load(path)


# ------------------------------------------------------------------------ replies


@pytest.fixture
def problems(tmp_path: Path) -> dict[str, CodeProblem]:
    human = load_humaneval(write(tmp_path / "h", [ADD, TWICE])).asked
    return {each.id: each for each in (*human, *load_mbpp(write(tmp_path / "m", [NODES])).asked)}


def passes(problem: CodeProblem, reply: str) -> bool:
    """Whether the program that is made of it does. Only for replies that these tests wrote."""
    try:
        exec(compile(program_of(problem, reply), "program", "exec"), {"__name__": "program"})
    except Exception:  # noqa: BLE001 - whatever the program raises
        return False
    return True


WHOLE = "def twice(n):\n    return 2 * n\n"


@pytest.mark.parametrize(
    "reply",
    [
        "    return 2 * n\n",
        "return 2 * n",
        "    return 2 * n\n\ndef other():\n    return (",
        "    return 2 * n\n# and now\nprint(twice(",
        "    m = n\n    return m + n\n```\nThat is all.",
        "m = n\n    return m + n",
        "m = n\nreturn m + n",
        WHOLE,
        f"Sure!\n\n```python\n{WHOLE}```\n\nFor example:\n\n```python\nassert twice(2) == 5\n```",
        f"```\n{WHOLE}```",
        f"~~~py\n{WHOLE}~~~",
        f"```python\n{WHOLE}",
        "1. The code:\n   ```python\n   def twice(n):\n       return 2 * n\n   ```",
        "```python\n    return 2 * n\n```",
        f"Here it is:\n\n{WHOLE}\nIt doubles its argument.",
        f"First, install it:\n```bash\npip install twice\n```\n```python\n{WHOLE}```",
        WHOLE.replace("\n", "\r\n"),
    ],
)
def test_programs_out_of_replies(reply: str, problems: dict[str, CodeProblem]) -> None:
    assert passes(problems["HumanEval/1"], reply), code_of(problems["HumanEval/1"], reply)


@pytest.mark.parametrize(
    "reply", ["    return n\n", "I cannot do that.", "```python\n```", "```", "def", "\0"]
)
def test_replies_without_the_program(reply: str, problems: dict[str, CodeProblem]) -> None:
    assert not passes(problems["HumanEval/1"], reply)


def test_programs_of_mbpp(problems: dict[str, CodeProblem]) -> None:
    nodes = problems["MBPP/11"]
    assert passes(nodes, nodes.solution)
    for reply in (
        f"[BEGIN]\n{nodes.solution}\n[DONE]\nAnd so on [BEGIN]\nno",
        f"{nodes.solution}\n[DONE]\n\nYou are an expert [BEGIN]\ndef count(n):\n    return 9\n[DONE]",
        f"Certainly:\n```python\n{nodes.solution}\n```",
    ):
        assert passes(nodes, reply), code_of(nodes, reply)
    assert not passes(nodes, "def count(node):\n    return 2"), "the set-up code needs the class"


def test_prompts(problems: dict[str, CodeProblem], tmp_path: Path) -> None:
    add, nodes = problems["HumanEval/0"], problems["MBPP/11"]
    assert prompt_for(add, (), chat=False) == ADD["prompt"]
    assert "```python\nfrom typing" in prompt_for(add, (), chat=True)
    assert prompt_for(nodes, (), chat=False).endswith("assert count(None) == 0\n[BEGIN]\n")
    assert "in one code block" in prompt_for(nodes, (), chat=True)
    shown = load_mbpp(write(tmp_path / "all", [*SHOWN, NODES])).shown
    assert prompt_for(nodes, shown, chat=False).count("[DONE]") == 3


def test_pass_at_k_is_the_share_of_draws_with_a_right_one() -> None:
    for n, passed in itertools.product(range(1, 7), range(7)):
        for k in range(1, n + 1):
            if passed <= n:
                draws = list(itertools.combinations([True] * passed + [False] * (n - passed), k))
                assert pass_at_k(n, passed, k) == pytest.approx(sum(map(any, draws)) / len(draws))


def test_samples_of_a_problem(tmp_path: Path) -> None:
    path = write(tmp_path / "h", [ADD, TWICE])
    suite = load_code_suite("humaneval", path, samples=3, temperature=None, examples=None)
    assert [each.id for each in suite.items[:4]] == [
        *(f"HumanEval/0#{n}" for n in (1, 2, 3)),
        "HumanEval/1#1",
    ]
    assert ({each.task for each in suite.items}, suite.temperature) == ({"HumanEval/0", "HumanEval/1"}, 0.8)
    with pytest.raises(ConfigError, match="With greedy decoding all samples are the same program"):
        load_code_suite("humaneval", path, samples=3, temperature=0.0, examples=None)
    with pytest.raises(ConfigError, match="no solved problems"):
        load_code_suite("humaneval", path, samples=1, temperature=None, examples=3)


# ------------------------------------------------------------------------ the sandbox

DAEMON = """
import os, time
if not os.fork():
    os.setsid()
    if not os.fork():
        time.sleep(99)
    os._exit(0)
"""
HARMLESS = {
    "assert sum(range(4)) == 6": ("passed", ""),
    "x = 1\nassert x == 2": ("wrong_answer", "assert x == 2"),
    "def f(:": ("syntax_error", "SyntaxError"),
    "{}['a']": ("error", "KeyError: 'a'"),
    "import sys; sys.exit(0)": ("exited", ""),
    "import os; os._exit(0)": ("exited", "before its tests"),
    "import ctypes; ctypes.string_at(0)": ("killed", "SIGSEGV"),
    "x = bytearray(5 << 30)": ("out_of_memory", ""),
    "print('x' * 2_000_000)": ("too_much_output", ""),
    "import os\nassert 'HOME' not in os.environ and not [n for n in os.environ if 'KEY' in n]": (
        "passed", ""
    ),
    DAEMON: ("left_processes", "left processes running"),
}  # fmt: skip
HOSTILE = {
    "import os, signal\nos.kill(-1, 9)\nos.kill(os.getppid(), 9)\nos.kill(os.getppid(), 15)\nassert 0": None,
    "open(f'/proc/{__import__(\"os\").getppid()}/environ').read()": "error",
    "while True: open(f'f{id(object())}{__import__(\"time\").time_ns()}', 'wb').write(b'x' * 10**7)": "error",
    "open('/usr/here', 'w')": "error",
    "import sys; open(sys.prefix + '/here', 'w')": "error",
    "import socket; socket.create_connection(('192.0.2.1', 9), 1)": "error",
    f"open({str(Path(__file__).resolve())!r})": "error",
}
ENDLESS = [
    "while True: pass",
    "import time\nwhile True: time.sleep(9)",
    "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass",
    "import signal\nfor n in (1, 2, 15): signal.signal(n, signal.SIG_IGN)\nwhile True: pass",
]


def opened(kind: str, limits: Limits | None = None) -> Sandbox:
    try:
        return open_sandbox(kind, limits)
    except ConfigError as error:
        pytest.skip(str(error))


def ended(sandbox: Sandbox, programs: list[str]) -> list[tuple[str, str]]:
    with ThreadPoolExecutor(8) as pool:
        return [(ran.reason, ran.said) for ran in pool.map(sandbox.run, programs)]


@pytest.mark.parametrize("kind", ["namespaces", "process"])
def test_how_programs_end(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "sk-secret")
    for (reason, said), (program, (expected, part)) in zip(
        ended(opened(kind), list(HARMLESS)), HARMLESS.items(), strict=True
    ):
        assert reason == expected, (program, said)
        assert part in said, program


def test_hostile_programs_harm_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "sk-secret")
    for (reason, said), (program, expected) in zip(
        ended(opened("namespaces"), list(HOSTILE)), HOSTILE.items(), strict=True
    ):
        assert reason != "passed", program
        assert expected in (None, reason), (program, said)
        assert "sk-secret" not in said
    assert not Path("/usr/here").exists()
    assert not Path(sys.prefix, "here").exists()


def test_endless_programs_are_ended() -> None:
    limits = Limits(cpu_seconds=60, wall_seconds=3)
    assert {reason for reason, _ in ended(opened("namespaces", limits), ENDLESS)} == {"timeout"}
    assert {reason for reason, _ in ended(opened("process", limits), ENDLESS)} == {"timeout"}


def test_a_sandbox_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="There is no sandbox named 'chroot'"):
        open_sandbox("chroot")
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(ConfigError, match="there is no command `docker`"):
        open_sandbox("docker")


def test_a_container_gets_no_network_and_no_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By a stand-in for Docker's client, which checks what it is told and runs the keeper here."""
    client = tmp_path / "docker"
    client.write_text(
        f"#!{sys.executable}\nimport os, sys\n"
        "if sys.argv[1] == 'run':\n"
        "    words = ' '.join(sys.argv[:60])\n"
        "    wanted = '--network none|--cap-drop ALL|--read-only|--memory|--pids-limit|an-image'\n"
        "    for part in wanted.split('|'):\n"
        "        assert part in words, part\n"
        "    source = sys.argv[-1].replace('/usr/local/bin/python', sys.executable)\n"
        "    os.execv(sys.executable, [sys.executable, '-I', '-S', '-c', source])\n",
        encoding="utf-8",
    )
    client.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    from selfinstruct.evaluation.code import sandbox

    monkeypatch.setattr(sandbox, "CONTAINER_PYTHON", sys.executable)
    found = ended(opened("docker:an-image"), ["assert 1", "assert 0"])
    assert [reason for reason, _ in found] == ["passed", "wrong_answer"]


# ------------------------------------------------------------------------ the command


def planned(out: Path, **arguments: Any) -> EvaluationPlan:
    settings = {"suite": "humaneval"} if "tasks" in arguments else {}
    return plan_evaluation(out, settings=settings, options={}, **arguments)


def test_completions_are_run_once_and_compared(tmp_path: Path) -> None:
    opened("namespaces")
    tasks, out = write(tmp_path / "HumanEval.jsonl", [ADD, TWICE]), tmp_path / "out"
    script = write(
        tmp_path / "script.jsonl",
        [
            {"contains": "def total", "reply": ADD["canonical_solution"]},
            {"contains": "def twice", "reply": "    import os\n    raise OSError(dict(os.environ))\n"},
        ],
    )
    model = f"scripted/{script}"
    with pytest.raises(ConfigError, match=r"humaneval runs the programs .* `run_code=True`"):
        planned(out, tasks=tasks, model_spec=model)
    asked = ("--model", model, "--suite", "humaneval", "--tasks", tasks, "--out", out, "--run-code", "--json")
    done = run("evaluate", *asked, OPENAI_API_KEY="sk-secret")
    assert done.code == 0, done.stderr
    assert "Programs run in name spaces: no network" in done.stderr
    printed = done.json()
    assert (printed["n"], printed["pass@1"], printed["intervals"]["pass@1"]) == (2, 50.0, [0.0, 100.0])
    assert printed["verdicts"] == {"error": 1, "passed": 1}
    kept = rows(out / "predictions.jsonl")
    assert kept[0]["response"] == "    return sum(numbers)"
    assert kept[1]["scores"] == {"pass@1": 0.0}
    assert "OSError" in kept[1]["detail"]
    everything = b"".join(path.read_bytes() for path in out.rglob("*") if path.is_file())
    assert b"sk-secret" not in everything
    again = asyncio.run(evaluate(planned(out)))
    assert again.scores is not None
    assert again.scores.metrics["pass@1"].mean == 50.0, "what was run is known"

    better = write(tmp_path / "better.jsonl", [{**row, "scores": {"pass@1": 100.0}} for row in kept])
    compared = compare(read_systems([out, better]), seed=1)
    assert (compared.differences[0].metrics["pass@1"].mean, compared.differences[0].better) == (50.0, 1)
    texts = [{name: value for name, value in row.items() if name != "scores"} for row in kept]
    with pytest.raises(UserError, match=r"is scored by pass@1 in .*, and by rougeL, exact_match in"):
        read_systems([out, write(tmp_path / "texts.jsonl", texts)])
    standing = evaluation_standing(out)
    assert standing is not None
    assert (standing.metrics["pass@1"].mean, standing.to_json()["answered"]) == (50.0, 2)
    (evaluated,) = read_evaluations([out])
    assert (evaluated.suite, evaluated.systems[0].main.mean) == ("humaneval", 50.0)


def test_samples_by_chat(endpoint: Start, tmp_path: Path) -> None:
    opened("namespaces")
    tasks, out = (
        write(tmp_path / "mbpp.jsonl", [*SHOWN, NODES, {**SHOWN[0], "task_id": 12}]),
        tmp_path / "out",
    )
    right, wrong = f"Sure:\n```python\n{NODES['code']}\n```", "```python\ncount = print\n```"
    script = write(
        tmp_path / "script.jsonl",
        [{"contains": "count(chain) == 2", "reply": [right, wrong]}, {"contains": "", "reply": "No."}],
    )
    server = endpoint(api="chat", script=script)
    asked = ("--suite", "mbpp", "--tasks", tasks, "--out", out, "--run-code", "--json")
    done = run("evaluate", *asked, "--samples", 4, "--base-url", server.base_url, "--model", "m")
    assert done.code == 0, done.stderr
    printed, kept = done.json(), rows(out / "predictions.jsonl")
    passed = sum(row["verdict"] == "passed" for row in kept)
    assert (printed["n"], printed["left_out"], printed["examples"], printed["temperature"]) == (8, 3, 3, 0.8)
    assert printed["pass@1"] == pytest.approx(100 * passed / 8)
    assert printed["pass@4"] == (50.0 if passed else 0.0)
    assert {row["task"] for row in kept} == {"MBPP/11", "MBPP/12"}
    fewer = plan_evaluation(out, settings={"samples": 2}, options={}, run_code=True)
    with pytest.raises(RunMismatchError, match="was started with another samples: 4, not 2"):
        asyncio.run(evaluate(fewer))
