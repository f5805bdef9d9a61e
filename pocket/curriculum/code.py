"""Tasks about code: tiny Python, SQL, shell, regular expressions, JSON, HTML and spreadsheet formulas.

What a snippet prints, which type a value has and what a pattern matches is computed by Python itself as the
task is drawn; everything else stands in tables. Cells of a row are parted by a broken bar, since code needs
the plain one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence

from curriculum import words
from curriculum.asking import READERS, capitalized, in_setting, instances_of, numbered, read_rows
from curriculum.base import Draft, Draw, Family
from selfinstruct.records import Instance

__all__ = ["FAMILIES"]

_PLAIN_WORDS = [word for word in (*words.ANIMALS, *words.FOODS) if 3 < len(word) < 8]


def _table(text: str) -> list[tuple[str, ...]]:
    """Cells parted by broken bars, a row a line; an indented line continues the row above it."""
    return read_rows(text, " ¦ ")


_AFTER = _table("""
{name} is learning to program.
{name} will check the answer on {weekday}.
It is an exercise for {audience}.
The answer is for {job} in {city}.
Answer so that {audience} can follow.
{name}, {job}, would like to know.
""")

_BEFORE = _table("""
{name} is stuck.
Here is an exercise for {audience}.
You teach programming in {city}.
You are helping {job} with some code.
""")


def _set(dice: Draw, instruction: str) -> str:
    """Often with a sentence that says who wants it done, or for whom."""
    instruction = capitalized(instruction)
    if dice.chance(0.4):
        return instruction
    return in_setting(dice, instruction, _BEFORE, _AFTER)


def _free(dice: Draw, instruction: str, output: str) -> Draft:
    """A task without input."""
    return Draft(_set(dice, instruction), (Instance(input="", output=output),))


def _worked(dice: Draw, instruction: str, pairs: Sequence[tuple[str, str]]) -> Draft:
    """A task with inputs; of equal inputs one is kept."""
    return Draft(_set(dice, instruction), instances_of(pairs))


# Python values

Expression = tuple[str, object]
"""Python source and its value."""


def _integer(dice: Draw) -> Expression:
    a, b = dice.integer(2, 20), dice.integer(2, 9)
    word = dice.pick(_PLAIN_WORDS)
    numbers = [dice.integer(1, 20) for _ in range(dice.integer(3, 5))]
    return dice.pick((
        (f"{a} + {b}", a + b), (f"{a} * {b}", a * b), (f"{a} - {b}", a - b), (f"{a} // {b}", a // b),
        (f"{a} % {b}", a % b), (f"{b} ** 2", b**2), (f"{a} + {b} * 2", a + b * 2),
        (f"({a} + {b}) * 2", (a + b) * 2), (f"abs({b} - {a})", abs(b - a)), (f"max({a}, {b})", max(a, b)),
        (f'len("{word}")', len(word)), (f'"{word}".count("e")', word.count("e")),
        (f"sum({numbers})", sum(numbers)), (f"max({numbers})", max(numbers)),
        (f"len({numbers})", len(numbers)), (f"{numbers}[0]", numbers[0]), (f"{numbers}[-1]", numbers[-1]),
        (f'int("{a}") + {b}', a + b), (f"min({numbers})", min(numbers)),
        (f"sorted({numbers})[0]", min(numbers)),
    ))  # fmt: skip


def _fraction(dice: Draw) -> Expression:
    a, b = dice.integer(1, 40), dice.integer(1, 9)
    return dice.pick((
        (f"{a} / 2", a / 2), (f"{a}.5 + {b}", a + 0.5 + b), (f"{a} * 0.5", a * 0.5),
        (f"float({a})", float(a)), (f"{2 * a} / 2", float(a)), (f"{a}.25", a + 0.25),
        (f"{a} + 0.0", float(a)), (f"-{a}.5", -a - 0.5),
    ))  # fmt: skip


def _text(dice: Draw) -> Expression:
    word, other = dice.sample(_PLAIN_WORDS, 2)
    n = dice.integer(2, 3)
    return dice.pick((
        (f'"{word}".upper()', word.upper()), (f'"{word}"[::-1]', word[::-1]), (f'"{word}"[0]', word[0]),
        (f'"{word}"[-1]', word[-1]), (f'"{word}"[:{n}]', word[:n]), (f'"{word}"[{n}:]', word[n:]),
        (f'"{word}" * {n}', word * n), (f'"{word}" + "{other}"', word + other),
        (f'"{word}".replace("{word[0]}", "z")', word.replace(word[0], "z")),
        (f'"{word}".capitalize()', word.capitalize()),
        (f'"-".join(["{word}", "{other}"])', f"{word}-{other}"),
        (f'"{word} {other}".title()', f"{word} {other}".title()),
        (f"str({n * 7}) + str({n})", f"{n * 7}{n}"),
        (f'"{word},{other}".split(",")[{n - 2}]', (word, other)[n - 2]),
        (f'min("{word}", "{other}")', min(word, other)),
    ))  # fmt: skip


def _truth(dice: Draw) -> Expression:
    a, b = dice.integer(1, 20), dice.integer(1, 20)
    word = dice.pick(_PLAIN_WORDS)
    letter = dice.pick("aeorst")
    numbers = [dice.integer(1, 9) for _ in range(3)]
    return dice.pick((
        (f"{a} > {b}", a > b), (f"{a} <= {b}", a <= b), (f"{a} == {b}", a == b), (f"{a} != {b}", a != b),
        (f"{a} % 2 == 0", a % 2 == 0), (f'"{letter}" in "{word}"', letter in word),
        (f'"{word}".startswith("{letter}")', word.startswith(letter)), (f"not {a} > {b}", not a > b),
        (f"{a % 10} in {numbers}", a % 10 in numbers), (f"{a} > 5 and {b} > 5", a > 5 and b > 5),
        (f"{a} > 15 or {b} > 15", a > 15 or b > 15), (f'len("{word}") > {b % 8}', len(word) > b % 8),
        (f"5 < {a} < 15", 5 < a < 15), (f'"{word}".endswith("s")', word.endswith("s")),
    ))  # fmt: skip


def _list(dice: Draw) -> Expression:
    numbers = [dice.integer(1, 20) for _ in range(dice.integer(3, 4))]
    word, other = dice.sample(_PLAIN_WORDS, 2)
    n = dice.integer(2, 5)
    return dice.pick((
        (f"sorted({numbers})", sorted(numbers)), (f"{numbers}[::-1]", numbers[::-1]),
        (f"{numbers}[1:]", numbers[1:]), (f"list(range({n}))", list(range(n))),
        (f"[n * 2 for n in {numbers}]", [n * 2 for n in numbers]), (f"{numbers} + [{n}]", [*numbers, n]),
        (f'"{word} {other}".split()', [word, other]), (f"[{n}] * 3", [n] * 3),
        (f'list("{word[:4]}")', list(word[:4])),
        (f"[n for n in {numbers} if n > 9]", [n for n in numbers if n > 9]),
    ))  # fmt: skip


def _tuple(dice: Draw) -> Expression:
    a, b = dice.integer(1, 20), dice.integer(2, 9)
    word = dice.pick(_PLAIN_WORDS)
    return dice.pick((
        (f"({a}, {b})", (a, b)), (f"divmod({a}, {b})", divmod(a, b)), (f'("{word}", {a})', (word, a)),
        (f"({a},) * 2", (a, a)), (f"tuple([{a}, {b}])", (a, b)),
    ))  # fmt: skip


def _dictionary(dice: Draw) -> Expression:
    a, b = dice.integer(1, 20), dice.integer(1, 20)
    word, other = dice.sample(_PLAIN_WORDS, 2)
    return dice.pick((
        (f'{{"{word}": {a}}}', {word: a}), (f'{{"{word}": {a}, "{other}": {b}}}', {word: a, other: b}),
        (f"dict({word}={a})", {word: a}),
        (f"{{n: n * 2 for n in range({b % 3 + 1})}}", {n: n * 2 for n in range(b % 3 + 1)}),
    ))  # fmt: skip


_KINDS: dict[str, Callable[[Draw], Expression]] = {
    "int": _integer, "float": _fraction, "str": _text, "bool": _truth, "list": _list, "tuple": _tuple,
    "dict": _dictionary,
}  # fmt: skip


def _program(dice: Draw) -> tuple[str, str]:
    """Python source of one to five lines, and what it prints."""
    kind = dice.integer(0, 9)
    a, b = dice.integer(2, 12), dice.integer(2, 12)
    word, other = dice.sample(_PLAIN_WORDS, 2)
    numbers = [dice.integer(1, 12) for _ in range(dice.integer(3, 4))]
    if kind < 3:
        code, value = _KINDS[dice.pick(("int", "str", "bool", "list"))](dice)
        return dice.pick((f"print({code})", f"x = {code}\nprint(x)")), str(value)
    return (
        (f"total = 0\nfor n in {numbers}:\n    total += n\nprint(total)", str(sum(numbers))),
        (f'for i in range({a % 3 + 1}):\n    print("{word}")', "\n".join([word] * (a % 3 + 1))),
        (f'if {a} > {b}:\n    print("{word}")\nelse:\n    print("{other}")', word if a > b else other),
        (f"x = {a}\nx = x + {b}\nx = x * 2\nprint(x)", str((a + b) * 2)),
        (f"a = {a}\nb = {b}\na, b = b, a\nprint(a, b)", f"{b} {a}"),
        (f"for n in {numbers[:3]}:\n    print(n * 2)", "\n".join(str(n * 2) for n in numbers[:3])),
        (f'def f(text):\n    return text + "{other}"\nprint(f("{word}"))', word + other),
    )[kind - 3]


_PRINTS = _table("""
What does this Python code print?
Predict the output of the snippet.
Run the Python code in your head and write down what appears on the screen.
Trace the code and report what it prints.
Work out, line by line, what is shown when this is executed. Give the output only.
State the exact output of these lines of Python.
Which text does the interpreter print for the code given?
Act as a Python interpreter.
""")


def _draw_printed(dice: Draw) -> Draft:
    if dice.chance(0.35):
        code, value = _KINDS[dice.pick(("int", "str", "bool", "list", "float"))](dice)
        ask = dice.pick((
            "What does print({code}) show in Python?", "Evaluate the expression {code} as Python does.",
            "In Python, what is the result of {code}?", "Give the value of {code} in Python.",
            "Which line appears after print({code}) in Python?",
        ))  # fmt: skip
        return _free(dice, ask.replace("{code}", code), str(value))
    (ask,) = dice.pick(_PRINTS)
    return _worked(dice, ask, [_program(dice) for _ in range(dice.integer(1, 3))])


def _draw_type(dice: Draw) -> Draft:
    kinds = dice.sample(list(_KINDS), dice.integer(3, 4))
    labels = f"{', '.join(kinds[:-1])} or {kinds[-1]}"
    ask = dice.pick((
        "Which type does this Python value have: {labels}?",
        "Name the type of the expression. Choose from {labels}.",
        "Sort the Python expression by its type ({labels}).",
        "Is the result of this Python code of type {labels}?",
        "Look at the Python value and say whether it is of type {labels}.",
        "A static checker would call this expression {labels}. Which one is right?",
        "Decide what type() would report here: {labels}.", "Tag each Python expression with {labels}.",
        "Classify the value as {labels}.",
        "Tell the Python type of the expression; the options are {labels}.",
    ))  # fmt: skip
    pairs = [(_KINDS[kind](dice)[0], kind) for kind in dice.sample(kinds, dice.integer(2, 3))]
    return _worked(dice, ask.format(labels=labels), pairs)


def _draw_condition(dice: Draw) -> Draft:
    ask = dice.pick((
        "Is this Python condition True or False?", "Evaluate the condition and answer True or False.",
        "Would the if-branch run under this condition? Answer True for yes and False for no.",
        "Decide whether the expression is True or False in Python.",
        "Give the truth value, True or False, of the Python comparison.",
        "Does the test succeed? Output True or False, as Python would.",
        "A loop goes on while the condition holds. Does it hold now: True or False?",
        "Check the Boolean expression. The only answers are True and False.",
        "What does bool() make of this expression? Answer True or False.",
        "True or False: what is the value of the Python expression?",
        "Assess the condition as Python would, with True or False.",
        "If this stood after while, would the loop start? True means yes, False means no.",
    ))  # fmt: skip
    wanted = dice.shuffled((True, False))
    pairs = []
    for value in wanted:
        code, actual = _truth(dice)
        while actual is not value:
            code, actual = _truth(dice)
        pairs.append((code, str(value)))
    return _worked(dice, ask, pairs)


_ERRORS = {
    "ZeroDivisionError": ("print({a} / 0)", "x = 0\nprint({a} % x)", "total = {a}\nmean = total / len([])"),
    "IndexError": ("items = [{a}, {b}]\nprint(items[5])", '"{w}"[20]', 'words = ["{w}"]\nprint(words[1])'),
    "KeyError": ('prices = {{"{w}": {a}}}\nprint(prices["{v}"])', 'ages = {{}}\nages["{w}"]'),
    "NameError": ("print({w})", "x = {a}\nprint(y)", "total = total_{w} + {a}"),
    "TypeError": ('print("{w}" + {a})', "len({a})", '"{w}" - "{v}"', "{a} + [{b}]"),
    "ValueError": ('int("{w}")', 'float("{w}")', '["{w}", "{v}"].index("x")', "[{a}].remove({a}0)"),
    "AttributeError": ('"{w}".push("{v}")', "{a}.0.upper()", "[{a}, {b}].add({a})"),
}


def _draw_error(dice: Draw) -> Draft:
    names = dice.sample(list(_ERRORS), dice.integer(3, 4))
    labels = f"{', '.join(names[:-1])} or {names[-1]}"
    ask = dice.pick((
        "Which error does this Python code raise: {labels}?", "Name the exception, choosing from {labels}.",
        "This code fails. Is the reason {labels}?", "Diagnose the crash as {labels}.",
        "What would the last line of the traceback begin with: {labels}?",
        "Match the faulty snippet with its exception ({labels}).",
        "Which error must be caught here: {labels}?",
        "Read the code and pick the error it ends in. Options: {labels}.",
    ))  # fmt: skip
    pairs = []
    for name in dice.sample(names, dice.integer(2, 3)):
        word, other = dice.sample(_PLAIN_WORDS, 2)
        code = dice.pick(_ERRORS[name])
        pairs.append((code.format(a=dice.integer(2, 60), b=dice.integer(2, 60), w=word, v=other), name))
    return _worked(dice, ask.format(labels=labels), pairs)


# Python source

_FUNCTIONS = _table("""
last_item ¦ items ¦ the last element of a list ¦ items[-1]
first_item ¦ items ¦ the first element of a list ¦ items[0]
double ¦ number ¦ twice a number ¦ number * 2
is_even ¦ number ¦ whether a number is even ¦ number % 2 == 0
square ¦ number ¦ the square of a number ¦ number ** 2
shout ¦ text ¦ a text in capital letters ¦ text.upper()
backwards ¦ text ¦ a text in reverse ¦ text[::-1]
count_words ¦ text ¦ the number of words in a text ¦ len(text.split())
mean ¦ numbers ¦ the average of a list of numbers ¦ sum(numbers) / len(numbers)
initial ¦ name ¦ the first letter of a name in upper case ¦ name[0].upper()
is_empty ¦ items ¦ whether a list has no elements ¦ len(items) == 0
unique ¦ items ¦ the sorted distinct elements of a list ¦ sorted(set(items))
larger ¦ a, b ¦ the larger of two numbers ¦ max(a, b)
distance ¦ a, b ¦ the distance between two numbers ¦ abs(a - b)
to_fahrenheit ¦ celsius ¦ a Celsius temperature in Fahrenheit ¦ celsius * 9 / 5 + 32
to_minutes ¦ hours ¦ a number of hours in minutes ¦ hours * 60
area ¦ width, height ¦ the area of a rectangle ¦ width * height
greet ¦ name ¦ a greeting such as “Hello, Ada!” ¦ f"Hello, {name}!"
is_palindrome ¦ word ¦ whether a word reads the same backwards ¦ word == word[::-1]
without_spaces ¦ text ¦ a text without its spaces ¦ text.replace(" ", "")
longest ¦ words ¦ the longest word of a list ¦ max(words, key=len)
positive ¦ numbers ¦ only the positive numbers of a list ¦ [n for n in numbers if n > 0]
count_vowels ¦ text ¦ the number of vowels in a lower-case text ¦ sum(text.count(v) for v in "aeiou")
with_tax ¦ price ¦ a price with 20 percent tax added ¦ price * 1.2
between ¦ n, low, high ¦ whether a number lies between two others ¦ low <= n <= high
last_digit ¦ number ¦ the last digit of a positive whole number ¦ number % 10
joined ¦ words ¦ the words of a list joined by commas ¦ ", ".join(words)
lengths ¦ words ¦ the lengths of the words in a list ¦ [len(word) for word in words]
""")


def _draw_function(dice: Draw) -> Draft:
    name, parameters, what, expression = dice.pick(_FUNCTIONS)
    function = f"def {name}({parameters}):\n    return {expression}"
    short = f"lambda {parameters}: {expression}"
    if dice.chance(0.2):
        ask = dice.pick((
            "Say what this Python function returns.", "Document the function in a few words.",
            "Which value does the function give back? Describe it.",
            "Explain the purpose of this Python function.",
        ))  # fmt: skip
        chosen = dice.sample(_FUNCTIONS, dice.integer(2, 3))
        return _worked(dice, ask, [
            (f"def {function_name}({given}):\n    return {result}", f"It returns {meaning}.")
            for function_name, given, meaning, result in chosen
        ])  # fmt: skip
    ask, output = dice.pick((
        ("Write a Python function called {name} that returns {what}.", function),
        ("Define {name}({parameters}) in Python; it should return {what}.", function),
        ("Implement a short Python function that gives back {what}. Name it {name}.", function),
        ("Code a Python lambda that returns {what}.", short),
        ("Which lambda expression computes {what} from {parameters}?", short),
        ("How can one get {what} in Python? Give the expression only, using {parameters}.", expression),
        ("Complete the function def {name}({parameters}) so that it returns {what}.", function),
        ("Build {name}, a Python function of two lines that returns {what}.", function),
        ("Fill the body of {name}({parameters}): one return statement that yields {what}.",
         f"return {expression}"),
        ("Solve it in one line of Python: {what}, given {parameters}.", expression),
    ))  # fmt: skip
    return _free(dice, ask.format(name=name, parameters=parameters, what=what), output)


_SNIPPETS = (
    'def {f}({x}):\n    return {x} * {n}', 'for {x} in range({n}):\n    print({x})',
    'if {x} > {n}:\n    print("{w}")', 'while {x} < {n}:\n    {x} = {x} + 1',
    'def {f}({x}):\n    print("{w}", {x})', 'for {x} in ["{w}", "{v}"]:\n    print({x})',
    'class {C}:\n    {x} = {n}', 'if {x} == "{w}":\n    {x} = "{v}"',
)  # fmt: skip

_BREAKS: dict[str, Callable[[str], str]] = {
    "a colon is missing": lambda code: code.replace(":", "", 1),
    "the indentation is missing": lambda code: code.replace("\n    ", "\n"),
    "a keyword is misspelled": lambda code: code.replace(code.split()[0], code.split()[0] + "e", 1),
    "a keyword is in capitals": lambda code: code.replace(code.split()[0], code.split()[0].upper(), 1),
}


def _snippet(dice: Draw) -> str:
    word, other = dice.sample(_PLAIN_WORDS, 2)
    return dice.pick(_SNIPPETS).format(
        f=dice.pick(("update", "scale", "show", "report", "change")), n=dice.integer(2, 90), w=word, v=other,
        x=dice.pick(("x", "n", "item", "value", "price", "age", "count")), C=word.capitalize(),
    )  # fmt: skip


def _draw_repair(dice: Draw) -> Draft:
    trouble = dice.pick(list(_BREAKS))
    ask = dice.pick((
        "Fix the syntax error in this Python code.", "Correct the code: {trouble}.",
        "Repair the snippet so that Python accepts it.",
        "In this code, {trouble}. Return the corrected version.",
        "The interpreter refuses these lines because {trouble}. Mend them.",
        "Debug the lines; change only what is wrong.",
        "Rewrite the snippet without its mistake ({trouble}).",
        "What should the code look like, given that {trouble}?", "Restore the broken Python code.",
    )).format(trouble=trouble)  # fmt: skip
    pairs = []
    for _ in range(dice.integer(1, 3)):
        code = _snippet(dice)
        pairs.append((_BREAKS[trouble](code), code))
    return _worked(dice, ask, pairs)


def _draw_diagnosis(dice: Draw) -> Draft:
    chosen = dice.sample(list(_BREAKS), 3)
    ask = dice.pick((
        "What is wrong with this Python code? Answer in a few words.",
        "Find the mistake and name it briefly.", "Review the snippet for {name}: where is the error?",
        "Point out the syntax error.", "Explain to {audience} why these lines do not run.",
        "Inspect the code and say in one line what is wrong.", "Why does Python reject this?",
    )).format(name=dice.pick(words.NAMES), audience=dice.pick(READERS))  # fmt: skip
    pairs = []
    for trouble in chosen[: dice.integer(2, 3)]:
        code = _BREAKS[trouble](_snippet(dice))
        keyword = code.split()[0]
        answer = f"{trouble[0].upper()}{trouble[1:]}" + (f": {keyword}." if "keyword" in trouble else ".")
        pairs.append((code, answer))
    return _worked(dice, ask, pairs)


_VARIABLES = (
    "{x} = {n}\nprint({x} + 1)", "for {x} in range({n}):\n    print({x})",
    "{x} = [{n}, {m}]\n{x}.append(7)", "def f({x}):\n    return {x} * {n}",
    "{x} = input()\nprint({x}.upper())", "{x} = {n}\n{x} = {x} - {m}\nprint({x})",
    "while {x} > {n}:\n    {x} = {x} - 1", "{x} = {n} * {m}\nif {x} > 100:\n    print({x})",
)  # fmt: skip


def _draw_renaming(dice: Draw) -> Draft:
    old = dice.pick(("x", "a", "tmp", "val", "data", "foo", "n1", "thing"))
    new = dice.pick(
        ("price", "total", "age", "score", "length", "amount", "level", "speed", "width", "items")
    )
    ask = dice.pick((
        "Rename the variable {old} to {new}.", "Change every {old} in the code into {new}.",
        "Replace the variable name {old} with {new} and leave everything else alone.",
        "The name {old} says nothing. Use {new} instead.",
        "Make the snippet clearer by calling {old} {new}.", "Refactor: {old} becomes {new}.",
        "Substitute {new} for the variable {old}.", "Please give the variable {old} the better name {new}.",
    )).format(old=old, new=new)  # fmt: skip
    pairs = []
    for code in dice.sample(_VARIABLES, dice.integer(1, 3)):
        numbers = {"n": dice.integer(2, 99), "m": dice.integer(2, 99)}
        pairs.append((code.format(x=old, **numbers), code.format(x=new, **numbers)))
    return _worked(dice, ask, pairs)


_COMMENTS = _table("""
total = price * {n} ¦ Compute the price of {n} pieces.
random.shuffle({w}) ¦ Put {w} into random order.
{w}.sort() ¦ Sort {w} in place.
{w} = {w}[:{n}] ¦ Keep only the first {n} entries of {w}.
time.sleep({n}) ¦ Wait for {n} seconds.
print(len({w})) ¦ Show how many entries {w} has.
{w} = [] ¦ Start with an empty list of {w}.
{w}.append({n}) ¦ Add {n} to the end of {w}.
{w}.pop() ¦ Remove the last entry of {w}.
import math ¦ Load the module with mathematical functions.
x = max({w}) ¦ Find the largest entry of {w}.
if not {w}: return ¦ Stop if there are no {w}.
count += 1 ¦ Increase the counter by one.
{w} = {w}[::-1] ¦ Reverse {w}.
name = input() ¦ Read a name from the keyboard.
x = x % {n} ¦ Keep the remainder of x divided by {n}.
{w} = set({w}) ¦ Drop repeated {w}.
text = text.strip() ¦ Remove white space at both ends of the text.
text = text.lower() ¦ Turn the text into lower case.
for i in range({n}): step() ¦ Call step {n} times.
assert x > {n} ¦ Make sure that x is greater than {n}.
""")


def _draw_comment(dice: Draw) -> Draft:
    ask, sign = dice.pick((
        ("Write a Python comment for this line.", "# "),
        ("Explain the line of Python in one short sentence.", ""),
        ("What comment would you put above this line of code? Begin with #.", "# "),
        ("Describe in plain English what the line does.", ""), ("Annotate the Python statement.", "# "),
        ("Say what happens here, in the imperative.", ""), ("Translate the Python line into English.", ""),
        ("Add the missing comment; do not repeat the code.", "# "),
        ("Tell {audience} what this line of Python does.", ""),
    ))  # fmt: skip
    pairs = []
    for code, comment in dice.sample(_COMMENTS, dice.integer(2, 3)):
        values = {
            "w": dice.pick(("names", "scores", "prices", "cards", "words", "orders", "cities")),
            "n": dice.integer(2, 50),
        }  # fmt: skip
        pairs.append((code.format(**values), sign + comment.format(**values)))
    return _worked(dice, ask.format(audience=dice.pick(READERS)), pairs)


_PSEUDOCODE = _table("""
find the largest number in a list ¦ set largest to the first number ¦ for each number: if it is greater than
  largest, set largest to it ¦ return largest
