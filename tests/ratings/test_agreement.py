"""Agreement and intervals, pinned to what was published."""

import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfinstruct.ratings.agreement import agreement, alpha, kappa, spearman
from selfinstruct.ratings.shares import mean_share


def labels(said: str) -> dict[int, str]:
    """By unit; a point is an item that the rater left out."""
    return {unit: label for unit, label in enumerate(said) if label != "."}


def from_table(table: Sequence[Sequence[int]]) -> tuple[dict[int, str], dict[int, str]]:
    """Two raters whose answers have these counts: rows are one's, columns the other's."""
    pairs = [
        (str(row), str(column))
        for row, counts in enumerate(table)
        for column, count in enumerate(counts)
        for _ in range(count)
    ]
    return dict(enumerate(one for one, _ in pairs)), dict(enumerate(other for _, other in pairs))


def test_kappa_of_fleiss_textbook_example() -> None:
    """Fleiss, Statistical Methods for Rates and Proportions: 100 diagnoses (psychotic, neurotic, organic);
    observed 0.89, by chance 0.66, kappa 0.68."""
    one, other = from_table([[75, 1, 4], [5, 4, 1], [0, 0, 10]])
    assert kappa(one, other) == pytest.approx((0.89 - 0.66) / (1 - 0.66))


def test_kappa_of_two_by_two_tables() -> None:
    """The usual example of 50 grant applications: 0.40. And two tables with the same 60 % of equal answers,
    whose kappas are 0.1304 and 0.2593."""
    for table, expected in (
        ([[20, 5], [10, 15]], 0.4),
        ([[45, 15], [25, 15]], 0.1304),
        ([[25, 35], [5, 35]], 0.2593),
    ):
        assert kappa(*from_table(table)) == pytest.approx(expected, abs=5e-5)


KRIPPENDORFF = {  # Computing Krippendorff's Alpha-Reliability (2011), section C: four observers, twelve units
    "A": labels("123321412..."),
    "B": labels("12332241 25.3".replace(" ", "")),
    "C": labels(".3332342251."),
    "D": labels("12332441251."),
}


def test_alpha_of_krippendorffs_examples() -> None:
    binary = {"Meg": labels("0100000010"), "Owen": labels("1110010000")}
    assert alpha(binary) == pytest.approx(0.095, abs=5e-4)
    nominal = {"Ben": labels("aabbdcccedda"), "Gerry": labels("babbbccceddd")}
    assert alpha(nominal) == pytest.approx(0.692, abs=5e-4)
    assert alpha(KRIPPENDORFF) == pytest.approx(0.743, abs=5e-4)
    assert alpha(KRIPPENDORFF, "12345") == pytest.approx(0.815, abs=5e-4)


def test_spearman_of_a_published_example_with_ties() -> None:
    """Zar, Biostatistical Analysis: lengths of 12 birds' wings and tails; 0.851 with ties."""
    wings = ["10.4", "10.8", "11.1", "10.2", "10.3", "10.2", "10.7", "10.5", "10.8", "11.2", "10.6", "11.4"]
    tails = ["7.4", "7.6", "7.9", "7.2", "7.4", "7.1", "7.4", "7.2", "7.8", "7.7", "7.8", "8.3"]
    order = sorted({*wings, *tails}, key=float)
    found = spearman(dict(enumerate(wings)), dict(enumerate(tails)), order)
    assert found == pytest.approx(0.851, abs=5e-4)


def test_wilsons_interval_of_newcombes_examples() -> None:
    """Newcombe, Two-sided confidence intervals for the single proportion (1998), table I, method 3."""
    for yes, of, low, high in (
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ):
        share = mean_share([1.0] * yes + [0.0] * (of - yes))
        assert (share.share, share.items) == (pytest.approx(yes / of), of)
        assert (share.low, share.high) == pytest.approx((low, high), abs=5e-5)


def test_a_share_of_nothing() -> None:
    share = mean_share([])
    assert (share.share, share.items, share.low, share.high) == (None, 0, 0.0, 1.0)


def test_raters_who_always_say_the_same_cannot_be_judged() -> None:
    same = labels("AAAA")
    found = agreement({"Ann": same, "Bo": same}, "ABCD")
    assert found is not None
    assert (found.units, found.alpha, found.alpha_ordinal) == (4, None, None)
    assert [(pair.equal, pair.kappa, pair.spearman) for pair in found.pairs] == [(1.0, None, None)]
    assert spearman(labels("AAAA"), labels("ABAB"), "AB") is None


def test_pairs_are_over_what_both_rated() -> None:
    found = agreement({"Ann": labels("ABC..."), "Bo": labels("ABD..D"), "Cy": labels("....A.")}, "ABCD")
    assert found is not None
    assert found.units == 3
    (pair,) = found.pairs
    assert (pair.raters, pair.units, pair.equal) == (("Ann", "Bo"), 3, pytest.approx(2 / 3))
    assert agreement({"Ann": labels("AB."), "Bo": labels("..A")}, "ABCD") is None
    assert agreement({"Ann": labels("AB")}) is None


SAID = st.lists(st.sampled_from("ABCD."), min_size=8, max_size=8).map("".join).map(labels)


@given(SAID, SAID, SAID)
def test_coefficients_keep_their_bounds_and_know_no_order_of_raters(
    one: dict[int, str], two: dict[int, str], three: dict[int, str]
) -> None:
    found = agreement({"1": one, "2": two, "3": three}, "ABCD")
    other = agreement({"1": three, "2": two, "3": one}, "ABCD")
    if found is None:
        assert other is None
        return
    assert other is not None
    for name in ("alpha", "alpha_ordinal"):
        assert getattr(found, name) == pytest.approx(getattr(other, name))
        assert getattr(found, name) is None or getattr(found, name) <= 1
    for pair in found.pairs:
        for coefficient in (pair.kappa, pair.spearman):
            assert coefficient is None or -1.0000001 <= coefficient <= 1.0000001
            assert coefficient is None or math.isfinite(coefficient)


@given(SAID)
def test_a_rater_agrees_with_themself(one: dict[int, str]) -> None:
    if len(set(one.values())) > 1:
        assert kappa(one, one) == pytest.approx(1)
        assert alpha({"1": one, "2": one}) == pytest.approx(1)
        assert alpha({"1": one, "2": one}, "ABCD") == pytest.approx(1)
        assert spearman(one, one, "ABCD") == pytest.approx(1)
