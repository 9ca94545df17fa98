r"""Bounds on the best gain ``sup_W gain(W)`` at every density, each a claim with its source.

The model is that of arXiv:2606.18538: a symmetric feature law, an odd power ``q``, no bias, no
constraint on the norms, one density ``p``. Upper bounds hold for every ``W``; each lower bound
comes with a rational ``W`` whose exact gain it is. Statements of order, whose constants nobody
knows, hold no number.

Source: arXiv:2606.18538, theorem 2.2; own derivations, ``docs/proofs/gain_upper_bounds.md``.
"""

from __future__ import annotations

import math
from fractions import Fraction

from flint import arb, ctx, fmpq

from theory.power_model.claims import PRECISION, GainBound, at_most, enclosed
from theory.power_model.first_order import very_sparse_rate
from theory.power_model.gain import seed_moments
from theory.power_model.leverage import cumulant_bound, two_leverage_bound
from theory.power_model.lower import constructions
from theory.power_model.noise import leverage_bound
from theory.problem import Normal, Problem, Unsupported

__all__ = [
    "GainBound",
    "best_lower",
    "best_upper",
    "lower_bounds",
    "order_statements",
    "upper_bounds",
]

MAX_BITS = 4000
"""Longest rational value that is given as it is; longer ones are rounded outward."""

_PAPER = "arXiv:2606.18538"
_OWN = "own derivation, docs/proofs/gain_upper_bounds.md"


def upper_bounds(problem: Problem) -> list[GainBound]:
    r"""List numbers that the gain of no ``W`` exceeds.

    Args:
        problem: symmetric law, odd power, independent features, one rational density.

    Returns:
        The bounds; values that are not exact are rounded up.

    Raises:
        Unsupported: a problem outside the model, or a density that is not rational.

    Example:
        >>> from theory.problem import Power, Rademacher
        >>> law, cubic = Rademacher(), Power(3)
        >>> problem = Problem(20, 2, density="1/1000", features=law, activation=cubic)
        >>> for bound in upper_bounds(problem):
        ...     print(bound.name, float(bound.value))
        ignoring everything 0.02
        tensor dimension 0.004
        one active 0.00321...
        leverage 0.0183...
        cumulants 0.00442...
        two leverages 0.00341...
        explicit power law 14.544...

    Source: as each bound says.
    """
    density = _density(problem)
    found = [_ignoring(problem, density), _tensor(problem, density), _one_active(problem, density)]
    if isinstance(problem.features, Normal):
        found.append(_masked_normal(problem, density))
    if density:
        found += _by_leverage(problem)
    if density and problem.activation.power > 1:
        found.append(_power_law(problem, density))
    return found


def lower_bounds(problem: Problem) -> list[GainBound]:
    r"""List gains of actual weights, which are exact.

    Args:
        problem: symmetric law, odd power, independent features, one rational density.

    Returns:
        The bounds with their ``columns``; ``gain(problem, bound.weights).value`` is the value.

    Raises:
        Unsupported: a problem outside the model, or a density that is not rational.

    Example:
        >>> from theory.problem import Power, Rademacher
        >>> law, cubic = Rademacher(), Power(3)
        >>> problem = Problem(20, 2, density="1/1000", features=law, activation=cubic)
        >>> for bound in lower_bounds(problem):
        ...     print(bound.name, float(bound.value))
        ignoring everything 0.0
        unsuperposed 0.002
        ...

    Source: as each bound says.
    """
    density = _density(problem)
    nothing = GainBound(
        "ignoring everything",
        "lower",
        Fraction(0),
        r"\tilde L(0) = 0",
        (problem.n_hidden, problem.n_features),
        source=f"{_PAPER}, eq. 7",
        make_columns=tuple,
    )
    return [nothing, *constructions(problem, density)]


def best_upper(problem: Problem) -> GainBound:
    """Give the smallest of the upper bounds.

    Args:
        problem: as for ``upper_bounds``.

    Returns:
        The bound.

    Raises:
        Unsupported: as for ``upper_bounds``.

    Example:
        >>> from theory.problem import Power, Rademacher
        >>> linear = Problem(9, 2, density="1/10", features=Rademacher(), activation=Power(1))
        >>> best_upper(linear).value == best_lower(linear).value == Fraction(1, 5)
        True
    """
    return min(upper_bounds(problem), key=_number)


