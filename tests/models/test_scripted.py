import asyncio
import hashlib
import json
import random
import re
import time
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.errors import ConfigError
from selfinstruct.models.scripted import words
from selfinstruct.models.scripted.model import ScriptedModel, ScriptRow, asked_for, reply
from selfinstruct.records import Prompt, Request, Sampling, Stage

LIST = "Come up with a series of tasks:\n" + "".join(f"{n}. Name a colour.\n" for n in range(1, 9)) + "9."
CLASSIFYING = "Classify the following statement about juggling as true or false."
PLAIN = "Explain the basics of juggling for commuters."
WITH_INPUT = "Summarize the following article on juggling."
OUTPUT_FIRST = "Given the task, label first.\n\nTask: Is it red?\nClass label: yes\nA rose.\n\nTask: {}\n"
INPUT_FIRST = "Task: Name a colour.\nExample 1\nOutput: Red\n\nTask: {}\n"
CHAT_TASKS = (
    'Reply in this form:\n{"tasks": [{"instruction": "…", "kind": "complete"}]}\n\n'
    "Some tasks:\n\n- Name a colour.\n- Is it red?\n\nWrite 10 new tasks."
)
CHAT_INSTANCES = (
    'As in these examples:\n\nTask: Name a colour.\n{{"instances": [{{"input": "", "output": "Red"}}]}}\n\n'
    "Task: {}"
)
CHAT_INPUTS = 'As here:\n\nTask: Name a colour.\n{{"inputs": [{{"kind": "…", "input": "…"}}]}}\n\nTask: {}'
CHAT_QUESTION = "Answer with one English word, yes or no.\n\nTask: {}"
QUESTION = "Task: Name a colour.\nIs it classification? No\n\nTask: {}\nIs it classification?"


def items(text):
    """As the paper's code splits them."""
    return [" ".join(item.split()) for item in re.split(r"\n\d+\s?\. ", text)]


def ask(prompt, seed=0, max_tokens=1024):
    return Request(Stage.INSTRUCTIONS, 0, Prompt("", prompt, Sampling(0.7, 0.5, 0, 2, max_tokens), 8), seed)


def complete(model, request):
    return asyncio.run(model.complete(request))


def test_what_a_prompt_asks_for():
    assert asked_for(LIST) == Stage.INSTRUCTIONS
    assert asked_for("7 . ") == Stage.INSTRUCTIONS
    assert asked_for(QUESTION.format(PLAIN)) == Stage.CLASSIFICATION
    assert asked_for(INPUT_FIRST.format("Say when it was, 1916.")) == Stage.INSTANCES
    assert asked_for(CHAT_TASKS) == Stage.INSTRUCTIONS
    assert asked_for(CHAT_INSTANCES.format('Name the "tasks" of a nurse.')) == Stage.INSTANCES
    assert asked_for(CHAT_INPUTS.format(PLAIN)) == Stage.INSTANCES
    assert asked_for(CHAT_QUESTION.format(PLAIN)) == Stage.CLASSIFICATION
    assert asked_for(PLAIN) == Stage.ANSWERS
    assert asked_for(f"{WITH_INPUT}\n\nIt takes years.") == Stage.ANSWERS
    assert asked_for('1. Explain the field "tasks".\n2.') == Stage.INSTRUCTIONS


def test_a_list_goes_on_from_the_bare_number():
    for seed in range(200):
        text = reply(LIST, seed, 1024).text
        assert re.match(r" \S| \n", text)
        numbers = [int(number) for number in re.findall(r"\n(\d+)\. ", text)]
        assert numbers == list(range(10, 10 + len(numbers)))
        assert 4 <= len(numbers) <= 7


