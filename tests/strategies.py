"""Hypothesis strategies for models over the whole domain, as plain floats that both sides read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from hypothesis import strategies as st

from theory.problem import Identity, Problem

LARGEST, SMALLEST = 1e3, 1e-12  # moduli of nonzero weights


@dataclass(frozen=True)
class Model:
    """Weights with their problem; every number is a float, so that both sides get the same one."""

    W: tuple[tuple[float, ...], ...]
    b: tuple[float, ...]
    density: Any
    importance: tuple[float, ...]
    linear: bool = False

    @property
    def n(self) -> int:
        return len(self.b)

    @property
    def m(self) -> int:
        return len(self.W)

    @property
    def problem(self) -> Problem:
        return Problem(
            self.n,
            self.m,
            density=self.density,
            importance=self.importance,
            activation=Identity() if self.linear else None,
        )

    @property
    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        return np.array(self.W), np.array(self.b)

    @property
    def scale(self) -> float:
        """What an error of the loss is measured in: ``1 + n max(1, w^4)``, times importance."""
        largest = max(abs(w) for row in self.W for w in row)
        # a bias beyond every weight squared is a scale of its own
        reach = max(1.0, largest**4, max(abs(b) for b in self.b) ** 2)
        return (1 + self.n * reach) * max(1.0, *self.importance)

    def with_(self, **changes: Any) -> Model:
        return replace(self, **changes)


_signs = st.sampled_from([-1.0, 1.0])
_plain = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 0.5, -0.5, 0.6, -0.8, 2.0]),
    st.integers(-200, 200).map(lambda k: k / 100),
    st.floats(-2.0, 2.0, width=32).map(lambda w: w if abs(w) >= 1e-6 else 0.0),
    st.floats(-2.0, 2.0).map(lambda w: w if abs(w) >= SMALLEST else 0.0),
)
_magnitudes = st.builds(
    lambda sign, digits, power: sign * digits * 10.0**power,
    _signs,
    st.integers(100, 999).map(lambda k: k / 100),
    st.integers(-12, 2),
)
_eighths = st.integers(-16, 16).map(lambda k: k / 8)  # sums of products of these are exact floats


def _at_least_1e_60(p: float) -> float:
    return p if p >= 1e-60 else 0.0


ENDS = [0.0, 1.0, 1e-8, 1e-4, 0.1, 0.5, 1 - 1e-9]
densities = st.one_of(
    st.sampled_from(ENDS),
    st.floats(0.0, 1.0).map(_at_least_1e_60),
    st.floats(-9, 0).map(lambda e: 10.0**e),
)
importances = st.one_of(
    st.sampled_from([0.0, 1.0, 1.0, 1.0, 0.7]), st.integers(0, 1000).map(lambda k: k / 100)
)


@st.composite
def _columns(draw: st.DrawFn, n: int, m: int) -> list[list[float]]:
    family = draw(st.sampled_from(["plain", "plain", "eighths", "mixed", "scaled"]))
    entries = {"eighths": _eighths, "mixed": st.one_of(_magnitudes, _plain)}.get(family, _plain)
    columns = [draw(st.lists(entries, min_size=m, max_size=m)) for _ in range(n)]
    if family == "scaled":  # one scale for each feature
        factors = [draw(_magnitudes) for _ in range(n)]
        columns = [[f * w for w in column] for f, column in zip(factors, columns, strict=True)]
    return [_related(draw, columns, j, m) for j in range(n)]


def _related(draw: st.DrawFn, columns: list[list[float]], j: int, m: int) -> list[float]:
    """Column ``j`` as it is, dead, or one that stands in a special relation to another."""
    kinds = ["free"] * 6 + ["dead", "equal", "antipodal", "tiny", "orthogonal", "axis"]
    kind = draw(st.sampled_from(kinds))
    other = columns[draw(st.integers(0, j))] if kind != "free" else []
    column = columns[j]
    if kind == "dead":
        column = [0.0] * m
    elif kind == "equal":
        column = list(other)
    elif kind == "antipodal":
        column = [-w for w in other]
    elif kind == "tiny":
        column = [1e-9 * w for w in column]
    elif kind == "axis":
        k = draw(st.integers(0, m - 1))
        column = [w if i == k else 0.0 for i, w in enumerate(column)]
    elif kind == "orthogonal" and m >= 2:  # a plain product leaves noise of either sign
        column = [-other[1], other[0], *[0.0] * (m - 2)]
    columns[j] = [_clipped(w) for w in column]
    return columns[j]


def _clipped(w: float) -> float:
    return 0.0 if abs(w) < SMALLEST else max(-LARGEST, min(LARGEST, w))


@st.composite
def _bias(draw: st.DrawFn, gram: np.ndarray, i: int) -> float:
    size = float(gram[i, i])
    kind = draw(st.sampled_from(["zero", "zero", "vertex", "own", "part", "tiny", "free", "large"]))
    if kind == "vertex":  # y = 0 at a vertex of the cube
        chosen = draw(st.lists(st.booleans(), min_size=len(gram), max_size=len(gram)))
        return -float(sum(g for g, c in zip(gram[i], chosen, strict=True) if c)) + 0.0
    if kind == "own":
        return draw(_signs) * size
    if kind == "part":
        return -size * draw(st.integers(0, 8)) / 8
    if kind == "tiny":
        return draw(_signs) * 10.0 ** draw(st.integers(-15, -6))
    if kind == "free":
        return draw(st.floats(-1.0, 1.0, width=32))
    if kind == "large":
        return draw(_signs) * draw(st.floats(0.1, 3.0)) * max(1.0, size)
    return 0.0


@st.composite
def models(
    draw: st.DrawFn, max_n: int = 8, max_m: int = 4, *, min_n: int = 1, linear: bool = False
) -> Model:
    """Draw a model: any shape up to the given one, any relation between its columns."""
    n, m = draw(st.integers(min_n, max_n)), draw(st.integers(1, max_m))
    columns = draw(_columns(n, m))
    W = tuple(zip(*columns, strict=True))
    gram = np.array(W).T @ np.array(W)
    b = tuple(draw(_bias(gram, i)) for i in range(n))
    shared = draw(st.booleans())
    density = draw(densities) if shared else tuple(draw(densities) for _ in range(n))
    weights = draw(st.sampled_from(["ones", "ties", "free"]))
    importance = (1.0,) * n
    if weights != "ones":
        importance = tuple(draw(importances) for _ in range(n))
    return Model(W, b, density, importance, linear)
