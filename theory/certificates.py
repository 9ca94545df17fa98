r"""Certificates of pair energies on the sphere: data that an exact check turns into a lower bound.

Let ``w_1, ..., w_n`` be unit vectors in ``R^m``, ``f`` a potential on ``[-1, 1]`` and

.. math:: h(t) = \sum_{k=0}^{d} c_k P_k^{(m)}(t), \qquad c_k \ge 0 \text{ for } k \ge 1,
   \qquad h \le f \text{ on } [-1, 1],

with the Gegenbauer polynomials of the sphere, ``P_k(1) = 1`` (Chebyshev's for ``m = 2``). Then

.. math:: \sum_{i \ne j} f(w_i \cdot w_j) \ge n^2 c_0 - n\,h(1) .

Proof. By the addition theorem every matrix ``P_k(w_i . w_j)`` is positive semidefinite, so that
``sum_ij h(w_i . w_j) >= c_0 n^2``, the diagonal included. The diagonal terms are ``h(1)`` each, so
that ``sum_{i != j} h >= n^2 c_0 - n h(1)``, and ``f >= h`` off the diagonal. Nothing is asked of
``f`` at the diagonal, and equal vectors are allowed. The same proof with masses ``v_i >= 0`` gives

.. math:: \sum_{i \ne j} v_i v_j f(w_i \cdot w_j)
   \ge c_0 \Bigl(\sum_i v_i\Bigr)^2 - h(1) \sum_i v_i^2 .

The check is exact: rational arithmetic and Sturm sequences (``theory.arithmetic.sturm``), no
solver.

Source: Delsarte, Goethals, Seidel 1977, "Spherical codes and designs", Geom. Dedicata 6; Yudin
1992, "Minimum potential energy of a point system of charges", Discrete Math. Appl. 3; positive
definite functions: Schoenberg 1942, "Positive definite functions on spheres", Duke Math. J. 9.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from flint import fmpq_poly

from theory.arithmetic.sturm import as_fmpq, as_fraction, is_nonnegative, negative_point
from theory.problem import Exact, InputError, exact_number

__all__ = [
    "MAX_DEGREE",
    "PairCertificate",
    "PairPotential",
    "RefusedCertificate",
    "VerifiedBound",
    "gegenbauer_polynomials",
    "verify",
    "welch_certificate",
]

MAX_DEGREE = 40
MAX_BITS = 512
"""Longest common denominator, and longest numerator over it, of the coefficients."""
MAX_COUNT = 10**9
MAX_DIMENSION = 10**4


class RefusedCertificate(InputError):
    """A certificate that proves nothing; the message names the condition that fails."""


@dataclass(frozen=True)
class PairPotential:
    r"""The potential ``f(t) = t^power``, or ``max(t, 0)^power`` if one-sided.

    Args:
        power: from 1 to 24; even where the potential is two-sided.
        one_sided: whether negative cosines cost nothing.

    Raises:
        InputError: another power.

    Example:
        >>> print(PairPotential(4), PairPotential(2, one_sided=True))
        t^4 max(t, 0)^2
    """

    power: int
    one_sided: bool = False

    def __post_init__(self) -> None:
        q = self.power
        if isinstance(q, bool) or not isinstance(q, int) or not 1 <= q <= 24:
            raise InputError(f"power={q!r}: must be a whole number from 1 to 24")
        if not isinstance(self.one_sided, bool):
            raise InputError(f"one_sided={self.one_sided!r}: must be True or False")
        if not self.one_sided and q % 2:
            raise InputError(f"power={q}: must be even, or the potential one-sided")

    def pieces(self) -> list[tuple[Fraction, Fraction, fmpq_poly]]:
        """Give the polynomials that the potential is made of, each with its interval."""
        low, zero, high = Fraction(-1), Fraction(0), Fraction(1)
        power = fmpq_poly([0] * self.power + [1])
        if self.one_sided:
            return [(low, zero, fmpq_poly([0])), (zero, high, power)]
        return [(low, high, power)]

    def __str__(self) -> str:
        return f"max(t, 0)^{self.power}" if self.one_sided else f"t^{self.power}"


@dataclass(frozen=True)
class PairCertificate:
    r"""What is claimed, and the polynomial that is said to prove it; nothing is checked yet.

    .. math:: \sum_{i \ne j} f(w_i \cdot w_j) \ge n^2 c_0 - n \sum_k c_k = \mathrm{bound}

    Attributes:
        n_vectors: ``n``.
        dimension: ``m``.
        potential: ``f``.
        coefficients: ``c_0, c_1, ..., c_d``.
        bound: the claim, ``n^2 c_0 - n sum_k c_k``.

    Example:
        >>> certificate = welch_certificate(5, 2, 2)
        >>> PairCertificate.from_json(certificate.to_json()) == certificate
        True
    """

    n_vectors: int
    dimension: int
    potential: PairPotential
    coefficients: tuple[Fraction, ...]
    bound: Fraction

    @classmethod
    def claiming(
        cls,
        n_vectors: int,
        dimension: int,
        potential: PairPotential,
        coefficients: Sequence[Fraction],
    ) -> PairCertificate:
        """Make the certificate that claims what its coefficients would prove.

        Args:
            n_vectors: ``n``.
            dimension: ``m``.
            potential: ``f``.
            coefficients: ``c_0, ..., c_d``.

        Returns:
            The certificate, not yet verified.
        """
        bound = n_vectors**2 * coefficients[0] - n_vectors * sum(coefficients)
        return cls(n_vectors, dimension, potential, tuple(coefficients), Fraction(bound))

    def to_json(self) -> dict[str, Any]:
        """Write the certificate as data: whole numbers, truth values and texts."""
        return {
            "n_vectors": self.n_vectors,
            "dimension": self.dimension,
            "power": self.potential.power,
            "one_sided": self.potential.one_sided,
            "coefficients": [str(c) for c in self.coefficients],
            "bound": str(self.bound),
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> PairCertificate:
        """Read a certificate from data.

        Args:
            data: as ``to_json`` writes it.

        Returns:
            The certificate, not yet verified.

        Raises:
            InputError: data that are no certificate.
        """
        names = {"n_vectors", "dimension", "power", "one_sided", "coefficients", "bound"}
        if not isinstance(data, Mapping) or set(data) != names:
            raise InputError(f"certificate: must have the entries {', '.join(sorted(names))}")
        listed = data["coefficients"]
        if not isinstance(listed, list) or len(listed) > MAX_DEGREE + 1:
            raise InputError(
                f"coefficients: must be a list of at most {MAX_DEGREE + 1} texts such as '3/8'"
            )
        numbers = [_rational(c, f"coefficients[{k}]") for k, c in enumerate(listed)]
        return cls(
            data["n_vectors"],
            data["dimension"],
            PairPotential(data["power"], data["one_sided"]),
            tuple(numbers),
            _rational(data["bound"], "bound"),
        )


@dataclass(frozen=True)
class VerifiedBound:
    r"""A lower bound on a pair energy that ``verify`` has proven.

    Attributes:
        value: ``sum_{i != j} f(w_i . w_j)`` is at least this, exactly.
        certificate: what was verified.
        constant: ``c_0``.
        at_one: ``h(1)``.

    Example:
        >>> verify(welch_certificate(5, 2, 2)).weighted([1, 1, 0, 0, 0])
        Fraction(-1, 2)
    """

    value: Fraction
    certificate: PairCertificate
    constant: Fraction
    at_one: Fraction

    def weighted(self, masses: Sequence[Exact]) -> Exact:
        r"""Bound ``sum_{i != j} v_i v_j f(w_i . w_j)`` for unit vectors with masses.

        Args:
            masses: ``v_i >= 0``, any number of them; fractions or balls.

        Returns:
            ``c_0 (sum v)^2 - h(1) sum v^2``, in the numbers given.
        """
        total, squares = sum(masses), sum(v * v for v in masses)
        return self.constant * total * total - self.at_one * squares


def _rational(value: object, name: str) -> Fraction:
    if isinstance(value, float):
        raise InputError(f"{name}={value!r}: must be exact; write a text such as '3/8'")
    number = exact_number(value, name)
    if not isinstance(number, Fraction):
        raise InputError(f"{name}={value}: must be a rational number")
    return number


def gegenbauer_polynomials(dimension: int, degree: int) -> list[fmpq_poly]:
    r"""List the Gegenbauer polynomials of the sphere in ``R^m``, normalised to ``P_k(1) = 1``.

    .. math:: (k + m - 2) P_{k+1} = (2k + m - 2)\, t\, P_k - k P_{k-1}

    Args:
        dimension: ``m``, at least 2.
        degree: the highest ``k``.

    Returns:
        ``P_0, ..., P_degree``.

    Example:
        >>> print(gegenbauer_polynomials(3, 2)[2])
        3/2*x^2 + (-1/2)

    Source: Szego 1939, "Orthogonal polynomials", equation 4.7.17.
    """
    found, t, m = [fmpq_poly([1]), fmpq_poly([0, 1])], fmpq_poly([0, 1]), dimension
    for k in range(1, degree):
        divisor = k + m - 2 if m > 2 else 1
        first, second = (2 * k + m - 2, k) if m > 2 else (2, 1)
        found.append((t * found[k] * first - found[k - 1] * second) / divisor)
    return found[: degree + 1]


def welch_certificate(n_vectors: int, dimension: int, order: int) -> PairCertificate:
    r"""Give the certificate of the real Welch bound of any order: ``h = f = t^(2k)``.

    .. math:: \sum_{i \ne j} (w_i \cdot w_j)^{2k}
       \ge n^2 \frac{(2k-1)!!}{m (m+2) \cdots (m+2k-2)} - n

    Equality holds exactly for projective ``k``-designs.

    Args:
        n_vectors: ``n``.
        dimension: ``m``, at least 2.
        order: ``k``, at least 1.

    Returns:
        The certificate; its coefficients are those of ``t^(2k)`` in Gegenbauer polynomials.

    Example:
        >>> verify(welch_certificate(12, 3, 2)).value
        Fraction(84, 5)

    Source: Welch 1974, "Lower bounds on the maximum cross correlation of signals", IEEE Trans.
        Inf. Theory 20; the real constant: Sidelnikov 1974, "New bounds for densest packing of
        spheres".
    """
    potential = PairPotential(2 * order)
    rest, coefficients = fmpq_poly([0] * (2 * order) + [1]), [Fraction(0)] * (2 * order + 1)
    basis = gegenbauer_polynomials(dimension, 2 * order)
    while rest.degree() >= 0:
        k = rest.degree()
        factor = rest[k] / basis[k][k]
        coefficients[k] = as_fraction(factor)
        rest -= basis[k] * factor
    return PairCertificate.claiming(n_vectors, dimension, potential, coefficients)


def verify(certificate: PairCertificate) -> VerifiedBound:
    r"""Check a certificate exactly.

    Args:
        certificate: any.

    Returns:
        The bound, which is then a theorem.

    Raises:
        RefusedCertificate: a negative ``c_k``, a point at which ``h`` exceeds ``f``, or a bound
            that the coefficients do not give.
        InputError: numbers that are too long, or shapes that are none.

    Example:
        >>> pentagon = welch_certificate(5, 2, 2)
        >>> verify(pentagon).value
        Fraction(35, 8)
        >>> changed = (*pentagon.coefficients[:-1], Fraction(1, 7))
        >>> verify(PairCertificate.claiming(5, 2, pentagon.potential, changed))
        Traceback (most recent call last):
        theory.certificates.RefusedCertificate: coefficients: h exceeds t^4 at t = ...
    """
    _check_sizes(certificate)
    coefficients = certificate.coefficients
    for k, value in enumerate(coefficients[1:], start=1):
        if value < 0:
            raise RefusedCertificate(f"coefficients[{k}]={value}: must not be negative")
    basis = gegenbauer_polynomials(certificate.dimension, len(coefficients) - 1)
    terms = (p * as_fmpq(c) for p, c in zip(basis, coefficients, strict=False))
    _check_below(certificate.potential, sum(terms, fmpq_poly([0])))
    at_one, n = sum(coefficients), certificate.n_vectors
    value = n**2 * coefficients[0] - n * at_one
    if certificate.bound != value:
        raise RefusedCertificate(
            f"bound={certificate.bound}: the coefficients give {value}, not this"
        )
    return VerifiedBound(value, certificate, coefficients[0], Fraction(at_one))


def _check_below(potential: PairPotential, h: fmpq_poly) -> None:
    for low, high, piece in potential.pieces():
        if not is_nonnegative(piece - h, low, high):
            point = negative_point(piece - h, low, high)
            where = f"at t = {point}" if point is not None else f"between {low} and {high}"
            raise RefusedCertificate(f"coefficients: h exceeds {potential} {where}")


def _check_sizes(certificate: PairCertificate) -> None:
    """Refuse what would take long to check, before any work is done."""
    limits = (
        ("n_vectors", certificate.n_vectors, 1, MAX_COUNT),
        ("dimension", certificate.dimension, 2, MAX_DIMENSION),
    )
    for name, value, low, high in limits:
        if isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high:
            raise InputError(f"{name}={value!r}: must be a whole number from {low} to {high}")
    if not isinstance(certificate.potential, PairPotential):
        raise InputError(f"potential={certificate.potential!r}: must be a PairPotential")
    coefficients = certificate.coefficients
    if not 1 <= len(coefficients) <= MAX_DEGREE + 1:
        raise InputError(f"coefficients: {len(coefficients)} given; must be 1 to {MAX_DEGREE + 1}")
    if not all(isinstance(c, Fraction) for c in (*coefficients, certificate.bound)):
        raise InputError("coefficients, bound: must be fractions")
    common = math.lcm(*(c.denominator for c in coefficients))
    longest = max(common, *(abs(c.numerator) * (common // c.denominator) for c in coefficients))
    if longest.bit_length() > MAX_BITS:
        raise InputError(
            f"coefficients: {longest.bit_length()} bits over their common denominator; "
            f"must be at most {MAX_BITS}"
        )
