"""Derivatives by every slope of what ``numerics.family.classes`` carries, by running it back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from numerics.basics.types import Floats
from numerics.family.classes import Chain, Classes, Element, Factors, States, Step

__all__ = ["SlopeFactors", "slopes_of_sums", "truncated_pull"]


@dataclass(frozen=True)
class SlopeFactors:
    """The factors of ``numerics.family.classes.Factors`` and their derivatives by the slopes.

    Attributes:
        values: the factors.
        plain: ``plain(j)``, derivative of ``values.plain(j)`` by ``G_ij``, shape ``(rows, K)``.
        own: ``own(row)``, derivative of ``values.own(row)``, shape ``(1, K)``.
        pull: adjoint of the product: ``<pull(l, x), y> = <l, times(x, y)>`` without conjugation.
    """

    values: Factors
    plain: Callable[[int], Element]
    own: Callable[[int], Element]
    pull: Callable[[Any, Any], Any]


def truncated_pull(covector: Element, x: Element) -> Element:
    """Adjoint of ``numerics.family.classes.truncated_product``.

    Args:
        covector: coefficients of a linear form on power series.
        x: power series.

    Returns:
        The linear form ``y -> covector(x y)``.

    Example:
        >>> truncated_pull(np.array([[1.0, 10.0]]), np.array([[2.0, 3.0]]))
        array([[32., 20.]])
    """
    size = x.shape[-1]
    out = np.zeros(np.broadcast_shapes(covector.shape, x.shape))
    for k in range(size):
        out[..., : size - k] += covector[..., k:] * x[..., k : k + 1]
    return out


def slopes_of_sums(
    chain: Chain,
    factors: SlopeFactors,
    target: Element,
    own: Element,
    *,
    with_singles: bool = False,
) -> Floats:
    """Differentiate a linear form of the class "two or more" by every slope.

    Args:
        chain: the recursion.
        factors: its factors and their derivatives.
        target: coefficients of the expectations, shape ``(rows, K)``.
        own: coefficients of the expectations with ``x_i`` in front.
        with_singles: of the classes "one" and "two or more" together.

    Returns:
        Real parts of the derivatives by ``G_ij``, shape ``(rows, n)``.
    """
    history: list[tuple[States, States]] = []
    chain.run(factors.values, history)
    steps = chain.steps()
    last = chain.structure.n_active or 0
    found = np.zeros(chain.reaches.shape)
    back: States = {last: [0.0, target if with_singles else 0.0, target]}
    own_back: States = {last: [0.0, own if with_singles else 0.0, own]}
    for step, (plain, weighted) in zip(reversed(steps), reversed(history), strict=True):
        parts = chain.parts(factors.values, step)
        pairing = _paired([(back, plain), (own_back, weighted)], step, factors.pull)
        _add_slopes(found, chain, factors, step, pairing)
        earlier = _retreated(back, parts, step, factors.pull)
        for row in chain.own_rows(step):
            own_parts = chain.own_parts(factors.values, step, row)
            here = chain.at_row(own_back, row)
            pairs = _paired([(here, chain.at_row(plain, row))], step, factors.pull)
            _add_own_slopes(found, chain, factors, step, pairs, row)
            for c, classes in _retreated(here, own_parts, step, factors.pull, moves=True).items():
                target_classes = earlier.setdefault(c, [0.0, 0.0, 0.0])
                for z in range(3):
                    target_classes[z] = _added_at(target_classes[z], row, classes[z], target.shape)
        own_back = _retreated(own_back, parts, step, factors.pull)
        back = earlier
    return found


def _is_nothing(x: Any) -> bool:
    return bool(np.isscalar(x)) and x == 0.0


def _pulled(covector: Any, x: Any, pull: Callable[[Any, Any], Any]) -> Any:
    if _is_nothing(covector) or _is_nothing(x):
        return 0.0
    return covector * x if x.shape[-1] == 1 else pull(covector, x)


def _retreated(
    back: States,
    parts: Classes,
    step: Step,
    pull: Callable[[Any, Any], Any],
    *,
    moves: bool = False,
) -> States:
    """Linear forms before a step from those after it; ``moves``: where the step was taken."""
    c0, c1, c2 = parts
    new: States = {}
    for c, (none, one, rest) in back.items():
        before = c - step.counts
        go = step.chances(before)[1]
        stay = step.chances(c)[0]
        if go > 0.0 and before >= 0:
            both = _pulled(rest, c1, pull) + _pulled(rest, c2, pull)
            moved = [
                _pulled(none, c0, pull) + _pulled(one, c1, pull) + _pulled(rest, c2, pull),
                _pulled(one, c0, pull) + both,
                _pulled(rest, c0, pull) + both,
            ]
            _accumulate(new, before, [go * x for x in moved])
        if stay > 0.0 and not moves:
            _accumulate(new, c, [stay * x for x in (none, one, rest)])
    return new


def _accumulate(states: States, c: int, classes: Classes) -> None:
    before = states.get(c, [0.0, 0.0, 0.0])
    states[c] = [x + y for x, y in zip(before, classes, strict=True)]


def _added_at(x: Any, row: int, added: Any, shape: tuple[int, ...]) -> Any:
    if _is_nothing(added):
        return x
    out = np.zeros(shape, added.dtype) if _is_nothing(x) else np.array(np.broadcast_to(x, shape))
    out[row] += added[0]
    return out


def _paired(
    pairs: list[tuple[States, States]], step: Step, pull: Callable[[Any, Any], Any]
) -> Classes:
    """Derivatives of the form by ``c0``, ``c1`` and ``c2`` of a step."""
    found: Classes = [0.0, 0.0, 0.0]
    for back, states in pairs:
        for c, (none, one, rest) in states.items():
            go = step.chances(c)[1]
            if go == 0.0 or c + step.counts not in back:
                continue
            after = back[c + step.counts]
            several = rest + one
            found[0] = found[0] + go * (
                _pulled(after[0], none, pull)
                + _pulled(after[1], one, pull)
                + _pulled(after[2], rest, pull)
            )
            found[1] = found[1] + go * (
                _pulled(after[1], none, pull) + _pulled(after[2], several, pull)
            )
            found[2] = found[2] + go * _pulled(after[2], several + none, pull)
    return found


def _form(pairing: Any, element: Any) -> Floats:
    """A linear form applied to an element: one number for each output."""
    if _is_nothing(pairing) or _is_nothing(element):
        return np.zeros(1)
    total: Floats = np.real(np.sum(pairing * element, axis=-1))
    return total


def _add_slopes(
    found: Floats, chain: Chain, factors: SlopeFactors, step: Step, pairing: Classes
) -> None:
    """Add the derivatives by the slopes of the members of a step."""
    values = factors.values
    for active, mass in step.sets:
        place = chain.places(active)[:, 0]
        for j in active:
            element = mass * factors.plain(j)
            for k in active:
                if k != j:
                    element = values.times(element, values.plain(k))
            for z in range(3):
                if (place == z).any():
                    found[:, j] += np.where(place == z, _form(pairing[z], element), 0.0)


def _add_own_slopes(
    found: Floats,
    chain: Chain,
    factors: SlopeFactors,
    step: Step,
    pairing: Classes,
    row: int,
) -> None:
    """The same with the own feature active and ``x_i`` in front, for one output."""
    values, own = factors.values, int(chain.rows[row])
    for active, mass in step.sets:
        if own not in active:
            continue
        z = int(chain.places(active)[row, 0])
        for j in active:
            element = mass * (factors.own(row) if j == own else values.own(row))
            for k in active:
                if k != own:
                    source = factors.plain if k == j else values.plain
                    element = values.times(element, source(k)[row : row + 1])
            found[row, j] += float(_form(pairing[z], element)[0])
