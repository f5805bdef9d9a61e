"""The signals: what each finds, what it leaves alone, and that none of them ever fails or takes long."""

import json
import string
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import selfinstruct as si
from selfinstruct.errors import ConfigError
from selfinstruct.filters.custom import CustomFilter
from selfinstruct.filters.signals.base import Signal
from selfinstruct.filters.signals.table import SIGNALS, choose_signals, findings_of
from selfinstruct.records import Instance, Row

ALL = choose_signals()
SHARED = Path(__file__).parents[3] / "shared" / "data"


def found(instruction: str, given: str = "", output: str = "", **more: object) -> set[str]:
    return {str(each.reason) for each in findings_of(Row(instruction, given, output, **more), ALL)}  # type: ignore[arg-type]


BAD = {
    "empty_output": [
        ("Write a limerick about a goat.", "", ""),
        ("Write a limerick about a goat.", "", "  \n"),
        ("Translate the word.", "house", "<no output>"),
        ("Describe a lake in winter.", "", "..."),
    ],
    "refusal": [
        ("Tell me a joke about cats.", "", "I'm sorry, but I can't help with that."),
        ("Name a good book.", "", "As an AI language model, I do not read books."),
        (
            "Schreibe ein kurzes Gedicht über den Mond.",
            "",
            "Es tut mir leid, aber ich kann dabei nicht helfen.",
        ),
        (
            "Cite un fait sur les baleines.",
            "",
            "Je suis désolé, mais je ne peux pas répondre à cette demande.",
        ),
        ("写一首关于春天的诗。", "", "抱歉，我无法满足这个请求。"),
    ],
    "run_together": [
        ("Give the opposite of the word.", "hot", "cold\n\nInput: wet\nOutput: dry"),
        ("Give the opposite of the word.", "hot", "cold<|endoftext|>Big news today"),
        ("Name a planet.", "", "Mars\nInstruction: Name a moon.\nOutput: Io"),
    ],
    "loop": [
        ("Why is sleep good?", "", "It is good for you. " * 8),
        ("Name some pop bands.", "", "Abba, " + "Queen, Toto, " * 9),
    ],
    "cut_off": [
        (
            "Why do cats purr?",
            "",
            "Cats purr when they are content. They may also purr when they are in pain or",
        ),
        (
            "Explain rain.",
            "",
            "Water evaporates and rises. It cools and forms clouds. Then it falls as rain, snow and",
        ),
        ("Show a loop.", "", "Here:\n```python\nfor i in range(3):\n    print(i)"),
    ],
    "missing_input": [
        ("Summarize the following article.", "", "The article describes a flood."),
        ("Describe the picture.", "https://example.com/cat.jpg", "A cat on a sofa."),
        ("Fix the spelling.", "N/A", "Nothing to fix."),
        ("Summarize the report.", "See attached file", "Sales rose."),
        ("Edit the text.", "", "Please provide the text that you would like me to edit."),
    ],
    "placeholder": [
        ("Write a short letter to a landlord.", "", "Dear Mr Hill,\nthe tap drips.\nYours,\n[Your Name]"),
        ("Write an invitation to a party.", "", "Come on <insert date> to our house! We look forward to it."),
    ],
    "echo": [
        ("Explain how a bicycle stays upright.", "", "Explain how a bicycle stays upright."),
        (
            "Paraphrase the sentence.",
            "The shop opens at nine in the morning.",
            "The shop opens at nine in the morning.",
        ),
        (
            "What is the capital of Peru and why?",
            "",
            "What is the capital of Peru and why? Lima, since 1535.",
        ),
    ],
    "talk": [
        (
            "Write a haiku about snow.",
            "",
            "Sure! Here is a haiku about snow:\n\nSoft flakes on the pine\nfall",
        ),
        ("Name the largest ocean.", "", "The Pacific. Let me know if you have any other questions!"),
    ],
    "wrong_language": [
        (
            "Explain why the sea is salty.",
            "",
            "Das Meer ist salzig, weil Flüsse Salze aus dem Gestein in das Meer tragen.",
        ),
        (
            "Translate into French.",
            "The dog sleeps in the garden.",
            "Der Hund schläft heute den ganzen Tag im Garten.",
        ),
        (
            "Explica por qué llueve en otoño.",
            "",
            "It rains in autumn because warm moist air meets colder air masses.",
        ),
    ],
    "label_not_named": [
        ("Classify the review as positive or negative.", "Great soup!", "delicious"),
        ("Is the sentence true or false?", "Cows can fly.", "maybe"),
        ("Rate the joke on a scale of 1 to 5.", "Why did the hen cross?", "9"),
    ],
    "wrong_count": [
        ("List five fruits.", "", "1. apple\n2. pear\n3. plum\n4. fig"),
        ("Name three colours.", "", "red, blue"),
        ("Nenne drei Städte.", "", "Bonn, Kiel, Ulm, Trier"),
    ],
    "length_limit": [
        ("Describe a fox in at most five words.", "", "A clever red animal that lives in the wood"),
        ("Explain gravity in one sentence.", "", "Masses attract each other. That is why apples fall."),
        ("Write a 200-word essay on tea.", "", "Tea is nice."),
    ],
    "does_not_parse": [
        ("Return the data as JSON.", "Ann, 5", '{"name": "Ann", "age": 5,}'),
        ("Write a Python function that adds two numbers.", "", "def add(a, b)\n    return a + b"),
        ("Write a SQL query for all users.", "", "SELECT FROM WHERE users;"),
        ("Give two towns as CSV.", "", "name,people\nUlm,126000\nKiel"),
    ],
    "wrong_arithmetic": [
        ("What is 12 * 7?", "", "86"),
        ("Tim has 5 apples and buys 8. How many has he?", "", "5 + 8 = 14, so he has 14."),
        ("What is 15% of 80?", "", "15% of 80 is 14."),
        ("Add the numbers.", "3, 5, 7", "16"),
    ],
}

