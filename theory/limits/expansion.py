r"""Very sparse limits: the expansion of the expected loss in the density, to any order.

.. math::
    L(p) = \sum_k c_k p^k, \qquad
    c_k = \sum_{|T| = k}\ \sum_{S \subseteq T} (-1)^{|T| - |S|} L(S)

with ``L(S)`` the loss given that exactly the units ``S`` are on. The coefficients through order
``K`` need sets of at most ``K`` units (``theory.limits.set_sums``), so that ``n`` may be large
where the whole polynomial is out of reach. ``c_0`` is the loss of the zero input, and ``c_1 + n
c_0`` the ``L_1`` of Elhage et al., the loss of the one-active model times ``n``.

The truncated series is asymptotic for ``p -> 0``. What it leaves out is bounded on both sides at
every ``p`` (``theory.limits.bounds``).

Source: Elhage et al. 2022, arXiv:2209.10652, section "Sparsity expansion"; inclusion and exclusion.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import arb, ctx

from theory.arithmetic.ball_roots import MAX_PRECISION, checked_digits
from theory.arithmetic.balls import BallVertices, Enclosure, ExactVertices
from theory.limits.bounds import ends_of, largest_size, tail_bound
from theory.limits.set_sums import OutputSets, SetSums
from theory.losses.exact import ExactLoss
from theory.losses.weights import read_weights
from theory.problem import Exact, InputError, Problem, Unsupported, exact_number
from theory.rows.outputs import Outputs
from theory.rows.vertices import Undecided

__all__ = ["DensityExpansion", "TruncatedLoss", "density_expansion", "one_active_loss"]

MAX_SETS = 200_000
"""Most different sets of units over all outputs: one or two minutes."""


@dataclass(frozen=True)
class TruncatedLoss:
    """An expansion at one density.

    Attributes:
        value: ``sum_{k <= K} c_k p^k``, asymptotic: nothing is claimed of its distance to the loss.
        lower: a lower bound of the loss, proven.
        upper: an upper bound of the loss, proven.
    """

    value: Exact | Enclosure
    lower: Fraction
    upper: Fraction


@dataclass(frozen=True)
class _Output:
    """One output: its importance and sums, and what bounds the rest.

    ``series`` holds all coefficients where they are known, for polynomial activations.
    """

    importance: Any
    sums: SetSums
    bias: Fraction
    reaches: list[Fraction]
    series: list[Any] | None

    def misses_nothing(self, order: int) -> bool:
        """Whether all coefficients beyond an order are zero."""
        if self.series is None:
            return order >= self.sums.units
        return all(bool(c == 0) for c in self.series[order + 1 :])


class DensityExpansion:
    """The expected loss as a power series in a density common to all units, up to some order.

    Attributes:
        problem: the problem; its own density is not used.
        order: ``K``.
        coefficients: ``c_0, ..., c_K``: fractions or SymPy numbers; enclosures where digits were
            asked for.
    """

    def __init__(
        self,
        problem: Problem,
        order: int,
        outputs: Sequence[_Output],
        field: Any,
        precision: int | None,
    ) -> None:
        self.problem = problem
        self.order = order
        self._outputs = outputs
        self._field = field
        self._precision = precision
        rows = [[output.sums.coefficient(k) for output in outputs] for k in range(order + 1)]
        self.coefficients: tuple[Any, ...] = tuple(self._total(row) for row in rows)

    def _total(self, values: Sequence[Any]) -> Any:
        total = self._field.element(0)
        for output, value in zip(self._outputs, values, strict=True):
            total = total + output.importance * value
        return self._field.exact(total) if self._precision is None else Enclosure.of(arb(total))

    @property
    def is_complete(self) -> bool:
        """Whether no coefficient is missing: the series is the loss."""
        return all(output.misses_nothing(self.order) for output in self._outputs)

    def given_active(self, k: int) -> Exact | Enclosure:
        """Give the expected loss under the condition that exactly ``k`` features are active.

        Args:
            k: number of active features, 0 to the order.

        Returns:
            A number of the same kind as the coefficients.

        Raises:
            InputError: ``k`` out of its range.
            Unsupported: features that depend on each other.
        """
        n = self.problem.n_features
        if isinstance(k, bool) or not isinstance(k, int) or not 0 <= k <= min(self.order, n):
            raise InputError(f"k={k!r}: must be a whole number from 0 to {min(self.order, n)}")
        if not self.problem.is_independent:
            raise Unsupported(
                f"k={k}: the units of this problem are groups; ask `expected_loss` for the loss "
                "given a number of active features"
            )
        with nullcontext() if self._precision is None else ctx.workprec(self._precision):
            values = []
            for output in self._outputs:
                total, spare = self._field.element(0), n - output.sums.units
                for s, value in enumerate(output.sums.sums[: k + 1]):
                    total = total + value * math.comb(spare, k - s)
                values.append(self._field.divide(total, math.comb(n, k)))
            return self._total(values)

    def at(self, density: object) -> TruncatedLoss:
        """Give the truncated series at a density, with proven bounds of the loss itself.

        Args:
            density: ``p`` in ``[0, 1]``, rational.

        Returns:
            The series and the bounds; all three are equal where the expansion is complete and
            rational.

        Raises:
            InputError: a density out of its range or not rational.

        Example:
            >>> found = density_expansion(Problem(3, 1, density=0), [[1, -1, "1/2"]], order=2)
            >>> loss = found.at("1/100")
            >>> print(f"{float(loss.value):.7f} {float(loss.lower):.7f} {float(loss.upper):.7f}")
            0.0035607 0.0035601 0.0035700
        """
        p = exact_number(density, "density")
        if not isinstance(p, Fraction) or not 0 <= p <= 1:
            raise InputError(f"density={p}: must be a rational number between 0 and 1")
        lower = upper = Fraction(0)
        for output in self._outputs:
            least, most = self._bounds(output, p)
            low, high = ends_of(self._field, output.importance)
            lower, upper = lower + low * least, upper + high * most
        return TruncatedLoss(self._series(p), lower, upper)

    def _series(self, p: Fraction) -> Exact | Enclosure:
        powers = [p**k for k in range(self.order + 1)]
        if self._precision is None:
            total = sum(c * x for c, x in zip(self.coefficients, powers, strict=True))
            return exact_number(total, "value")
        pairs = list(zip(self.coefficients, powers, strict=True))
        middle = sum((c.midpoint * x for c, x in pairs), Fraction(0))
        return Enclosure(middle, sum((c.radius * x for c, x in pairs), Fraction(0)))

    def _bounds(self, output: _Output, p: Fraction) -> tuple[Fraction, Fraction]:
        """Between which numbers one output's loss lies."""
        n, sums, tail = output.sums.units, output.sums.sums, Fraction(0)
        terms = [(p**s * (1 - p) ** (n - s), value) for s, value in enumerate(sums)]
        if output.series is not None:
            terms = [(p**k, value) for k, value in enumerate(output.series)]
        else:
            tail = tail_bound(self.problem, output.bias, output.reaches, len(sums), p)
        ends = [(weight, ends_of(self._field, value)) for weight, value in terms]
        least = sum((weight * low for weight, (low, _) in ends), Fraction(0))
        most = sum((weight * high for weight, (_, high) in ends), Fraction(0))
        return max(least, Fraction(0)), most + tail

    def __repr__(self) -> str:
        kept = ", ".join(str(c) if len(str(c)) < 40 else "..." for c in self.coefficients)
        return f"DensityExpansion([{kept}], order={self.order}, {self.problem!r})"


