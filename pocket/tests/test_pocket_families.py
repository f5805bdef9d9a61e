import pytest

from curriculum.base import Family, is_held_out
from curriculum.families import all_families, draw_task, held_out_families, training_families, unique


def test_training_and_held_out_families_are_all_and_apart() -> None:
    training, held_out = training_families(), held_out_families()
    assert {family.name for family in (*training, *held_out)} == {family.name for family in all_families()}
    assert not {family.name for family in training} & {family.name for family in held_out}
    assert all(is_held_out(family.name) for family in held_out)
    assert held_out
    assert {family.is_classification for family in training} == {True, False}


def test_a_name_that_appears_twice_is_refused() -> None:
    family = all_families()[0]
    with pytest.raises(ValueError, match=family.name):
        unique([family, Family(family.name, is_classification=False, draw=family.draw)])


@pytest.mark.parametrize("family", all_families(), ids=lambda family: family.name)
def test_a_task_is_a_function_of_its_seed(family: Family) -> None:
    drawn = [draw_task(family, str(seed)) for seed in range(20)]
    assert drawn == [draw_task(family, str(seed)) for seed in range(20)]
    assert len({draft.instruction for draft in drawn}) > 1


@pytest.mark.parametrize("family", all_families(), ids=lambda family: family.name)
def test_no_task_can_be_mistaken_for_the_frame_around_it(family: Family) -> None:
    for seed in range(20):
        draft = draw_task(family, str(seed), held_out=seed % 2 == 0)
        assert 1 <= len(draft.instances) <= 3
        for text in (
            draft.instruction,
            *(part for one in draft.instances for part in (one.input, one.output)),
        ):
            assert "Task:" not in text
            assert "Class label:" not in text
            assert "Is it classification?" not in text