GOOD = [
    (
        "Write a letter that refuses a refund.",
        "",
        "Dear Ms Ott,\nI am sorry, but I cannot give you a refund.",
    ),
    (
        "Write an apology to a friend for being late.",
        "",
        "I'm so sorry I was late. I could not find my keys.",
    ),
    (
        "Write a template for a job reference.",
        "",
        "To whom it may concern,\n[Name] worked here from [Date] to [Date].",
    ),
    ("Translate into German.", "I am sorry, I cannot come.", "Es tut mir leid, ich kann nicht kommen."),
    ("Translate the sentence into French.", "Where is the station?", "Où est la gare ?"),
    (
        "Write a chorus for a song about rain.",
        "",
        "Rain, rain, rain\nRain, rain, rain\nRain, rain, rain\nall day long",
    ),
    (
        "Find the bug in the Python code.",
        "def f(x)\n  return x",
        "def f(x)\n  return x\nThe colon is missing.",
    ),
    (
        "Correct the grammar if needed.",
        "She goes to school by bus every day.",
        "She goes to school by bus every day.",
    ),
    (
        "Write a dialogue in which a waiter takes an order.",
        "",
        "Waiter: Sure! Here is your table.\nGuest: Thank you.",
    ),
    (
        "Write an email that offers help to a customer.",
        "",
        "Dear Kim,\nyour order is on its way. Let me know if you need help.",
    ),
    ("List three rivers.", "", "1. Rhine\n2. Nile\n3. Amazon"),
    ("List at least two rivers.", "", "Rhine, Nile, Amazon"),
    ("Nenne drei Städte.", "", "Bonn, Kiel und Ulm"),
    ("Describe a fox in one sentence.", "", "A fox, e.g. the red one, is a small animal of the dog family."),
    ("Classify the review as positive or negative.", "Great soup!", "Positive"),
    ("What is 10 / 4?", "", "2.5"),
    ("What is 10 divided by 3?", "", "About 3.33"),
    ("Give the data as JSON.", "Ann, 5", '{"name": "Ann", "age": 5}'),
    ("Write a SQL query for all users.", "", "SELECT * FROM users;"),
    ("Give two names for a boat.", "", "Gull and Tern"),
    ("Is the sentence true or false?", "Cows can fly.", "False"),
    (
        "Write a limerick about a goat.",
        "",
        "There once was a goat from the fen\nwho ate every page of my pen,\nhe nibbled my shoe\nand "
        "my library too\nand then he began once again",
    ),
    ("Beschreibe den Herbst in zwei Sätzen.", "", "Die Blätter werden bunt. Es wird früher dunkel."),
    ("写一个关于狗的句子。", "", "小狗在院子里跑来跑去。"),
    ("What does N/A mean in a form?", "", "It means that the question does not apply."),
    ("Suggest an emoji for joy.", "", "😀"),
    ("Which word is missing from the list: red, green, ___?", "", "blue"),
]


@pytest.mark.parametrize(("signal", "row"), [(name, row) for name, rows in BAD.items() for row in rows])
def test_what_is_wrong_is_found(signal: str, row: tuple[str, str, str]) -> None:
    assert signal in found(*row)


@pytest.mark.parametrize("row", GOOD, ids=lambda row: row[0])
def test_what_is_meant_is_left_alone(row: tuple[str, str, str]) -> None:
    assert found(*row) == set()


@pytest.mark.parametrize("signal", SIGNALS, ids=lambda signal: signal.name)
def test_each_is_a_filter_with_an_example_that_it_finds(signal: type[Signal]) -> None:
    assert isinstance(signal(), Signal)
    assert signal.reasons == (signal.name,)
    assert signal.about.endswith(".")
    own = CustomFilter.of(signal)
    assert (own.looks_at, own.name, own.reasons) == ("row", signal.name, signal.reasons)
    assert own.judge(signal.example, frozenset()).reason == signal.name