def density_expansion(
    problem: Problem,
    W: Any,
    b: Any = None,
    *,
    W_decoder: Any = None,
    order: int = 1,
    digits: int | None = None,
) -> DensityExpansion:
    r"""Expand the expected loss in the density to a given order.

    .. math:: L(p) = c_0 + c_1 p + \dots + c_K p^K + O(p^{K+1})

    Args:
        problem: gives ``n``, ``m``, the law, the groups, the activation and the importance; the
            density is that of the groups where there are some, and its value is not used.
        W: ``m`` rows of ``n`` rational or algebraic numbers, or an arrangement.
        b: length ``n``; zeros where left out, or the bias of the arrangement.
        W_decoder: ``m`` rows of ``n``, or left out for tied weights.
        order: ``K``, at least 0.
        digits: asks for enclosures with so many significant digits, which exponential and normal
            features with a kink need.

    Returns:
        The coefficients, and bounds of the loss at any density.

    Raises:
        InputError: an order out of range, or weights that do not fit.
        Unsupported: no exact form (see ``expected_loss``), densities that differ between features,
            ``n_active``, or more sets than can be summed.

    Example:
        >>> found = density_expansion(Problem(2, 1, density=0), [[1, -1]], order=2)
        >>> found.coefficients, found.is_complete
        ((Fraction(0, 1), Fraction(0, 1), Fraction(1, 3)), True)

    Source: Elhage et al. 2022, arXiv:2209.10652, section "Sparsity expansion".
    """
    if isinstance(order, bool) or not isinstance(order, int) or order < 0:
        raise InputError(f"order={order!r}: must be a whole number, at least 0")
    _check(problem)
    exact = ExactLoss(problem.replace(density=0), read_weights(problem, W, b, W_decoder))
    expand = _Expander(problem, exact, order)
    if digits is None:
        return expand(expand.field, None)
    wanted = checked_digits(digits)
    precision = 64 + 4 * wanted
    while precision <= MAX_PRECISION:
        field = BallVertices() if expand.is_polynomial else ExactVertices(expand.field)
        with ctx.workprec(precision):
            try:
                found = expand(field, precision)
            except Undecided:
                found = None
        if found is not None and all(_has_digits(c, wanted) for c in found.coefficients):
            return found
        precision *= 2
    raise Unsupported(f"digits={digits}: not reached at {MAX_PRECISION} bits; ask for fewer")