count the vowels in a word ¦ set count to 0 ¦ for each letter: if it is a vowel, add 1 to count ¦ return count
add up all numbers from 1 to n ¦ set total to 0 ¦ for i from 1 to n: add i to total ¦ return total
check whether a name is on a guest list ¦ for each guest: if guest equals name, return yes ¦ return no
let a user guess a secret number ¦ choose a secret number ¦ repeat: read a guess ¦ say “too high” or “too low”
  ¦ until the guess is right
make tea ¦ boil water ¦ put tea into the pot ¦ pour the water over it ¦ wait four minutes ¦ take out the tea
swap two variables a and b ¦ set temp to a ¦ set a to b ¦ set b to temp
reverse a word ¦ set result to an empty text ¦ for each letter: put it in front of result ¦ return result
keep only the even numbers of a list ¦ set result to an empty list ¦ for each number: if it is even, append it
  to result ¦ return result
ask for a password three times at most ¦ set tries to 0 ¦ while tries is below 3: read a password ¦ if it is
  right, open the door and stop ¦ add 1 to tries ¦ lock the account
cross a road at a traffic light ¦ wait at the kerb ¦ while the light is red: stand still ¦ look left and right
  ¦ walk across
compute the average of some marks ¦ set total to 0 ¦ for each mark: add it to total ¦ return total divided by
  the number of marks
