r"""The expected loss with symbols in the weights: Macaulay brackets, and chambers.

The loss is a polynomial in brackets ``(c)_+^k`` of the vertex values
``c = b_i + sum_{j in B} G_ij``, one for every output ``i`` and set ``B`` of features
(``theory.losses.brackets`` derives it). Where all vertex values keep their sign, a *chamber*, it is
a rational function.

Source: ``theory.losses.brackets``; the model is Elhage et al. 2022, arXiv:2209.10652, section 2.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import sympy

from theory.arithmetic.quotients import Quotient, Ring, expression, sign, vanishes
from theory.losses.brackets import checked_input, output_row, ring_of
from theory.problem import InputError, Unsupported, is_symbolic

__all__ = ["Chamber", "chamber", "row_losses"]

Expr: TypeAlias = Any
Polynomial: TypeAlias = Any

MAX_TERMS = 200_000
"""Most terms that the numerators of a chamber may have together, by a bound taken beforehand."""
MAX_EXPANDED = 1_000
"""Most terms of a loss over one denominator; a longer one is left in Gram entries, by outputs."""


@dataclass(frozen=True)
class Chamber:
    r"""The loss where no vertex value ``b_i + sum_{j in B} G_ij`` changes its sign.

    Args:
        loss: the importance-weighted loss, a rational function of the symbols; the poles that
            cancel inside the chamber are gone.
        inequalities: strict relations that together define the chamber, without repetitions.
        point: the point that chose the chamber.
        symbols: the symbols of ``W`` and ``b``, by name.

    Source: ``theory.losses.brackets``, the displayed equation.
    """

    loss: Expr
    inequalities: tuple[Expr, ...]
    point: Mapping[Expr, Expr]
    symbols: tuple[Expr, ...]
    _rows: tuple[Quotient, ...] = field(repr=False, compare=False)

    @cached_property
    def gradient(self) -> dict[Expr, Expr]:
        """The partial derivatives of the loss by every symbol of ``W`` and ``b``.

        Returns:
            A rational function for each symbol; it holds in this chamber.
        """
        totals = dict.fromkeys(self.symbols, sympy.Integer(0))
        for row in self._rows:
            for k, generator in enumerate(row.ring.generators):
                inner = {s: generator.diff(s) for s in generator.free_symbols & set(self.symbols)}
                outer = row.derivative(k).expr() if inner else 0
                for symbol, slope in inner.items():
                    totals[symbol] += outer * slope
        return totals

    def contains(self, point: Mapping[Expr, object]) -> bool:
        """Say whether a point satisfies every inequality of the chamber.

        Args:
            point: an exact number for each symbol.

        Returns:
            True inside the chamber, False outside and on its walls.

        Example:
            >>> w, b = sympy.symbols("w b")
            >>> chamber([[w**2]], [b], ["1/2"], [1], {w: 1, b: 0.5}).contains({w: 3, b: -1})
            False
        """
        values = _point(point, set(self.symbols), self._known)
        sides = (relation.gts - relation.lts for relation in self.inequalities)
        return all(sign(side.subs(values)) > 0 for side in sides)

    def at(self, point: Mapping[Expr, object]) -> Expr:
        """Give the loss at a point of the chamber.

        Args:
            point: an exact number for each symbol of ``W`` and ``b``; other symbols may stay.

        Returns:
            A number, or an expression in the symbols that stayed.

        Raises:
            InputError: the point is outside the chamber, where another formula holds.

        Example:
            >>> w, b = sympy.symbols("w b")
            >>> chamber([[w**2]], [b], ["1/2"], [1], {w: 1, b: 0.5}).at({w: 1, b: 2})
            4
        """
        if not self.contains(point):
            shown = ", ".join(f"{symbol}={value}" for symbol, value in point.items())
            raise InputError(f"point: {shown} is not inside the chamber; ask for the chamber there")
        return sympy.expand(self.loss.subs(_point(point, set(self.symbols), self._known)))

    @property
    def _known(self) -> set[Expr]:
        return set(self.symbols) | set(self.point) | self.loss.free_symbols


def row_losses(
    gram: Sequence[Sequence[object]], bias: Sequence[object], densities: Sequence[object]
) -> list[Expr]:
    r"""The loss of every output, without importance, in Macaulay brackets.

    .. math::
        L_i = \frac{p_i}{3} + \sum_B \sum_k \kappa_{B,k}(G_i, p) \,\langle c_B \rangle^k

    with ``SingularityFunction(c, 0, k)`` for the bracket ``<c>^k = (c)_+^k``.

    Genericity: the coefficients ``kappa`` divide by Gram entries, so the expression holds where
    every Gram entry that is not identically zero is nonzero. Entries that are identically zero are
    never divided by. Substituting a value at which another entry vanishes makes SymPy
    return ``nan`` or ``zoo``: substitute into ``gram`` and call again, or take ``chamber``, whose
    formula stays right there. More than ``MAX_FEATURES`` features raise ``Unsupported``; shapes
    that do not fit and entries that are not real raise ``InputError``.

    Args:
        gram: ``G``, shape ``(n, n)``, exact numbers or expressions.
        bias: ``b``, length ``n``.
        densities: ``p``, length ``n``.

    Returns:
        One expression for each output, length ``n``.

    Example:
        >>> w, b, p = sympy.symbols("w b p")
        >>> (loss,) = row_losses([[w**2]], [b], [p])
        >>> loss.subs({w: 1, b: 0, p: 1})
        0

    Source: ``theory.losses.brackets``, the displayed equation.
    """
    entries, biases, chances = checked_input(gram, bias, densities)
    losses = []
    for i, (row, b) in enumerate(zip(entries, biases, strict=True)):
        ring = ring_of([b], row, densities=chances)
        terms = output_row(ring, row, b, chances, i)
        (divisor,) = terms.denominator.monoms()
        content = terms.denominator.coeffs()[0]
        parts = [ring.expr(terms.constant / content, divisor)]
        for value, weights in terms.vertices:
            corner = ring.expr(value)
            if vanishes(corner):
                continue
            for power, weight in weights.items():
                if weight:
                    coefficient = ring.expr(weight / content, divisor)
                    bracket = sympy.SingularityFunction(corner, 0, power)
                    parts.append(coefficient * bracket)
        losses.append(sympy.Add(*parts))
    return losses


def _point(point: Mapping[Expr, object], needed: set[Expr], known: set[Expr]) -> dict[Expr, Expr]:
    """The point as exact SymPy numbers, checked against the symbols and their assumptions."""
    if not isinstance(point, Mapping):
        raise InputError(f"point={point!r}: must be a dict from symbol to exact number")
    missing = sorted(str(s) for s in needed - set(point))
    if missing:
        raise InputError(f"point has no value for {', '.join(missing)}: give one for each symbol")
    values = {}
    for symbol, given in point.items():
        if symbol not in known:
            names = ", ".join(sorted(str(s) for s in known))
            raise InputError(f"point key={symbol!r}: must be one of the symbols {names}")
        value = expression(given, f"point[{symbol}]")
        if is_symbolic(value):
            raise InputError(f"point[{symbol}]={value}: must be a number")
        for law in ("positive", "negative", "nonnegative", "nonpositive", "nonzero", "integer"):
            if getattr(symbol, f"is_{law}") and getattr(value, f"is_{law}") is False:
                raise InputError(f"point[{symbol}]={value}: the symbol is assumed {law}")
        values[symbol] = value
    return values


def chamber(
    gram: Sequence[Sequence[object]],
    bias: Sequence[object],
    densities: Sequence[object],
    importances: Sequence[object],
    point: Mapping[Expr, object],
) -> Chamber:
    r"""The rational function that the loss is in the chamber of a point.

    All vertex values ``c = b_i + sum_{j in B} G_ij`` keep their sign in a chamber, so the brackets
    ``(c)_+^k`` are ``c^k`` or 0 and the loss is a rational function. The poles at a vanishing Gram
    entry cancel inside the chamber: the formula holds there too. Too many features or terms
    are refused.

    Args:
        gram: ``G``, shape ``(n, n)``, exact numbers or expressions.
        bias: ``b``, length ``n``.
        densities: ``p``, length ``n``; symbols may stay symbols.
        importances: ``I``, length ``n``; symbols may stay symbols.
        point: an exact number for every symbol of ``gram`` and ``bias``.

    Returns:
        The loss, its chamber and its gradient.

    Raises:
        InputError: a symbol without a value; a point on a wall, where the neighbouring formulas
            agree in value but no chamber is singled out (the vertex is named). A vertex value
            that is identically zero is no wall, nor is one of an output of importance 0.
        Unsupported: too many terms.

    Example:
        >>> w, b, p = sympy.symbols("w b p")
        >>> found = chamber([[w**2]], [b], [p], [1], {w: 1, b: 1})
        >>> sympy.factor(found.loss.subs(b, 0))
        p*(w - 1)**2*(w + 1)**2/3
        >>> found.inequalities
        (b + w**2 > 0, b > 0)

    Source: ``theory.losses.brackets``, the displayed equation.
    """
    entries, biases, chances = checked_input(gram, bias, densities)
    weights = [expression(value, f"importance[{i}]") for i, value in enumerate(importances)]
    if len(weights) != len(biases):
        raise InputError(f"len(importances)={len(weights)}: must be {len(biases)}")
    flat = [entry for row in entries for entry in row] + biases
    symbols = _symbols(flat)
    values = _point(point, symbols, symbols | _symbols(chances + weights))
    _bound_terms(entries, biases, chances)
    ring = ring_of(flat, weights, densities=chances)
    signs = _Signs(ring, values)
    rows = []
    for i, (row, b, weight) in enumerate(zip(entries, biases, weights, strict=True)):
        if weight != 0:
            terms = output_row(ring, row, b, chances, i)
            numerator = terms.constant
            for value, brackets in terms.vertices:
                if signs.of(value, i) > 0:
                    numerator += sum(factor * value**k for k, factor in brackets.items())
            quotient = Quotient.over_monomial(ring, numerator, terms.denominator)
            rows.append(quotient.times(ring.element(weight)))
    rows = _combined(ring, rows)
    loss = sympy.Add(*(row.expr() for row in rows))
    ordered = tuple(sorted(symbols, key=str))
    return Chamber(loss, tuple(signs.relations), values, ordered, tuple(rows))


def _symbols(values: Iterable[Expr]) -> set[Expr]:
    return {symbol for value in values for symbol in value.free_symbols}


def _bound_terms(
    entries: Sequence[Sequence[Expr]], biases: Sequence[Expr], densities: Sequence[Expr]
) -> None:
    """Raise ``Unsupported`` where the numerators may have more than ``MAX_TERMS`` terms.

    A numerator is homogeneous of degree at most ``n + 3`` in the bias and the entries of a row,
    and of degree 1 in ``(p_j, q_j)`` for every feature.

    Args:
        entries: ``G``.
        biases: ``b``.
        densities: ``p``.

    Raises:
        Unsupported: the bound is too large.
    """
    n, total = len(biases), 0
    chances = len({p for p in densities if not p.is_Rational})
    mixed = min((n + 1) ** chances, 2**n)
    for row, b in zip(entries, biases, strict=True):
        letters = len(Ring([b, *row]).generators)
        total += math.comb(letters + n + 3, letters) * mixed
    if total > MAX_TERMS:
        raise Unsupported(
            f"n_features={n}: the chamber's formula may have {total} terms, at most {MAX_TERMS} "
            "are written; give numeric weights, or more equal or zero Gram entries"
        )


class _Signs:
    """Signs of vertex values at a point; the inequalities that they state are collected."""

    def __init__(self, ring: Ring, values: Mapping[Expr, Expr]) -> None:
        self.ring = ring
        self.values = values
        self.relations: dict[Expr, None] = {}

    def of(self, vertex: Polynomial, output: int) -> int:
        """Find the sign of one vertex value, and note the inequality that it states.

        Args:
            vertex: a vertex value, in the ring.
            output: which output it belongs to, for the message.

        Returns:
            -1 or 1; 0 only where the vertex value is identically zero.

        Raises:
            InputError: the vertex value vanishes at the point, not identically.
        """
        corner = sympy.expand(self.ring.expr(vertex))
        side = sign(corner.subs(self.values))
        if side == 0 and not vanishes(corner):
            raise InputError(
                f"point lies on a wall: output {output} has the vertex value {corner} = 0 there; "
                "move the point off the wall (the loss is continuous, its formula changes)"
            )
        relation = corner > 0 if side > 0 else corner < 0
        if side and corner.free_symbols and relation not in (sympy.true, sympy.false):
            self.relations[relation] = None
        return side


def _combined(ring: Ring, rows: list[Quotient]) -> list[Quotient]:
    """Put the outputs over one denominator in the true symbols, where that is not too long.

    Args:
        ring: of the rows.
        rows: the weighted outputs in Gram entries.

    Returns:
        The sum alone; or the outputs as they came, apart and in Gram entries.
    """
    finer, images = ring.refined()
    if sum(row.composed_length(finer, images) for row in rows) > 40 * MAX_EXPANDED:
        return rows
    total = Quotient(finer, finer.constant(sympy.Integer(0)))
    for row in rows:
        total = total.plus(row.compose(finer, images)).reduced()
        if len(total.numerator) > MAX_EXPANDED:
            return rows
    return [total]
