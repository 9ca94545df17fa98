r"""Weights of large gain found from many starts, on the exact population gain.

With target ``T`` and energy ``E`` of some weights, the best multiple of them gains ``T^2 / E``;
each start climbs ``log(T^2 / E)`` by a quasi-Newton method, which is the same at every scale and
density. The word is *best found*: nothing here proves that no better weights exist.

Columns that are zero stay zero for ``q > 1``, so that a start also chooses how many features it
stores, and how many dimensions each block of them shares. One random start of each kind is valued
first, and those that did well are climbed first.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from numerics.basics.descent import descend
from numerics.basics.inputs import checked_count, weights_as_floats
from numerics.basics.types import Floats
from numerics.power_model.first_order import FirstOrder, first_order
from numerics.power_model.gain import Gain, PopulationGain
from theory.problem import Problem

__all__ = ["GainFound", "maximise_first_order", "maximise_gain", "maximise_gains"]

_MAX_STEPS = 2000
_WORK = 2e9  # Gram entries times hidden dimensions of one climb: some seconds whatever n
_LEAST_STEPS = 20
_SETTLED = 1e-10  # of the logarithm of the gain, whose derivatives are of order one
_STALLED = 1e-11  # change of the logarithm in one step
_EMPTIED = 1e-4  # share in the target, against the largest, of a column that is given up
_SAME_GAIN = 1e-6  # two starts found the same gain if they agree to this, relatively
_SIZES = 10  # numbers of stored features that are tried, from min(m, n) to n


class _Objective(Protocol):
    """Two sums, homogeneous of degrees ``q`` and ``2 q`` in ``W^T W``, and their gradients."""

    power: int

    def sums(self, W: Floats) -> tuple[float, float, Any]: ...

    def slopes(self, W: Floats, rows: Any, by_target: float, by_energy: float) -> Floats: ...


@dataclass(frozen=True)
class GainFound:
    """The weights of largest gain that a number of starts led to.

    Attributes:
        W: weights, shape ``(m, n)``, at their best scale.
        gain: the gain there, with a bound on its error and its gradient.
        n_starts: number of starts that were climbed.
        n_hits: how many of them ended within a relative 1e-6 of the largest gain.
        status: what to make of it, in a sentence.
    """

    W: Floats
    gain: Gain
    n_starts: int
    n_hits: int
    status: str


def maximise_gain(
    problem: Problem,
    *,
    n_starts: int = 20,
    seed: int = 0,
    starts: Iterable[npt.ArrayLike] = (),
    callback: Callable[[int], None] | None = None,
) -> GainFound:
    """Search for the weights of largest gain ``p n mu_2 - L``.

    Args:
        problem: as in ``numerics.power_model.gain.gain``.
        n_starts: number of random starts; the orthonormal start is climbed besides.
        seed: of the random starts; the result depends on nothing else.
        starts: weights to start from besides, shape ``(m, n)`` each.
        callback: called after each climb with its number.

    Returns:
        The best weights found, never worse than any of ``starts`` at its best scale.

    Raises:
        InputError: a negative number of starts or seed, or weights that cannot be meant.
        Unsupported: another model than that of ``gain``.

    Example:
        >>> from theory.problem import Normal, Power
        >>> problem = Problem(4, 2, density=1e-6, features=Normal(), activation=Power(3))
        >>> found = maximise_gain(problem, n_starts=5)
        >>> round(found.gain.value / 1e-6 / (9 / 15), 4)  # the supremum of F is 16/5
        3.2

    Source: the model of arXiv:2606.18538, section 2.
    """
    objective = PopulationGain(problem)
    given = [weights_as_floats(problem, W, None)[0] for W in starts]
    shape = (problem.n_hidden, problem.n_features)
    climbs = _searched(objective, shape, n_starts, seed, given, callback)
    return _finished(climbs, shape, lambda W: objective.at(W, with_gradient=True))


def maximise_gains(
    problem: Problem,
    densities: Sequence[object],
    *,
    n_starts: int = 20,
    seed: int = 0,
    starts: Sequence[Sequence[npt.ArrayLike]] = (),
    callback: Callable[[int], None] | None = None,
) -> list[GainFound]:
    """Search at many densities, each also from the best weights of its neighbours.

    Args:
        problem: as in ``numerics.power_model.gain.gain``; its own density is left aside.
        densities: in the order in which neighbours follow each other.
        n_starts: number of random starts at each density.
        seed: of the random starts.
        starts: for each density weights to start from besides; none when left out.
        callback: called with the number of densities done in the first of two passes.

    Returns:
        The best weights found at each density.

    Raises:
        InputError: as ``maximise_gain``.
        Unsupported: as ``maximise_gain``.

    Example:
        >>> from theory.problem import Power, Rademacher
        >>> problem = Problem(3, 2, density=1, features=Rademacher(), activation=Power(3))
        >>> [round(f.gain.value, 3) for f in maximise_gains(problem, ["1/100", 1], n_starts=3)]
        [0.027, 2.0]
    """
    problems = [problem.replace(density=density) for density in densities]
    found: list[GainFound] = []
    for place, at in enumerate(problems):
        extra = list(starts[place]) if starts else []
        warm = [found[-1].W] if found else []
        found.append(maximise_gain(at, n_starts=n_starts, seed=seed, starts=[*extra, *warm]))
        if callback is not None:
            callback(place + 1)
    for place in range(len(problems) - 2, -1, -1):
        warm_start = found[place + 1].W
        if PopulationGain(problems[place]).best_scaled(warm_start) > found[place].gain.value:
            again = maximise_gain(problems[place], n_starts=0, starts=[warm_start])
            found[place] = _joined(found[place], again)
    return found


def maximise_first_order(
    n_hidden: int, power: int, n_features: int, *, n_starts: int = 50, seed: int = 0
) -> GainFound:
    """Search for the largest value of the first-order functional ``F``.

    Args:
        n_hidden: ``m``.
        power: ``q``, odd.
        n_features: ``n``.
        n_starts: number of random starts.
        seed: of the random starts.

    Returns:
        The best weights found; ``gain`` holds ``F``.

    Raises:
        InputError: an even power, or numbers that cannot be meant.

    Example:
        >>> found = maximise_first_order(2, 3, 3, n_starts=5)
        >>> round(found.gain.value, 9)  # three lines at 60 degrees: 32/11
        2.909090909

    Source: arXiv:2606.18538, equation (23).
    """
    shape = (checked_count(n_hidden, "n_hidden", 1), checked_count(n_features, "n_features", 1))
    climbs = _searched(FirstOrder(power), shape, n_starts, seed, [], None)
    return _finished(climbs, shape, lambda W: first_order(W, power))


# ---------------------------------------------------------------- starts


def _orthonormal(m: int, n: int) -> Floats:
    """The unsuperposed start: as many orthonormal columns as there are, and zeros."""
    return np.eye(m, n)


def _random_columns(
    generator: np.random.Generator, shape: tuple[int, int], stored: int, block: int
) -> Floats:
    """Unit columns in random directions, each inside one block of dimensions, and zeros."""
    m, n = shape
    blocks = math.ceil(m / block)
    columns = generator.normal(size=(m, stored))
    place = np.arange(m)[:, None] * blocks // m
    columns *= place == np.arange(stored) % blocks
    found = np.zeros((m, n))
    found[:, :stored] = columns / np.linalg.norm(columns, axis=0)
    return found


def _kinds(m: int, n: int) -> list[tuple[int, int]]:
    """Numbers of stored features and dimensions of a block, worth trying."""
    sizes = np.geomspace(min(m, n), n, _SIZES).round().astype(int)
    blocks = {m} | {math.ceil(m / 2**k) for k in range(1, m.bit_length())} - {1}
    return [
        (int(size), block) for block in sorted(blocks, reverse=True) for size in sorted(set(sizes))
    ]


def _random_starts(
    objective: _Objective, shape: tuple[int, int], count: int, seed: int
) -> list[Floats]:
    """Random starts of one kind after another, first of those that did well in one trial."""
    generator = np.random.default_rng(seed)
    if count < 1:
        return []
    trials = {kind: _random_columns(generator, shape, *kind) for kind in _kinds(*shape)}
    kinds = _ordered({kind: _value(objective, trial) for kind, trial in trials.items()})
    found = [trials[kinds[0]]]
    for start in range(1, count):
        kind = kinds[start % len(kinds)]
        found.append(_random_columns(generator, shape, *kind))
    return found


def _ordered(values: dict[tuple[int, int], float]) -> list[tuple[int, int]]:
    """The best kind, the two with fewer columns next to it, then all others from the best on."""
    # columns in random directions interfere more than climbed ones: fewer of these do best
    ranked = sorted(values, key=lambda kind: -values[kind])
    size, block = ranked[0]
    fewer = sorted((k for k in ranked if k[1] == block and k[0] < size), reverse=True)[:2]
    return list(dict.fromkeys([ranked[0], *fewer, *ranked]))


# ---------------------------------------------------------------- climbing


def _used(W: Floats) -> Floats:
    """The columns that are not zero."""
    return np.ascontiguousarray(W[:, W.any(axis=0)])


def _value(objective: _Objective, W: Floats) -> float:
    """``T^2 / E``, 0 where there is nothing."""
    target, energy, _ = objective.sums(_used(W))
    return target * (target / energy) if energy > 0.0 else 0.0


def _climbed(objective: _Objective, start: Floats) -> tuple[float, Floats]:
    """Climb from one start, twice: emptied columns would hold up the end of a single climb."""
    # such columns shrink more slowly the shorter they are: their slope is of order 2 q - 1
    value, found = _ascent(objective, start)
    shares = np.sum(found**2, axis=0) ** objective.power
    emptied = (shares > 0.0) & (shares < _EMPTIED * shares.max(initial=0.0))
    if emptied.any():
        again, fewer = _ascent(objective, np.where(emptied, 0.0, found))
        if again > value:
            return again, fewer
    return value, found


def _ascent(objective: _Objective, start: Floats) -> tuple[float, Floats]:
    """Climb from one start; its zero columns stay zero."""
    used = start.any(axis=0)
    m, count = start.shape[0], int(used.sum())
    value = _value(objective, start)
    if value <= 0.0:
        return 0.0, np.zeros_like(start)

    def negative(point: Floats) -> tuple[float, Floats]:
        W = point.reshape(m, count)
        target, energy, rows = objective.sums(W)
        if not (target > 0.0 and energy > 0.0 and math.isfinite(energy)):
            return math.inf, np.zeros_like(point)
        slopes = objective.slopes(W, rows, -2.0 / target, 1.0 / energy)
        return math.log(energy) - 2.0 * math.log(target), slopes.ravel()

    steps = max(_LEAST_STEPS, min(_MAX_STEPS, int(_WORK / (count**2 * m))))
    end = descend(
        negative, _used(start).ravel(), max_steps=steps, settled=_SETTLED, stalled=_STALLED
    )
    found = np.zeros_like(start)
    found[:, used] = end.point.reshape(m, count)
    climbed = _value(objective, found)
    return (climbed, found) if climbed > value else (value, start)


def _searched(
    objective: _Objective,
    shape: tuple[int, int],
    n_starts: int,
    seed: int,
    given: list[Floats],
    callback: Callable[[int], None] | None,
) -> list[tuple[float, Floats]]:
    """Ends of all climbs, the best first, at their best scale."""
    count, seed = checked_count(n_starts, "n_starts", 0), checked_count(seed, "seed", 0)
    starts = [_orthonormal(*shape), *given, *_random_starts(objective, shape, count, seed)]
    ends = []
    for number, start in enumerate(starts):
        value, W = _climbed(objective, _at_unit_scale(start))
        ends.append((value, _at_best_scale(objective, W)))
        if callback is not None:
            callback(number + 1)
    return sorted(ends, key=lambda end: -end[0])


def _at_unit_scale(W: Floats) -> Floats:
    """``W`` with columns of at most unit length: no scale matters to the search."""
    largest = np.abs(W).max(initial=0.0)
    if largest == 0.0:
        return W
    even = W / largest  # before lengths are taken, whose squares may leave the floats
    scaled: Floats = even / np.sqrt(np.sum(even**2, axis=0).max())
    return scaled


def _at_best_scale(objective: _Objective, W: Floats) -> Floats:
    target, energy, _ = objective.sums(_used(W))
    return W * (target / energy) ** (0.5 / objective.power) if energy > 0.0 else W


def _finished(
    climbs: list[tuple[float, Floats]], shape: tuple[int, int], evaluated: Callable[[Floats], Gain]
) -> GainFound:
    value, W = climbs[0]
    hits = sum(end[0] >= value * (1.0 - _SAME_GAIN) for end in climbs)
    status = f"best found: {hits} of {len(climbs)} starts reached this gain"
    if hits == 1 and len(climbs) > 1:
        status += "; only one did, try more starts"
    return GainFound(W, evaluated(W), len(climbs), hits, status)


def _joined(one: GainFound, other: GainFound) -> GainFound:
    """The better of two searches, with the starts of both."""
    better, worse = (one, other) if one.gain.value >= other.gain.value else (other, one)
    same = worse.gain.value >= better.gain.value * (1.0 - _SAME_GAIN)
    hits, count = better.n_hits + same * worse.n_hits, one.n_starts + other.n_starts
    status = f"best found: {hits} of {count} starts reached this gain"
    return GainFound(better.W, better.gain, count, hits, status)
