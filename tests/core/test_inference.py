"""Statistics against published examples and tables, and what must hold for any data."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openfit.views import inference
from pytest import approx

# Peak expiratory flow by two meters: Bland & Altman (1986), Lancet 327:307-310, table 1, the first
# measurements, l/min. They give bias -2.1, SD 38.8, limits -79.7 and 75.5, and r = 0.94.
WRIGHT = [494, 395, 516, 434, 476, 557, 413, 442, 650, 433, 417, 656, 267, 478, 178, 423, 427]
MINI = [512, 430, 520, 428, 500, 600, 364, 380, 658, 445, 432, 626, 260, 477, 259, 350, 451]


def floats(values):
    return np.array(values, dtype=np.float64)


# Student's t, two-sided 5 %, as every table has it.
@pytest.mark.parametrize(
    ("freedom", "t"),
    [(1, 12.7062047), (2, 4.30265273), (5, 2.57058184), (10, 2.22813885), (16, 2.11990530),
     (30, 2.04227246), (100, 1.98397152), (100_000, 1.95998771)],
)  # fmt: skip
def test_the_t_that_chance_exceeds_once_in_twenty(freedom, t):
    assert inference.t_95(freedom) == approx(t, rel=1e-7)
    assert inference.two_sided_p(t, freedom) == approx(0.05, rel=1e-6)


def test_p_has_closed_forms_for_one_and_two_degrees_of_freedom():
    for t in (0.1, 1.0, 3.7, 50.0):
        assert inference.two_sided_p(t, 1) == approx(1 - 2 * np.arctan(t) / np.pi, rel=1e-9)
        assert inference.two_sided_p(t, 2) == approx(1 - t / np.sqrt(2 + t * t), rel=1e-9)


def test_bland_and_altmans_own_example():
    found = inference.agreement(floats(WRIGHT), floats(MINI))
    assert (round(found.bias.value, 1), round(found.sd, 1)) == (-2.1, 38.8)
    assert found.lower.value == approx(-2.1176 - 1.96 * 38.765, abs=0.01)
    assert found.upper.value == approx(-2.1176 + 1.96 * 38.765, abs=0.01)
    # In the paper the interval of the bias is -22.0 to 17.8.
    assert (round(found.bias.low, 1), round(found.bias.high, 1)) == (-22.0, 17.8)
    # (1999): the limits' standard error is sqrt(1/n + 1.96**2 / (2 (n - 1))) times SD.
    assert found.lower.value - found.lower.low == approx(2.1199 * 38.765 * 0.4229, rel=1e-3)
    assert round(inference.pearson(floats(WRIGHT), floats(MINI)), 2) == 0.94


def test_concordance_is_lins():
    a, b = floats(WRIGHT), floats(MINI)
    found = inference.agreement(a, b).concordance
    assert found.value == approx(
        2 * np.cov(a, b, bias=True)[0, 1] / (a.var() + b.var() + (a.mean() - b.mean()) ** 2)
    )
    assert 0.80 < found.low < found.value < found.high < 0.99
    assert inference.concordance(a, a) == inference.Interval(1.0, 1.0, 1.0)
    assert inference.concordance(a, np.ones_like(a)) is None


def test_fishers_interval_is_the_textbooks():
    """r = 0.6 of 28 pairs: z 0.6931 plus or minus 1.96 / 5."""
    found = inference.correlated(0.6, 28, of_ranks=False)
    assert (found.low, found.high) == approx((0.2922, 0.7952), abs=5e-4)
    assert found.p == approx(0.000740, abs=2e-5)
    assert inference.correlated(1.0, 12, of_ranks=False).p == 0.0


def test_holm_goes_up_in_steps():
    assert inference.holm([0.01, 0.04, 0.03, 0.005]) == approx([0.03, 0.06, 0.06, 0.02])
    assert inference.holm([]) == []
    assert inference.holm([0.9, 0.8]) == [1.0, 1.0]


def test_ties_share_their_ranks():
    assert inference.ranks(floats([10, 20, 20, 5])).tolist() == [2.0, 3.5, 3.5, 1.0]


def test_a_line_with_its_interval():
    x = np.arange(5, dtype=np.float64)
    found = inference.line(x, floats([1, 3, 2, 5, 4]))
    assert found.slope == approx(0.8)
    assert (found.low, found.high) == approx(
        (0.8 - 3.18244631 * 0.12**0.5, 0.8 + 3.18244631 * 0.12**0.5)
    )
    assert inference.line(x[:2], x[:2]) is None
    assert inference.line(np.ones(5), x) is None


def test_days_that_resemble_each_other_are_worth_fewer():
    day = np.arange(200)
    drift = np.sin(day / 30.0)
    assert inference.effective_days(day, drift, drift) < 20
    noise = np.random.default_rng(1).normal(size=(2, 200))
    assert inference.effective_days(day, *noise) > 190
    assert inference.effective_days(day * 2, drift, drift) == 200  # no two are neighbours


values = st.floats(-1e6, 1e6).map(lambda x: round(x, 3))
columns = st.lists(st.tuples(values, values), min_size=10, max_size=60)


@given(columns, st.randoms())
def test_order_never_matters_and_nothing_leaves_its_bounds(pairs, chance):
    shuffled = list(pairs)
    chance.shuffle(shuffled)
    (a, b), (c, d) = (floats(some).T for some in (pairs, shuffled))
    r = inference.pearson(a, b)
    assert r is None or r == approx(inference.pearson(c, d), abs=1e-6)
    if r is not None:
        found = inference.correlated(r, len(pairs), of_ranks=False)
        assert -1 <= found.low <= r <= found.high <= 1
        assert 0 <= found.p <= 1
    found = inference.agreement(a, b)
    mirrored = inference.agreement(b, a)
    assert found.bias.value == approx(-mirrored.bias.value)
    assert found.lower.low <= found.lower.value <= found.upper.value <= found.upper.high
    if found.concordance is not None:
        assert abs(found.concordance.value) <= 1 + 1e-9
