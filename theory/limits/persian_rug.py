r"""The Persian Rug: the loss of a symmetric model with very many features, a feature at a time.

All features are alike: ``x_hat_i = ReLU(a x_i + b + nu_i)``, where the sum over all other features
``nu_i`` is Gaussian with mean 0 (its mean is part of ``b``) and with the variance of ``a / r``
times a projector of rank ``m = r n``, whose diagonal is ``r``:

.. math::
    \operatorname{Var} \nu = s^2 = a^2 \sigma^2, \qquad
    \sigma^2 = \frac{1 - r}{r}\, v, \qquad v = \frac p3 - \frac{p^2}{4} .

With ``G_k(mu) = E (mu + s Z)_+^k``, so that ``G_{k+1}' = (k + 1) G_k``,

.. math::
    \frac Ln &= (1 - p) G_2(b) + p \int_0^1 \bigl(u^2 - 2 u G_1(a u + b) + G_2(a u + b)\bigr) du
    = \frac p3 - 2 p a N(\beta) + a^2 M(\beta), \qquad \beta = b / a, \\
    N &= \tfrac12 G_2(1 + \beta) - \tfrac16 (G_3(1 + \beta) - G_3(\beta)), \qquad
    M = (1 - p) G_2(\beta) + \tfrac p3 (G_3(1 + \beta) - G_3(\beta)),

in the last line with ``s = sigma``. The best ``a`` is ``p N / M`` and leaves
``p/3 - p^2 N^2 / M``; the best ``beta`` is a zero of ``K = 2 N' M - N M'``.

**The optimum is global.** ``gain = p^2 N^2 / M`` is the largest ``E[x y]^2 / E y^2`` over multiples
``y``. (1) By Cauchy-Schwarz ``gain <= E[x^2; y > 0] <= (p/3) Phi((1 + beta) / sigma)``, which is
too little for small ``beta``. (2) For ``beta > 0``, with ``delta = G_1(-beta)`` and
``E (y_-)^2 <= sigma^2 / 2``, ``gain <= (p/2 + (p/3 + p delta / 2) / beta)^2``, too little for large
``beta``. (3) For ``a <= 0`` output and feature are not positively correlated, so that
``gain <= (E x)^2 = p^2 / 4``. Between, ``K`` is enclosed piece by piece: ``N, M, N', M'`` are
increasing in ``beta``, so that their values at two points bound them between.

Source: Cowsik, Dolev, Infanger 2024, arXiv:2410.12101, for the ansatz (equal diagonals, equal
biases, Gaussian rest of a scaled projector); the closed form and the proof are own derivations.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from flint import arb, ctx, fmpq

from theory.arithmetic.ball_roots import (
    MAX_PRECISION,
    checked_digits,
    enclosed,
    known_sign,
    refined_zero,
    sign,
)
from theory.arithmetic.balls import Enclosure
from theory.problem import InputError, Unsupported, exact_number
from theory.rows.vertices import Undecided

__all__ = ["RugOptimum", "linear_rug_loss", "persian_rug_loss", "persian_rug_optimum"]

_MAX_PIECES = 100_000


@dataclass(frozen=True)
class RugOptimum:
    """The best scale and bias of the symmetric model, and its loss.

    Attributes:
        scale: ``a``, the diagonal entry of ``W_decoder^T W``.
        bias: ``b``.
        loss: the least loss a feature, over all real ``a`` and ``b``.
    """

    scale: Enclosure
    bias: Enclosure
    loss: Enclosure


def persian_rug_loss(
    ratio: object, scale: object, bias: object, *, density: object, digits: int = 30
) -> Enclosure:
    r"""Give the loss a feature of the symmetric model with very many features.

    .. math::
        \frac Ln = (1 - p) G_2(b) + p \int_0^1 (u^2 - 2 u G_1(a u + b) + G_2(a u + b))\, du

    Args:
        ratio: ``r = m / n`` in ``(0, 1]``, rational.
        density: ``p`` in ``[0, 1]``, rational.
        scale: ``a``, rational.
        bias: ``b``, rational.
        digits: correct significant digits; a loss that is exactly 0 comes with radius 0.

    Returns:
        A proven enclosure.

    Raises:
        InputError: a number out of its range.
        Unsupported: a number that is not rational.

    Example:
        >>> print(f"{float(persian_rug_loss('1/4', '1.25482', '-0.44088', density='1/20')):.10f}")
        0.0057894277

    Source: own derivation for the ansatz of arXiv:2410.12101.
    """
    r, p = _ratio(ratio), _density(density)
    a, b = _rational(scale, "scale"), _rational(bias, "bias")
    wanted = checked_digits(digits)
    if a == 0 or r == 1 or p == 0:
        value = _noiseless(p, a, b)
        return Enclosure(value, Fraction(0))
    return enclosed(wanted, lambda: [_Rug(r, p).loss(_arb(a), _arb(b))])[0]


def persian_rug_optimum(ratio: object, *, density: object, digits: int = 30) -> RugOptimum:
    r"""Give the best scale and bias of the symmetric model, proven to be the best.

    .. math:: \min_{a, b} \frac Ln = \frac p3 - \max_\beta \frac{p^2 N(\beta)^2}{M(\beta)}

    Args:
        ratio: ``r = m / n`` in ``(0, 1)``, rational; at 1 every feature has its dimension.
        density: ``p`` in ``(0, 1]``, rational.
        digits: correct significant digits.

    Returns:
        Proven enclosures.

    Raises:
        InputError: a number out of its range.
        Unsupported: a number that is not rational, or parameters so extreme that the search for
            all critical points is given up.

    Example:
        >>> print(f"{float(persian_rug_optimum('1/4', density='1/20').loss):.10f}")
        0.0057894277

    Source: own derivation for the ansatz of arXiv:2410.12101.
    """
    r, p = _ratio(ratio), _density(density)
    wanted = checked_digits(digits)
    if r == 1 or p == 0:
        raise InputError(
            f"ratio={r}, density={p}: with ratio 1 or density 0 the loss 0 is reached (scale 1, "
            "bias 0); give a ratio below 1 and a density above 0"
        )
    low, high = _isolated(r, p)
    scale, bias, loss = enclosed(wanted, lambda: _Rug(r, p).best(low, high))
    return RugOptimum(scale, bias, loss)


def linear_rug_loss(ratio: object, *, density: object) -> Fraction:
    r"""Give the loss a feature of the best linear model with a bias.

    .. math:: \frac Ln = (1 - r) \Bigl(\frac p3 - \frac{p^2}{4}\Bigr)

    Args:
        ratio: ``r = m / n`` in ``(0, 1]``, rational.
        density: ``p`` in ``[0, 1]``, rational.

    Returns:
        The loss; without a bias it is ``(1 - r) p / 3`` for a random projector.

    Raises:
        InputError: a number out of its range.
        Unsupported: a number that is not rational.

    Example:
        >>> linear_rug_loss("1/4", density="1/20")
        Fraction(77, 6400)

    Source: Elhage et al. 2022, arXiv:2209.10652, section 2 (the linear model keeps ``m`` features);
    arXiv:2410.12101 compares with the version without a bias.
    """
    p = _density(density)
    return (1 - _ratio(ratio)) * _variance(p)


class _Rug:
    """The functions of the module at the current precision."""

    def __init__(self, r: Fraction, p: Fraction) -> None:
        self.p = _arb(p)
        self.mean_square = _arb(p / 3)
        self.noise_to_signal = _arb((1 - r) / r)
        self.sigma = _arb((1 - r) / r * _variance(p)).sqrt()

    def truncated(self, mu: arb) -> list[arb]:
        """``G_0, ..., G_3`` with ``s = sigma``."""
        return _truncated(mu, self.sigma)

    def sums(self, beta: arb) -> tuple[arb, arb, arb, arb]:
        """``N, M, N', M'``, all of them increasing in ``beta``."""
        below, above = self.truncated(beta), self.truncated(1 + beta)
        p, steps = self.p, [y - x for x, y in zip(below, above, strict=True)]
        return (
            above[2] / 2 - steps[3] / 6,
            (1 - p) * below[2] + p * steps[3] / 3,
            above[1] - steps[2] / 2,
            2 * (1 - p) * below[1] + p * steps[2],
        )

    def steepness(self, beta: arb) -> arb:
        """``K = 2 N' M - N M'``, of the sign of the gain's derivative."""
        n, m, dn, dm = self.sums(beta)
        return 2 * dn * m - n * dm

    def steepness_slope(self, beta: arb) -> arb:
        """``K' = 2 N'' M + N' M' - N M''``."""
        n, m, dn, dm = self.sums(beta)
        below, above = self.truncated(beta), self.truncated(1 + beta)
        second_n = above[0] - (above[1] - below[1])
        second_m = 2 * (1 - self.p) * below[0] + 2 * self.p * (above[1] - below[1])
        return 2 * second_n * m + dn * dm - n * second_m

    def steepness_between(self, low: arb, high: arb) -> arb:
        """``K`` on an interval, from monotone parts."""
        n, m, dn, dm = (x.union(y) for x, y in zip(self.sums(low), self.sums(high), strict=True))
        found = 2 * dn * m - n * dm
        return found.intersection(self._nearly_linear(low, high)) if low > 0 else found

    def _nearly_linear(self, low: arb, high: arb) -> arb:
        """``K`` on an interval above 0: that of the linear model, and what the ReLU cuts off."""
        # N = N_0 + n, M = M_0 - m, N' = 1/2 - n', M' = 2 beta + p + m', where the small letters
        # are at least 0 and n <= G_1(-beta) / 2, m <= G_2(-beta), n' <= G_0(-beta) / 2,
        # m' <= 2 G_1(-beta); 2 N_0' M_0 - N_0 M_0' = sigma^2 - (2/3 - p/2) beta.
        p, cut = self.p, self.truncated(-low)
        first = high / 2 + arb(1) / 3
        second = high**2 + p * high + p / 3 + self.sigma**2
        most = (
            cut[2] + cut[0] * second + cut[1] / 2 * (2 * high + p + 2 * cut[1]) + 2 * cut[1] * first
        )
        linear = self.sigma**2 - (arb(2) / 3 - p / 2) * low.union(high)
        return linear - arb(0).union(most)

    def gain(self, beta: arb) -> arb:
        """``p^2 N^2 / M``."""
        n, m, _, _ = self.sums(beta)
        return (self.p * n) ** 2 / m

    def loss(self, a: arb, b: arb) -> arb:
        """The loss a feature, ``a`` not zero."""
        s = abs(a) * self.sigma
        below, above = _truncated(b, s), _truncated(a + b, s)
        step = (above[3] - below[3]) / (3 * a)
        active = arb(1) / 3 - above[2] / a + step / a + step
        return (1 - self.p) * below[2] + self.p * active

    def best(self, low: arb, high: arb) -> list[arb]:
        """Scale, bias and loss at the only zero of ``K`` between two points."""
        beta = refined_zero(self.steepness, self.steepness_slope, low, high)
        n, m, _, _ = self.sums(beta)
        a = self.p * n / m
        return [a, a * beta, self.mean_square - self.gain(beta)]


