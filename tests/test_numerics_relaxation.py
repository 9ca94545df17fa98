"""The linear program for pair energies: known values, residuals, and what an exact check says."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from numerics.relaxation import gegenbauer_values, relax_pair_energy
from theory.certificates import PairCertificate, PairPotential, RefusedCertificate, verify
from theory.problem import InputError

PENTAGON = (15 - 5 * 5**0.5) / 4
# linear programs of degree 14 on a grid of 3001 points, solved apart from this project
KNOWN = {
    (2, 5): PENTAGON,
    (2, 6): 2.575078,
    (2, 7): 4.671635,
    (3, 7): 0.578327,
    (3, 12): 10.099343,
    (4, 9): 0.329025,
    (4, 10): 1.192462,
}


@pytest.fixture(scope="module")
def found():
    return {
        (m, n): relax_pair_energy(n, m, 2, one_sided=True) for m, n in (*KNOWN, (6, 27), (2, 3))
    }


def proven(result):
    n, m = int(result.n_vectors), result.dimension
    potential = PairPotential(result.power, result.one_sided)
    return verify(PairCertificate.claiming(n, m, potential, result.rational()))


@pytest.mark.parametrize(("m", "n"), KNOWN)
def test_one_sided_squares_are_bounded_as_known(found, m, n):
    assert found[m, n].value == pytest.approx(KNOWN[m, n], abs=2e-5)


def test_the_pentagon_is_reached(found):
    assert 1 - 1e-6 < found[2, 5].value / PENTAGON <= 1


@pytest.mark.parametrize(("m", "n"), KNOWN)
def test_the_exact_check_accepts_all_but_rounding(found, m, n):
    result = found[m, n]
    bound = float(proven(result).value)
    assert result.value - 1e-8 * n**2 <= bound <= result.value


def test_what_is_raised_by_the_violation_is_refused():
    result = relax_pair_energy(7, 3, 2, one_sided=True)
    listed = [c + (k == 0) / 10**6 for k, c in enumerate(result.coefficients.tolist())]
    raised = [Fraction(c) for c in listed]
    with pytest.raises(RefusedCertificate, match="h exceeds"):
        verify(PairCertificate.claiming(7, 3, PairPotential(2, True), raised))


def test_few_vectors_need_no_energy(found):
    assert found[2, 3].value == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize(("m", "n"), [(2, 5), (2, 6), (2, 7), (3, 12)])
def test_fourth_powers_meet_the_welch_bound(m, n):
    result = relax_pair_energy(n, m, 4)
    assert result.value == pytest.approx(3 * n**2 / (m * (m + 2)) - n, rel=1e-8)
    assert float(proven(result).value) <= result.value


@pytest.mark.parametrize("m", [2, 3, 5])
def test_gegenbauer_values_are_cosines_and_one_at_one(m):
    t = np.cos(np.linspace(0, np.pi, 7))
    values = gegenbauer_values(m, 9, t)
    assert values[:, 0] == pytest.approx(np.ones(10))
    assert np.abs(values).max() <= 1 + 1e-12
    if m == 2:
        assert values[9] == pytest.approx(np.cos(9 * np.arccos(t)), abs=1e-12)


@settings(max_examples=15, deadline=None)
@given(
    st.integers(2, 5),
    st.integers(1, 12),
    st.sampled_from([(1, True), (2, True), (3, True), (2, False), (4, False)]),
    st.sampled_from([1, 2, 5, 12]),
)
def test_every_answer_is_accepted_or_needs_little_slack(m, n, potential, degree):
    power, one_sided = potential
    result = relax_pair_energy(n, m, power, one_sided=one_sided, degree=degree)
    checked = PairCertificate.claiming(
        n, m, PairPotential(power, one_sided), result.rational(slack=1e-9)
    )
    assert float(verify(checked).value) <= result.value + 1e-12


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        ((0, 2, 2), "n_vectors=0"),
        ((float("nan"), 2, 2), "n_vectors=nan"),
        ((5, 1, 2), "dimension=1"),
        ((5, 2, 3), "power=3"),
        ((5, 2, 26), "power=26"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments, name):
    with pytest.raises(InputError, match=name):
        relax_pair_energy(*arguments)


def test_a_degree_out_of_range_is_refused():
    with pytest.raises(InputError, match="degree=41"):
        relax_pair_energy(5, 2, 2, degree=41)
