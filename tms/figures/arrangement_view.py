r"""The arrangement itself: the vectors of the features beside the Gram matrix ``W^T W``.

As in Elhage et al. 2022, arXiv:2209.10652: columns of ``W`` as lines from the origin, in two
dimensions as they are and in three by an orthographic projection; beside them ``W^T W`` with its
sign, and the biases beneath.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.problem import InputError, Problem
from tms.figures import captions, style
from tms.figures.drawing import Drawing
from tms.figures.gram_map import MOST_NUMBERS, MOST_SIGNS, draw_gram
from tms.figures.projection import hull_edges
from tms.figures.vectors_view import SEEN, Shown, draw_vectors
from tms.printing.words import density_words, size_words

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["arrangement", "check_labels"]

_HEIGHT = 1.95  # inches


def arrangement(
    weights: Any,
    b: Any = None,
    *,
    problem: Problem | None = None,
    labels: Sequence[str] | None = None,
    command: str | None = None,
) -> Drawing:
    """Draw an arrangement: its vectors in one, two or three dimensions, and its Gram matrix.

    Args:
        weights: a matrix ``(m, n)``, or what holds ``W``, ``b`` and ``problem``: what ``optimize``
            gives, a row of a table or of the atlas, a named arrangement.
        b: biases ``(n,)``, of a matrix; zeros when left out.
        problem: instead of that of ``weights``; gives importance, sparsity and model.
        labels: one for each feature; 1, 2, ... when left out.
        command: what makes the figure again, for the caption.

    Returns:
        The drawing, one column wide.

    Raises:
        InputError: no matrix of finite real numbers, shapes that do not fit, a row that failed.

    Example:
        >>> drawing = arrangement([[1, -1, 0], [0, 0, 1]])
        >>> drawing.title
        'Antipodal pair + 1 dedicated: n = 3 features, m = 2 hidden dimensions'
    """
    import tms
    from numerics.geometry import describe

    shown = _checked(weights, b, problem, labels)
    m, n = shown.W.shape
    name = describe(shown.W)
    title = f"{name[0].upper()}{name[1:]}: {size_words(n, m)}"
    with style.context():
        figure = _figure(shown)
    told = command or "tms.figures.arrangement(W, b)"
    return Drawing(
        figure, title, _caption(shown, weights, title, told), told, tms.__version__, _counts(shown)
    )


def _checked(weights: Any, b: Any, problem: Problem | None, labels: Sequence[str] | None) -> Shown:
    from numerics.basics.inputs import matrix_as_floats

    held = weights
    if hasattr(weights, "W"):
        held, b = weights.W, weights.b if b is None else b
        problem = problem or getattr(weights, "problem", None)
    elif hasattr(weights, "coordinates"):
        held = np.array(weights.coordinates.tolist(), dtype=np.float64)
        b = np.array(list(weights.bias), dtype=np.float64) if b is None else b
    if held is None:
        raise InputError(f"W=None: there are no weights to draw; {getattr(weights, 'status', '')}")
    W = matrix_as_floats(held)
    n = W.shape[1]
    bias = np.zeros(n) if b is None else matrix_as_floats([b])[0]
    if bias.shape != (n,):
        raise InputError(f"b.shape={bias.shape}: must be ({n},), one for each column of W")
    if problem is not None and (problem.n_hidden, problem.n_features) != W.shape:
        raise InputError(
            f"W.shape={W.shape}: must be ({problem.n_hidden}, {problem.n_features}) for the problem"
        )
    if problem is not None and problem.is_symbolic:
        raise InputError(f"problem={problem!r}: holds symbols; a figure needs numbers")
    check_labels(labels, n)
    names = tuple(str(i + 1) for i in range(n)) if labels is None else tuple(map(str, labels))
    return Shown(W, bias, problem, names)


def check_labels(labels: Sequence[str] | None, n_features: int) -> None:
    """Refuse labels that are not one for each feature.

    Args:
        labels: of the features; None for their numbers.
        n_features: how many there are.

    Raises:
        InputError: more or fewer labels.
    """
    if labels is not None and len(labels) != n_features:
        raise InputError(f"labels={list(labels)}: must be {n_features}, one for each feature")


def _figure(shown: Shown) -> Figure:
    m = shown.W.shape[0]
    has_vectors = m <= 3
    figure = style.new_figure(_HEIGHT if has_vectors else 3.1)
    if has_vectors:
        views = figure.subplots(1, 2, width_ratios=(1, 1.15))
        draw_vectors(views[0], shown)
        draw_gram(figure, views[1], shown)
    else:
        draw_gram(figure, figure.subplots(), shown)
    return figure


def _counts(shown: Shown) -> dict[str, int]:
    norms = np.linalg.norm(shown.W, axis=0)
    return {"features": norms.size, "ignored": int(np.sum(norms < SEEN))}


def _caption(shown: Shown, weights: Any, title: str, command: str) -> str:
    import tms

    m, n = shown.W.shape
    problem = shown.problem
    views = {
        1: "on a line",
        2: "in the plane",
        3: "in an orthographic projection, nearer ones darker",
    }
    hull = "; thin lines: edges of the convex hull" if hull_edges(shown.W) else ""
    where = "" if problem is None else f", {density_words(problem)}"
    sentences = [
        f"{title}{where}.",
        "" if problem is None else captions.model_sentences(problem),
        f"Left: columns of W {views[m]}; dotted: norm 1{hull}." if m <= 3 else "",
        "" if shown.is_equal or m > 3 else "Darker: more important.",
        "Heat map: W^T W, and the biases b beneath; blue above 0, vermilion below"
        + (", with a dash." if MOST_NUMBERS < n <= MOST_SIGNS else "."),
        _loss_words(getattr(weights, "loss", None)),
        _origin(weights),
    ]
    return captions.paragraphs(sentences, tms.__version__, command)


def _loss_words(loss: Any) -> str:
    if loss is None:
        return ""
    if isinstance(loss, float):  # of the atlas: rounded up
        return f"Loss there: at most {loss!r}."
    how = "exact, rounded" if loss.tier == "exact" else loss.method
    return f"Loss there: {loss.digits(12)} ({how})."


def _origin(weights: Any) -> str:
    """Where weights come from, without a word on an optimum that is not proved."""
    if hasattr(weights, "origin"):
        return str(weights.origin)
    verdict = getattr(weights, "verdict", None)
    seed = getattr(weights, "seed", None)
    if verdict is not None:
        told = "proved optimal" if verdict == "proved" else verdict
        claim = "" if verdict == "proved" else ", with no claim of an optimum"
        return f"Weights: {told}{claim}{'' if seed is None else f' (seed {seed})'}."
    if hasattr(weights, "found"):
        return f"Weights: from the atlas, {weights.status} ({weights.found})."
    return ""
