"""Which combination of law, activation, dependence and weights has which routes: found by trying.

    python -m tms.support > docs/support.md

Every cell of the table is what the doors answer to a small problem, or the reason they refuse.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from theory.problem import (
    AbsPower,
    Activation,
    Anticorrelated,
    Binary,
    Correlated,
    CustomLaw,
    Exponential,
    FeatureLaw,
    HalfNormal,
    Identity,
    Normal,
    Power,
    Problem,
    Rademacher,
    ReLU,
    ReLUPower,
    Uniform,
    Unsupported,
)
from tms.cost import PATIENT, QUICK, Budget
from tms.estimate import Method
from tms.inputs.weights import check_weights
from tms.oracle import expected_loss, loss_and_gradient

__all__ = ["ACTIVATIONS", "LAWS", "ROUTES", "VARIANTS", "Row", "as_markdown", "rows"]

FULL = CustomLaw(
    "custom law (moments, transform, support, sampler)",
    moments=[(k + 1) % 2 for k in range(1, 73)],
    characteristic_function=lambda t: np.cos(t) + 0j,
    derivative=lambda t: -np.sin(t) + 0j,
    support=(-1, 1),
    sampler=lambda generator, shape: 2.0 * generator.integers(2, size=shape) - 1.0,
    is_symmetric=True,
)
MOMENTS = CustomLaw("custom law (moments alone)", moments=FULL.moments, is_symmetric=True)

LAWS: dict[str, FeatureLaw] = {
    "U[0, 1]": Uniform(),
    "U[a, b], 0 outside or an end": Uniform("1/2", 2),
    "U[a, b], 0 inside": Uniform(-1, 1),
    "Binary": Binary(),
    "Rademacher": Rademacher(),
    "Exponential": Exponential(),
    "Normal": Normal(),
    "HalfNormal": HalfNormal(),
    FULL.name: FULL,
    MOMENTS.name: MOMENTS,
}
ACTIVATIONS: dict[str, Activation] = {
    "Identity": Identity(),
    "t^q": Power(3),
    "abs(t)^q, q even": AbsPower(2),
    "ReLU": ReLU(),
    "(t)_+^q": ReLUPower(2),
    "abs(t)^q, q odd": AbsPower(1),
}
DEPENDENCES: dict[str, dict[str, Any]] = {
    "independent": {"density": ["1/2", "1/4", "1/2", "1/3"]},
    "groups": {"density": "1/2", "groups": [Correlated(0, 1), Anticorrelated(2, 3)]},
    "exactly k": {"n_active": 2},
}
VARIANTS = [(dependence, tied) for dependence in DEPENDENCES for tied in (True, False)]
W = [[1, "-3/4", "1/2", "-1/8"], ["1/4", "3/8", -1, 0]]
W_DECODER = [["1/2", 1, "-1/4", 0], [0, "1/2", "-3/4", "1/8"]]
BIAS = ["-1/8", 0, "1/4", "-1/2"]


def _exact(problem: Problem, weights: dict[str, Any]) -> object:
    return expected_loss(problem, **weights, method="exact").value


def _ball(problem: Problem, weights: dict[str, Any]) -> object:
    return expected_loss(problem, **weights, digits=15).value


def _series(problem: Problem, weights: dict[str, Any]) -> object:
    return expected_loss(problem, **weights, method="series").value


def _gradient(problem: Problem, weights: dict[str, Any]) -> object:
    return loss_and_gradient(problem, **weights).W


def _sampling(problem: Problem, weights: dict[str, Any]) -> object:
    return expected_loss(problem, **weights, method="sampling", n_samples=100).value


ROUTES: dict[str, Callable[[Problem, dict[str, Any]], object]] = {
    "exact": _exact,
    "ball": _ball,
    "series": _series,
    "gradient": _gradient,
    "sampling": _sampling,
}


@dataclass(frozen=True)
class Row:
    """What one law with one activation has.

    Args:
        law: its name.
        activation: its name.
        answers: for each route the variants (dependence, tied) in which it answers.
        reasons: for each route, why it refuses in the others.
        sizes: most features with the exact or ball route, by ``auto`` and in ``cross_check``.
    """

    law: str
    activation: str
    answers: dict[str, list[tuple[str, bool]]]
    reasons: dict[str, list[str]]
    sizes: tuple[int, int] = field(default=(0, 0))


def rows() -> Iterator[Row]:
    """Try every combination.

    Yields:
        One row for each law with each activation.
    """
    for law in LAWS:
        for activation in ACTIVATIONS:
            yield row(law, activation)


def row(law: str, activation: str) -> Row:
    """Try one law with one activation.

    Args:
        law: a key of ``LAWS``.
        activation: a key of ``ACTIVATIONS``.

    Returns:
        What answered and what did not.
    """
    answers: dict[str, list[tuple[str, bool]]] = {route: [] for route in ROUTES}
    reasons: dict[str, list[str]] = {route: [] for route in ROUTES}
    for dependence, tied in VARIANTS:
        problem = _problem(law, activation, dependence)
        weights = {"W": W, "b": BIAS} | ({} if tied else {"W_decoder": W_DECODER})
        for route, ask in ROUTES.items():
            try:
                ask(problem, weights)
            except Unsupported as refusal:
                reasons[route].append(str(refusal))
            else:
                answers[route].append((dependence, tied))
    sizes = (_largest(law, activation, QUICK, "exact"), _largest(law, activation, PATIENT, "ball"))
    return Row(law, activation, answers, reasons, sizes)


def _problem(law: str, activation: str, dependence: str) -> Problem:
    return Problem(
        4, 2, features=LAWS[law], activation=ACTIVATIONS[activation], **DEPENDENCES[dependence]
    )


def _largest(law: str, activation: str, budget: Budget, method: Method) -> int:
    """Most independent features within a budget, by the rule that the doors use."""
    n = 0
    while True:
        problem = Problem(
            n + 1, 1, density=1, features=LAWS[law], activation=ACTIVATIONS[activation]
        )
        if budget.excess(problem, check_weights(problem, [[0] * (n + 1)]), method) is not None:
            return n
        n += 1


def as_markdown(found: list[Row]) -> str:
    """Write the page of the documentation.

    Args:
        found: what ``rows`` yields.

    Returns:
        Markdown.
    """
    reasons: dict[str, int] = {}
    lines = [
        _PREFACE,
        "| law | activation | exact | up to n = | ball | series | gradient | sampling |",
    ]
    lines.append("|---|---|---|---|---|---|---|---|")
    for entry in found:
        cells = {route: _cell(entry, route, reasons) for route in ROUTES}
        size = "-"
        if entry.answers["exact"] or entry.answers["ball"]:
            size = f"{entry.sizes[0] if entry.answers['exact'] else '-'} ({entry.sizes[1]})"
        cells = {"exact": cells.pop("exact"), "size": size, **cells}
        lines.append(f"| {' | '.join([entry.law, entry.activation, *cells.values()])} |")
    notes = [f"{number}. {reason}" for reason, number in reasons.items()]
    return "\n".join([*lines, "", "## Why not", "", *notes]) + "\n"


def _cell(entry: Row, route: str, reasons: dict[str, int]) -> str:
    """``yes``, the variants in which there is an answer, or ``no``; with the reasons' numbers."""
    answered = entry.answers[route]
    numbers = sorted({reasons.setdefault(r, len(reasons) + 1) for r in entry.reasons[route]})
    marks = f" [{', '.join(map(str, numbers))}]" if numbers else ""
    if len(answered) == len(VARIANTS):
        return "yes"
    return (_listed(answered) if answered else "no") + marks