def _truncated(mu: arb, s: arb) -> list[arb]:
    """``G_k = E (mu + s Z)_+^k`` for ``k = 0, ..., 3``."""
    t = mu / s
    # by erfc: small where t is far below 0, without cancelling from 1
    tail = (-t / arb(2).sqrt()).erfc() / 2
    bell = (-t * t / 2).exp() / (2 * arb.pi()).sqrt()
    square = mu**2 + s**2
    return [
        tail,
        mu * tail + s * bell,
        square * tail + mu * s * bell,
        mu * (mu**2 + 3 * s**2) * tail + (mu**2 + 2 * s**2) * s * bell,
    ]


def _isolated(r: Fraction, p: Fraction) -> tuple[arb, arb]:
    """Two exact points with the best ``beta`` and no other zero of ``K`` between them."""
    precision = 128
    while precision <= MAX_PRECISION:
        try:
            with ctx.workprec(precision):
                return _searched(_Rug(r, p))
        except Undecided:
            precision *= 2
    raise Unsupported(f"ratio={r}, density={p}: the critical points cannot be told apart")


def _searched(rug: _Rug) -> tuple[arb, arb]:
    """Every zero of ``K`` where the optimum can be; the best of those where the gain is largest."""
    low, high = _range(rug)
    found = [piece for piece in _zeros(rug, low, high) if sign(rug.steepness(piece[0])) > 0]
    gains = [rug.gain(refined_zero(rug.steepness, rug.steepness_slope, *ends)) for ends in found]
    best = max(range(len(found)), key=lambda k: gains[k].mid())
    if any(not gains[k] < gains[best] for k in range(len(found)) if k != best):
        raise Undecided("two maxima cannot be told apart")
    return found[best]