convert minutes into hours and minutes ¦ set hours to minutes divided by 60, rounded down ¦ set rest to the
  remainder ¦ return hours and rest
find a book on a sorted shelf ¦ look at the book in the middle ¦ if it is the right one, stop ¦ if it comes
  too late, search the left half ¦ otherwise search the right half
water the plants automatically ¦ every morning: measure the soil ¦ if it is dry, open the valve for one minute
  ¦ otherwise do nothing
""")


def _draw_pseudocode(dice: Draw) -> Draft:
    goal, *steps = dice.pick(_PSEUDOCODE)
    counted, plain = numbered(steps), "\n".join(steps)
    ask, output = dice.pick((
        ("Write pseudo-code to {goal}.", plain),
        ("Outline an algorithm that could {goal}, in numbered steps.", counted),
        ("How would a computer {goal}? Answer in pseudo-code.", plain),
        ("Sketch the steps needed to {goal}, one per line.", plain),
        ("Design an algorithm for {audience}: {goal}. Number the steps.", counted),
        ("List the instructions a robot needs in order to {goal}.", counted),
        ("Without any programming language, spell out how to {goal}.", plain),
        ("Give {audience} an idea of how software can {goal}, using numbered steps.", counted),
        ("What is the first step if a program has to {goal}?", steps[0]),
        ("Plan, before coding, how to {goal}. Number your steps.", counted),
    ))  # fmt: skip
    return _free(dice, ask.format(goal=goal, audience=dice.pick(READERS)), output)


# Data


def _record(dice: Draw) -> dict[str, object]:
    keys = dice.sample(("name", "city", "age", "job", "hobby", "member"), dice.integer(2, 4))
    values: dict[str, object] = {
        "name": dice.pick(words.NAMES), "city": dice.pick(words.CITIES), "age": dice.integer(18, 80),
        "job": dice.pick(words.JOBS), "hobby": dice.pick(words.HOBBIES), "member": dice.chance(0.5),
    }  # fmt: skip
    return {key: values[key] for key in keys}


def _plain(value: object) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _draw_to_json(dice: Draw) -> Draft:
    if dice.chance(0.5):
        ask = dice.pick((
            "Convert the list to a JSON array.", "Write the items as a JSON list of strings.",
            "Turn this enumeration into JSON.", "Encode the words as a JSON array, in their order.",
            "Serialise the list in JSON, sorted alphabetically.",
            "Produce a JSON array from the comma-separated items.",
            "Store the items in a JSON object under the key {key}.",
            "Wrap the list in JSON with the single key {key}.",
            "Put the items into JSON as the value of {key}.",
        ))  # fmt: skip
        key = dice.pick(("items", "names", "entries", "list", "values", "content", "tags"))
        pairs = []
        for source in dice.sample(
            (words.FOODS, words.CITIES, words.NAMES, words.COLOURS), dice.integer(1, 2)
        ):
            items = dice.sample(source, dice.integer(2, 5))
            value = sorted(items) if "sorted" in ask else items
            output = json.dumps({key: value} if "{key}" in ask else value, ensure_ascii=False)
            pairs.append((", ".join(items), output))
        return _worked(dice, ask.replace("{key}", f"“{key}”"), pairs)
    ask = dice.pick((
        "Convert the lines into a JSON object.", "Represent these details in JSON with lower-case keys.",
        "From the fields, build a JSON object; yes and no become true and false.",
        "Express the record in JSON.", "Format the details as JSON on a single line.",
        "Give me this record as JSON.", "Transform the key-value lines to JSON and keep their order.",
        "Save the data about one person as a JSON object.",
    ))  # fmt: skip
    pairs = []
    for _ in range(dice.integer(1, 2)):
        record = _record(dice)
        given = "\n".join(f"{key.capitalize()}: {_plain(value)}" for key, value in record.items())
        pairs.append((given, json.dumps(record, ensure_ascii=False)))
    return _worked(dice, ask, pairs)


def _as_json(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


_JSON_ASKS: tuple[tuple[str, Callable[[dict[str, object]], str]], ...] = (
    ("How many keys does the JSON object have?", lambda record: str(len(record))),
    ("List the keys of the JSON object, separated by commas.", lambda record: ", ".join(record)),
    ("Rewrite the JSON object as lines of the form key = value.",
     lambda record: "\n".join(f"{key} = {_as_json(value)}" for key, value in record.items())),
    ("Which key comes first in the JSON?", lambda record: next(iter(record))),
    ("Unpack the JSON into plain lines, one for each key, without braces or quotation marks.",
     lambda record: "\n".join(f"{key}: {_as_json(value)}" for key, value in record.items())),
)  # fmt: skip


def _draw_from_json(dice: Draw) -> Draft:
    records = [_record(dice) for _ in range(dice.integer(1, 3))]
    shared = [key for key in records[0] if all(key in record for record in records)]
    if not shared or dice.chance(0.3):
        ask, answer = dice.pick(_JSON_ASKS)
        return _worked(
            dice, ask, [(json.dumps(record, ensure_ascii=False), answer(record)) for record in records]
        )
    key = dice.pick(shared)
    ask = dice.pick((
        "Look up the value of “{key}” in the JSON.", "Extract “{key}” from the JSON object.",
        "What is stored under the key “{key}”?", "Read the JSON and return only the value for “{key}”.",
        "Which value belongs to “{key}” in this JSON?", "Fetch the field “{key}” without quotation marks.",
        "Parse the JSON; output the {key}.",
    )).format(key=key)  # fmt: skip
    return _worked(
        dice, ask, [(json.dumps(record, ensure_ascii=False), _as_json(record[key])) for record in records]
    )


def _draw_csv(dice: Draw) -> Draft:
    form = dice.pick((
        "a Markdown table", "a JSON array of objects", "lines with semicolons instead of commas",
        "tab-separated text",
    ))  # fmt: skip
    ask = dice.pick((
        "Convert the CSV data to {form}.", "Rewrite the comma-separated rows as {form}.",
        "Change the CSV into {form}.", "Show these CSV rows as {form}.",
        "{name} needs the table as {form}. The input is CSV.",
        "Export the CSV to {form}; the first row holds the column names.",
        "Recast the data, given as CSV, as {form}.", "Make {form} out of the rows.",
    )).format(form=form, name=dice.pick(words.NAMES))  # fmt: skip
    pairs = []
    for _ in range(dice.integer(1, 2)):
        header = ["name", dice.pick(("city", "colour")), dice.pick(("age", "points"))]
        source = words.CITIES if header[1] == "city" else words.COLOURS
        rows = [
            [name, dice.pick(source), str(dice.integer(5, 90))]
            for name in dice.sample(words.NAMES, dice.integer(1, 3))
        ]
        table = [header, *rows]
        if form.startswith("a M"):
            lines = [f"| {' | '.join(row)} |" for row in table]
            output = "\n".join([lines[0], "| --- | --- | --- |", *lines[1:]])
        elif form.startswith("a J"):
            output = json.dumps(
                [{**dict(zip(header, row, strict=True)), header[2]: int(row[2])} for row in rows]
            )
        else:
            sign = ";" if form.startswith("l") else "\t"
            output = "\n".join(sign.join(row) for row in table)
        pairs.append(("\n".join(",".join(row) for row in table), output))
    return _worked(dice, ask, pairs)


# Other languages

_TABLES = _table("""
books ¦ title ¦ author ¦ year ¦ pages
employees ¦ name ¦ department ¦ age ¦ salary
concerts ¦ band ¦ city ¦ year ¦ visitors
plants ¦ name ¦ colour ¦ height ¦ price
orders ¦ customer ¦ product ¦ amount ¦ price
pupils ¦ name ¦ school ¦ age ¦ points
trains ¦ line ¦ destination ¦ seats ¦ delay
recipes ¦ title ¦ cook ¦ minutes ¦ portions
films ¦ title ¦ director ¦ year ¦ length
pets ¦ name ¦ owner ¦ age ¦ weight
rooms ¦ hotel ¦ city ¦ beds ¦ price
songs ¦ title ¦ singer ¦ year ¦ seconds
""")

_QUERIES = _table("""
the {one} of all {table} with a value of {first} above {n} ¦ SELECT {one} FROM {table} WHERE {first} > {n};
the number of rows in {table} ¦ SELECT COUNT(*) FROM {table};
all columns of {table}, sorted by {first} from high to low ¦ SELECT * FROM {table} ORDER BY {first} DESC;
the different values of {two} in {table} ¦ SELECT DISTINCT {two} FROM {table};
the average of {second} over all {table} ¦ SELECT AVG({second}) FROM {table};
the average of {second} for each {two} in {table} ¦ SELECT {two}, AVG({second}) FROM {table} GROUP BY {two};
the highest value of {first} in {table} ¦ SELECT MAX({first}) FROM {table};
the {k} {table} with the lowest {first} ¦ SELECT * FROM {table} ORDER BY {first} LIMIT {k};
{one} and {second} of every row in {table} ¦ SELECT {one}, {second} FROM {table};
the number of {table} for each {two} ¦ SELECT {two}, COUNT(*) FROM {table} GROUP BY {two};
all {table} whose {one} begins with {letter} ¦ SELECT * FROM {table} WHERE {one} LIKE '{letter}%';
the sum of {second} over all {table} ¦ SELECT SUM({second}) FROM {table};
all {table} with {first} between {k} and {n} ¦ SELECT * FROM {table} WHERE {first} BETWEEN {k} AND {n};
the {one} of all {table} in alphabetical order ¦ SELECT {one} FROM {table} ORDER BY {one};
""")

_ASK_SQL = _table("""
Write a SQL query for a table {table} ({columns}) that returns {what}.
The table {table} has the columns {columns}. Query {what}.
Given a database table {table} with {columns}, select {what}.
Which SQL statement lists {what}? The columns of {table} are {columns}.
Formulate {what} in SQL. Columns of {table}: {columns}.
Fetch {what} with a single SELECT. Available columns in {table}: {columns}.
How do you ask a database for {what}? The table {table} has {columns}.
{name} wants to see {what}. The table {table} stores {columns}. Answer in SQL.
""")


def _query(dice: Draw) -> dict[str, str]:
    table, one, two, first, second = dice.pick(_TABLES)
    values: dict[str, object] = {
        "table": table, "one": one, "two": two, "first": first, "second": second, "n": dice.integer(20, 2000),
        "k": dice.integer(2, 9), "letter": dice.pick("ABCDFGHKLMNPRST"),
    }  # fmt: skip
    what, sql = dice.pick(_QUERIES)
    columns = f"{one}, {two}, {first}, {second}"
    return {"table": table, "columns": columns, "what": what.format(**values), "sql": sql.format(**values)}


def _draw_sql(dice: Draw) -> Draft:
    query = _query(dice)
    if dice.chance(0.6):
        (ask,) = dice.pick(_ASK_SQL)
        return _free(dice, ask.format(**query, name=dice.pick(words.NAMES)), query["sql"])
    if dice.chance(0.5):
        ask = dice.pick((
            "Describe what the SQL query returns.", "Put the SQL statement into words.",
            "What would this SELECT return? Answer with a noun phrase.",
            "Say in English what is being queried.",
        ))  # fmt: skip
        queries = [query, _query(dice)]
        return _worked(
            dice, ask, [(each["sql"], f"{each['what'][0].upper()}{each['what'][1:]}.") for each in queries]
        )
    ask = dice.pick((
        "From the table description and the wish, write a SQL query.", "Translate the request into SQL.",
        "Answer the question about the table with a SELECT statement.",
        "Supply the SQL for what is wanted.",
    ))  # fmt: skip
    pairs = [
        (f"Table: {each['table']} ({each['columns']})\nWanted: {each['what']}", each["sql"])
        for each in (query, _query(dice))
    ]
    return _worked(dice, ask, pairs)


_COMMANDS = _table("""
list everything in the current directory ¦ ls
show the name of the current directory ¦ pwd
make a directory called {d} ¦ mkdir {d}
count the lines of {x}.txt ¦ wc -l {x}.txt
show the first {n} lines of {x}.txt ¦ head -n {n} {x}.txt
show the last {n} lines of {x}.txt ¦ tail -n {n} {x}.txt
sort the lines of {x}.txt ¦ sort {x}.txt
rename {x}.txt to {y}.txt ¦ mv {x}.txt {y}.txt
copy {x}.txt to the directory {d} ¦ cp {x}.txt {d}/
delete {x}.txt ¦ rm {x}.txt
find all lines that contain “{w}” in {x}.txt ¦ grep "{w}" {x}.txt
count the lines of {x}.txt that contain “{w}” ¦ grep -c "{w}" {x}.txt
sort {x}.txt and drop repeated lines ¦ sort -u {x}.txt
print the text “{w}” ¦ echo "{w}"
change into the directory {d} ¦ cd {d}
show the lines of {x}.txt in reverse order ¦ tac {x}.txt
make the script {x}.sh executable ¦ chmod +x {x}.sh
show how much space the directory {d} takes up ¦ du -sh {d}
wait for {n} seconds ¦ sleep {n}
remove the empty directory {d} ¦ rmdir {d}
show the date and time ¦ date
show {x}.txt with every “{w}” replaced by “{v}” ¦ sed 's/{w}/{v}/g' {x}.txt
count how often each line occurs in {x}.txt ¦ sort {x}.txt | uniq -c
append the word {w} to {x}.txt ¦ echo "{w}" >> {x}.txt
count the words of {x}.txt ¦ wc -w {x}.txt
show the differences between {x}.txt and {y}.txt ¦ diff {x}.txt {y}.txt
""")


def _command(dice: Draw, row: tuple[str, ...]) -> tuple[str, ...]:
    word, other = dice.sample(_PLAIN_WORDS, 2)
    one, two = dice.sample(("notes", "names", "log", "list", "draft", "report", "todo", "recipes"), 2)
    values = {
        "d": dice.pick(("backup", "letters", "photos", "old", "music", "work")), "n": dice.integer(2, 30),
        "w": word, "v": other, "x": one, "y": two,
    }  # fmt: skip
    return tuple(cell.format(**values) for cell in row)


def _draw_shell(dice: Draw) -> Draft:
    if dice.chance(0.3):
        ask = dice.pick((
            "Explain the shell command as an order in plain English.",
            "What does this command tell the computer to do?",
            "Say in words what the command line does, beginning with a verb.",
            "Put the terminal command into everyday language.",
            "Unravel the command for a beginner in one sentence.",
        ))  # fmt: skip
        rows = [_command(dice, row) for row in dice.sample(_COMMANDS, dice.integer(2, 3))]
        return _worked(dice, ask, [(command, f"{goal[0].upper()}{goal[1:]}.") for goal, command in rows])
    goal, command = _command(dice, dice.pick(_COMMANDS))
    ask = dice.pick((
        "Which shell command would you use to {goal}?", "Give the Unix command to {goal}.",
        "Type a command to {goal}.", "How can I {goal} from the terminal?", "In a Linux shell, {goal}.",
        "Recall the command line needed to {goal}.", "What do you enter in the terminal to {goal}?",
        "Use the shell to {goal}. Reply with the command only.",
    ))  # fmt: skip
    return _free(dice, ask.format(goal=goal), command)


def _pattern(dice: Draw) -> tuple[str, str]:
    """What a text must be like, and the regular expression for it."""
    n = dice.integer(2, 5)
    word, other = dice.sample(_PLAIN_WORDS, 2)
    return dice.pick((
        (f"consists of exactly {n} digits", rf"^\d{{{n}}}$"),
        ("consists of lower-case letters only", "^[a-z]+$"), (f"begins with “{word[:2]}”", f"^{word[:2]}"),
        (f"ends in “{word[-2:]}”", f"{word[-2:]}$"), ("is a time such as 09:30", r"^\d{2}:\d{2}$"),
        ("is a date such as 2031-05-17", r"^\d{4}-\d{2}-\d{2}$"),
        ("is a whole number that may be negative", r"^-?\d+$"),
        ("is written in capital letters", "^[A-Z]+$"),
        (f"is either “{word}” or “{other}”", f"^({word}|{other})$"),
        ("is a colour such as #ff8800", "^#[0-9a-f]{6}$"),
        (f"is {n} letters, a hyphen and two digits", f"^[a-z]{{{n}}}-[0-9]{{2}}$"),
        ("has no spaces", r"^\S+$"), (f"has at least {n + 3} characters", f"^.{{{n + 3},}}$"),
        ("is a number with two decimals", r"^\d+\.\d{2}$"), (f"contains “{word}”", word),
        ("contains a digit", r"\d"), (f"is {word} with an optional final e", f"^{word}e?$"),
    ))  # fmt: skip


def _draw_regex(dice: Draw) -> Draft:
    what, pattern = _pattern(dice)
    ask = dice.pick((
        "Write a regular expression that matches any text that {what}.",
        "Which regular expression checks that a text {what}?",
        "A form field is valid if its content {what}. Provide the pattern.",
        "Find a regex for text that {what}.", "Express this rule as a regular expression: the text {what}.",
        "Compose a regex that accepts a line if it {what}.",
        "How would you test with a regular expression that an entry {what}?",
        "Invent no code, only a pattern: it should match whatever {what}.",
    ))  # fmt: skip
    return _free(dice, ask.format(what=what), pattern)


def _candidates(dice: Draw, pattern: str) -> list[str]:
    word, other = dice.sample(_PLAIN_WORDS, 2)
    digits = "".join(str(dice.integer(1, 9)) for _ in range(dice.integer(2, 5)))
    inside = re.findall(r"[a-z]{2,}", pattern)
    return [
        word, word.upper(), digits, f"-{digits}", f"{word} {other}",
        f"{dice.integer(10, 23)}:{dice.integer(10, 59)}",
        f"20{dice.integer(10, 40)}-0{dice.integer(1, 9)}-{dice.integer(10, 28)}",
        f"{digits}.{dice.integer(10, 99)}", f"#{dice.integer(100000, 999999)}",
        *(f"{other[:n]}-{digits[:2]}" for n in (2, 3)), *inside, *(f"{part}{other}" for part in inside),
        *(f"{other}{part}" for part in inside), *(digits[:1] * n for n in (2, 3, 4, 5)),
        *(f"{word * 2}"[:n] + "-12" for n in (4, 5)),
    ]  # fmt: skip


def _draw_regex_match(dice: Draw) -> Draft:
    what, pattern = _pattern(dice)
    yes, no = dice.pick(
        (("yes", "no"), ("match", "no match"), ("valid", "invalid"), ("accepted", "rejected"))
    )
    ask = dice.pick((
        "Does the text match the regular expression {pattern}? Reply {yes} or {no}.",
        "Test the text against the pattern {pattern} and output {yes} or {no}.",
        "A validator uses the regex {pattern}. Is this entry {yes} or {no}?",
        "Given the rule that an entry {what}, answer {yes} or {no}.",
        "Compare the line with {pattern}: {yes} or {no}?",
        "Judge each text by the regular expression {pattern} with one of two answers, {yes} or {no}.",
        "Say {yes} if {pattern} finds something in the text, otherwise {no}.",
    ))  # fmt: skip
    if "Is this" in ask and yes in ("yes", "match"):
        yes, no = "accepted", "rejected"
    if "{what}" in ask and pattern.startswith("^.{"):
        ask = "Test the text against the pattern {pattern} and output {yes} or {no}."
    candidates = _candidates(dice, pattern)
    fits = [text for text in candidates if re.search(pattern, text)]
    others = [text for text in candidates if not re.search(pattern, text)]
    more = dice.pick((0, 0, 1, 2))  # a third text, on either side
    pairs = [(text, yes) for text in dice.sample(fits, min(len(fits), 1 + more // 2))]
    pairs += [(text, no) for text in dice.sample(others, min(len(others), 1 + more % 2))]
    for old, new in (("{pattern}", pattern), ("{what}", what), ("{yes}", yes), ("{no}", no)):
        ask = ask.replace(old, new)
    return _worked(dice, ask, dice.shuffled(pairs))


_MARKUP = _table("""
a link to https://example.org/{w} with the text “{t}” ¦ <a href="https://example.org/{w}">{t}</a>
a heading of level {k} that says “{t}” ¦ <h{k}>{t}</h{k}>
a bulleted list of {w} and {v} ¦ <ul>{nl} <li>{w}</li>{nl} <li>{v}</li>{nl}</ul>
a numbered list of {w} and {v} ¦ <ol>{nl} <li>{w}</li>{nl} <li>{v}</li>{nl}</ol>
a paragraph with the sentence “I like {w}.” ¦ <p>I like {w}.</p>
a button with the label “{t}” ¦ <button>{t}</button>
the word {w} in bold ¦ <strong>{w}</strong>
the word {w} with emphasis ¦ <em>{w}</em>
a text field named {w} ¦ <input type="text" name="{w}">
a table row with the cells {w} and {v} ¦ <tr><td>{w}</td><td>{v}</td></tr>
a comment that says “{w} starts here” ¦ <!-- {w} starts here -->
the page title “{t}” ¦ <title>{t}</title>
the words {w} and {v} with a line break between them ¦ {w}<br>{v}
a quotation that reads “{t}” ¦ <blockquote>{t}</blockquote>
a box with the class {w} around the word {v} ¦ <div class="{w}">{v}</div>
a line of code, {w} = {k} ¦ <code>{w} = {k}</code>
""")


def _draw_html(dice: Draw) -> Draft:
    word, other = dice.sample(_PLAIN_WORDS, 2)
    topic = dice.topic()
    values = {"w": word, "v": other, "t": topic[0].upper() + topic[1:], "k": dice.integer(1, 6), "nl": "\n"}
    what, markup = (cell.format(**values) for cell in dice.pick(_MARKUP))
    ask = dice.pick((
        "Write the HTML for {what}.", "How do you code {what} in HTML?", "Create {what} using HTML tags.",
        "Mark up {what}.", "Add {what} to a web page. Show the HTML only.", "Which HTML produces {what}?",
        "For a web page about {topic}, produce {what}.", "Type {what} in HTML.",
        "A web page needs {what}. Supply the source.",
    ))  # fmt: skip
    return _free(dice, ask.format(what=what, topic=dice.topic()), markup)


_FORMULAS = _table("""
adds up the cells {c}{i} to {c}{j} ¦ =SUM({c}{i}:{c}{j})
gives the average of {c}{i} to {c}{j} ¦ =AVERAGE({c}{i}:{c}{j})
finds the largest value in {c}{i} to {c}{j} ¦ =MAX({c}{i}:{c}{j})
finds the smallest value in {c}{i} to {c}{j} ¦ =MIN({c}{i}:{c}{j})
counts the numbers in {c}{i} to {c}{j} ¦ =COUNT({c}{i}:{c}{j})
counts the cells from {c}{i} to {c}{j} that are greater than {n} ¦ =COUNTIF({c}{i}:{c}{j},">{n}")
says “{w}” if {c}{i} is above {n} and “{v}” otherwise ¦ =IF({c}{i}>{n},"{w}","{v}")
multiplies {c}{i} by {d}{i} ¦ ={c}{i}*{d}{i}
subtracts {d}{i} from {c}{i} ¦ ={c}{i}-{d}{i}
divides {c}{i} by {n} ¦ ={c}{i}/{n}
rounds {c}{i} to two decimals ¦ =ROUND({c}{i},2)
joins {c}{i} and {d}{i} with a space between them ¦ ={c}{i}&" "&{d}{i}
shows the number of characters in {c}{i} ¦ =LEN({c}{i})
turns the text in {c}{i} into capitals ¦ =UPPER({c}{i})
shows today's date ¦ =TODAY()
takes {n} percent of {c}{i} ¦ ={c}{i}*{n}/100
adds {n} percent to {c}{i} ¦ ={c}{i}*(1+{n}/100)
adds up only the positive cells from {c}{i} to {c}{j} ¦ =SUMIF({c}{i}:{c}{j},">0")
takes the first {k} characters of {c}{i} ¦ =LEFT({c}{i},{k})
""")


def _draw_formula(dice: Draw) -> Draft:
    column, other = dice.sample("ABCDEFG", 2)
    first = dice.integer(1, 9)
    word, second = dice.sample(("high", "low", "yes", "no", "late", "open", "paid", "new"), 2)
    values = {
        "c": column, "d": other, "i": first, "j": first + dice.integer(3, 30), "n": dice.integer(2, 90),
        "k": dice.integer(2, 6), "w": word, "v": second,
    }  # fmt: skip
    what, formula = (cell.format(**values) for cell in dice.pick(_FORMULAS))
    ask = dice.pick((
        "Give a spreadsheet formula that {what}.", "Which spreadsheet formula {what}?",
        "Enter a formula that {what}.",
        "In a spreadsheet, a cell should hold a formula that {what}. What do you type?",
        "{name} keeps a spreadsheet of {topic} and needs a formula that {what}.",
        "Devise a formula for a worksheet cell; it {what}.",
        "Spreadsheet help wanted: a formula that {what}.",
    ))  # fmt: skip
    return _free(dice, ask.format(what=what, name=dice.pick(words.NAMES), topic=dice.topic()), formula)


def _draw_language(dice: Draw) -> Draft:
    word, other = dice.sample(_PLAIN_WORDS, 2)
    query, (_, command) = _query(dice), _command(dice, dice.pick(_COMMANDS[3:9] + _COMMANDS[10:13]))
    n = dice.integer(2, 99)
    samples = {
        "Python": _snippet(dice), "SQL": query["sql"], "shell": command,
        "JSON": json.dumps({word: n, other: [n + 1]}),
        "HTML": dice.pick((f"<p>{word}</p>", f"<ul><li>{word}</li></ul>", f"<h2>{word} {other}</h2>")),
        "CSS": dice.pick((f".{word} {{ margin: {n}px; }}", f"#{word} {{ color: blue; }}")),
        "spreadsheet formula": dice.pick((f"=SUM(A{n}:A{n + 5})", f"=IF(B{n}>10,1,0)", f"=ROUND(C{n},2)")),
    }  # fmt: skip
    labels = dice.sample(list(samples), dice.integer(3, 5))
    listed = f"{', '.join(labels[:-1])} or {labels[-1]}"
    ask = dice.pick((
        "Which language is this snippet written in: {listed}?", "Recognise the language; choose {listed}.",
        "Identify the code as {listed}.", "Guess the language of the line. Options: {listed}.",
        "Is the following {listed}?", "Label the snippet {listed}.",
        "Assign the source to one of these: {listed}.",
        "An editor must colour this code. Should it treat it as {listed}?",
    ))  # fmt: skip
    chosen = dice.sample(labels, dice.integer(2, 3))
    return _worked(dice, ask.format(listed=listed), [(samples[label], label) for label in chosen])


FAMILIES: tuple[Family, ...] = (
    Family("python_output", is_classification=False, draw=_draw_printed),
    Family("python_value_type", is_classification=True, draw=_draw_type),
    Family("python_condition", is_classification=True, draw=_draw_condition),
    Family("python_error_name", is_classification=True, draw=_draw_error),
    Family("python_one_line_function", is_classification=False, draw=_draw_function),
    Family("python_fix_syntax", is_classification=False, draw=_draw_repair),
    Family("python_name_mistake", is_classification=False, draw=_draw_diagnosis),
    Family("python_rename_variable", is_classification=False, draw=_draw_renaming),
    Family("python_comment_line", is_classification=False, draw=_draw_comment),
    Family("pseudocode_steps", is_classification=False, draw=_draw_pseudocode),
    Family("list_to_json", is_classification=False, draw=_draw_to_json),
    Family("read_json", is_classification=False, draw=_draw_from_json),
    Family("convert_csv", is_classification=False, draw=_draw_csv),
    Family("sql_query", is_classification=False, draw=_draw_sql),
    Family("shell_command", is_classification=False, draw=_draw_shell),
    Family("regex_for_rule", is_classification=False, draw=_draw_regex),
    Family("regex_matches", is_classification=True, draw=_draw_regex_match),
    Family("html_snippet", is_classification=False, draw=_draw_html),
    Family("spreadsheet_formula", is_classification=False, draw=_draw_formula),
    Family("which_code_language", is_classification=True, draw=_draw_language),
)