def test_near_identical_instances_of_a_task() -> None:
    first = Instance("The train to Ulm leaves at nine from platform two.", "departure")
    more = {"earlier": (first,)}
    assert found("Label it.", "The bus to Ulm leaves at nine from platform two.", "departure", **more) == {
        "near_identical"
    }
    assert found("Label it.", "A hen laid an egg in the barn this morning.", "farm", **more) == set()
    assert found("Add them.", "2 3", "5", earlier=(Instance("2 4", "6"),)) == set()


def test_a_language_that_all_should_be_in() -> None:
    german = choose_signals(["wrong_language"], language="de")
    english = Row(
        "Write a short story about a fox in the forest.", "", "A fox ran through the old forest at night."
    )
    ours = Row(
        "Schreibe eine kurze Geschichte über einen Fuchs.", "", "Ein Fuchs lief nachts durch den alten Wald."
    )
    assert [each.reason for each in findings_of(english, german)] == ["wrong_language"]
    assert list(findings_of(ours, german)) == []


def test_signals_are_chosen_by_name() -> None:
    assert [each.name for each in choose_signals(["talk", "echo"])] == ["echo", "talk"]
    assert "talk" not in [each.name for each in choose_signals(skip=["talk"])]
    with pytest.raises(ConfigError, match="no signal 'tolk'"):
        choose_signals(["tolk"])


TEXTS = st.one_of(
    st.text(max_size=200),
    st.text(alphabet=string.digits + "+-*/=x.,()% \n", max_size=80),
    st.lists(
        st.sampled_from(
            [
                "Input:",
                "Output:",
                "[Your",
                "Name]",
                "1.",
                "2.",
                "-",
                "list",
                "five",
                "in",
                "words",
                "one",
                "two",
                "sentences",
                "as",
                "JSON",
                "{",
                "}",
                "```",
                "SELECT",
                "def",
                "f(",
                "sorry",
                "I",
                "cannot",
                "translate",
                "into",
                "German",
                "在",
                "。",
                "the",
                "and",
                "N/A",
            ]
        ),
        max_size=40,
    ).map(" ".join),
)


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS, TEXTS)
def test_any_text_can_be_looked_at(instruction: str, given_: str, output: str) -> None:
    row = Row(instruction, given_, output)
    once = list(findings_of(row, ALL))
    assert once == list(findings_of(row, ALL))
    assert {each.reason for each in once} <= {signal.name for signal in SIGNALS}


@settings(max_examples=60, deadline=None)
@given(st.integers(-999, 999), st.integers(-999, 999), st.sampled_from("+-*"), st.integers(1, 99))
def test_sums_that_are_right_are_never_flagged_and_others_always(
    one: int, other: int, sign: str, off: int
) -> None:
    value = {"+": one + other, "-": one - other, "*": one * other}[sign]
    sum_ = f"{one} {sign} ({other})" if other < 0 else f"{one} {sign} {other}"
    assert "wrong_arithmetic" not in found(f"What is {sum_}?", "", f"{sum_} = {value}")
    assert "wrong_arithmetic" in found(f"What is {sum_}?", "", str(value + off))


@pytest.mark.parametrize(
    "piece", ["\n", "1", "1 + ", "a ", "Input: x\n", "in two sentences and ", "x/y ", "(", "[Your "]
)
def test_no_text_takes_long(piece: str) -> None:
    long = piece * (4000 // len(piece))
    began = time.process_time()
    for row in (Row("Write two sentences.", "", long), Row(long, "", "yes"), Row("Answer.", long, "yes")):
        list(findings_of(row, ALL))
    assert time.process_time() - began < 4


@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the paper's data beside the checkout")
@pytest.mark.parametrize("name", ["paper_seed_tasks.jsonl", "user_oriented_instructions.jsonl"])
def test_of_what_people_wrote_one_row_in_twenty_is_flagged_at_most(name: str) -> None:
    rows = [
        Row(task["instruction"], each.get("input") or "", each["output"])
        for task in map(json.loads, (SHARED / name).read_text(encoding="utf-8").splitlines())
        for each in task["instances"]
    ]
    assert sum(bool(list(findings_of(row, ALL))) for row in rows) <= len(rows) / 20


def test_a_row_filter_of_ones_own_sees_instruction_and_output(tmp_path: Path) -> None:
    def no_shouting(row: si.Row) -> str | None:
        return "shouting" if row.output.isupper() and not row.instruction.isupper() else None

    own = CustomFilter.of(no_shouting)
    assert own.looks_at == "row"
    run = si.generate(tmp_path / "run", model="scripted", tasks=5, filters=[no_shouting])
    assert len(run.tasks) == 5
