"""Arrangements in words: every name, turned, reflected, permuted and noisy."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from numerics.geometry import components, describe
from theory.problem import InputError


def polygon(count, size=1.0):
    turns = 2 * np.pi * np.arange(count) / count
    return size * np.array([np.cos(turns), np.sin(turns)])


def simplex(count):
    """``count`` columns in ``count - 1`` dimensions, all at the same angle."""
    points = np.eye(count) - 1 / count
    basis = np.linalg.svd(points)[0][:, : count - 1]
    return basis.T @ points


def beside(*parts):
    rows, columns = sum(len(p) for p in parts), sum(p.shape[1] for p in parts)
    W, row, column = np.zeros((rows, columns)), 0, 0
    for part in parts:
        W[row : row + len(part), column : column + part.shape[1]] = part
        row, column = row + len(part), column + part.shape[1]
    return W


PAIR = np.array([[1.0, -1.0]])
ONE = np.array([[1.0]])

NAMED = [
    (np.zeros((2, 3)), "3 ignored"),
    (ONE, "1 dedicated"),
    (np.eye(3), "3 dedicated"),
    (PAIR, "antipodal pair"),
    (np.array([[1.0, 1.0]]), "parallel pair"),
    (np.array([[1.0, -0.5]]), "unequal antipodal pair"),
    (np.array([[1.0, 0.5]]), "unequal parallel pair"),
    (beside(PAIR, PAIR), "2 antipodal pairs"),
    (beside(PAIR, PAIR, PAIR), "3 antipodal pairs"),
    (polygon(4), "2 antipodal pairs"),  # a square is two pairs that do not interfere
    (polygon(3), "triangle"),
    (polygon(5), "pentagon"),
    (polygon(5) * [1, 1, 1, 1.2, 1], "unequal pentagon"),
    (polygon(6), "hexagon"),
    (polygon(7), "heptagon"),
    (polygon(8)[:, [0, 1, 2, 3, 4, 5, 6, 7]], "octagon"),
    (polygon(9), "regular 9-gon"),
    (simplex(4), "tetrahedron"),
    (simplex(5), "4-simplex"),
    (beside(simplex(5), simplex(5)), "2 4-simplexes"),
    (beside(polygon(3), polygon(3)), "2 triangles"),
    (beside(polygon(5), ONE), "pentagon + 1 dedicated"),
    (beside(ONE, PAIR, np.zeros((1, 2))), "antipodal pair + 1 dedicated + 2 ignored"),
    (beside(PAIR, PAIR, np.zeros((0, 1))), "2 antipodal pairs + 1 ignored"),
    (np.array([[1.0, -1.0, 1.0]]), "irregular 3 in 1 dimension"),
    (np.array([[1.0, 0.6], [0.0, 0.8]]), "irregular 2 in 2 dimensions"),
    (polygon(5)[:, :4], "irregular 4 in 2 dimensions"),
]


@pytest.mark.parametrize(("W", "name"), NAMED)
def test_names(W, name):
    assert describe(W) == name


@pytest.mark.parametrize(("W", "name"), NAMED)
@pytest.mark.parametrize("seed", range(3))
def test_turned_reflected_permuted_and_noisy_is_the_same(W, name, seed):
    draw = np.random.default_rng(seed)
    turn = np.linalg.qr(draw.normal(size=(len(W), len(W))))[0]
    order = draw.permutation(W.shape[1])
    noise = 1e-3 * draw.uniform(-1, 1, size=W.shape)
    assert describe((turn @ W)[:, order]) == name
    assert describe(turn @ W[:, order] + noise) == name


def test_components_cover_every_feature_once():
    draw = np.random.default_rng(0)
    for n, m in itertools.product((1, 4, 9), (1, 3)):
        W = draw.normal(size=(m, n)) * (draw.random(n) < 0.7)
        groups, ignored = components(W)
        assert sorted([*itertools.chain(*groups), *ignored]) == list(range(n))


def test_a_chain_of_neighbours_is_one_component():
    turns = np.array([0.0, 1.2, 2.4])
    W = np.array([np.cos(turns), np.sin(turns)])
    assert components(W) == ([[0, 1, 2]], [])


def test_wide_input_of_one_row_is_taken():
    assert describe([[1, -1, 0]]) == "antipodal pair + 1 ignored"


@pytest.mark.parametrize(
    ("W", "message"),
    [
        ([[float("nan"), 1.0]], r"W\[0\]\[0\]=nan: must be finite"),
        ([1.0, 2.0], r"W.shape=\(2,\): must be"),
        ([[1j, 2.0]], "W.dtype=complex128: must be real"),
    ],
)
@pytest.mark.parametrize("entrance", [describe, components])
def test_what_is_no_matrix_of_numbers_is_refused(entrance, W, message):
    with pytest.raises(InputError, match=message):
        entrance(W)
