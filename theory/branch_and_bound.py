r"""Branch and bound on the least loss of two features in one hidden dimension, with a certificate.

For ReLU on ``U[0, 1]`` let ``g_i(w)`` be the loss of output ``i`` at its best bias. With
``sigma_j^2 = Var x_j``, for all weights

.. math:: \Bigl|\sqrt{g_i(w)} - \sqrt{g_i(w')}\Bigr|
    \le \Bigl(\sum_j \sigma_j^2 (G_{ij} - G'_{ij})^2\Bigr)^{1/2},

as the root of the loss is a distance in the mean square, ReLU is 1-Lipschitz, and the bias can
take the mean of the difference. So a box of weights with centre ``c`` has
``L >= sum_i I_i (sqrt(g_i(c)) - d_i)_+^2`` with ``d_i`` the largest right-hand side in the box.
Boxes are halved, the least bound first. Weights outside the first box lose at least
``I_i p_i (1/3 - 4 / (3 A_i))`` with ``A_i >= 4`` its largest ``w_i^2``: dropping the other feature
lowers ``g_i``; for ``b <= 0`` at most ``2 / A_i`` of the values of ``u`` gain anything, at most
``4 / (3 A_i)`` in all; for ``b > 0`` the loss is at least ``p_i (A_i - 1)^2 / 3``.

All is rational but square roots, which are enclosed and rounded down. The certificate is the tree
of halvings; ``verify`` goes through its leaves again.

Source: own derivation, ``docs/proofs/lower_bounds.md``; branch and bound by Lipschitz constants:
Horst and Tuy 1996, "Global Optimization", section XI.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, ctx, fmpq

from theory.arithmetic.sturm import as_fmpq, as_fraction
from theory.bounding.claims import LowerClaim, NotApplicable, rational
from theory.bounding.layers import layers
from theory.bounding.question import Question
from theory.bounding.two_features import least_row_loss
from theory.certificates import RefusedCertificate
from theory.problem import InputError, Problem, ReLU, Uniform

__all__ = ["BoxCertificate", "box_claim", "box_problems", "branch_and_bound", "verify_boxes"]

MAX_BOXES = 10**6
_PRECISION = 96
_MOST_LAYERS = 3


@dataclass(frozen=True)
class BoxCertificate:
    """The claim that no weights lose less than a number, and the boxes that are said to prove it.

    Attributes:
        densities: of the two features.
        importances: likewise.
        reach: the largest ``w_1`` and ``w_2`` in absolute value; ``w_1 >= 0`` by symmetry.
        tree: for every box, parents before children and lower halves first, ``"1"`` where it is
            halved across its longer side and ``"0"`` where it is not.
        bound: the claim.

    Example:
        >>> certificate = branch_and_bound(Problem(2, 1, density="1/2"), boxes=200)
        >>> verify_boxes(certificate) == certificate.bound
        True
    """

    densities: tuple[Fraction, Fraction]
    importances: tuple[Fraction, Fraction]
    reach: tuple[Fraction, Fraction]
    tree: str
    bound: Fraction


@dataclass(frozen=True)
class _Box:
    """Centre and half-widths."""

    centre: tuple[fmpq, fmpq]
    half: tuple[fmpq, fmpq]

    def halves(self) -> tuple[_Box, _Box]:
        """Halved across the longer side, the lower half first."""
        k = 0 if self.half[0] >= self.half[1] else 1
        half = self.half[k] / 2
        step = (half, fmpq(0)) if k == 0 else (fmpq(0), half)
        sides = (self.half[0] - step[0], self.half[1] - step[1])
        first, second = self.centre
        low = _Box((first - step[0], second - step[1]), sides)
        return low, _Box((first + step[0], second + step[1]), sides)


class _Losses:
    """Bounds on the loss of two features."""

    def __init__(
        self, densities: tuple[Fraction, Fraction], importances: tuple[Fraction, Fraction]
    ) -> None:
        self.densities = tuple(map(as_fmpq, densities))
        self.importances = tuple(map(as_fmpq, importances))
        self.variances = tuple(p / 3 - p * p / 4 for p in self.densities)

    def rows(self, centre: tuple[fmpq, fmpq]) -> list[fmpq]:
        """Lower bounds on ``g_1`` and ``g_2``, close to them."""
        found = []
        for i, j in ((0, 1), (1, 0)):
            alpha, gamma = centre[i] ** 2, centre[0] * centre[1]
            found.append(least_row_loss(alpha, gamma, self.densities[i], self.densities[j]))
        return found

    def bound(self, box: _Box) -> Fraction:
        """The loss of no weights in the box is below this."""
        total = arb(0)
        rows = self.rows(box.centre)
        for i, j in ((0, 1), (1, 0)):
            own = box.half[i] * (2 * abs(box.centre[i]) + box.half[i])
            mixed = (
                abs(box.centre[i]) * box.half[j]
                + abs(box.centre[j]) * box.half[i]
                + box.half[i] * box.half[j]
            )
            change = self.variances[i] * own * own + self.variances[j] * mixed * mixed
            root = (arb(rows[i]).sqrt() - arb(change).sqrt()).lower()
            if root > 0:
                total += arb(self.importances[i]) * root * root
        mantissa, exponent = total.lower().man_exp()
        return max(Fraction(0), Fraction(int(mantissa)) * Fraction(2) ** int(exponent))

    def outside(self, reach: tuple[Fraction, Fraction]) -> Fraction:
        """Weights that reach further lose at least this."""
        least = []
        for i in (0, 1):
            far = reach[i] ** 2
            if far < 4:
                return Fraction(0)
            size = as_fraction(self.importances[i] * self.densities[i])
            least.append(size * (Fraction(1, 3) - Fraction(4, 3) / far))
        return min(least)


def _root(reach: tuple[Fraction, Fraction]) -> _Box:
    first, second = as_fmpq(reach[0]) / 2, as_fmpq(reach[1])
    return _Box((first, fmpq(0)), (first, second))


def branch_and_bound(problem: Problem, *, boxes: int = 1500) -> BoxCertificate:
    """Bound the loss of all weights and biases of two features in one dimension.

    Args:
        problem: two features, one hidden dimension, ReLU, ``U[0, 1]``, independent, rational.
        boxes: how often a box is halved.

    Returns:
        The certificate of the best bound that so many boxes give.

    Raises:
        NotApplicable: another problem.
        InputError: too many boxes, or none.

    Example:
        >>> found = branch_and_bound(Problem(2, 1, density="3/10"), boxes=600)
        >>> 0.75 < float(found.bound) / 0.02931036 < 1
        True
    """
    if isinstance(boxes, bool) or not isinstance(boxes, int) or not 1 <= boxes <= MAX_BOXES:
        raise InputError(f"boxes={boxes!r}: must be a whole number from 1 to {MAX_BOXES}")
    densities, importances = _numbers(problem)
    losses = _Losses(densities, importances)
    reach = _reach(losses)
    with ctx.workprec(_PRECISION):
        split, least = _searched(losses, _root(reach), boxes)
    bound = min(least, losses.outside(reach))
    return BoxCertificate(densities, importances, reach, "".join(_written(1, split)), bound)


def _numbers(problem: Problem) -> tuple[tuple[Fraction, Fraction], tuple[Fraction, Fraction]]:
    fits = problem.n_features == 2 and problem.n_hidden == 1 and problem.is_independent
    if not fits or problem.activation != ReLU() or problem.features != Uniform():
        raise NotApplicable(
            "n_features, n_hidden: branch and bound is for two independent features on U[0, 1] in "
            "one dimension, and ReLU"
        )
    first, second = rational(problem.densities, "density")
    heavy, light = rational(problem.importances, "importance")
    if not all((first, second, heavy, light)):
        raise NotApplicable("density, importance: one is 0, so that nothing need be lost")
    return (first, second), (heavy, light)


def _reach(losses: _Losses) -> tuple[Fraction, Fraction]:
    """A first box outside of which the loss is above that of some weights inside."""
    trials = [(fmpq(1), fmpq(0)), (fmpq(0), fmpq(1)), (fmpq(1), fmpq(-1)), (fmpq(3, 4), fmpq(-1))]
    known = min(
        sum((as_fraction(g * i) for g, i in zip(losses.rows(w), losses.importances, strict=True)))
        for w in trials
    )
    found = []
    for i in (0, 1):
        size = as_fraction(losses.importances[i] * losses.densities[i])
        left = 1 - 3 * min(known * Fraction(257, 256) / size, Fraction(85, 256))
        steps = 4
        while Fraction(steps, 2) ** 2 * left < 4:
            steps += 1
        found.append(Fraction(steps, 2))
    return found[0], found[1]


def _searched(losses: _Losses, root: _Box, boxes: int) -> tuple[set[int], Fraction]:
    """The boxes that were halved, numbered like a heap, and the least bound of the others."""
    split: set[int] = set()
    heap = [(losses.bound(root), 1, root)]
    for _ in range(boxes):
        _, name, box = heapq.heappop(heap)
        split.add(name)
        for k, half in enumerate(box.halves()):
            heapq.heappush(heap, (losses.bound(half), 2 * name + k, half))
    return split, heap[0][0]


def _written(root: int, split: set[int]) -> Iterator[str]:
    """The tree, parents before children."""
    stack = [root]
    while stack:
        name = stack.pop()
        yield "1" if name in split else "0"
        if name in split:
            stack += [2 * name + 1, 2 * name]


def verify_boxes(certificate: BoxCertificate) -> Fraction:
    """Go through the boxes of a certificate again.

    Args:
        certificate: any.

    Returns:
        The bound, which is then proven.

    Raises:
        RefusedCertificate: boxes that do not cover all weights, or one whose bound is lower.
        InputError: numbers out of their range.

    Example:
        >>> from dataclasses import replace
        >>> right = branch_and_bound(Problem(2, 1, density="1/2"), boxes=20)
        >>> verify_boxes(replace(right, tree=right.tree[:-1]))
        Traceback (most recent call last):
        theory.certificates.RefusedCertificate: tree: ends before all weights are covered
    """
    _check(certificate)
    losses = _Losses(certificate.densities, certificate.importances)
    if losses.outside(certificate.reach) < certificate.bound:
        raise RefusedCertificate("reach: weights outside of it may lose less than the bound")
    stack = [_root(certificate.reach)]
    with ctx.workprec(_PRECISION):
        for mark in certificate.tree:
            if not stack:
                raise RefusedCertificate("tree: goes on after all weights are covered")
            box = stack.pop()
            if mark == "1":
                stack += reversed(box.halves())
            elif losses.bound(box) < certificate.bound:
                raise RefusedCertificate(
                    f"bound={float(certificate.bound):.9g}: weights around "
                    f"({box.centre[0]}, {box.centre[1]}) may lose less"
                )
    if stack:
        raise RefusedCertificate("tree: ends before all weights are covered")
    return certificate.bound


def _check(certificate: BoxCertificate) -> None:
    numbers = (*certificate.densities, *certificate.importances, *certificate.reach)
    if len(numbers) != 6 or not all(isinstance(v, Fraction) for v in (*numbers, certificate.bound)):
        raise InputError("certificate: densities, importances and reach must be two fractions each")
    if not all(0 < p <= 1 for p in certificate.densities):
        raise InputError("densities: must be above 0 and at most 1")
    if not all(v > 0 for v in (*certificate.importances, *certificate.reach)):
        raise InputError("importances, reach: must be above 0")
    if len(certificate.tree) > 2 * MAX_BOXES + 1 or set(certificate.tree) - {"0", "1"}:
        raise InputError(f"tree: must be at most {2 * MAX_BOXES + 1} signs, 0 and 1")


def box_problems(question: Question) -> list[tuple[Fraction, Problem]]:
    """Say which problems of two features bound a problem in one dimension, and with which factor.

    Args:
        question: ReLU, ``U[0, 1]``, independent features, one hidden dimension.

    Returns:
        Factors and problems: itself for two features, else one for each layer.

    Raises:
        NotApplicable: another problem, or one that has too few features or too many layers.
    """
    problem = question.problem
    if problem.n_hidden != 1:
        raise NotApplicable(f"n_hidden={problem.n_hidden}: branch and bound is for one dimension")
    if problem.activation != ReLU() or problem.features != Uniform():
        raise NotApplicable("activation, features: branch and bound is for ReLU and U[0, 1]")
    parts = layers(problem, question.kept)
    if problem.n_features == len(question.kept) == 2:
        _numbers(problem)  # raises where nothing need be lost
        return [(Fraction(1), problem)]
    found = [
        (layer.weight * layer.count / 2, Problem(2, 1, density=layer.density))
        for layer in parts
        if layer.count > 1 and layer.density
    ]
    if not 1 <= len(found) <= _MOST_LAYERS:
        raise NotApplicable(
            f"importance, density: give {len(found)} problems of two features, must be 1 to "
            f"{_MOST_LAYERS}"
        )
    return found


def box_claim(question: Question, certificates: Sequence[BoxCertificate]) -> LowerClaim:
    """Turn certificates into a bound on the loss; each that is used is verified here.

    Args:
        question: as for ``box_problems``.
        certificates: of its problems of two features; others are left out.

    Returns:
        The claim.

    Raises:
        NotApplicable: as for ``box_problems``, or no certificate fits.
    """
    total, used = Fraction(0), 0
    for factor, problem in box_problems(question):
        numbers = _numbers(problem)
        fitting = [c for c in certificates if (c.densities, c.importances) == numbers]
        if fitting:
            total += factor * max(map(verify_boxes, fitting))
            used += 1
    if not used:
        raise NotApplicable("certificates: this bound needs one of two features in one dimension")
    return LowerClaim(
        "branch and bound",
        total,
        r"L \ge \min_{\text{boxes}} \sum_i I_i (\sqrt{g_i(c)} - d_i)_+^2",
    )
