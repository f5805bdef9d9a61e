"""`selfinstruct --help`: all verbs on one small screen, in the order of the work."""

import re

from command import run


def test_all_verbs_fit_a_small_terminal_in_the_order_of_the_work() -> None:
    lines = run("--help", COLUMNS="80").stdout.splitlines()
    assert len(lines) < 24
    verbs = [verb for line in lines if (verb := re.match(r"(?:\w+ +| {3,})(\w+)  +[A-Z]", line))]
    named = [verb[1] for verb in verbs]
    assert len(named) >= 15
    work = ["generate", "report", "filter", "finetune", "models", "seeds"]
    assert [name for name in named if name in work] == work
    panels = [word[1] for line in lines if (word := re.match(r"(\w+) +\w+  +[A-Z]", line))]
    assert panels == ["Make", "Look", "Take", "Learn", "Tools"]


def test_no_verb_is_the_help() -> None:
    shown = run()
    assert (shown.code, "generate" in shown.stdout + shown.stderr) == (2, True)
