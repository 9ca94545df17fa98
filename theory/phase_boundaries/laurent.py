"""Laurent polynomials with rational coefficients and their derivatives, evaluated in balls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import sympy
from flint import arb

__all__ = ["Derivatives", "monomials", "taken_apart"]

Monomial: TypeAlias = "tuple[int, ...]"


def monomials(whole: Any, letters: Sequence[Any]) -> list[tuple[Any, Monomial]]:
    """Take a Laurent polynomial apart into coefficients and exponents.

    Args:
        whole: a SymPy expression.
        letters: its symbols.

    Returns:
        A pair for each term.

    Example:
        >>> a, b = sympy.symbols("a b")
        >>> monomials(2 * a / b - 1, (a, b))
        [(-1, (0, 0)), (2, (1, -1))]
    """
    found = []
    for term in sympy.Add.make_args(sympy.expand(whole)):
        coefficient, rest = term.as_coeff_Mul()
        powers = rest.as_powers_dict()
        found.append((coefficient, tuple(int(powers.get(x, 0)) for x in letters)))
    return found


@dataclass(frozen=True)
class Derivatives:
    """Some derivatives of a Laurent polynomial.

    Attributes:
        unit: a common denominator.
        parts: for each order, a word of letters, the coefficients times ``unit`` and exponents.
        names: of the letters.
    """

    unit: int
    parts: dict[str, tuple[tuple[int, Monomial], ...]]
    names: str

    def at(self, point: Sequence[arb]) -> dict[str, arb]:
        """Evaluate all of them.

        Args:
            point: a ball for each letter, positive where it is divided by.

        Returns:
            A ball for each order.
        """
        powers = [_powers(x) for x in point]
        known: dict[Monomial, arb] = {}
        found = {}
        for order, terms in self.parts.items():
            total = arb(0)
            for coefficient, exponents in terms:
                if exponents not in known:
                    product = arb(1)
                    for table, exponent in zip(powers, exponents, strict=True):
                        if exponent:
                            product = product * table[exponent]
                    known[exponents] = product
                total += known[exponents] * coefficient
            found[order] = total / self.unit
        return found


_HIGHEST = 6


def _powers(x: arb) -> dict[int, arb]:
    found = {0: arb(1)}
    for k in range(1, _HIGHEST + 1):
        found[k] = found[k - 1] * x
    if x > 0:
        inverse = 1 / x
        for k in range(1, _HIGHEST + 1):
            found[-k] = found[1 - k] * inverse
    return found


def taken_apart(whole: Any, letters: Sequence[Any]) -> Derivatives:
    """Differentiate once and twice by all letters but the last, and once by the last as well.

    Args:
        whole: a SymPy expression.
        letters: symbols with names of one letter.

    Returns:
        The value, gradient and Hessian, and the derivatives of value and gradient by the last.

    Example:
        >>> a, p = sympy.symbols("a p")
        >>> sorted(taken_apart(p * a**2 / 3, (a, p)).parts)
        ['', 'a', 'aa', 'ap', 'p']
    """
    whole_terms = monomials(whole, letters)
    unit = int(sympy.ilcm(1, *(c.q for c, _ in whole_terms)))
    terms = {powers: int(c * unit) for c, powers in whole_terms}
    *inner, last = range(len(letters))
    orders: list[tuple[int, ...]] = [(), (last,)]
    for k in inner:
        orders += [(k,), (k, last), *((k, j) for j in inner[k:])]
    parts = {
        "".join(letters[k].name for k in order): tuple(
            (c, powers) for powers, c in _differentiated(terms, order).items()
        )
        for order in orders
    }
    return Derivatives(unit, parts, "".join(x.name for x in letters))


def _differentiated(terms: dict[Monomial, int], order: Sequence[int]) -> dict[Monomial, int]:
    for k in order:
        lowered = {}
        for powers, c in terms.items():
            if powers[k]:
                lowered[(*powers[:k], powers[k] - 1, *powers[k + 1 :])] = c * powers[k]
        terms = lowered
    return terms
