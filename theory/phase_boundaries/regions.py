r"""Which candidate loses least, region by region, with a proof of each region.

The candidates of two features in one dimension are the antipodal pair and keeping one feature; of
three in two an antipodal pair beside a dedicated feature (in two kinds), ignoring one, and the
triangle. Their losses are compared as polynomials.

Source: own derivation; the candidates of Elhage et al. 2022, arXiv:2209.10652.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import sympy
from flint import fmpq, fmpq_poly

from theory.arithmetic.sturm import is_nonnegative
from theory.arrangements import Arrangement, antipodal_pair, dedicated, ignored, regular_polygon
from theory.phase_boundaries.candidates import loss_polynomial
from theory.problem import Problem, Unsupported

__all__ = [
    "DENSITY",
    "IMPORTANCE",
    "SIZES",
    "Candidate",
    "Region",
    "candidate_problem",
    "candidate_regions",
    "candidates",
    "checked_size",
]

DENSITY, IMPORTANCE = sympy.symbols("p I", positive=True)
_ZERO, _ONE = Fraction(0), Fraction(1)
SIZES = ((2, 1), (3, 2))
"""Features and hidden dimensions for which phases are known."""


@dataclass(frozen=True)
class Candidate:
    """A named arrangement that competes.

    Attributes:
        name: which feature is where.
        arrangement: with exact coordinates.
    """

    name: str
    arrangement: Arrangement


@dataclass(frozen=True)
class Region:
    """Where one candidate loses no more than any other.

    Attributes:
        candidate: its name.
        loss: in ``p`` and ``I``.
        conditions: inequalities in ``p`` and ``I``; the region is where all hold.
        proof: by which differences it is proven.
    """

    candidate: str
    loss: Any
    conditions: tuple[Any, ...]
    proof: str


def checked_size(n_features: int, n_hidden: int) -> tuple[int, int]:
    """Check that phases of a size are known.

    Args:
        n_features: ``n``.
        n_hidden: ``m``.

    Returns:
        Both.

    Raises:
        Unsupported: another size.
    """
    if (n_features, n_hidden) not in SIZES:
        known = ", ".join(str(size) for size in SIZES)
        raise Unsupported(f"phases for n={n_features}, m={n_hidden}: known are {known}")
    return n_features, n_hidden


def candidate_problem(n_features: int, n_hidden: int) -> Problem:
    """Give the problem with symbols for density and relative importance."""
    n, m = checked_size(n_features, n_hidden)
    return Problem(n, m, density=DENSITY, importance=[1] * (n - 1) + [IMPORTANCE])


@cache
def candidates(n_features: int, n_hidden: int) -> tuple[Candidate, ...]:
    """Give the candidates of a size.

    Args:
        n_features: ``n``.
        n_hidden: ``m``.

    Returns:
        Arrangements of unit norm without bias, an ignored feature with the bias ``p/2``.

    Example:
        >>> [candidate.name for candidate in candidates(2, 1)]
        ['antipodal pair', 'last ignored', 'first ignored']
    """
    checked_size(n_features, n_hidden)
    one, mean = dedicated(1), ignored(1, bias=DENSITY / 2)
    if (n_features, n_hidden) == (2, 1):
        return (
            Candidate("antipodal pair", antipodal_pair()),
            Candidate("last ignored", one + mean),
            Candidate("first ignored", mean + one),
        )
    return (
        Candidate("last in an antipodal pair", one + antipodal_pair()),
        Candidate("last dedicated, others an antipodal pair", antipodal_pair() + one),
        Candidate("last ignored", dedicated(2) + mean),
        Candidate("first ignored", mean + dedicated(2)),
        Candidate("triangle", regular_polygon(3)),
    )


@cache
def losses(n_features: int, n_hidden: int) -> dict[str, Any]:
    """Give the losses of the candidates as polynomials in ``p`` and ``I``."""
    problem = candidate_problem(n_features, n_hidden)
    return {
        candidate.name: loss_polynomial(problem, candidate.arrangement)
        for candidate in candidates(n_features, n_hidden)
    }


def candidate_regions(n_features: int, n_hidden: int) -> tuple[Region, ...]:
    """Give the regions of the plane of ``0 <= p <= 1`` and ``I > 0``.

    Args:
        n_features: ``n``.
        n_hidden: ``m``.

    Returns:
        Regions that cover the plane; on common borders the losses are equal.

    Raises:
        Unsupported: a size without known phases, or a proof that fails.

    Example:
        >>> for region in candidate_regions(2, 1):
        ...     print(region.candidate, region.conditions)
        antipodal pair (p <= 4*I/(5*I + 2), p <= 4/(2*I + 5))
        last ignored (I <= 1, p >= 4*I/(5*I + 2))
        first ignored (I >= 1, p >= 4/(2*I + 5))
    """
    p, I = DENSITY, IMPORTANCE  # noqa: E741
    found = losses(*checked_size(n_features, n_hidden))
    below, above = p <= 4 * I / (2 + 5 * I), p <= 4 / (5 + 2 * I)
    if (n_features, n_hidden) == (2, 1):
        _check_pairs(found, "antipodal pair", "antipodal pair")
        proof = "the differences are p ((2 + 5 I) p - 4 I)/12, p ((5 + 2 I) p - 4)/12, (1 - I) v"
        return (
            Region("antipodal pair", found["antipodal pair"], (below, above), proof),
            Region(
                "last ignored", found["last ignored"], (I <= 1, p >= 4 * I / (2 + 5 * I)), proof
            ),
            Region("first ignored", found["first ignored"], (I >= 1, p >= 4 / (5 + 2 * I)), proof),
        )
    extra, others = "last in an antipodal pair", "last dedicated, others an antipodal pair"
    _check_three(found, extra, others)
    proof = (
        "the differences are p ((2 + 5 I) p - 4 I)/12, p (7 p - 4)/12, (1 - I) v, (I - 1) p^2/6;"
        " the triangle loses (2 + I) p^2 (p + 3)/24, no less than either pair"
    )
    seventh = sympy.Rational(4, 7)
    return (
        Region(extra, found[extra], (I <= 1, below), proof),
        Region("last ignored", found["last ignored"], (I <= 1, p >= 4 * I / (2 + 5 * I)), proof),
        Region(others, found[others], (I >= 1, p <= seventh), proof),
        Region("first ignored", found["first ignored"], (I >= 1, p >= seventh), proof),
    )


def _check_pairs(found: dict[str, Any], extra: str, others: str) -> None:
    """Check the differences from which the regions are read off."""
    p, I = DENSITY, IMPORTANCE  # noqa: E741
    v = p / 3 - p**2 / 4
    last = p * ((2 + 5 * I) * p - 4 * I) / 12
    first = p * ((5 + 2 * I) * p - 4) / 12 if extra == others else p * (7 * p - 4) / 12
    _equal(found[extra] - found["last ignored"], last)
    _equal(found[others] - found["first ignored"], first)
    _equal(found["first ignored"] - found["last ignored"], (1 - I) * v)


def _check_three(found: dict[str, Any], extra: str, others: str) -> None:
    p, I = DENSITY, IMPORTANCE  # noqa: E741
    _check_pairs(found, extra, others)
    _equal(found[extra] - found[others], (I - 1) * p**2 / 6)
    part = sympy.Poly(found["triangle"] / (2 + I), p)
    _equal(found["triangle"], (2 + I) * p**2 * (p + 3) / 24)
    # for I <= 1 the pair loses (1 + I) p^2/6 <= (2 + I) p^2/9, for I >= 1 p^2/3 <= (2 + I) p^2/9
    room = sympy.Poly(sympy.cancel(part.as_expr()) - p**2 / 9, p)
    coefficients = [fmpq(int(c.p), int(c.q)) for c in reversed(room.all_coeffs())]
    if not is_nonnegative(fmpq_poly(coefficients), _ZERO, _ONE):
        raise Unsupported("triangle: loses less than the pairs somewhere, so the regions are wrong")


def _equal(left: Any, right: Any) -> None:
    if sympy.expand(left - right) != 0:
        raise Unsupported(f"{left}: is not {right}, so that the regions are not proven")
