from selfinstruct.filters.contamination import ContaminationIndex, ProtectedText
from selfinstruct.filters.instances import judge_instances
from selfinstruct.records import InstanceCandidate, Verdict

LONG = "The old mill by the river was sold in March to a family from the city."
ITEMS = (
    ProtectedText("q1", "instruction", "Name three rivers that flow into the sea."),
    ProtectedText("q1", "input", ""),
    ProtectedText("q1", "reference", "Rhine, Elbe, Oder"),
    ProtectedText("q2", "instruction", "Shorten the text."),
    ProtectedText("q2", "input", LONG),
    ProtectedText("q3", "instruction", "Shorten the text."),
)
WORDS = "the old mill by the river was sold in march to a family"


def index_of(*texts: ProtectedText, max_similarity: float = 0.7) -> ContaminationIndex:
    return ContaminationIndex(texts or ITEMS, max_similarity=max_similarity, ascii_tokens=False)


def test_an_instruction_that_is_nearly_an_items() -> None:
    verdicts = index_of().judge_instructions(
        ["Name three lakes.", "Name three rivers that flow into a lake.", "Please shorten the text."]
    )
    assert verdicts == [
        Verdict(),
        Verdict("contaminated", "ROUGE-L 0.750 with the instruction of 'q1'"),
        Verdict("contaminated", "ROUGE-L 0.857 with the instruction of 'q2'"),
    ]


def test_at_exactly_the_threshold_it_is_kept_as_novelty_does() -> None:
    (verdict,) = index_of(max_similarity=0.75).judge_instructions(
        ["Name three rivers that flow into a lake."]
    )
    assert verdict.accepted


def test_an_instruction_that_quotes_another_part_of_an_item() -> None:
    (verdict,) = index_of().judge_instructions([f"What happened to the mill? {LONG.upper()} Answer briefly."])
    assert verdict == Verdict("contaminated", f"“{WORDS}” is in the input of 'q2'")


def test_instances_by_their_input_or_output() -> None:
    given = [
        InstanceCandidate("", "It was sold."),
        InstanceCandidate(LONG, "It was sold."),
        InstanceCandidate("The mill", f"Yes: {LONG}"),
        InstanceCandidate("Shorten the text.", "Rhine, Elbe, Oder"),  # too short to say anything
    ]
    found = index_of().judge_instances(given)
    assert [verdict.reason for verdict in found] == [None, "contaminated", "contaminated", None]
    assert found[1].detail == f"“{WORDS}” is in the input of 'q2'"


def test_a_contaminated_instance_conflicts_with_none_and_takes_no_place() -> None:
    given = [
        InstanceCandidate("a", LONG),
        InstanceCandidate("a", "1"),
        InstanceCandidate("b", ""),
        InstanceCandidate("c", "2"),
    ]
    judged = judge_instances(given, max_instances=2, contamination=index_of())
    assert [each.verdict.reason for each in judged] == ["contaminated", None, "empty_output", None]
    without = judge_instances(given, max_instances=2)
    assert [each.verdict.reason for each in without[:2]] == ["conflicting", "conflicting"]


def test_nothing_to_keep_out_and_nothing_to_judge() -> None:
    empty = ContaminationIndex((), max_similarity=0.7, ascii_tokens=False)
    assert empty.judge_instructions([LONG]) == [Verdict()]
    assert index_of().judge_instructions([]) == []
    assert index_of().judge_instances([]) == []
