"""Exact certificates of pair energies: what they prove, and that a wrong one is refused."""

from __future__ import annotations

import json
import math
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from flint import fmpq_poly
from hypothesis import given
from hypothesis import strategies as st

from theory.arithmetic.sturm import as_fmpq, count_roots, is_nonnegative, negative_point
from theory.certificates import (
    PairCertificate,
    PairPotential,
    RefusedCertificate,
    gegenbauer_polynomials,
    verify,
    welch_certificate,
)
from theory.problem import InputError

SHAPES = [(2, 5), (2, 6), (2, 7), (3, 12)]
ICOSAHEDRON = [
    v
    for a in (1, -1)
    for b in ((1 + 5**0.5) / 2, -(1 + 5**0.5) / 2)
    for v in ((0, a, b), (a, b, 0), (b, 0, a))
]


def design(m, n):
    """Unit vectors whose lines are a design: lines at equal angles, or an icosahedron's corners."""
    if m == 2:
        return np.array([[math.cos(math.pi * j / n), math.sin(math.pi * j / n)] for j in range(n)])
    corners = np.array(ICOSAHEDRON)
    return corners / np.linalg.norm(corners, axis=1, keepdims=True)


def energy(vectors, power, one_sided=False, masses=None):
    """``sum_{i != j} v_i v_j f(w_i . w_j)`` by its definition."""
    gram = vectors @ vectors.T
    values = (np.maximum(gram, 0) if one_sided else gram) ** power
    np.fill_diagonal(values, 0)
    masses = np.ones(len(vectors)) if masses is None else np.array(masses)
    return float(masses @ values @ masses)


roots = st.lists(st.tuples(st.fractions(-2, 2, max_denominator=4), st.integers(1, 3)), max_size=5)


@given(roots, st.sampled_from([1, -1]), st.sampled_from([(-1, 0), (-1, 1), (0, 1)]))
def test_a_sign_on_an_interval_is_decided_from_the_roots(listed, sign, ends):
    polynomial = fmpq_poly([sign])
    for root, multiplicity in listed:
        polynomial *= fmpq_poly([as_fmpq(-root), 1]) ** multiplicity
    low, high = map(Fraction, ends)
    cuts = sorted({low, high, *(root for root, _ in listed if low < root < high)})
    between = [(a + b) / 2 for a, b in pairwise(cuts)]
    expected = all(polynomial(as_fmpq(point)) >= 0 for point in between)
    assert is_nonnegative(polynomial, low, high) == expected


@given(roots, st.sampled_from([1, -1]))
def test_a_negative_point_is_one(listed, sign):
    polynomial = fmpq_poly([sign])
    for root, multiplicity in listed:
        polynomial *= fmpq_poly([as_fmpq(-root), 1]) ** multiplicity
    point = negative_point(polynomial, Fraction(-1), Fraction(1))
    assert (point is None) == is_nonnegative(polynomial, Fraction(-1), Fraction(1))
    assert point is None or (polynomial(as_fmpq(point)) < 0 and -1 <= point <= 1)


def test_a_contact_of_second_order_is_no_violation_and_a_hair_more_is():
    touching = fmpq_poly([Fraction(1, 4).numerator, 0, 1]) - fmpq_poly([0, 1])  # (t - 1/2)^2 + 3/4
    touching -= fmpq_poly([as_fmpq(Fraction(3, 4))])
    assert is_nonnegative(touching, Fraction(-1), Fraction(1))
    hair = touching - fmpq_poly([as_fmpq(Fraction(1, 10**60))])
    assert not is_nonnegative(hair, Fraction(-1), Fraction(1))


def test_roots_at_the_ends_are_counted_at_the_upper_one_alone():
    cubic = fmpq_poly([0, -1, 0, 1]).numer()
    assert count_roots(cubic, Fraction(-1), Fraction(1)) == 2


