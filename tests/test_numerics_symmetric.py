"""Eigenpairs, also where NumPy's algorithm gives up."""

from __future__ import annotations

from unittest import mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from numerics.basics.symmetric import eigenpairs

MATRICES = st.integers(0, 6).flatmap(
    lambda k: arrays(np.float64, (k, k), elements=st.floats(-1, 1, allow_subnormal=False))
)


@pytest.mark.parametrize("gives_up", [False, True])
@given(square=MATRICES)
def test_vectors_times_values_give_the_matrix_back(gives_up, square):
    matrix = square + square.T
    failing = mock.patch("numpy.linalg.eigh", side_effect=np.linalg.LinAlgError)
    if gives_up:
        with failing:
            values, vectors = eigenpairs(matrix)
    else:
        values, vectors = eigenpairs(matrix)
    assert np.all(np.diff(values) >= 0.0)
    np.testing.assert_allclose(vectors * values @ vectors.T, matrix, atol=1e-13)
    np.testing.assert_allclose(vectors.T @ vectors, np.eye(len(matrix)), atol=1e-13)


def test_entries_that_are_not_finite_are_no_answer():
    with (
        mock.patch("numpy.linalg.eigh", side_effect=np.linalg.LinAlgError),
        pytest.raises(ValueError, match=r"infs or NaNs"),
    ):
        eigenpairs(np.array([[np.nan]]))