def best_lower(problem: Problem) -> GainBound:
    """Give the largest of the lower bounds.

    Args:
        problem: as for ``lower_bounds``.

    Returns:
        The bound, with its weights.

    Raises:
        Unsupported: as for ``lower_bounds``.
    """
    return max(lower_bounds(problem), key=_number)


def _number(bound: GainBound) -> Fraction:
    return Fraction(0) if bound.value is None else bound.value


def _density(problem: Problem) -> Fraction:
    seed_moments(problem)
    density = problem.densities[0]
    if not isinstance(density, Fraction):
        raise Unsupported(f"density={density}: bounds need a rational number; give one")
    return density


def _upper(
    problem: Problem, name: str, value: Fraction, statement: str, **fields: object
) -> GainBound:
    """An upper bound, rounded up where its value is long."""
    shape = (problem.n_hidden, problem.n_features)
    long = max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS
    if long:
        value = at_most(enclosed(value))
    given: dict[str, object] = {"source": _OWN, "is_exact": not long} | fields
    return GainBound(name, "upper", value, statement, shape, **given)  # type: ignore[arg-type]


def _second(problem: Problem) -> Fraction:
    return seed_moments(problem)[1][2]


def _tensor_dimension(problem: Problem) -> int:
    """``min(n, dim Sym^q(R^r))``."""
    n, q = problem.n_features, problem.activation.power
    return min(n, math.comb(min(n, problem.n_hidden) + q - 1, q))


def _ignoring(problem: Problem, density: Fraction) -> GainBound:
    value = density * problem.n_features * _second(problem)
    statement = r"\tilde L \le p\,n\,\mu_2"
    return _upper(problem, "ignoring everything", value, statement, source=f"{_PAPER}, eq. 6")


def _tensor(problem: Problem, density: Fraction) -> GainBound:
    value = density * _second(problem) * _tensor_dimension(problem)
    statement = r"\tilde L \le p\,\mu_2 \min\!\big(n, \tbinom{m+q-1}{q}\big)"
    return _upper(problem, "tensor dimension", value, statement)


def _one_active(problem: Problem, density: Fraction) -> GainBound:
    r"""One active feature gains by ``F``; two or more gain at most their tensor dimension."""
    statement = (
        r"\tilde L \le p\,(1-p)^{n-1} \tfrac{\mu_{q+1}^2}{\mu_{2q}} \min(n, D_q)"
        r" + p\,\big(1 - (1-p)^{n-1}\big)\,\mu_2 \min\!\big(n, \tbinom{m+q-1}{q}\big)"
    )
    one, more = very_sparse_rate(problem), _second(problem) * _tensor_dimension(problem)
    others = problem.n_features - 1
    if others * density.denominator.bit_length() <= MAX_BITS:
        alone = (1 - density) ** others
        value = density * (alone * one + (1 - alone) * more)
        return _upper(problem, "one active", value, statement)
    with ctx.workprec(PRECISION):
        chance = arb(fmpq(density.numerator, density.denominator))
        alone_ball = (1 - chance) ** others
        ball = chance * (enclosed(more) - alone_ball * enclosed(more - one))
    return _upper(problem, "one active", at_most(ball), statement, is_exact=False)


def _masked_normal(problem: Problem, density: Fraction) -> GainBound:
    """Given the mask, ``x`` is normal and its best predictor from ``W x`` is linear."""
    kept = min(problem.n_hidden, problem.n_features)
    value = _second(problem) * min(density * problem.n_features, Fraction(kept))
    return _upper(
        problem,
        "masked normal",
        value,
        r"\tilde L \le \mu_2\,\mathbb{E}\min(K, m),"
        r"\ K \sim \mathrm{Bin}(n, p)",
        assumptions=("normal features",),
    )


