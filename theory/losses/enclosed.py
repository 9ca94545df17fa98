"""The expected loss in ball arithmetic: a midpoint and a proven radius, at the digits asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from fractions import Fraction
from functools import cached_property
from typing import Any, Protocol

import sympy
from flint import arb, ctx

from theory.arithmetic.algebraic import is_algebraic
from theory.arithmetic.balls import BallVertices, Enclosure, ExactVertices, evaluate
from theory.losses.exact import ExactLoss, given_count
from theory.losses.result import ExpectedLoss, Gradient
from theory.losses.weights import Weights, expanded_gram
from theory.problem import InputError, Problem, Unsupported
from theory.rows.outputs import Outputs
from theory.rows.vertices import Undecided

__all__ = ["EnclosedLoss"]

MAX_PRECISION = 2**15
"""Bits of working precision after which an enclosure is given up."""
MAX_DIGITS = 4000

Balls = list[arb]
Matrix = list[Balls]


class _Source(Protocol):
    """Where the numbers come from at the current precision."""

    def outputs(self) -> Outputs: ...
    def densities(self) -> list[Any]: ...
    def importances(self) -> Balls: ...
    def matrices(self) -> tuple[Matrix | None, Matrix | None]: ...
    def polynomial(self) -> sympy.Poly: ...


class _FieldSource:
    """Numbers of an exact field; signs are decided there, where signs matter."""

    def __init__(self, exact: ExactLoss) -> None:
        self._exact = exact
        self._field = ExactVertices(exact.reduced.subfield.field)
        self._signs = not exact.problem.activation.is_polynomial

    def _taken(self, elements: Sequence[Any]) -> list[Any]:
        return list(elements) if self._signs else [self._field.ball(x) for x in elements]

    def outputs(self) -> Outputs:
        exact = self._exact.reduced.outputs
        field = self._field if self._signs else BallVertices()
        gram = [self._taken(row) for row in exact.gram]
        return Outputs(field, exact.problem, gram, self._taken(exact.bias))

    def densities(self) -> list[Any]:
        return self._taken(self._exact.reduced.densities)

    def importances(self) -> Balls:
        return [self._field.ball(weight) for weight in self._exact.reduced.importances]

    def matrices(self) -> tuple[Matrix | None, Matrix | None]:
        exact = self._exact.with_matrix()
        ball = exact.full_field.ball
        encoder, decoder = (
            None if rows is None else [[ball(entry) for entry in row] for row in rows]
            for rows in (exact.matrix, exact.decoder)
        )
        return encoder, decoder

    def polynomial(self) -> sympy.Poly:
        return self._exact.polynomial


class _BallSource:
    """Numbers without an exact field, evaluated anew at each precision."""

    def __init__(self, problem: Problem, weights: Weights) -> None:
        self._problem = problem
        self._weights = weights
        self._gram = expanded_gram(weights)

    def outputs(self) -> Outputs:
        gram = [_balls(row) for row in self._gram]
        bias = _balls(self._weights.bias)
        return Outputs(BallVertices(), self._problem, gram, bias)

    def densities(self) -> list[Any]:
        return _balls(self._problem.densities)

    def importances(self) -> Balls:
        return _balls(self._problem.importances)

    def matrices(self) -> tuple[Matrix | None, Matrix | None]:
        encoder, decoder = (
            None if rows is None else [_balls(row) for row in rows]
            for rows in (self._weights.matrix, self._weights.decoder)
        )
        return encoder, decoder

    def polynomial(self) -> sympy.Poly:
        raise Unsupported(
            "polynomial: some weights have no exact field; ask for values with `at(density=...)`"
        )


def _balls(values: Sequence[Any]) -> Balls:
    return [evaluate(value) for value in values]


def _source(problem: Problem, weights: Weights) -> _Source:
    """An exact field where there is one of moderate degree, else balls alone."""
    numbers = (*weights.numbers, *problem.densities, *problem.importances)
    if all(is_algebraic(number) for number in numbers):
        with suppress(Unsupported):  # too many unrelated roots for one field
            return _FieldSource(ExactLoss(problem, weights))
    return _BallSource(problem, weights)


class EnclosedLoss(ExpectedLoss):
    """The expected loss as ``Enclosure`` values; see ``ExpectedLoss``.

    A value that stays indistinguishable from zero at radius ``10^-(3 digits + 30)`` is returned
    as that ball around it.
    """

    def __init__(self, problem: Problem, weights: Weights, digits: object) -> None:
        super().__init__(problem, weights)
        if isinstance(digits, bool) or not isinstance(digits, int) or not 1 <= digits <= MAX_DIGITS:
            raise InputError(f"digits={digits!r}: must be a whole number from 1 to {MAX_DIGITS}")
        if problem.is_symbolic or weights.is_symbolic:
            raise Unsupported(
                f"digits={digits}: an enclosure needs numbers, and W, b, the density or the "
                "importance hold symbols; leave digits out"
            )
        self.digits = digits
        self._source = _source(problem, weights)

    @property
    def kind(self) -> str:
        """``"enclosed"``."""
        return "enclosed"

    def _enclose(self, compute: Callable[[], Balls]) -> tuple[Enclosure, ...]:
        """Raise the precision until every ball has the digits asked for."""
        precision = 64 + 4 * self.digits + 8 * self.problem.n_features
        reason = "a kink of the loss cannot be told from a point beside it"
        while precision <= MAX_PRECISION:
            with ctx.workprec(precision):
                try:
                    balls = compute()
                except Undecided as undecided:
                    balls, reason = [], str(undecided)
            if balls and all(self._good(ball) for ball in balls):
                return tuple(Enclosure.of(ball) for ball in balls)
            precision *= 2
        raise Unsupported(
            f"digits={self.digits}: not reached at {MAX_PRECISION} bits, {reason}; "
            "write the weights as rational or algebraic numbers, or simplify them"
        )

    def _good(self, ball: arb) -> bool:
        found = Enclosure.of(ball)
        if abs(found.midpoint) > found.radius:
            return found.radius * 10**self.digits <= abs(found.midpoint) - found.radius
        return found.radius <= Fraction(1, 10 ** (3 * self.digits + 30))

    def _losses(self) -> Balls:
        return self._weighted(self._source.outputs().losses(self._source.densities()))

    def _weighted(self, values: Sequence[arb]) -> Balls:
        pairs = zip(self._source.importances(), values, strict=True)
        return [arb(weight) * value for weight, value in pairs]

    @cached_property
    def value(self) -> Enclosure:
        """``L`` at the density of the problem."""
        return self._enclose(lambda: [_total(self._losses())])[0]

    @cached_property
    def per_output(self) -> tuple[Enclosure, ...]:
        """``I_i E (x_i - x_hat_i)^2`` for every output."""
        return self._enclose(self._losses)

    @property
    def polynomial(self) -> sympy.Poly:
        """``L`` as an exact polynomial in a common density, where the weights are algebraic."""
        return self._source.polynomial()

    def given_active(self, k: int) -> Enclosure:
        """Give the expected loss under the condition that exactly ``k`` features are active.

        Args:
            k: number of active features, 0 to ``n``.

        Returns:
            An enclosure.
        """
        count = self._checked_count(k)
        return self._enclose(lambda: [self._given(count)])[0]

    def _given(self, k: int) -> arb:
        problem, outputs = self.problem, self._source.outputs()
        if problem.is_independent and not isinstance(problem.density, tuple):
            return _total(self._weighted(given_count(outputs.coefficients(), k)))
        if problem.n_active is not None:
            if k != problem.n_active:
                raise InputError(f"k={k}: with n_active={problem.n_active} this has probability 0")
            return _total(self._losses())
        densities = self._source.densities()
        chance = outputs.count_chances(densities)[k]
        if chance == 0:
            raise InputError(f"k={k}: with these densities this has probability 0")
        split = outputs.losses_by_count(densities)[k]
        divided: arb = outputs.field.divide(_total(self._weighted(split)), chance)
        return divided

    def _at(self, problem: Problem) -> Enclosure:
        return EnclosedLoss(problem, self._weights, self.digits).value

    def latex(self) -> str:
        """Write ``value`` as LaTeX: midpoint, plus or minus radius."""
        midpoint, radius = str(self.value)[1:-1].split(" +/- ")
        return rf"{midpoint} \pm {radius}"

    @cached_property
    def gradient(self) -> Gradient:
        """The derivatives at the density of the problem, as enclosures."""
        found = iter(self._enclose(self._derivatives))
        n, m = range(self.problem.n_features), range(self.problem.n_hidden)
        gram = tuple(tuple(next(found) for _ in n) for _ in n)
        bias = tuple(next(found) for _ in n)
        by_matrix, by_decoder = (
            tuple(tuple(next(found) for _ in n) for _ in m) if known is not None else None
            for known in (self._weights.matrix, self._weights.decoder)
        )
        return Gradient(gram, bias, by_matrix, by_decoder)

    def _derivatives(self) -> Balls:
        """By the Gram entries, the bias, ``W`` and ``W_decoder``, one after another."""
        pieces = self._source.outputs().gradients(self._source.densities())
        weights = [arb(weight) for weight in self._source.importances()]
        n = range(len(weights))
        gram = [[weights[i] * pieces[i][1][j] for j in n] for i in n]
        turned = [list(column) for column in zip(*gram, strict=True)]
        both = [[gram[i][j] + turned[i][j] for j in n] for i in n]
        encoder, decoder = self._source.matrices()
        matrix: Matrix = []
        if encoder is not None:
            tied = decoder is None
            matrix = _product(encoder, both) if tied else _product(decoder or [], gram)
            matrix += [] if tied else _product(encoder, turned)
        bias = [weights[i] * pieces[i][0] for i in n]
        return [entry for row in (*gram, bias, *matrix) for entry in row]


def _product(left: Matrix, right: Matrix) -> Matrix:
    columns = list(zip(*right, strict=True))
    return [
        [_total([x * y for x, y in zip(row, column, strict=True)]) for column in columns]
        for row in left
    ]


def _total(balls: Sequence[arb]) -> arb:
    return sum(balls, arb(0))