def _range(rug: _Rug) -> tuple[arb, arb]:
    """Ends beyond which the gain is below one that is reached; exact."""
    trials = [arb(k) / 8 for k in range(-16, 17)] + [arb(2) ** k for k in range(2, 60)]
    linear = rug.p / 2 * rug.noise_to_signal  # best without the ReLU
    reached = max((rug.gain(beta) for beta in (linear, *trials)), key=lambda ball: ball.lower())
    third, half = rug.mean_square, rug.p / 2

    def too_small(z: int) -> bool:
        bound = third * (-arb(z) / arb(2).sqrt()).erfc() / 2
        return bool(bound < reached)

    def too_large(beta: arb) -> bool:
        delta = rug.truncated(-beta)[1]
        return bool((half + (third + half * delta) / beta) ** 2 < reached)

    z = next((z for z in range(30, -1000, -1) if too_small(z)), None)
    high = next((arb(2) ** k for k in range(200) if too_large(arb(2) ** k)), None)
    if z is None or high is None:
        raise Undecided("the range of the optimum cannot be told")
    low = (z * rug.sigma - 1).lower().mid()
    return low, high


def _zeros(rug: _Rug, low: arb, high: arb) -> Iterator[tuple[arb, arb]]:
    """Pieces with one zero of ``K`` each; elsewhere in the range ``K`` is not zero."""
    waiting = [(low, high)]
    for _ in range(_MAX_PIECES):
        if not waiting:
            return
        left, right = waiting.pop()
        if known_sign(rug.steepness_between(left, right)):
            continue
        if known_sign(rug.steepness_slope(left.union(right))):
            if sign(rug.steepness(left)) != sign(rug.steepness(right)):
                yield left, right
            continue
        middle = ((left + right) / 2).mid()
        if not left < middle < right:
            raise Undecided("a zero of multiplicity two, or one on a border")
        waiting += [(middle, right), (left, middle)]
    if waiting:
        raise Unsupported("the search for critical points was given up; take a less extreme ratio")