def _by_leverage(problem: Problem) -> list[GainBound]:
    statement = r"\tilde L \le n\mu + r\nu,\quad G_i \le \mu + \nu\lambda_1(i)"
    found = [_upper(problem, "leverage", leverage_bound(problem), statement, is_exact=False)]
    signs = (r"\kappa_4, \dots, \kappa_{2q} \ge 0 at this density",)
    closed, mixed = cumulant_bound(problem), two_leverage_bound(problem)
    if closed is not None:
        statement = (
            r"\tilde L \le \sum_{k,\pi} \tfrac{c_1^2}{c_2} \tfrac{\kappa_{k+1}^2}{\kappa_{2k}}"
            r" \min(n, D_k)"
        )
        found.append(_upper(problem, "cumulants", closed, statement, assumptions=signs))
    if mixed is not None:
        statement = (
            r"\tilde L \le n\mu + r\nu + \tfrac{\eta^2}{\kappa_{2q}} \min(n, D_q),"
            r"\quad G_i^\eta \le \mu + \nu\lambda_1(i)"
        )
        found.append(
            _upper(problem, "two leverages", mixed, statement, assumptions=signs, is_exact=False)
        )
    return found


def _power_law(problem: Problem, density: Fraction) -> GainBound:
    """The explicit bound of the later draft; it follows from the leverage bound for ``q > 1``."""
    q, mu = seed_moments(problem)
    constant = 2 * Fraction(q * 2**q, 4) ** 2 * min(problem.n_hidden, problem.n_features)
    with ctx.workprec(PRECISION):
        top = enclosed(mu[2 * q]).root(q) ** (q - 1)
        first = enclosed(mu[q + 1] ** 2 / mu[2]) / top * enclosed(density).root(q)
        ball = enclosed(constant) * (first + enclosed(mu[2] * density))
    return _upper(
        problem,
        "explicit power law",
        at_most(ball),
        r"\tilde L \le 2 K_q^2\, r \Big( \tfrac{\mu_{q+1}^2}{\mu_{2q}^{(q-1)/q} \mu_2} p^{1/q}"
        r" + \mu_2\, p \Big),\quad K_q = q\,2^{q-2}",
        is_exact=False,
        source=f"draft on {_PAPER} (Swissa, October 2026), unreviewed; proven here from the "
        "leverage bound, docs/proofs/gain_upper_bounds.md",
    )


def order_statements(problem: Problem) -> list[GainBound]:
    r"""List what is known of the order of growth, and the very sparse limit.

    Args:
        problem: symmetric law, odd power, independent features, one density.

    Returns:
        Statements of kind ``"order"``, whose value is None, and the ``"limit"`` of the best gain
        over ``p``, whose value is that limit.

    Raises:
        Unsupported: a problem outside the model.

    Example:
        >>> from theory.problem import Power, Rademacher
        >>> law, cubic = Rademacher(), Power(3)
        >>> problem = Problem(6000, 10, density="1e-6", features=law, activation=cubic)
        >>> [(claim.kind, claim.value) for claim in order_statements(problem)][-1]
        ('limit', Fraction(112, 1))

    Source: arXiv:2606.18538, theorem 2.2, and as each statement says.
    """
    q, shape = seed_moments(problem)[0], (problem.n_hidden, problem.n_features)
    root = rf"m\,p^{{1/{q}}}"
    large = "m > m_0 and n > m^q for some m_0(q, law)"
    unknown = "C_1, C_2, C_3 depend on q and the law alone; their values are not known"
    return [
        GainBound(
            "theorem 2.2 (1)",
            "order",
            None,
            rf"C_1 \min(p\,m^{q}, {root}) \le \sup_W \tilde L \le C_2\,p\,m^{q}",
            shape,
            assumptions=(large, unknown),
            source=f"{_PAPER}, theorem 2.2 (1)",
        ),
        GainBound(
            "theorem 2.2 (2)",
            "order",
            None,
            r"\sup_W \tilde L \le C_3\,m",
            shape,
            assumptions=("strongly log-concave law", large, unknown),
            source=f"{_PAPER}, theorem 2.2 (2)",
        ),
        GainBound(
            "order at every density",
            "order",
            None,
            rf"\sup_W \tilde L = \Theta\big(\min(p\,m^{q}, {root})\big)",
            shape,
            assumptions=(large, "the constants are not known"),
            source=f"draft on {_PAPER} (Swissa, October 2026), unreviewed",
        ),
        GainBound(
            "very sparse limit",
            "limit",
            very_sparse_rate(problem),
            r"\lim_{p \to 0} \sup_W \tilde L / p = \tfrac{\mu_{q+1}^2}{\mu_{2q}} \min(n, D_q(m))",
            shape,
            assumptions=("n <= m, or a weighted projective q-design of at most n lines in R^m",),
            source="own derivation, docs/proofs/very_sparse_supremum.md",
        ),
    ]
