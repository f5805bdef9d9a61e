"""The order in which examples are learnt, and which are held out."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.training.order import held_out_groups, training_order, updates

LENGTHS = st.lists(st.integers(1, 600), min_size=1, max_size=120)


@given(LENGTHS, st.sampled_from([0.5, 1.0, 2.0, 2.5]), st.integers(1, 20), st.integers(0, 3))
def test_every_epoch_has_every_example_once(lengths: list[int], epochs: float, batch: int, seed: int) -> None:
    order = training_order(lengths, epochs=epochs, batch=batch, seed=seed)
    assert len(order) == max(1, round(epochs * len(lengths)))
    counts = Counter(order)
    assert max(counts.values()) - min(counts[place] for place in range(len(lengths))) <= 1
    assert -(-len(order) // batch) == updates(len(lengths), epochs=epochs, batch=batch)
    for first in range(0, len(order), batch):
        update = [lengths[place] for place in order[first : first + batch]]
        assert update == sorted(update), "the shorter ones first, within an update"


def test_the_seed_decides_the_order_and_length_does_not() -> None:
    lengths = [10] * 50
    order = training_order(lengths, epochs=2, batch=4, seed=1)
    assert order == training_order(lengths, epochs=2, batch=4, seed=1)
    assert order != training_order(lengths, epochs=2, batch=4, seed=2)
    assert order[:50] != order[50:], "every epoch has an order of its own"
    longer = training_order([10 * place for place in range(50)], epochs=2, batch=4, seed=1)
    for first in range(0, 100, 4):
        assert set(longer[first : first + 4]) == set(order[first : first + 4])


@given(st.lists(st.integers(0, 30), min_size=0, max_size=200), st.sampled_from([0.02, 0.2, 0.5]))
def test_groups_are_held_out_whole(numbers: list[int], share: float) -> None:
    groups = [str(number) for number in numbers]
    held = held_out_groups(groups, share=share, seed=3)
    examples = sum(group in held for group in groups)
    assert held <= set(groups)
    if len(groups) < 10:
        assert not held
    assert examples <= len(groups) // 5


def test_how_many_are_held_out() -> None:
    assert len(held_out_groups([str(number) for number in range(1000)], share=0.02, seed=0)) == 20
    assert len(held_out_groups([str(number) for number in range(50)], share=0.02, seed=0)) == 4
    assert len(held_out_groups([str(number) for number in range(10)], share=0.02, seed=0)) == 2
    assert len(held_out_groups([str(number) for number in range(90_000)], share=0.02, seed=0)) == 400
    assert held_out_groups([str(number) for number in range(100)], share=0, seed=0) == set()