@pytest.mark.parametrize("m", [2, 3, 4, 7])
def test_gegenbauer_polynomials_are_one_at_one_and_orthogonal(m):
    # over (1 - t^2)^((m-3)/2): the moments of even powers are a product
    def moment(power):
        ratios = (Fraction(2 * k + 1, m + 2 * k) for k in range(power // 2))
        return Fraction(0) if power % 2 else math.prod(ratios, start=Fraction(1))

    basis = gegenbauer_polynomials(m, 6)
    assert all(p(1) == 1 for p in basis)
    for k, left in enumerate(basis):
        for right in basis[:k]:
            coefficients = (left * right).coeffs()
            total = sum(Fraction(str(c)) * moment(j) for j, c in enumerate(coefficients))
            assert total == 0


@pytest.mark.parametrize(("m", "n"), SHAPES)
def test_fourth_powers_are_proven_least_at_designs(m, n):
    bound = verify(welch_certificate(n, m, 2)).value
    assert bound == Fraction(3 * n**2, m * (m + 2)) - n
    assert energy(design(m, n), 4) == pytest.approx(float(bound), abs=1e-12)


@pytest.mark.parametrize(("m", "n"), SHAPES[:3])
def test_sixth_powers_are_proven_least_at_designs(m, n):
    bound = verify(welch_certificate(n, m, 3)).value
    assert energy(design(m, n), 6) == pytest.approx(float(bound), abs=1e-12)


def test_sixth_powers_of_the_icosahedron_are_above_the_bound():
    bound = verify(welch_certificate(12, 3, 3)).value
    assert bound == Fraction(15 * 144, 3 * 5 * 7) - 12
    assert energy(design(3, 12), 6) > float(bound) + 1


@pytest.mark.parametrize(("m", "n"), SHAPES)
@pytest.mark.parametrize("order", [2, 3])
@pytest.mark.parametrize("step", [Fraction(1, 10**9), Fraction(-1, 10**9), Fraction(-2)])
def test_one_changed_coefficient_is_refused(m, n, order, step):
    right = welch_certificate(n, m, order)
    for k in range(len(right.coefficients)):
        listed = list(right.coefficients)
        listed[k] += step
        with pytest.raises(RefusedCertificate):
            verify(replace(right, coefficients=tuple(listed)))


@pytest.mark.parametrize(("m", "n"), SHAPES)
def test_a_coefficient_raised_with_its_claim_is_refused_by_the_potential(m, n):
    right = welch_certificate(n, m, 2)
    for k in range(5):
        listed = list(right.coefficients)
        listed[k] += Fraction(1, 10**12)
        claim = PairCertificate.claiming(n, m, right.potential, listed)
        with pytest.raises(RefusedCertificate, match=r"h exceeds t\^4 "):
            verify(claim)


def test_a_negative_coefficient_is_named():
    claim = PairCertificate.claiming(5, 2, PairPotential(2), [Fraction(0), Fraction(-1)])
    with pytest.raises(RefusedCertificate, match=r"coefficients\[1\]=-1"):
        verify(claim)


def test_a_weaker_polynomial_proves_its_weaker_bound():
    claim = PairCertificate.claiming(5, 2, PairPotential(4), [Fraction(1, 4), Fraction(0)])
    with pytest.raises(RefusedCertificate):
        verify(claim)
    low = PairCertificate.claiming(5, 2, PairPotential(4), [Fraction(-1, 4)])
    assert verify(low).value == Fraction(-5)


@given(
    st.integers(2, 4),
    st.integers(1, 7),
    st.integers(1, 3),
    st.booleans(),
    st.integers(0, 2**32 - 1),
)
def test_no_vectors_with_masses_are_below_a_verified_bound(m, n, order, hand_made, seed):
    draw = np.random.default_rng(seed)
    vectors = draw.normal(size=(n, m))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    masses = draw.integers(0, 3, size=n).tolist()
    bound = verify(
        PairCertificate.claiming(n, m, PairPotential(2, True), ONE_SIDED[m])
        if hand_made
        else welch_certificate(n, m, order)
    )
    power = 2 if hand_made else 2 * order
    found = energy(vectors, power, hand_made, masses)
    assert found >= float(bound.weighted(masses)) - 1e-9


# (t + t^2) / 2 <= max(t, 0)^2 fails near 0; (t^2 + t - 1/4) / 2 is below it on [-1, 1]
ONE_SIDED = {
    m: [Fraction(1, 2 * m) - Fraction(1, 8), Fraction(1, 2), Fraction(m - 1, 2 * m)]
    for m in (2, 3, 4)
}


def test_certificates_survive_being_written_as_data():
    right = welch_certificate(7, 2, 3)
    read = PairCertificate.from_json(json.loads(json.dumps(right.to_json())))
    assert verify(read).value == verify(right).value


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"bound": 0.5}, "bound=0.5"),
        ({"coefficients": ["1/0"]}, "division by zero"),
        ({"coefficients": [0.25]}, "must be exact"),
        ({"coefficients": "1/2"}, "must be a list"),
        ({"coefficients": ["1"] * 50}, "at most 41"),
        ({"power": 3}, "must be even"),
        ({"power": 1000}, "power=1000"),
        ({"one_sided": "yes"}, "one_sided='yes'"),
        ({"coefficients": []}, "0 given"),
        ({"coefficients": ["1/" + "3" * 300]}, "bits over their common denominator"),
        ({"dimension": 1}, "dimension=1"),
        ({"dimension": 2.0}, "dimension=2.0"),
        ({"n_vectors": True}, "n_vectors=True"),
        ({"n_vectors": 0}, "n_vectors=0"),
    ],
)
def test_data_that_are_no_certificate_are_refused_by_name(change, message):
    data = welch_certificate(5, 2, 2).to_json() | change
    with pytest.raises(InputError, match=message.replace("(", r"\(")):
        verify(PairCertificate.from_json(data))


def test_missing_and_unknown_entries_are_refused():
    data = welch_certificate(5, 2, 2).to_json()
    with pytest.raises(InputError, match="must have the entries"):
        PairCertificate.from_json({**data, "proof": "trust me"})
