"""Every route to the same loss, side by side: the numbers, the gaps, the allowed gaps."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from theory.problem import Problem, Unsupported, is_symbolic
from tms.cost import PATIENT
from tms.digits import as_fraction, decimal_text, error_text
from tms.estimate import Estimate, Method
from tms.evidence import check_sample
from tms.inputs.weights import Weights, check_weights
from tms.oracle import DEFAULT_DIGITS, DEFAULT_SAMPLES, evaluate
from tms.rounding import forward_rounding, loss_scale

__all__ = ["CrossCheck", "Gap", "Refusal", "cross_check"]

STANDARD_ERRORS = 5  # a sound sample of a million misses by more once in two million
_METHODS: tuple[Method, ...] = ("exact", "ball", "series", "sampling")


_SHOWN = 32  # significant digits of a loss


@dataclass(frozen=True)
class Gap:
    """How far two routes are apart, and how far they may be."""

    first: Method
    second: Method
    gap: Fraction
    allowed: Fraction

    @property
    def within(self) -> bool:
        """Whether the gap is at most the allowed gap."""
        return self.gap <= self.allowed

    @property
    def independent(self) -> bool:
        """Whether the two routes compute by different mechanisms."""
        return {self.first, self.second} != {"exact", "ball"}


@dataclass(frozen=True)
class Refusal:
    """A route that was not taken, and why."""

    method: Method
    reason: str


@dataclass(frozen=True)
class CrossCheck:
    """What every route says; nothing is averaged and no route is preferred.

    Args:
        estimates: one for each route that accepts.
        gaps: one for each pair of them.
        refusals: the other routes, each with its reason.
    """

    estimates: tuple[Estimate, ...]
    gaps: tuple[Gap, ...]
    refusals: tuple[Refusal, ...]

    @property
    def agrees(self) -> bool:
        """Whether two independent routes were compared at least, and no gap is too large."""
        return any(gap.independent for gap in self.gaps) and all(gap.within for gap in self.gaps)

    @property
    def verdict(self) -> str:
        """One sentence, with counts."""
        counts = f"{len(self.estimates)} of {len(_METHODS)} routes answered"
        independent = sum(gap.independent for gap in self.gaps)
        too_far = [f"{gap.first} and {gap.second}" for gap in self.gaps if not gap.within]
        if too_far:
            return f"DISAGREEMENT between {'; '.join(too_far)} ({counts})"
        if not independent:
            return f"nothing to compare: no two independent routes ({counts})"
        pairs = "pair" if independent == 1 else "pairs"
        return f"agreement within the errors in {independent} independent {pairs} ({counts})"

    def __str__(self) -> str:
        lines = [f"{'route':<10}{'loss':<40}{'error':<10}tier"]
        for found in self.estimates:
            value, error = _shown(found), error_text(found.error)
            lines.append(f"{found.method:<10}{value:<40}{error:<10}{found.tier}")
        lines += ["", f"{'pair':<24}{'gap':<12}allowed"] if self.gaps else []
        for gap in self.gaps:
            pair, size = f"{gap.first} - {gap.second}", decimal_text(gap.gap, at_most=2)
            mark = "" if gap.within else "  TOO FAR"
            lines.append(f"{pair:<24}{size:<12}{decimal_text(gap.allowed, at_most=2)}{mark}")
        lines += ["", *(f"{refused.method} refused: {refused.reason}" for refused in self.refusals)]
        return "\n".join([*lines, self.verdict])


def cross_check(
    problem: Problem,
    W: object,
    b: object = None,
    *,
    W_decoder: object = None,
    digits: int = DEFAULT_DIGITS,
    tolerance: float | None = None,
    n_samples: int = DEFAULT_SAMPLES,
    seed: int = 0,
) -> CrossCheck:
    r"""Evaluate one loss by every route that accepts it, and compare them pair by pair.

    .. math:: |L_1 - L_2| \le e_1 + e_2

    with ``e`` the error of an estimate: 0 for ``exact``, the radius for ``ball``, the bound for
    ``series``, five standard errors for ``sampling``.

    Args:
        problem: the model without its weights.
        W: ``(n_hidden, n_features)``, features as columns.
        b: ``(n_features,)``; zeros when left out.
        W_decoder: like ``W``, of an untied decoder; tied to ``W`` when left out.
        digits: of the ball route.
        tolerance: of the series route.
        n_samples: of the sampling route.
        seed: of the sampling route.

    Returns:
        The estimates, the gaps with the allowed gaps, and the routes that refused.

    Raises:
        InputError: weights that do not fit, are not finite or not real, or options out of range.

    Example:
        >>> check = cross_check(Problem(2, 1, density=1), [[1, "-3/5"]], n_samples=10_000)
        >>> check.agrees, len(check.estimates)
        (True, 4)

    Source: the routes cite theirs; see ``expected_loss``.
    """
    weights = check_weights(problem, W, b, W_decoder)
    options = {"digits": digits, "tolerance": tolerance, "n_samples": n_samples, "seed": seed}
    estimates, refusals = [], []
    for method in _METHODS:
        try:
            estimates.append(_answer(problem, weights, method, options))
        except Unsupported as refusal:
            refusals.append(Refusal(method, str(refusal)))
    pairs = itertools.combinations(estimates, 2)
    slack = {found.method: _slack(problem, weights, found) for found in estimates}
    gaps = tuple(_gap(first, second, digits, slack) for first, second in pairs)
    return CrossCheck(tuple(estimates), gaps, tuple(refusals))


def _answer(
    problem: Problem, weights: Weights, method: Method, options: dict[str, Any]
) -> Estimate:
    """What one route says, unless comparing it would mean nothing."""
    excess = PATIENT.excess(problem, weights, method) if method in ("exact", "ball") else None
    if excess is not None:
        raise Unsupported(
            f"n_features={problem.n_features}: {excess}; "
            f"expected_loss(..., method={method!r}) tries it"
        )
    found = evaluate(problem, weights, method, **options)
    if not found.is_finite:
        raise Unsupported(f"loss={found.value}, error={found.error}: not a finite answer")
    if method == "sampling":
        scale = loss_scale(problem, weights.floats())
        check_sample(problem, float(found.error), options["n_samples"], scale)
    return found


def _shown(found: Estimate) -> str:
    return str(found.value) if is_symbolic(found.value) else found.digits(_SHOWN)


def _gap(first: Estimate, second: Estimate, digits: int, slack: dict[Method, Fraction]) -> Gap:
    values = [as_fraction(found.value, 2 * digits + 20) for found in (first, second)]
    allowed = slack[first.method] + slack[second.method]
    return Gap(first.method, second.method, abs(values[0] - values[1]), allowed)


def _slack(problem: Problem, weights: Weights, found: Estimate) -> Fraction:
    """How far an estimate may be from the truth."""
    if found.tier != "sampled":
        return Fraction(found.error)
    rounding = forward_rounding(problem, weights.floats(), float(found.value))
    rounding += weights.rounding(problem, float(found.value))
    return Fraction(STANDARD_ERRORS * float(found.error) + rounding)
