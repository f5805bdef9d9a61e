"""A program out of a reply, and a prompt for one.

A base model continues the text; a chat model answers in Markdown, with talk around it. Both kinds of reply
are read by the same rules, whichever way the model was asked, since neither kind keeps to its own:

* Of a reply with fences (```), the blocks count: the first that defines the function, else all of them.
* Without, it is the reply itself, up to where a base model begins something else; of talk around code, the
  lines that are code.
* Code that defines the function stands for itself, behind the prompt, whose imports and helpers it may use.
  Other code goes on where the prompt ends (HumanEval).
"""

from __future__ import annotations

import re
import textwrap
import warnings
from collections.abc import Iterator, Sequence

from selfinstruct.evalsets.code import CodeProblem

__all__ = ["ENDS", "code_of", "program_of", "prompt_for"]

ENDS = {
    "humaneval": ("\nclass ", "\ndef ", "\nif ", "\nprint("),
    "mbpp": ("[DONE]", "\nassert ", "\nYou are an expert", "\nclass Test"),
}
"""What ends a completion, sent as stops: four, as many as endpoints take."""

_MORE_ENDS = re.compile(r"\n(?:class |def |if |print\(|#|@|```|<\||assert )")
"""Where a continued body ends."""
_FENCE = re.compile(
    r"^[ \t]*(?:`{3,}|~{3,})[ \t]*([\w+-]*)[^\n]*\n(.*?)(?:^[ \t]*(?:`{3,}|~{3,})[ \t]*$|\Z)", re.S | re.M
)
_LANGUAGES = ("", "python", "py", "python3")
_BEGIN, _DONE = "[BEGIN]", "[DONE]"
_CODE_LINE = re.compile(
    r"(?:from\s+[\w.]+\s+import\b|import\s+\w|def\s+\w+\s*\(|async\s+def\b|class\s+\w|@\w"
    r"|[A-Za-z_]\w*\s*=[^=])"
)


def prompt_for(problem: CodeProblem, shown: Sequence[CodeProblem], *, chat: bool) -> str:
    """What the model is sent. HumanEval: the prompt itself; in a chat, with a sentence before it. MBPP: the
    words of its paper, with solved problems before it."""
    if not problem.shown_tests:
        if not chat:
            return problem.prompt
        return (
            "Complete this Python function. Reply with the whole function, imports included, in one code"
            f" block.\n\n```python\n{problem.prompt.rstrip()}\n```"
        )
    tests = [_mbpp(each, f"{_BEGIN}\n{each.solution.strip()}\n{_DONE}\n\n") for each in shown]
    if chat and not shown:
        return _mbpp(problem, "Reply with the program in one code block.")
    return "".join([*tests, _mbpp(problem, _BEGIN if chat else f"{_BEGIN}\n")])


def _mbpp(problem: CodeProblem, end: str) -> str:
    tests = "\n".join(problem.shown_tests)
    return (
        f"You are an expert Python programmer, and here is your task: {problem.prompt} Your code should pass"
        f" these tests:\n\n{tests}\n{end}"
    )


def program_of(problem: CodeProblem, reply: str) -> str:
    """What is run: the reply's code in its place, and the tests behind it. Whatever the reply is, there is a
    program; one that cannot be compiled says why when it is run."""
    code = code_of(problem, reply)
    return f"{_placed(problem, code)}\n\n{problem.tests}"


def code_of(problem: CodeProblem, reply: str) -> str:
    """The code of a reply, without what is around it. Indentation at its beginning is kept."""
    before, begin, after = reply.replace("\r\n", "\n").partition(_BEGIN)
    text = (after if begin and _DONE not in before else before).partition(_DONE)[0]
    if ended := _before_a_closing_fence(problem, text):
        return ended
    blocks = [match[2] for match in _FENCE.finditer(text) if match[1].lower() in _LANGUAGES]
    if blocks:
        named = [block for block in blocks if _defines(block, problem.entry_point)]
        return named[0] if named else "\n".join(blocks)
    if _compiles(text):
        return text
    return _without_talk(problem, text)


def _before_a_closing_fence(problem: CodeProblem, text: str) -> str:
    """Code of a reply that goes on in a block which the prompt began; empty where it does not."""
    before, fence, after = text.partition("\n```")
    if not fence or "```" in before + after or not before.strip() or after.split("\n")[0].strip():
        return ""
    if _defines(before, problem.entry_point):
        return before if _compiles(textwrap.dedent(before)) else ""
    goes_on = not problem.shown_tests and any(map(_compiles, _continuations(problem.prompt, before)))
    return before if goes_on else ""


def _placed(problem: CodeProblem, code: str) -> str:
    if problem.shown_tests:
        return textwrap.dedent(code)
    if _defines(code, problem.entry_point):
        # The prompt is a whole function, its docstring for a body; the reply's takes its place.
        whole = f"{problem.prompt.rstrip()}\n\n{textwrap.dedent(code)}"
        return whole if _compiles(whole) else textwrap.dedent(code)
    return next(filter(_compiles, _continuations(problem.prompt, code)), problem.prompt + code)


def _continuations(prompt: str, code: str) -> Iterator[str]:
    """As it stands; with the first line's indentation put back, which answers that are stripped lack; as a
    body that was written without any."""
    yield prompt + code
    yield f"{prompt.rstrip(' ')}    {code.lstrip()}"
    yield prompt + textwrap.indent(textwrap.dedent(code), "    ")


def _without_talk(problem: CodeProblem, text: str) -> str:
    """Code with words before or after it: from its first line of code, if there is one, to where it last
    compiles. Of a body that continues the prompt: up to where something else begins."""
    if not problem.shown_tests and not _defines(text, problem.entry_point):
        end = _MORE_ENDS.search(text)
        return text[: end.start()] if end else text
    lines = text.split("\n")
    begin = next((number for number, line in enumerate(lines) if _CODE_LINE.match(line)), 0)
    for last in range(len(lines), begin, -1):
        code = "\n".join(lines[begin:last])
        if _compiles(code) and (not problem.entry_point or _defines(code, problem.entry_point)):
            return code
    return "\n".join(lines[begin:])


def _defines(code: str, name: str) -> bool:
    """Whether a function of that name, or any where there is no name, begins a line of it."""
    wanted = re.escape(name) if name else r"\w+"
    return bool(re.search(rf"^[ \t]*(?:async\s+)?def\s+{wanted}\s*\(", code, re.M))


def _compiles(code: str) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of escapes in the model's strings
            compile(code, "<program>", "exec")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return True