def test_lists_show_every_reason_now_and_then():
    written = [item for seed in range(1500) for item in items(reply(LIST, seed, 4096).text)]
    share = Counter(
        "short" if len(item.split()) <= 3
        else "long" if len(item.split()) > 150
        else "keyword" if re.search(r"\b(picture|graph|image|file|map|go to)\b", item, re.IGNORECASE)
        else "prefix" if item.startswith("Write a program")
        else "punctuation" if not item[0].isalnum()
        else "repeated" if item in words.REPEATED
        else "classifying" if " or " in item and "following" not in item
        else "other"
        for item in written
    )  # fmt: skip
    assert all(
        share[reason] > 10 for reason in ("short", "long", "keyword", "prefix", "punctuation", "repeated")
    )
    assert share["other"] > 0.6 * len(written)


def test_the_answer_agrees_with_how_the_instruction_was_made():
    written = [item for seed in range(300) for item in items(reply(LIST, seed, 1024).text)]
    answers = Counter(reply(QUESTION.format(item), 0, 3).text for item in written)
    assert answers.keys() == {" Yes", " No"}
    assert 0.1 < answers[" Yes"] / len(written) < 0.2
    assert reply(QUESTION.format(CLASSIFYING), 5, 3).text == " Yes"
    assert reply(QUESTION.format(PLAIN), 5, 3).text == " No"


def test_output_first_uses_the_labels_of_the_instruction():
    labels = Counter(
        label
        for seed in range(200)
        for label in re.findall(r"Class label: (.+)", reply(OUTPUT_FIRST.format(CLASSIFYING), seed, 300).text)
    )
    assert labels["true"] > 100
    assert labels["false"] > 100


def test_input_first_has_inputs_where_the_instruction_speaks_of_one():
    with_input = sum("Input:" in reply(INPUT_FIRST.format(WITH_INPUT), seed, 350).text for seed in range(200))
    without = sum("Input:" in reply(INPUT_FIRST.format(PLAIN), seed, 350).text for seed in range(200))
    assert with_input > 170
    assert without < 20


@pytest.mark.parametrize("prompt", [INPUT_FIRST.format(WITH_INPUT), INPUT_FIRST.format(PLAIN)])
def test_most_instances_are_whole_and_some_are_cut(prompt):
    replies = [reply(prompt, seed, 350) for seed in range(500)]
    whole = sum("Output: " in r.text and r.finish_reason == "stop" for r in replies)
    assert 0.85 < whole / 500 < 1
    assert any(r.finish_reason == "length" for r in replies)


def test_instances_begin_on_a_line_of_their_own():
    for seed in range(20):
        assert reply(INPUT_FIRST.format(PLAIN).rstrip(), seed, 350).text.startswith("\n")
        assert not reply(INPUT_FIRST.format(PLAIN), seed, 350).text.startswith("\n")


def read_json(text):
    """The object in a reply, a fence or a word before it put aside; None where there is none."""
    try:
        return json.loads(text[text.index("{") : text.rindex("}") + 1])
    except ValueError:
        return None


def test_a_prompt_that_names_tasks_gets_them_as_json():
    replies = [reply(CHAT_TASKS, seed, 2048) for seed in range(300)]
    read = [read_json(one.text) for one in replies if one.finish_reason == "stop"]
    assert 0.9 * 300 < len(read) < 300
    assert all(8 <= len(one["tasks"]) <= 10 for one in read)
    rows = [row for one in read for row in one["tasks"]]
    assert all(row.keys() <= {"instruction", "kind"} for row in rows)
    kinds = Counter((row.get("kind"), bool(re.search(r"\w or \w", row["instruction"]))) for row in rows)
    assert kinds["with label", True] > 0.1 * len(rows)
    assert kinds["with label", False] == 0
    assert kinds["complete", False] > kinds["with text", False] > 0.1 * len(rows)
    assert 0 < kinds[None, False] < 0.05 * len(rows), "as models that are held to no schema"
    assert any(one.text.startswith("```json\n") for one in replies)


