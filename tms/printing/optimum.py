"""An optimum as text and as plain data; formatting only."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, localcontext
from typing import TYPE_CHECKING, Any

import numpy as np

from theory.problem import Constraint, Problem
from tms.digits import decimal_text, error_text, short_text
from tms.inputs.constraints import constraint_text
from tms.printing.words import data_words, density_words, equation, model_names, size_words

if TYPE_CHECKING:
    from tms.optima.optimum import Optimum

__all__ = ["as_record", "as_text", "title"]

_MOST_MINIMA = 8  # local minima listed besides the best
_MOST_FEATURES = 24  # rows of the table of features; more are counted by their D_i
_BINS = 10


def title(problem: Problem) -> str:
    """Say what the problem is, in two lines.

    Args:
        problem: any.

    Returns:
        Sizes, sparsity and importance; then the model and its data.
    """
    n, m = problem.n_features, problem.n_hidden
    return (
        f"{size_words(n, m)}, {density_words(problem)}, "
        f"importance {short_text(problem.importance)}\n"
        f"{equation(problem.activation)};  {data_words(problem)}"
    )


def as_text(optimum: Optimum) -> str:
    """Write an optimum for the eye.

    Args:
        optimum: what to write.

    Returns:
        Lines without a newline at the end.
    """
    head = [title(optimum.problem)]
    if optimum.constraints:
        head.append(f"constraints: {', '.join(map(constraint_text, optimum.constraints))}")
    blocks = [
        "\n".join(head),
        "\n".join(_answer(optimum)),
        "\n".join(_features(optimum)),
        "\n".join(_others(optimum)),
        "\n".join(_checks(optimum)),
    ]
    return "\n\n".join(block for block in blocks if block)


def _line(label: str, text: str) -> str:
    return f"{label:<15}{text}"


def _answer(optimum: Optimum) -> Iterator[str]:
    yield _line("arrangement", optimum.arrangement)
    yield _line("expected loss", f"{optimum.loss}, {optimum.verdict}")
    yield _line(
        "found by", f"{optimum.n_hits} of {optimum.n_starts} random starts, seed {optimum.seed}"
    )
    yield _line("status", optimum.status.replace("best found", optimum.verdict, 1))
    match = optimum.match
    if match is None:
        yield _line("exact form", "no named arrangement within 1e-6")
    elif match.loss is None or match.difference is None:
        yield _line("exact form", f"{match.name}; its loss takes too long to enclose")
    else:
        yield _line("exact form", f"{match.name}, these norms and biases;")
        there = decimal_text(match.loss.value, match.loss.error, at_most=15)
        gap = error_text(match.difference)
        yield _line("", f"its loss in ball arithmetic {there}, {gap} away")


def _features(optimum: Optimum) -> Iterator[str]:
    """Each part with the features in it; those that are alike share a row."""
    shape = optimum.representation
    rows = list(_rows(optimum))
    if len(rows) <= _MOST_FEATURES:
        yield from _table(("features", "norm", "bias", "D_i", "part"), rows)
    else:
        yield from _histogram(shape.dimensionality)
    star = shape.dimensions_per_feature
    yield (
        f"capacity {shape.capacity:.4f} of {optimum.problem.n_hidden};  "
        f"D* = m/|W|^2 = {star:.4f};  coherence {shape.coherence:.4f}"
    )


def _rows(optimum: Optimum) -> Iterator[tuple[str, ...]]:
    from numerics.geometry import describe

    shape = optimum.representation
    for part in (*shape.components, shape.ignored):
        groups: dict[tuple[str, ...], list[int]] = {}
        for j in part:
            values = (shape.norms[j], optimum.b[j], shape.dimensionality[j])
            groups.setdefault(tuple(f"{value + 0.0:.4f}" for value in values), []).append(j)
        for k, (texts, members) in enumerate(groups.items()):
            name = "ignored" if part is shape.ignored else describe(optimum.W[:, list(part)])
            yield (" ".join(map(str, members)), *texts, name if k == 0 else "  same part")


def _table(heads: Sequence[str], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Columns of text, the last one flush left."""
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        *cells, last = row
        left = [cells[0].ljust(widths[0])]
        middle = [cell.rjust(width) for cell, width in zip(cells[1:], widths[1:-1], strict=True)]
        yield "  ".join([*left, *middle, last])


def _histogram(dimensionality: Any) -> Iterator[str]:
    counts, edges = np.histogram(dimensionality, bins=_BINS, range=(0.0, 1.0))
    rows = [
        (f"{low:.1f} .. {high:.1f}", str(count), "#" * math.ceil(40 * count / counts.max()))
        for low, high, count in zip(edges[:-1], edges[1:], counts, strict=True)
    ]
    yield from (line.rstrip() for line in _table(("D_i", "features", ""), rows))


def _others(optimum: Optimum) -> Iterator[str]:
    """What else the starts ended at."""
    from numerics.geometry import describe

    others = [at for at in optimum.landscape if at.loss > _same_loss(optimum)]
    ends = sum(at.count for at in optimum.landscape)
    if not ends:
        return
    if not others:
        yield f"no other local minimum among the {ends} ends of all starts"
        return
    yield f"what else the {ends} starts (random, named, perturbed) ended at"
    rows = [
        (f"{at.loss:.10g}", str(at.count), at.kind, describe(at.W)) for at in others[:_MOST_MINIMA]
    ]
    yield from _table(("loss", "times", "kind", "arrangement"), rows)
    if len(others) > _MOST_MINIMA:
        kinds = Counter(at.kind for at in others[_MOST_MINIMA:])
        counted = ", ".join(f"{count} {kind}" for kind, count in kinds.items())
        yield f"and {len(others) - _MOST_MINIMA} more of higher loss ({counted})"


