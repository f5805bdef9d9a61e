from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.filters.inputs import judge_inputs
from selfinstruct.records import InstanceCandidate


def flaws(*given: str, most: int = 5) -> list[str | None]:
    return [
        each.flaw for each in judge_inputs([InstanceCandidate(one, "") for one in given], max_instances=most)
    ]


def test_what_is_worth_an_answer() -> None:
    assert flaws("a", "b") == [None, None]
    assert flaws("a", " A\n", "b") == [None, "repeated_input", None]
    assert flaws("a", "a", "b", "c", most=2) == [None, "repeated_input", None, "surplus"]
    assert flaws() == []
    assert flaws("The list is:", "a") == ["trailing_colon", None]
    flawed = InstanceCandidate("a", "", "truncated")
    assert judge_inputs([flawed, InstanceCandidate("a", "x")], max_instances=1) == [
        flawed,
        InstanceCandidate("a", "x"),
    ]


@given(st.lists(st.builds(InstanceCandidate, st.text(max_size=3), st.just(""))), st.integers(1, 4))
def test_what_is_asked_about_differs_and_is_no_more_than_wanted(
    candidates: list[InstanceCandidate], most: int
) -> None:
    judged = judge_inputs(candidates, max_instances=most)
    assert [each.input for each in judged] == [each.input for each in candidates]
    asked = [" ".join(each.input.lower().split()) for each in judged if each.flaw is None]
    assert len(asked) == len(set(asked)) <= most
    assert bool(asked) is any(not each.input.strip().endswith((":", "\uff1a")) for each in candidates)