@pytest.mark.parametrize(
    ("task", "inputs", "outputs"),
    [(CLASSIFYING, True, {"true", "false"}), (WITH_INPUT, True, None), (PLAIN, False, None)],
)
def test_a_prompt_that_names_instances_gets_them_as_json(task, inputs, outputs):
    replies = [reply(CHAT_INSTANCES.format(task), seed, 2048) for seed in range(300)]
    read = [found for one in replies if (found := read_json(one.text)) is not None]
    rows = [row for one in read for row in one["instances"]]
    assert all(row.keys() == {"input", "output"} for row in rows)
    as_wanted = [
        row
        for row in rows
        if bool(row["input"]) is inputs and row["output"] not in ("", row["input"])
        if outputs is None or row["output"] in outputs
    ]
    assert 0.8 * len(rows) < len(as_wanted) < len(rows)  # and some that are of no use
    assert len(read) < 300
    assert any(one.finish_reason == "length" for one in replies)


def test_a_chat_question_is_answered():
    assert reply(CHAT_QUESTION.format(CLASSIFYING), 0, 3).text == " Yes"
    assert reply(CHAT_QUESTION.format(PLAIN), 0, 3).text == " No"


@pytest.mark.parametrize("task", [CLASSIFYING, WITH_INPUT, PLAIN])
def test_a_prompt_that_names_inputs_gets_them_as_json(task):
    replies = [reply(CHAT_INPUTS.format(task), seed, 2048) for seed in range(300)]
    read = [found for one in replies if (found := read_json(one.text)) is not None]
    assert 0.85 * 300 < len(read) < 300
    rows = [row for one in read for row in one["inputs"] if len(row) == 2]
    assert all(row.keys() == {"label" if task is CLASSIFYING else "kind", "input"} for row in rows)
    assert bool(rows) is (task is not PLAIN)


def test_what_is_asked_as_a_user_would_is_answered_and_labels_mostly_as_before():
    replies = [reply(PLAIN, seed, 2048) for seed in range(300)]
    assert 0.9 * 300 < sum(one.finish_reason == "stop" and one.text.endswith(".") for one in replies) < 300
    inputs = [
        row
        for seed in range(100)
        if (found := read_json(reply(CHAT_INPUTS.format(CLASSIFYING), seed, 2048).text)) is not None
        for row in found["inputs"]
        if "label" in row
    ]
    answers = [reply(f"{CLASSIFYING}\n\n{row['input']}", seed, 2048).text for seed, row in enumerate(inputs)]
    agreed = sum(row["label"] in answer for row, answer in zip(inputs, answers, strict=True))
    assert 0.85 * len(inputs) < agreed < len(inputs)


def test_cut_at_max_tokens():
    whole, cut = reply(LIST, 1, 1024), reply(LIST, 1, 10)
    assert whole.finish_reason == "stop"
    assert (cut.text, cut.finish_reason) == (whole.text[:40], "length")


def test_the_same_to_everyone_for_ever():
    random.seed(0)
    state = random.getstate()
    prompts = [LIST, QUESTION.format(PLAIN), INPUT_FIRST.format(PLAIN), OUTPUT_FIRST.format(CLASSIFYING)]
    text = "".join(reply(prompt, seed, 350).text for prompt in prompts for seed in range(50))
    assert random.getstate() == state
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    assert (words.VERSION, digest) == ("scripted-3", "cf3a0da6ddea776b"), "other replies need another VERSION"


def test_the_same_json_to_everyone_for_ever():
    prompts = [CHAT_TASKS, *(CHAT_INSTANCES.format(task) for task in (CLASSIFYING, WITH_INPUT, PLAIN))]
    text = "".join(reply(prompt, seed, 2048).text for prompt in prompts for seed in range(50))
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    assert (words.VERSION, digest) == ("scripted-3", "f53db4c6e699cfb1"), "other replies need another VERSION"


def test_seeds_and_prompts_matter():
    assert reply(LIST, 1, 1024) != reply(LIST, 2, 1024)
    assert reply(LIST, 1, 1024) != reply("x" + LIST, 1, 1024)


def test_instant():
    started = time.process_time()
    for seed in range(1000):
        reply(LIST, seed, 1024)
    assert time.process_time() - started < 0.5  # 0.03 ms each where it was written