def _noiseless(p: Fraction, a: Fraction, b: Fraction) -> Fraction:
    """The loss where nothing but the feature itself reaches its output."""
    ends = sorted({Fraction(0), Fraction(1), *([-b / a] if a and 0 < -b / a < 1 else [])})
    active = Fraction(0)
    for low, high in itertools.pairwise(ends):
        on = a * (low + high) / 2 + b > 0
        slope, offset = 1 - a * on, -b * on
        active += slope**2 * (high**3 - low**3) / 3 + slope * offset * (high**2 - low**2)
        active += offset**2 * (high - low)
    return (1 - p) * max(b, Fraction(0)) ** 2 + p * active


def _variance(p: Fraction) -> Fraction:
    return p / 3 - p**2 / 4


def _arb(value: Fraction) -> arb:
    return arb(fmpq(value.numerator, value.denominator))


def _rational(value: object, name: str) -> Fraction:
    number = exact_number(value, name)
    if not isinstance(number, Fraction):
        raise Unsupported(f"{name}={number}: must be rational")
    return number


def _ratio(value: object) -> Fraction:
    number = _rational(value, "ratio")
    if not 0 < number <= 1:
        raise InputError(f"ratio={number}: must be above 0 and at most 1")
    return number


def _density(value: object) -> Fraction:
    number = _rational(value, "density")
    if not 0 <= number <= 1:
        raise InputError(f"density={number}: must be between 0 and 1")
    return number
