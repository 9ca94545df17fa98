r"""Named arrangements of features, with exact coordinates and free scale and bias.

An arrangement is a weight matrix ``W`` (``m x n``, features are columns), a bias and a name in
words. The Gram matrix ``G = W^T W`` is written down directly where it is known: ``s^2`` times
cosines for a polygon, ``s^2`` times 1 and ``-1/(k-1)`` for a simplex, blocks for a direct sum.

Source: the arrangements of Elhage et al. 2022, "Toy Models of Superposition", arXiv:2209.10652,
section 4 ("The Geometry of Superposition").
"""

from __future__ import annotations

import numbers
from collections import Counter
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

import sympy

from theory.problem import Exact, InputError, Problem, Unsupported, exact_number, is_symbolic

__all__ = [
    "Arrangement",
    "antipodal_pair",
    "dedicated",
    "direct_sum",
    "ignored",
    "named",
    "orthoplex",
    "regular_polygon",
    "simplex",
]

Matrix: TypeAlias = Any

MAX_COUNT = 256
"""Most features that one constructor makes: the Gram matrix holds ``n^2`` expressions."""

_POLYGONS = {3: "triangle", 4: "square", 5: "pentagon", 6: "hexagon", 7: "heptagon", 8: "octagon"}


@dataclass(frozen=True)
class _Part:
    """What a block is called, once and many times."""

    singular: str
    plural: str


_PAIR = _Part("antipodal pair", "antipodal pairs")


@dataclass(frozen=True)
class Arrangement:
    r"""Features in hidden space, exactly.

    Args:
        coordinates: ``W``, shape ``(m, n)``, an immutable SymPy matrix; ``m`` may be 0.
        bias: ``b``, length ``n``.

    Example:
        >>> pair = antipodal_pair()
        >>> pair.name, pair.coordinates
        ('antipodal pair', Matrix([[1, -1]]))
        >>> (pair + pair + ignored(1)).name
        '2 antipodal pairs + 1 ignored'

    Source: Elhage et al. 2022, arXiv:2209.10652, section 4.
    """

    coordinates: Matrix
    bias: tuple[Exact, ...]
    _gram: Matrix = field(repr=False)
    _parts: tuple[_Part, ...] = field(repr=False)

    @property
    def name(self) -> str:
        """The arrangement in words; equal parts are counted."""
        counts = Counter(self._parts)
        words = (p.singular if c == 1 else f"{c} {p.plural}" for p, c in counts.items())
        return " + ".join(words)

    @property
    def n_features(self) -> int:
        """The number of features ``n``."""
        return int(self.coordinates.cols)

    @property
    def n_hidden(self) -> int:
        """The number of hidden dimensions ``m``; 0 where every feature is ignored."""
        return int(self.coordinates.rows)

    def gram(self) -> Matrix:
        """The Gram matrix ``G = W^T W``.

        Returns:
            An immutable SymPy matrix of shape ``(n, n)``, entries in closed form.

        Example:
            >>> simplex(3).gram()[0, 1]
            -1/2
        """
        return self._gram

    def problem(
        self,
        *,
        sparsity: object = None,
        density: object = None,
        importance: object = None,
    ) -> Problem:
        """The problem that this arrangement is a solution of.

        Args:
            sparsity: ``S``, as in ``Problem``; this or the density.
            density: ``p``, as in ``Problem``.
            importance: as in ``Problem``.

        Returns:
            A problem with the arrangement's ``n`` and ``m``.

        Raises:
            InputError: what ``Problem`` refuses, and an arrangement without hidden dimensions.

        Example:
            >>> regular_polygon(5).problem(sparsity="9/10")
            Problem(n_features=5, n_hidden=2, sparsity='9/10')
        """
        if self.n_hidden == 0:
            raise InputError(
                f"n_hidden=0: {self.name} takes no hidden dimension, a problem needs at least 1; "
                "add a part that has one"
            )
        return Problem(
            self.n_features,
            self.n_hidden,
            sparsity=sparsity,
            density=density,
            importance=importance,
        )

    def __add__(self, other: Arrangement) -> Arrangement:
        if not isinstance(other, Arrangement):
            return NotImplemented
        return direct_sum(self, other)

    def __str__(self) -> str:
        return self.name


