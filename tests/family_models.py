"""Hypothesis strategies for the whole family: laws, activations, dependence, untied weights.

Weights and biases are eighths, so that both sides read the same numbers without rounding.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from theory.problem import (
    AbsPower,
    Activation,
    Anticorrelated,
    Binary,
    Correlated,
    CustomLaw,
    Exponential,
    FeatureLaw,
    Group,
    HalfNormal,
    Identity,
    Normal,
    Power,
    Problem,
    Rademacher,
    ReLU,
    ReLUPower,
    Uniform,
)

Matrix = tuple[tuple[float, ...], ...]


def _triangular_transform(t: Any) -> Any:
    """``E e^{itu} = (sin(t/2) / (t/2))^2`` for the sum of two uniform laws on [-1/2, 1/2]."""
    return np.sinc(np.asarray(t) / (2 * math.pi)) ** 2 + 0j


def _triangular_slope(t: Any) -> Any:
    """The derivative of the transform; by its series where the formula cancels."""
    t = np.asarray(t, dtype=float)
    small = np.where(np.abs(t) < 1, t, 0.0)
    near = sum(
        (-1) ** k * 4 * k * small ** (2 * k - 1) / math.factorial(2 * k + 2) for k in range(1, 10)
    )
    half = np.where(np.abs(t) < 1, 1.0, t / 2)
    far = np.sin(half) * (half * np.cos(half) - np.sin(half)) / half**3
    return np.where(np.abs(t) < 1, near, far) + 0j


def _triangular_sample(generator: np.random.Generator, shape: Any) -> Any:
    return generator.random(shape) - generator.random(shape)


TRIANGULAR = CustomLaw(
    "triangular",
    moments=[0 if k % 2 else Fraction(2, (k + 1) * (k + 2)) for k in range(1, 73)],
    characteristic_function=_triangular_transform,
    derivative=_triangular_slope,
    support=(-1, 1),
    sampler=_triangular_sample,
    is_symmetric=True,
)

LAWS: tuple[FeatureLaw, ...] = (
    Uniform(),
    Uniform(-1, 1),
    Uniform("-1/2", "3/2"),
    Uniform("1/2", 2),
    Uniform(-2, "-1/2"),
    Binary(),
    Rademacher(),
    Exponential(),
    Normal(),
    HalfNormal(),
    TRIANGULAR,
)
ACTIVATIONS: tuple[Activation, ...] = (
    ReLU(),
    Identity(),
    Power(2),
    Power(3),
    AbsPower(1),
    AbsPower(2),
    AbsPower(3),
    ReLUPower(2),
    ReLUPower(3),
)


@dataclass(frozen=True)
class FamilyModel:
    """A problem with its weights; ``W_decoder`` is None where they are tied."""

    problem: Problem
    W: Matrix
    b: tuple[float, ...]
    W_decoder: Matrix | None = None

    @property
    def weights(self) -> dict[str, Any]:
        """The weights by name, as every door takes them."""
        decoder = {} if self.W_decoder is None else {"W_decoder": self.W_decoder}
        return {"W": self.W, "b": self.b} | decoder

    @property
    def arrays(self) -> dict[str, np.ndarray]:
        """The same as arrays."""
        return {name: np.array(value) for name, value in self.weights.items()}

    @property
    def largest_output(self) -> float:
        """The largest ``|y_i|`` where no active feature exceeds 1."""
        W = np.array(self.W)
        decoder = W if self.W_decoder is None else np.array(self.W_decoder)
        return float(np.max(np.abs(np.array(self.b)) + np.abs(decoder.T @ W).sum(axis=1)))


laws = st.sampled_from(LAWS)
activations = st.sampled_from(ACTIVATIONS)
_eighths = st.one_of(
    st.sampled_from([0.0, 1.0, -1.0, 0.5, -0.5]), st.integers(-12, 12).map(lambda k: k / 8)
)
densities = st.one_of(
    st.sampled_from([
        0,
        1,
        Fraction(1, 2),
        Fraction(1, 10),
        Fraction(1, 10**4),
        1 - Fraction(1, 10**6),
    ]),
    st.integers(0, 20).map(lambda k: Fraction(k, 20)),
)


@st.composite
def _matrix(draw: st.DrawFn, n: int, m: int) -> Matrix:
    """Columns free, dead, equal, antipodal or on an axis."""
    columns: list[list[float]] = []
    for _ in range(n):
        kind = draw(st.sampled_from(["free"] * 4 + ["dead", "equal", "antipodal", "axis"]))
        column = draw(st.lists(_eighths, min_size=m, max_size=m))
        if kind in ("equal", "antipodal") and columns:
            other = draw(st.sampled_from(columns))
            column = [w if kind == "equal" else -w for w in other]
        elif kind == "dead":
            column = [0.0] * m
        elif kind == "axis":
            k = draw(st.integers(0, m - 1))
            column = [w if row == k else 0.0 for row, w in enumerate(column)]
        columns.append([w + 0.0 for w in column])
    return tuple(zip(*columns, strict=True))


@st.composite
def _bias(draw: st.DrawFn, matrix: np.ndarray) -> tuple[float, ...]:
    """None, free, or such that an output is zero at a vertex."""
    kind = draw(st.sampled_from(["none", "free", "vertex"]))
    n = len(matrix)
    if kind == "none":
        return (0.0,) * n
    if kind == "free":
        return tuple(draw(_eighths) for _ in range(n))
    values = st.sampled_from([-1, 0, 1])
    chosen = [draw(st.lists(values, min_size=n, max_size=n)) for _ in range(n)]
    return tuple(-float(row @ np.array(v)) + 0.0 for row, v in zip(matrix, chosen, strict=True))


@st.composite
def _groups(draw: st.DrawFn, n: int) -> list[Group]:
    """Disjoint groups of two or more features; features may be left out of all."""
    left, groups = draw(st.permutations(range(n))), []
    while len(left) >= 2 and draw(st.integers(0, 3)) > 0:
        size = draw(st.integers(2, min(4, len(left))))
        kind = draw(st.sampled_from([Correlated, Anticorrelated]))
        groups.append(kind(*left[:size]))
        left = left[size:]
    return groups


@st.composite
def _dependence(draw: st.DrawFn, n: int, kind: str) -> dict[str, Any]:
    """Densities with groups, or a number of active features."""
    if kind == "exactly":
        return {"n_active": draw(st.integers(0, n))}
    groups = draw(_groups(n)) if kind == "groups" else []
    if draw(st.booleans()):
        return {"density": draw(densities), "groups": groups}
    each = [draw(densities) for _ in range(n)]
    for group in groups:
        for j in group.members:
            each[j] = each[group.members[0]]
    return {"density": each, "groups": groups}


DEPENDENCES = ("independent", "groups", "exactly")


@st.composite
def family_models(
    draw: st.DrawFn,
    max_n: int = 5,
    max_m: int = 3,
    *,
    laws: st.SearchStrategy[FeatureLaw] = laws,
    activations: st.SearchStrategy[Activation] = activations,
) -> FamilyModel:
    """Draw a model of the family: any law, activation, dependence, tied or untied."""
    n, m = draw(st.integers(1, max_n)), draw(st.integers(1, max_m))
    W = draw(_matrix(n, m))
    decoder = draw(st.one_of(st.none(), _matrix(n, m)))
    matrix = np.array(W if decoder is None else decoder).T @ np.array(W)
    importances = st.sampled_from([0, 1, 1, Fraction(7, 10), 2])
    problem = Problem(
        n,
        m,
        features=draw(laws),
        activation=draw(activations),
        importance=draw(st.one_of(st.just(1), st.lists(importances, min_size=n, max_size=n))),
        **draw(_dependence(n, draw(st.sampled_from(DEPENDENCES)))),
    )
    return FamilyModel(problem, W, draw(_bias(matrix)), decoder)
