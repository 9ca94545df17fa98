"""The expected loss: picks a route, asks it, wraps the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, get_args

from theory.problem import InputError, Problem, Unsupported, is_symbolic
from tms.cost import QUICK
from tms.estimate import Asked, Estimate, Method
from tms.inputs.weights import FloatArray, Weights, check_weights

__all__ = ["GradientEstimate", "expected_loss", "loss_and_gradient"]

DEFAULT_SAMPLES = 1_000_000
DEFAULT_DIGITS = 30

_TAKEN_BY = {
    "digits": ("ball",),
    "tolerance": ("series",),
    "n_samples": ("sampling",),
    "seed": ("sampling",),
}


def expected_loss(
    problem: Problem,
    W: object,
    b: object = None,
    *,
    W_decoder: object = None,
    method: Asked = "auto",
    digits: int | None = None,
    tolerance: float | None = None,
    n_samples: int | None = None,
    seed: int | None = None,
) -> Estimate:
    r"""Evaluate the expected loss of a toy model of superposition.

    .. math:: L(W, b) = \sum_i I_i \, \mathbb{E}\,\bigl(x_i - \sigma(W^\top W x + b)_i\bigr)^2

    With ``W_decoder`` the output is ``sigma(W_decoder^T W x + b)``.

    ============ ========================================================================
    method       what it does
    ============ ========================================================================
    ``auto``     ``exact`` where there is such a form and it is quick, or symbols are involved,
                 else ``series``;
                 ``ball`` if ``digits`` is given, ``series`` if ``tolerance`` is given
    ``exact``    exact arithmetic; a float is the rational that it is; takes symbols
    ``ball``     enclosure in ball arithmetic, to ``digits`` digits
    ``series``   float64 with a bound on the error, for any number of features
    ``sampling`` the mean over ``n_samples`` forward passes, with its standard error
    ============ ========================================================================

    Args:
        problem: the model without its weights.
        W: ``(n_hidden, n_features)``, features as columns; an array of any library, or nested
            lists of numbers, fractions, texts such as ``"9/10"`` and SymPy expressions, or a
            named arrangement.
        b: ``(n_features,)``; zeros, or the bias of the arrangement, when left out.
        W_decoder: like ``W``, of an untied decoder; tied to ``W`` when left out.
        method: see the table.
        digits: significant digits, of ``ball`` alone.
        tolerance: absolute error asked of ``series`` alone.
        n_samples: of ``sampling`` alone.
        seed: of ``sampling`` alone.

    Returns:
        The value with its error; ``.expected_loss`` holds the polynomial in the density and more
        where ``theory`` was asked.

    Raises:
        InputError: weights that do not fit, are not finite or not real, or an option that the
            method does not take.
        Unsupported: the method does not take this input, such as symbols in floating point.

    Example:
        >>> problem = Problem(2, 1, density=1)
        >>> print(expected_loss(problem, [[1, "-3/5"]], ["-1/10", "1/20"]))
        704669/1800000 = 0.391482777777777... (exact)

    Source: Elhage et al. 2022, arXiv:2209.10652, section 2; the formulas are cited where they are
        computed, in ``theory.loss`` and ``numerics.series``.
    """
    options = {"digits": digits, "tolerance": tolerance, "n_samples": n_samples, "seed": seed}
    given = {name: value for name, value in options.items() if value is not None}
    weights = check_weights(problem, W, b, W_decoder)
    chosen = _choose(method, given)
    if chosen == "auto":
        return _automatically(problem, weights)
    return evaluate(problem, weights, chosen, **given)


def _choose(method: str, options: dict[str, Any]) -> Asked:
    """The route that the options ask for; refuses options that it would not use."""
    if method not in get_args(Asked):
        raise InputError(f"method={method!r}: must be one of {', '.join(get_args(Asked))}")
    if method == "auto" and "digits" in options:
        method = "ball"
    elif method == "auto" and "tolerance" in options:
        method = "series"
    for name, value in options.items():
        if method not in _TAKEN_BY[name]:
            taker = _TAKEN_BY[name][0]
            raise InputError(f"{name}={value!r}: only method={taker!r} takes it, not {method!r}")
    return method  # type: ignore[return-value]


def _automatically(problem: Problem, weights: Weights) -> Estimate:
    """Exactly where that is quick, or where nothing else takes symbols; else by the series."""
    symbolic = problem.is_symbolic or any(map(is_symbolic, weights.entries))
    if not symbolic and QUICK.excess(problem, weights) is not None:
        return evaluate(problem, weights, "series")
    try:
        return evaluate(problem, weights, "exact")
    except Unsupported:  # no exact form, such as ReLU on half-normal features
        if symbolic:
            raise
    return evaluate(problem, weights, "series")


def evaluate(problem: Problem, weights: Weights, method: Method, **options: Any) -> Estimate:
    """Ask one route for the loss at checked weights."""
    if method in ("exact", "ball"):
        return _by_theory(problem, weights, method, options.get("digits"))
    if method == "series":
        return _by_series(problem, weights, options.get("tolerance"))
    return _by_sampling(problem, weights, options)


def _by_theory(problem: Problem, weights: Weights, method: Method, digits: int | None) -> Estimate:
    from theory.loss import expected_loss as exactly

    asked = None if method == "exact" else DEFAULT_DIGITS if digits is None else digits
    loss = exactly(problem, **weights.for_theory(), digits=asked)
    if method == "exact":
        return Estimate(loss.value, 0, "exact", "exact", loss)
    return Estimate(loss.value.midpoint, loss.value.radius, "ball", "enclosed", loss)


def _by_series(problem: Problem, weights: Weights, tolerance: float | None) -> Estimate:
    from numerics.series import expected_loss as by_series

    found = by_series(problem, **weights.floats(), tolerance=tolerance)
    loss, error = float(found.loss), float(found.error)
    return Estimate(loss, error + weights.rounding(problem, loss + error), "series", "float")


def _by_sampling(problem: Problem, weights: Weights, options: dict[str, Any]) -> Estimate:
    from numerics.sampling import expected_loss as by_sampling

    n_samples, seed = options.get("n_samples", DEFAULT_SAMPLES), options.get("seed", 0)
    found = by_sampling(problem, **weights.floats(), n_samples=n_samples, seed=seed)
    return Estimate(float(found.mean), float(found.standard_error), "sampling", "sampled")


@dataclass(frozen=True)
class GradientEstimate:
    """A loss with its gradient, each with its error.

    Args:
        loss: the loss at the weights.
        W: ``dL/dW``, ``(n_hidden, n_features)``.
        b: ``dL/db``, ``(n_features,)``.
        W_error: bound on the error of each entry of ``W``.
        b_error: bound on the error of each entry of ``b``.
        W_decoder: ``dL/dW_decoder``, ``(n_hidden, n_features)``; None where it is tied to ``W``.
        W_decoder_error: bound on the error of each entry of ``W_decoder``, likewise.
    """

    loss: Estimate
    W: FloatArray
    b: FloatArray
    W_error: FloatArray
    b_error: FloatArray
    W_decoder: FloatArray | None = None
    W_decoder_error: FloatArray | None = None


def loss_and_gradient(
    problem: Problem,
    W: object,
    b: object = None,
    *,
    W_decoder: object = None,
    tolerance: float | None = None,
) -> GradientEstimate:
    r"""Evaluate the expected loss and its gradient by the series.

    .. math:: \partial L / \partial W_{kj}, \qquad \partial L / \partial b_i

    Tied weights are one variable; untied, ``W`` and ``W_decoder`` are two.

    The exact gradient is ``tms.expected_loss(..., method="exact").expected_loss.gradient``.

    Args:
        problem: the model without its weights; its numbers must hold no symbols.
        W: ``(n_hidden, n_features)``, features as columns; rounded to float64.
        b: ``(n_features,)``; zeros when left out; rounded to float64.
        W_decoder: ``(n_hidden, n_features)``, of an untied decoder; tied when left out.
        tolerance: absolute error asked of the series.

    Returns:
        Loss and gradient **at the rounded weights**, each with its error bound.

    Raises:
        InputError: weights that do not fit, are not finite or not real.
        Unsupported: symbols.

    Example:
        >>> result = loss_and_gradient(Problem(1, 1, density=1), [[1.0]], [0.0])
        >>> result.b.shape
        (1,)

    Source: as for ``expected_loss``.
    """
    from numerics.series import loss_and_gradient as by_series

    floats = check_weights(problem, W, b, W_decoder).floats()
    found = by_series(problem, **floats, tolerance=tolerance)
    return GradientEstimate(
        loss=Estimate(float(found.loss), float(found.error), "series", "float"),
        W=found.gradient_W,
        b=found.gradient_b,
        W_error=found.gradient_W_error,
        b_error=found.gradient_b_error,
        W_decoder=found.gradient_W_decoder,
        W_decoder_error=found.gradient_W_decoder_error,
    )
