r"""Lower bounds of the best gain: weights with their exact gain.

Arrangements in orthogonal subspaces gain what each gains, because ``A`` is block diagonal. A
construction takes as many copies of one block as there are dimensions and features for, fills what
is left with other blocks, and scales every block to its best at the density: with ``A`` times ``s``
a block gains ``2 s^q T(p) - s^{2q} Q(p)``, most at ``s^q = T / Q``.

The scale is rounded to a rational one, so that the weights are rational and the gain is exact.

Source: own derivation; arXiv:2606.18538, equations 9 and 10, for features in dimensions of their
own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, partial

from flint import ctx, fmpq_poly, fmpz

from theory.arithmetic.algebraic import common_field
from theory.losses.weights import Weights
from theory.power_model.claims import PRECISION, Columns, GainBound, at_least
from theory.power_model.designs import (
    barnes_wall_vectors,
    cell_24_lines,
    cell_600_lines,
    e8_lines,
    eleven_lines,
    equiangular_28_lines,
    icosahedral_lines,
    icosahedron_lines,
    polygon_lines,
    sixteen_lines,
)
from theory.power_model.first_order import first_order_supremum
from theory.power_model.lines import Lines
from theory.power_model.power_sums import (
    PowerSums,
    even_cumulants,
    partitions,
    power_sums,
    target_parts,
)
from theory.problem import Problem

__all__ = ["constructions", "near_root"]

BITS = 48
"""Bits of the rational numbers that stand for roots and irrational coordinates."""

_SINGLE = "unsuperposed"


@dataclass(frozen=True)
class _Block:
    """Features that fill some dimensions, with what their gain needs."""

    name: str
    n_hidden: int
    n_features: int
    columns: Callable[[], Columns]
    sums: Callable[[], PowerSums]


@dataclass(frozen=True)
class _Scaled:
    """A block at its best scale for one density."""

    block: _Block
    scale: Fraction
    gain: Fraction

    @property
    def rate(self) -> Fraction:
        """Gain per dimension."""
        return self.gain / self.block.n_hidden


def constructions(problem: Problem, density: Fraction) -> list[GainBound]:
    """List the constructions that fit, each led by another block.

    Args:
        problem: the model of the gain.
        density: its density, rational.

    Returns:
        The lower bounds; the first is that of features without superposition.
    """
    q, shape = problem.activation.power, (problem.n_hidden, problem.n_features)
    cumulants = even_cumulants(problem.features, q)
    fitting = [_scaled(block, cumulants, density) for block in _blocks(q, *shape)]
    single, *others = fitting
    useful = [scaled for scaled in others if scaled.rate > single.rate]
    useful.sort(key=lambda scaled: scaled.rate, reverse=True)
    found = [_claim([(single, min(shape))], shape)]
    for lead in useful:
        filled = _filled([lead, *useful, single], *shape)
        claim = _claim(filled, shape)
        if claim.name not in {bound.name for bound in found}:
            found.append(claim)
    return found


def _filled(order: Sequence[_Scaled], m: int, n: int) -> list[tuple[_Scaled, int]]:
    """As many copies of each block in turn as dimensions and features are left for."""
    taken: list[tuple[_Scaled, int]] = []
    for scaled in order:
        copies = min(m // scaled.block.n_hidden, n // scaled.block.n_features)
        if copies:
            taken.append((scaled, copies))
            m -= copies * scaled.block.n_hidden
            n -= copies * scaled.block.n_features
    return taken


def _claim(parts: Sequence[tuple[_Scaled, int]], shape: tuple[int, int]) -> GainBound:
    value = sum((scaled.gain * copies for scaled, copies in parts), Fraction(0))
    names = [
        scaled.block.name if copies == 1 else f"{copies} x {scaled.block.name}"
        for scaled, copies in parts
    ]
    plain = [scaled.block.name for scaled, _ in parts] == [_SINGLE]
    return GainBound(
        _SINGLE if plain else " + ".join(names).replace(_SINGLE, "dedicated"),
        "lower",
        value,
        r"\sup_W \tilde L \ge 2 s^q\, T(p) - s^{2q}\, Q(p), \quad A = s A_0",
        shape,
        source="arXiv:2606.18538, equations 9 and 10" if plain else "own derivation",
        make_columns=partial(_all_columns, tuple(parts), shape[0]),
    )


def _all_columns(parts: Sequence[tuple[_Scaled, int]], m: int) -> Columns:
    found, used, zero = [], 0, (Fraction(0),)
    for scaled, copies in parts:
        columns, size = scaled.block.columns(), scaled.block.n_hidden
        turned = [tuple(scaled.scale * entry for entry in column) for column in columns]
        for _ in range(copies):
            found += [zero * used + column + zero * (m - used - size) for column in turned]
            used += size
    return tuple(found)


def _scaled(block: _Block, cumulants: Sequence[fmpq_poly], density: Fraction) -> _Scaled:
    """Scale a block to its best, rounded to a rational number."""
    sums, power = block.sums(), block.sums().power
    target = _at(sums.target_polynomial(cumulants), density)
    energy = _at(sums.energy_polynomial(cumulants), density)
    if energy == 0 or target <= 0:  # no feature is ever active
        return _Scaled(block, Fraction(0), Fraction(0))
    scale = near_root(target / energy, 2 * power)
    factor = scale ** (2 * power)
    return _Scaled(block, scale, 2 * factor * target - factor**2 * energy)


def _at(coefficients: Sequence[Fraction], density: Fraction) -> Fraction:
    total = Fraction(0)
    for coefficient in reversed(coefficients):
        total = total * density + coefficient
    return total


def near_root(value: Fraction, degree: int) -> Fraction:
    """Give a rational number near a root, exact where the root is rational.

    Args:
        value: positive.
        degree: at least 1.

    Returns:
        A number below the root by a relative ``2^-46`` at most, or the root.

    Example:
        >>> near_root(Fraction(9, 4), 2), float(near_root(Fraction(2), 2))
        (Fraction(3, 2), 1.414213562373...)
    """
    over, under = fmpz(value.numerator), fmpz(value.denominator)
    roots = over.root(degree), under.root(degree)
    if roots[0] ** degree == over and roots[1] ** degree == under:
        return Fraction(int(roots[0]), int(roots[1]))
    size = value.numerator.bit_length() - value.denominator.bit_length()
    shift = BITS - size // degree
    step = Fraction(2) ** shift
    raised = value * step**degree
    return int(fmpz(raised.numerator // raised.denominator).root(degree)) / step


def _blocks(q: int, m: int, n: int) -> Iterator[_Block]:
    """Single features first, then the blocks that fit into ``m`` dimensions and ``n`` features."""
    yield _single(q)
    if q == 1:
        return
    for lines in _known_lines(q, min(m, 8)):
        if lines.n_hidden <= m and lines.n_features <= n:
            yield _Block(
                lines.name,
                lines.n_hidden,
                lines.n_features,
                partial(_rational_columns, lines, q),
                partial(_sums_of, lines, q),
            )
    kept = min(m, 16)
    if q == 3 and kept > 8 and n >= 2160:
        yield _barnes_wall(kept)


def _single(q: int) -> _Block:
    one = Lines(_SINGLE, ((Fraction(1),),), (Fraction(1),))
    return _Block(_SINGLE, 1, 1, partial(_rational_columns, one, q), partial(_sums_of, one, q))


@lru_cache(maxsize=64)
def _known_lines(q: int, m: int) -> tuple[Lines, ...]:
    """Lines in up to ``m <= 8`` dimensions that may gain more than dedicated features."""
    found = [polygon_lines(count) for count in range(3, q + 2)]
    found += [icosahedron_lines(), cell_24_lines(), equiangular_28_lines()]
    found += [e8_lines(k) for k in range(4, 9)]
    found += (
        [eleven_lines()] if q == 3 else [sixteen_lines(), icosahedral_lines(), cell_600_lines()]
    )
    return tuple(lines for lines in found if lines.n_hidden <= m)


@lru_cache(maxsize=128)
def _rational_columns(lines: Lines, q: int) -> Columns:
    """Features ``t^{1/(2q)} v`` with rational numbers near the irrational ones."""
    field, elements = common_field([entry for vector in lines.directions for entry in vector])
    numbers = iter(_near(field, element) for element in elements)
    return tuple(
        tuple(near_root(mass, 2 * q) * next(numbers) for _ in vector)
        for vector, mass in zip(lines.directions, lines.masses, strict=True)
    )


def _near(field: object, element: object) -> Fraction:
    exact = field.exact(element)  # type: ignore[attr-defined]
    if isinstance(exact, Fraction):
        return exact
    with ctx.workprec(PRECISION):
        ball = field.ball(element)  # type: ignore[attr-defined]
    return Fraction(round(at_least(ball) * 2**BITS), 2**BITS)


@lru_cache(maxsize=128)
def _sums_of(lines: Lines, q: int) -> PowerSums:
    columns = _rational_columns(lines, q)
    matrix = tuple(zip(*columns, strict=True))
    return power_sums(Weights(matrix, None, (Fraction(0),) * len(columns)), q)


def _barnes_wall(m: int) -> _Block:
    vectors = [v[:m] for v in barnes_wall_vectors() if any(v[:m])]
    return _Block(
        f"{len(vectors)} vectors of the Barnes-Wall lattice",
        m,
        len(vectors),
        lambda: tuple(tuple(Fraction(x) for x in vector) for vector in vectors),
        partial(_barnes_wall_sums, m),
    )


@lru_cache(maxsize=16)
def _barnes_wall_sums(m: int) -> PowerSums:
    return projected_sums([v[:m] for v in barnes_wall_vectors()], 2160, 8, 16)


def projected_sums(
    vectors: Sequence[Sequence[int]], count: int, norm: int, dimension: int, power: int = 3
) -> PowerSums:
    r"""Give the power sums of a projected spherical design by its norms alone.

    Where ``count`` vectors of square norm ``norm`` are a projective design for every order up to
    ``q``, every row has ``s_k = sum_j (w_i . w_j)^{2k} = C_k |w_i|^{2k}``, ``C_k = count norm^k /
    D_k``, after a projection too.

    Args:
        vectors: the projected vectors.
        count: their number before zero vectors are dropped.
        norm: the square norm before the projection.
        dimension: the number of dimensions before the projection.
        power: ``q``, odd; the design must hold up to this order.

    Returns:
        The power sums.
    """
    constants = [count * norm**k / first_order_supremum(dimension, k) for k in range(1, power + 1)]
    norms = [sum(x * x for x in vector) for vector in vectors]
    totals = {k: sum(t**k for t in norms) for k in range(1, power + 1)}

    def product(part: tuple[tuple[int, int], ...]) -> Fraction:
        found = Fraction(1)
        for size, times in part:
            found *= constants[size - 1] ** times
        return found

    return PowerSums(
        power,
        {part: product(part) * totals[power] for part in partitions(power)},
        {(k, part): product(part) * totals[(power + k) // 2] for k, part in target_parts(power)},
    )
