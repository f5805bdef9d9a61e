import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.filters.instances import judge_instances
from selfinstruct.records import InstanceCandidate


def reasons(*pairs, max_instances=5):
    candidates = [InstanceCandidate(*pair) for pair in pairs]
    return [judged.verdict.reason for judged in judge_instances(candidates, max_instances=max_instances)]


def test_a_good_instance_is_kept_as_it_is():
    (judged,) = judge_instances([InstanceCandidate(" 2 + 2", "4\n")], max_instances=5)
    assert judged.verdict.accepted
    assert (judged.input, judged.output) == (" 2 + 2", "4\n")
    assert judge_instances([], max_instances=5) == []


@pytest.mark.parametrize(
    ("candidate", "reason"),
    [
        (("a", "b", "truncated"), "truncated"),
        (("a", "", "no_output"), "no_output"),
        (("a", "a:", "something_new"), "something_new"),
        (("a", ""), "empty_output"),
        (("", " \n"), "empty_output"),
        (("a", "a"), "same_as_input"),
        (("a ", "a"), "same_as_input"),
        (("Sort these:", "1 2 3"), "trailing_colon"),
        (("a", "Here they are: "), "trailing_colon"),
        (("给数字排序：", "1 2 3"), "trailing_colon"),
        (("a: b", "c:d"), None),
        (("", "b"), None),
    ],
)
def test_single_instances(candidate, reason):
    assert reasons(candidate) == [reason]


def test_exact_duplicates_go_and_the_first_stays():
    assert reasons(("a", "b"), ("", "b"), ("a", "b"), ("", "b "), ("A", "b")) == [
        None, None, "duplicate", "duplicate", None,
    ]  # fmt: skip


def test_one_input_with_different_outputs_drops_the_task():
    assert reasons(("a", "b"), ("c", "d"), ("a", "x"), ("c", "d"), ("e", "")) == [
        "conflicting", "conflicting", "conflicting", "conflicting", "empty_output",
    ]  # fmt: skip


def test_empty_inputs_do_not_conflict():
    assert reasons(("", "b"), ("", "c")) == [None, None]


@pytest.mark.parametrize("bad", [("a", ""), ("a", "a"), ("a", "x:"), ("a", "x", "truncated")])
def test_what_is_dropped_for_itself_does_not_conflict(bad):
    assert reasons(("a", "b"), bad)[0] is None


def test_duplicates_and_rejects_use_up_no_place():
    pairs = ("a", "b"), ("a", "b"), ("x", ""), ("c", "d"), ("e", "f"), ("a", "b")
    assert reasons(*pairs, max_instances=2) == [
        None, "duplicate", "empty_output", None, "surplus", "duplicate",
    ]  # fmt: skip


texts = st.sampled_from(["", "a", "b", " a", "a:", "\n"]) | st.text()


@given(
    st.lists(st.builds(InstanceCandidate, texts, texts, st.sampled_from([None, None, "truncated"]))),
    st.integers(1, 3),
)
def test_what_is_kept_is_a_sound_task(candidates, max_instances):
    judged = judge_instances(candidates, max_instances=max_instances)
    assert [(one.input, one.output) for one in judged] == [(one.input, one.output) for one in candidates]
    kept = [(one.input.strip(), one.output.strip()) for one in judged if one.verdict.accepted]
    assert len(kept) == len(set(kept)) <= max_instances
    assert all(output and output != given for given, output in kept)
    inputs = [given for given, _ in kept if given]
    assert len(inputs) == len(set(inputs))
    assert not kept or "conflicting" not in [one.verdict.reason for one in judged]
