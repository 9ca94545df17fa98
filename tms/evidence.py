"""Whether a sample is large enough for its standard error to mean what it says."""

from __future__ import annotations

import math

from theory.problem import Problem, Unsupported
from tms.rounding import absolute_moment

__all__ = ["check_sample", "events_needed"]

ENOUGH_EVENTS = 100  # expect fewer in a sample, and its standard error says little
LARGEST_PULL = 5.0  # standard errors by which one sample of the largest loss may move the mean
SKEWNESS = 4.0  # this over the skewness that the sample mean may have: 5 standard errors hold then


def events_needed(problem: Problem) -> int:
    r"""Count the events that a sample should hold: a hundred, more where the law has heavy tails.

    The loss grows like ``u^(2q)``, whose skewness is at most about ``M_{6q} / M_{4q}^{3/2}``; that
    of a mean of ``k`` is ``sqrt(k)`` times smaller.

    Args:
        problem: gives law and activation.

    Returns:
        The number.

    Example:
        >>> from theory.problem import Exponential, Power
        >>> events_needed(Problem(2, 1, density=1))
        100
        >>> events_needed(Problem(2, 1, density=1, features=Exponential(), activation=Power(2)))
        56006
    """
    q = problem.activation.power
    try:
        upper, lower = (absolute_moment(problem.features, k * q) for k in (6, 4))
    except Unsupported:  # a law given by few moments
        return ENOUGH_EVENTS
    skewness = upper / lower**1.5
    return max(ENOUGH_EVENTS, math.ceil((SKEWNESS * skewness) ** 2))


def check_sample(problem: Problem, error: float, n_samples: int, scale: float) -> None:
    """Refuse a sample in which the events that carry the loss hardly occur.

    Few active features are often represented without loss; what counts is then that two are active.
    And where densities differ, the loss may hang on a feature that is hardly ever active, or hardly
    ever idle. Where a sample holds few such events, or their tails are heavy, the standard error
    says little about what it missed; nor where one sample more, with the largest loss that is
    likely at all, would move the mean by five standard errors.

    Args:
        problem: the model without its weights.
        error: standard error of the sample.
        n_samples: its size.
        scale: how large the loss of one sample may be.

    Raises:
        Unsupported: such a sample; the message says how many samples would do.
    """
    enough = events_needed(problem)
    none, one, more = _counts(problem)
    if none == 1:
        return
    chances = list(problem.active_chances)
    heavy = enough > ENOUGH_EVENTS and scale > 0
    rare = [(more, "two features active") if more > 0 else (one, "a feature active")]
    rare += [(float(p), f"feature {i} active") for i, p in enumerate(chances)]
    events = [(chance, what, enough, heavy) for chance, what in rare]
    events += [
        (float(1 - p), f"feature {i} idle", ENOUGH_EVENTS, False) for i, p in enumerate(chances)
    ]
    for chance, what, needed, always in events:
        if 0 < chance * n_samples < needed and (always or chance * scale > error):
            tails = f" for {problem.features} and {problem.activation}" if always else ""
            raise Unsupported(
                f"n_samples={n_samples}: about {chance * n_samples:.3g} of them have {what}, "
                f"too few for the standard error to mean much{tails}; "
                f"{math.ceil(needed / chance):.2g} samples would do"
            )
    if error > 0 and scale > LARGEST_PULL * n_samples * error:
        enough_samples = (scale / (LARGEST_PULL * error)) ** 2 / n_samples
        raise Unsupported(
            f"n_samples={n_samples}: losses of single samples go up to about {scale:.2g}, too few "
            "for the standard error to mean much beside one of them; about "
            f"{enough_samples:.2g} samples would do"
        )


def _counts(problem: Problem) -> tuple[float, float, float]:
    """Probabilities that no feature, one, or two and more are active."""
    if problem.n_active is not None:
        k = problem.n_active
        return float(k == 0), float(k == 1), float(k > 1)
    none, one, more = 1.0, 0.0, 0.0
    for unit in problem.units:
        p = float(unit.density)
        single, several = (0.0, p) if len(unit.sets[0]) > 1 else (p, 0.0)
        more = more + one * p + none * several
        none, one = none * (1 - p), one * (1 - p) + none * single
    return none, one, more