def _listed(answered: list[tuple[str, bool]]) -> str:
    parts = []
    for dependence in DEPENDENCES:
        kinds = [tied for name, tied in answered if name == dependence]
        if kinds:
            only = "" if len(kinds) == 2 else " (tied)" if kinds[0] else " (untied)"
            parts.append(f"{dependence}{only}")
    return ", ".join(parts)


_PREFACE = """# What is supported

Made by `python -m tms.support`, which asks every door for a small problem of every kind; a test
makes it again. `yes` stands for all of: independent features, correlated and anticorrelated groups,
exactly k active; tied and untied weights; with bias. Numbers in brackets are the reasons below.
Powers were tried with `q` = 3 (`t^q`), 2 (`abs(t)^q`, even; `(t)_+^q`) and 1 (`abs(t)^q`, odd).

* `exact`: a rational or algebraic number; for exponential and normal features with a kink a sum of
  exponentials or error functions. `up to n =`: most independent features with which
  `method="auto"` takes it, and in brackets most with which `tms check` takes the ball.
* `method="exact"` and `"ball"` go on from there, taking longer, until half of an output has more
  than 2^13 vertices (26 features uniform on `[0, b]` or constant, 16 Rademacher ones, more where
  Gram entries are equal or zero), or an output of normal features more than 2^16 different
  variances (16 features). Exponential features and polynomial activations have no such limit.
* `ball`: an enclosure to any number of digits. `series`: float64 with a bound on the error, for any
  number of features; `gradient`: its gradient. `sampling`: a mean with its standard error.
"""


def main() -> None:
    """Write the page to stdout."""
    sys.stdout.write(as_markdown(list(rows())))


if __name__ == "__main__":
    main()