def _count(value: object, name: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise InputError(f"{name}={value!r}: must be a whole number, at least {least}")
    count = int(value)
    if count < least:
        raise InputError(f"{name}={count}: must be at least {least}")
    if count > MAX_COUNT:
        raise Unsupported(f"{name}={count}: at most {MAX_COUNT}; write W in floating point")
    return count


def _scale(value: object) -> Any:
    exact = exact_number(value, "scale")
    if not is_symbolic(exact) and not exact > 0:
        raise InputError(f"scale={exact}: must be positive; for zero columns use ignored(count)")
    return sympy.Rational(*exact.as_integer_ratio()) if isinstance(exact, Fraction) else exact


def _block(
    unit: Matrix, cosines: Matrix, scale: object, bias: object, *parts: _Part
) -> Arrangement:
    """Scale unit vectors with known cosines; one bias for all of them."""
    factor, shift = _scale(scale), exact_number(bias, "bias")
    coordinates = sympy.ImmutableMatrix(unit * factor)
    gram = sympy.ImmutableMatrix(cosines * factor**2)
    return Arrangement(coordinates, (shift,) * coordinates.cols, gram, parts)


def named(name: str, coordinates: Matrix, *, scale: object = 1) -> Arrangement:
    """Name a weight matrix that is none of the other arrangements.

    Args:
        name: what it is called.
        coordinates: ``W`` at scale 1, a SymPy matrix.
        scale: a positive number or a symbol.

    Returns:
        The arrangement, without bias.

    Example:
        >>> named("skew pair", sympy.Matrix([[1, -2]])).gram().tolist()
        [[1, -2], [-2, 4]]

    Source: definition.
    """
    gram = (coordinates.T * coordinates).expand()
    return _block(coordinates, gram, scale, 0, _Part(name, f"times {name}"))


def antipodal_pair(*, scale: object = 1, bias: object = 0) -> Arrangement:
    """Two opposite features in one dimension, ``W = s (1, -1)``.

    Raises ``InputError`` for a scale that is not positive, or a bias that is not a real number.

    Args:
        scale: ``s``, the norm of every feature, a positive number or a symbol.
        bias: the bias of every feature, a number or a symbol.

    Returns:
        2 features in 1 dimension.

    Example:
        >>> antipodal_pair(scale=sympy.Symbol("r")).gram().tolist()
        [[r**2, -r**2], [-r**2, r**2]]

    Source: Elhage et al. 2022, arXiv:2209.10652, section 4 ("digon").
    """
    return simplex(2, scale=scale, bias=bias)


def regular_polygon(k: int, *, scale: object = 1, bias: object = 0) -> Arrangement:
    r"""The corners of a regular polygon, ``G_ij = s^2 cos(2 pi (i - j) / k)``.

    Raises ``InputError`` for ``k`` below 3 or not whole, or a scale or bias out of range.

    Args:
        k: number of corners, at least 3.
        scale: ``s``, the distance of every corner from the centre, positive or a symbol.
        bias: the bias of every feature, a number or a symbol.

    Returns:
        ``k`` features in 2 dimensions.

    Example:
        >>> regular_polygon(5).name, regular_polygon(6).gram()[0, 1]
        ('pentagon', 1/2)

    Source: Elhage et al. 2022, arXiv:2209.10652, section 4.
    """
    corners = _count(k, "k", 3)
    turns = [sympy.Rational(2 * j, corners) * sympy.pi for j in range(corners)]
    cosines = [sympy.cos(turn) for turn in turns]
    unit = sympy.Matrix([cosines, [sympy.sin(turn) for turn in turns]])
    gram = sympy.Matrix(corners, corners, lambda i, j: cosines[abs(i - j)])
    name = _POLYGONS.get(corners, f"{corners}-gon")
    return _block(unit, gram, scale, bias, _Part(name, f"{name}s"))


def simplex(k: int, *, scale: object = 1, bias: object = 0) -> Arrangement:
    r"""The corners of a regular simplex, ``G_ij = -s^2 / (k - 1)`` off the diagonal.

    The columns are those of the Helmert matrix without its constant row, times
    ``s sqrt(k / (k - 1))``.

    Raises ``InputError`` for ``k`` below 2 or not whole, or a scale or bias out of range.

    Args:
        k: number of corners, at least 2.
        scale: ``s``, the distance of every corner from the centre, positive or a symbol.
        bias: the bias of every feature, a number or a symbol.

    Returns:
        ``k`` features in ``k - 1`` dimensions.

    Example:
        >>> [simplex(k).name for k in (2, 3, 4, 5)]
        ['antipodal pair', 'triangle', 'tetrahedron', '4-simplex']

    Source: Elhage et al. 2022, arXiv:2209.10652, section 4.
    """
    corners = _count(k, "k", 2)

    def helmert(i: int, j: int) -> Any:
        entry = 1 if j <= i else -(i + 1) if j == i + 1 else 0
        return entry * sympy.sqrt(sympy.Rational(corners, (corners - 1) * (i + 1) * (i + 2)))

    unit = sympy.Matrix(corners - 1, corners, helmert)
    away = sympy.Rational(-1, corners - 1)
    gram = sympy.Matrix(corners, corners, lambda i, j: 1 if i == j else away)
    known = {2: _PAIR, 3: _Part("triangle", "triangles"), 4: _Part("tetrahedron", "tetrahedra")}
    other = _Part(f"{corners - 1}-simplex", f"{corners - 1}-simplices")
    return _block(unit, gram, scale, bias, known.get(corners, other))


def orthoplex(m: int, *, scale: object = 1, bias: object = 0) -> Arrangement:
    """The ``2m`` vectors ``+e, -e`` of every axis, neighbours opposite to each other.

    Raises ``InputError`` for ``m`` below 1 or not whole, or a scale or bias out of range.

    Args:
        m: number of dimensions, at least 1.
        scale: the norm of every feature, positive or a symbol.
        bias: the bias of every feature, a number or a symbol.

    Returns:
        ``2m`` features in ``m`` dimensions; the loss is that of ``m`` antipodal pairs.

    Example:
        >>> orthoplex(2).coordinates.tolist()
        [[1, -1, 0, 0], [0, 0, 1, -1]]

    Source: Elhage et al. 2022, arXiv:2209.10652, section 4.
    """
    axes = _count(m, "m", 1)
    unit = sympy.Matrix(axes, 2 * axes, lambda i, j: (-1) ** j if j // 2 == i else 0)
    known = {1: _PAIR, 2: _Part("square", "squares"), 3: _Part("octahedron", "octahedra")}
    other = _Part(f"orthoplex in {axes} dimensions", f"orthoplexes in {axes} dimensions")
    return _block(unit, unit.T * unit, scale, bias, known.get(axes, other))


def dedicated(count: int, *, scale: object = 1, bias: object = 0) -> Arrangement:
    """Features with a dimension each, ``W = s`` times the identity.

    Raises ``InputError`` for ``count`` below 1 or not whole, or a scale or bias out of range.

    Args:
        count: number of features, at least 1.
        scale: ``s``, the norm of every feature, positive or a symbol.
        bias: the bias of every feature, a number or a symbol.

    Returns:
        ``count`` features in as many dimensions.

    Example:
        >>> (dedicated(2) + ignored(3)).name
        '2 dedicated + 3 ignored'

    Source: Elhage et al. 2022, arXiv:2209.10652, section 2.
    """
    features = _count(count, "count", 1)
    unit = sympy.Matrix.eye(features)
    return _block(unit, unit, scale, bias, *[_Part("1 dedicated", "dedicated")] * features)


def ignored(count: int, *, bias: object = 0) -> Arrangement:
    """Features without weight: zero columns that take no dimension.

    Raises ``InputError`` for ``count`` below 1 or not whole, or a bias that is not a real
    number.

    Args:
        count: number of features, at least 1.
        bias: the bias of every feature, a number or a symbol; the output is its ReLU.

    Returns:
        ``count`` features in 0 dimensions, to be added to other arrangements.

    Example:
        >>> (antipodal_pair() + ignored(1)).coordinates
        Matrix([[1, -1, 0]])

    Source: Elhage et al. 2022, arXiv:2209.10652, section 2.
    """
    features = _count(count, "count", 1)
    empty, gram = sympy.Matrix(0, features, []), sympy.Matrix.zeros(features)
    return _block(empty, gram, 1, bias, *[_Part("1 ignored", "ignored")] * features)


def direct_sum(*parts: Arrangement) -> Arrangement:
    """Arrangements side by side in orthogonal subspaces; ``+`` does the same.

    Their losses add, because ``G`` is block diagonal.

    Args:
        *parts: arrangements, at least one; features and dimensions keep their order.

    Returns:
        The sum of the numbers of features in the sum of the numbers of dimensions.

    Raises:
        InputError: no part, or a part that is not an arrangement.

    Example:
        >>> (regular_polygon(5) + antipodal_pair()).name
        'pentagon + antipodal pair'

    Source: Elhage et al. 2022, arXiv:2209.10652, section 4 ("tegum products").
    """
    if not parts:
        raise InputError("parts=(): give at least one arrangement")
    for k, part in enumerate(parts):
        if not isinstance(part, Arrangement):
            raise InputError(f"parts[{k}]={part!r}: must be an Arrangement")
    return Arrangement(
        sympy.ImmutableMatrix(sympy.diag(*(part.coordinates for part in parts))),
        tuple(b for part in parts for b in part.bias),
        sympy.ImmutableMatrix(sympy.diag(*(part.gram() for part in parts))),
        tuple(name for part in parts for name in part._parts),
    )
