"""What a training run sees, and the baseline: without torch."""

from pathlib import Path

import numpy as np
import pytest

from ngram import KneserNey
from order import Order, Progress, learning_rate, read_mixture, read_source
from recital import digests, recited

SOURCES = {"tasks": np.arange(10_000, dtype=np.uint16), "books": np.arange(20_000, 25_000, dtype=np.uint16)}
SHARES = {"tasks": 0.75, "books": 0.25}


def test_the_order_goes_on_exactly_from_what_was_taken() -> None:
    whole = Order(SOURCES, seed=3)
    batches = [whole.batch(SHARES, length, 4) for length in (64, 64, 64, 256, 256)]
    first = Order(SOURCES, seed=3)
    for length in (64, 64):
        first.batch(SHARES, length, 4)
    second = Order(SOURCES, seed=3, taken=dict(first.taken))
    for expected, length in zip(batches[2:], (64, 256, 256), strict=True):
        np.testing.assert_array_equal(second.batch(SHARES, length, 4), expected)


def test_sources_keep_their_shares_and_windows_do_not_repeat_within_a_pass() -> None:
    order = Order(SOURCES, seed=1)
    batch = order.batch(SHARES, 100, 80)
    assert batch.shape == (80, 101)
    assert (batch[:, 0] < 10_000).sum() == 60
    assert len(set(batch[:, 0].tolist())) == 80
    assert not np.array_equal(batch, Order(SOURCES, seed=2).batch(SHARES, 100, 80))


def test_later_passes_stay_within_the_text() -> None:
    batch = Order({"books": SOURCES["books"]}, seed=1).batch({"books": 1.0}, 512, 40)
    assert batch.min() >= 20_000
    assert batch.max() < 25_000


def test_mixtures_add_up() -> None:
    assert read_mixture("tasks=3,books=1") == {"tasks": 0.75, "books": 0.25}


def test_progress_is_by_what_is_further() -> None:
    assert Progress(tokens=50, seconds=30).share(tokens=100, minutes=None) == 0.5
    assert Progress(tokens=50, seconds=54).share(tokens=100, minutes=1) == 0.9
    assert Progress(tokens=500).share(tokens=100, minutes=None) == 1.0


def test_the_rate_warms_up_stays_and_decays_to_zero() -> None:
    def rate(step: int, share: float) -> float:
        return learning_rate(step, share, peak=2e-3, warm_up=100, decay_share=0.4)

    assert rate(0, 0) == pytest.approx(2e-5)
    assert rate(99, 0.1) == rate(5000, 0.6) == pytest.approx(2e-3)
    assert rate(9000, 0.8) == pytest.approx(1e-3)
    assert rate(9999, 1.0) == 0


def test_shards_are_read_in_order(tmp_path: Path) -> None:
    (tmp_path / "books").mkdir()
    for number in (1, 0):
        np.array([number], np.uint16).tofile(tmp_path / "books" / f"train-{number:03}.bin")
    assert read_source(tmp_path, "books", "train").tolist() == [0, 1]
    with pytest.raises(FileNotFoundError, match="heldout"):
        read_source(tmp_path, "books", "heldout")


def test_recited_instructions_are_known_whatever_their_case() -> None:
    training = digests(["Write a poem.", "Sort  the list.", "write a poem."])
    assert len(training) == 2
    assert recited(["WRITE a poem.", "Write a poem about it.", "sort the list."], training) == [
        True,
        False,
        True,
    ]


def test_kneser_ney_is_a_distribution_and_learns() -> None:
    dice = np.random.default_rng(0)
    windows = dice.integers(0, 8, (20, 60)).astype(np.uint16)
    model = KneserNey(windows, order=3, vocabulary=8)
    context = windows[0, :2]
    rows = np.array([[*context, token] for token in range(8)], np.uint16)
    assert sum(np.exp(-model.loss(row[None])) for row in rows) == pytest.approx(1.0)
    unseen = np.array([[7, 7, token] for token in range(8)], np.uint16)
    assert sum(np.exp(-model.loss(row[None])) for row in unseen) == pytest.approx(1.0)
    repeated = np.tile(np.arange(8, dtype=np.uint16), (4, 10))
    assert KneserNey(repeated, order=5, vocabulary=8).loss(repeated) < 0.2