def one_active_loss(
    problem: Problem,
    W: Any,
    b: Any = None,
    *,
    W_decoder: Any = None,
    digits: int | None = None,
) -> Exact | Enclosure:
    r"""Give the loss of the one-active model: exactly one feature is active, each as likely.

    .. math::
        \frac1n \sum_j \sum_i I_i\, \mathbb{E}\,(\delta_{ij} u - \sigma(G_{ij} u + b_i))^2

    ``n`` times this is the ``L_1`` of Elhage et al.; for ReLU and ``U[0, 1]`` it is Chen et al.'s
    ``H / (3n)`` (``theory.limits.one_hot``). No set of more than one feature is formed, for any
    ``n``.

    Args:
        problem: independent features; with ``n_active=1`` or with any density.
        W: ``m`` rows of ``n`` rational or algebraic numbers, or an arrangement.
        b: length ``n``; zeros where left out, or the bias of the arrangement.
        W_decoder: ``m`` rows of ``n``, or left out for tied weights.
        digits: asks for an enclosure, as in ``density_expansion``.

    Returns:
        A ``Fraction``, a SymPy number for algebraic weights, or an enclosure.

    Raises:
        InputError: weights that do not fit.
        Unsupported: groups, or no exact form (see ``expected_loss``).

    Example:
        >>> one_active_loss(Problem(3, 1, n_active=1), [[1, -1, 0]])
        Fraction(1, 9)

    Source: Elhage et al. 2022, arXiv:2209.10652, section "Sparsity expansion"; Chen et al. 2023,
    arXiv:2310.06301, equation (4).
    """
    free = problem.replace(n_active=None, density=0)
    found = density_expansion(free, W, b, W_decoder=W_decoder, order=1, digits=digits)
    return found.given_active(1)


class _Expander:
    """The outputs of a model, to be expanded in some arithmetic."""

    def __init__(self, problem: Problem, exact: ExactLoss, order: int) -> None:
        self.problem, self.order = problem, order
        self.field = exact.reduced.subfield.field
        self.is_polynomial = problem.activation.is_polynomial
        self._model = exact.reduced.outputs
        self._importances = exact.reduced.importances
        rows = zip(self._model.gram, self._model.bias, strict=True)
        self._sets = [OutputSets(problem, i, row, bias) for i, (row, bias) in enumerate(rows)]

    def __call__(self, field: Any, precision: int | None) -> DensityExpansion:
        ball: Callable[[Any], Any] = self.field.ball if precision else lambda element: element
        series: Sequence[list[Any] | None] = [None] * len(self._sets)
        if self.is_polynomial:
            gram = [[ball(entry) for entry in row] for row in self._model.gram]
            model = Outputs(field, self.problem, gram, [ball(b) for b in self._model.bias])
            series = [list(column) for column in zip(*model.coefficients(), strict=True)]
            sums = [_sums_of(each, self.order) for each in series if each is not None]
        else:
            sums = self._summed(field)
        outputs = [
            _Output(
                ball(weight),
                found,
                largest_size(self.field, [each.bias]),
                [max(largest_size(self.field, part) for part in unit) for unit in each.reaches],
                known,
            )
            for weight, found, each, known in zip(
                self._importances, sums, self._sets, series, strict=True
            )
        ]
        return DensityExpansion(self.problem, self.order, outputs, field, precision)

    def _summed(self, field: Any) -> list[SetSums]:
        """The sums of every output; outputs that lose the same are summed once."""
        different = {each.key: each for each in self._sets}
        work = sum(each.evaluations(self.order) for each in different.values())
        if self.order > 1 and work > MAX_SETS:
            raise Unsupported(
                f"order={self.order}: needs the loss of {work} sets of features, and at most "
                f"{MAX_SETS} are summed; ask for a lower order"
            )
        found = {key: each.sums(field, self.order) for key, each in different.items()}
        return [found[each.key] for each in self._sets]


def _check(problem: Problem) -> None:
    if problem.n_active is not None:
        raise Unsupported(
            f"n_active={problem.n_active}: fixes how many features are active, so that there is no "
            "density to expand in"
        )
    if isinstance(problem.density, tuple):
        raise Unsupported(
            f"density={tuple(map(str, problem.density))}: differs between features; the expansion "
            "is in one density common to all"
        )
    if problem.replace(density=0).is_symbolic:
        raise Unsupported("importance: holds symbols; give numbers")


def _sums_of(coefficients: Sequence[Any], order: int) -> SetSums:
    """Sums over sets from all coefficients of the series."""
    sums, units = [], len(coefficients) - 1
    for s in range(min(order, units) + 1):
        total = coefficients[0] * math.comb(units, s)
        for k in range(1, s + 1):
            total = total + coefficients[k] * math.comb(units - k, s - k)
        sums.append(total)
    return SetSums(sums, units)


def _has_digits(found: Enclosure, digits: int) -> bool:
    """Digits of a number that is not zero; one that may be zero is known to be very small."""
    if abs(found.midpoint) > found.radius:
        return found.radius * 10**digits <= abs(found.midpoint) - found.radius
    return found.radius <= Fraction(1, 10 ** (3 * digits + 30))