def _same_loss(optimum: Optimum) -> float:
    return float(optimum.loss) + 1e-9 * optimum.scale


def _checks(optimum: Optimum) -> Iterator[str]:
    """Residuals of the conditions, then the bound."""
    left = optimum.residuals
    if left is None:
        yield _line("residuals", "none: no start was followed")
    else:
        if not optimum.constraints:
            yield _line("gradient", f"norm {optimum.gradient_norm:.1e}")
        else:
            yield _line(
                "residuals",
                f"feasibility {left.feasibility:.1e}, stationarity {left.stationarity:.1e}, "
                f"complementarity {left.complementarity:.1e}",
            )
        yield _line("second order", _curvature(left.curvature, optimum.constraints))
        for text in left.failing():
            yield _line("not settled", text)
    yield _line("lower bound", str(optimum.lower_bound))
    yield _line("the optimum", _possible(optimum))


def _curvature(curvature: float | None, constraints: Sequence[Constraint]) -> str:
    if curvature is None:
        return "not checked: too large, or not settled"
    if math.isinf(curvature):
        return "no direction is left by the constraints"
    words = "a strict local minimum" if curvature > 1e-6 else "flat in some direction"
    if curvature < -1e-6:
        words = "a saddle"
    along = "along the constraints, " if constraints else ""
    return f"least curvature {curvature:.3e}, {along}rotations left out: {words}"


def _possible(optimum: Optimum) -> str:
    if optimum.verdict == "proved":
        return f"lower by at most {error_text(optimum.gap)}: the bound meets the loss"
    most = math.nextafter(float(optimum.loss) + float(optimum.loss.error), math.inf)
    share = Decimal(100) * Decimal(optimum.gap) / Decimal(most)
    percent = min(share, Decimal(100)).quantize(Decimal("0.1"), ROUND_CEILING)
    low, high = _short(float(optimum.lower_bound), ROUND_FLOOR), _short(most, ROUND_CEILING)
    return f"between {low} and {high}, so lower than this loss by at most {percent} %"


def _short(value: float, rounding: str) -> str:
    """Six digits, rounded to the safe side."""
    with localcontext() as context:
        context.prec, context.rounding = 6, rounding
        return f"{(+Decimal(value)).normalize():g}"


def as_record(optimum: Optimum) -> dict[str, Any]:
    """Give an optimum as plain data.

    Args:
        optimum: what to give.

    Returns:
        Texts, numbers and lists; numbers in full float64 precision.
    """
    from numerics.geometry import describe

    problem, shape = optimum.problem, optimum.representation
    loss, error = optimum.loss.rounded()
    bound = optimum.lower_bound
    return {
        **model_names(problem),
        "n_features": problem.n_features,
        "n_hidden": problem.n_hidden,
        "sparsity": [float(1 - p) for p in problem.densities],
        "importance": [float(weight) for weight in problem.importances],
        "constraints": [constraint_text(constraint) for constraint in optimum.constraints],
        "arrangement": optimum.arrangement,
        "loss": loss,
        "error": error,
        "method": optimum.loss.method,
        "tier": optimum.loss.tier,
        "verdict": optimum.verdict,
        "status": optimum.status,
        "seed": optimum.seed,
        "starts": optimum.n_starts,
        "hits": optimum.n_hits,
        "W": optimum.W.tolist(),
        "b": optimum.b.tolist(),
        "canonical": {
            "W": shape.canonical.W.tolist(),
            "b": shape.canonical.b.tolist(),
            "order": shape.canonical.order.tolist(),
        },
        "components": [list(part) for part in shape.components],
        "ignored": list(shape.ignored),
        "norms": shape.norms.tolist(),
        "dimensionality": shape.dimensionality.tolist(),
        "capacity": shape.capacity,
        "dimensions_per_feature": _finite(shape.dimensions_per_feature),
        "coherence": shape.coherence,
        "exact": _match(optimum),
        "residuals": _residuals(optimum),
        "lower_bound": {
            "value": float(bound),
            "name": bound.name,
            "kind": bound.kind,
            "assumptions": list(bound.best.assumptions),
            "claims": list(bound.best.rests_on),
        },
        "gap": optimum.gap,
        "landscape": [
            {"loss": at.loss, "count": at.count, "kind": at.kind, "arrangement": describe(at.W)}
            for at in optimum.landscape
        ],
    }


def _residuals(optimum: Optimum) -> dict[str, Any] | None:
    left = optimum.residuals
    if left is None:
        return None
    return {
        "feasibility": left.feasibility,
        "stationarity": left.stationarity,
        "complementarity": left.complementarity,
        "curvature": _finite(left.curvature),
        "gradient_norm": _finite(optimum.gradient_norm),
        "failing": list(left.failing()),
    }


def _finite(value: float | None) -> float | None:
    """JSON has no infinity."""
    return value if value is not None and math.isfinite(value) else None


def _match(optimum: Optimum) -> dict[str, Any] | None:
    match = optimum.match
    if match is None:
        return None
    return {
        "name": match.name,
        "order": list(match.order),
        "coordinates": [[str(entry) for entry in row] for row in match.coordinates().tolist()],
        "biases": [str(entry) for entry in match.biases()],
        "distance": match.distance,
        "loss": None if match.loss is None else match.loss.digits(),
        "difference": match.difference,
    }