@given(st.text(), st.integers(), st.integers(1, 2000))
def test_any_prompt_gets_a_reply(prompt, seed, max_tokens):
    said = reply(prompt, seed, max_tokens)
    assert said == reply(prompt, seed, max_tokens)
    assert len(said.text) <= 4 * max_tokens
    assert said.finish_reason in ("stop", "length")


def test_enough_to_write_about():
    assert len(words.PLAIN + words.WITH_INPUT + words.CLASSIFYING) >= 40
    assert len(set(words.TOPICS)) == len(words.TOPICS) >= 150


def test_the_model():
    model = ScriptedModel()
    completion = complete(model, ask(LIST, seed=3))
    assert completion.text == reply(LIST, 3, 1024).text
    assert not completion.estimated
    assert completion.prompt_tokens == -(-len(LIST) // 4)
    assert completion.completion_tokens == -(-len(completion.text) // 4)
    assert (model.default_concurrency, model.context_window) == (8, None)
    assert (model.count_tokens(""), model.count_tokens("five!")) == (0, 2)
    asyncio.run(model.aclose())
    asyncio.run(model.aclose())


def test_it_gives_way_to_others():
    async def two():
        order = []

        async def one(name):
            await ScriptedModel().complete(ask(LIST))
            order.append(name)

        first = asyncio.create_task(one("request"))
        asyncio.get_running_loop().call_soon(order.append, "other")
        await first
        return order

    assert asyncio.run(two()) == ["other", "request"]


def test_a_script(tmp_path):
    path = tmp_path / "script.jsonl"
    path.write_text(
        '{"contains": "colour", "reply": [" a", " b"]}\n\n'
        '{"contains": "juggling", "reply": "cut", "finish_reason": "length"}\n'
    )
    model = ScriptedModel.from_file(path)
    assert [complete(model, ask(LIST, seed)).text for seed in range(3)] == [" a", " b", " a"]
    assert complete(model, ask("juggling?", max_tokens=1)).finish_reason == "length"
    assert complete(model, ask("What else?", seed=4)).text == reply("What else?", 4, 1024).text


def test_digests_tell_scripts_apart(tmp_path):
    rows = (ScriptRow("a", ("b",)),)
    digests = {ScriptedModel().digest, ScriptedModel(rows).digest, ScriptedModel(rows * 2).digest}
    assert len(digests) == 3
    assert ScriptedModel(rows).digest == ScriptedModel((ScriptRow("a", ("b",), "stop"),)).digest
    assert all(re.fullmatch(r"[0-9a-f]{64}", digest) for digest in digests)
    path = tmp_path / "script.jsonl"
    path.write_text('{"contains": "a", "reply": "b"}')
    assert ScriptedModel.from_file(path).digest == ScriptedModel(rows).digest


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "not an object"),
        ('{"contains": "a", "answer": "b", "zzz": 1}', "unknown: answer, zzz"),
        ('{"contains": "a"}', '"reply" is neither a text nor a list'),
        ('{"contains": "a", "reply": []}', '"reply" is neither a text nor a list'),
        ('{"contains": "a", "reply": ["b", 1]}', '"reply" is neither a text nor a list'),
        ('{"reply": "b"}', '"contains" or "finish_reason" is not a text'),
        ('{"contains": "a", "reply": "b", "finish_reason": null}', '"contains" or "finish_reason"'),
    ],
)
def test_bad_lines_are_named(tmp_path, line, message):
    path = tmp_path / "script.jsonl"
    path.write_text(f'{{"contains": "a", "reply": "b"}}\n{line}\n')
    with pytest.raises(ConfigError) as raised:
        ScriptedModel.from_file(path)
    assert f"{path}, line 2" in raised.value.message
    assert message in raised.value.message


def test_a_script_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="Cannot read the script"):
        ScriptedModel.from_file(tmp_path / "none.jsonl")
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="cannot be read"):
        ScriptedModel.from_file(tmp_path / "binary")
