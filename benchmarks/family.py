"""Every law with every activation and dependence: exact against series against sampling.

For each combination problems are generated with n = 1..6 and m = 1..3, tied and untied, with and
without bias, with dead, equal and antipodal features and densities at 0 and 1. Weights are eighths,
which both sides read without rounding. Three things are compared:

* the series with the exact loss (or its ball): the gap over the reported error, at most 1;
* the same for every entry of the gradient;
* a sample with the best of them: |z| < 5. A sample in which the events that carry the loss hardly
  occur is counted as too small, not compared.

The generator is the plain ``random`` module, apart from the strategies of the tests.

    python benchmarks/family.py --problems 200 --workers 2
    python benchmarks/family.py --problems 5 --laws normal,rademacher --activations relu,power:3
"""

from __future__ import annotations

import argparse
import itertools
import math
import random
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import numpy as np

import numerics.sampling
import numerics.series
import theory.loss
from theory.losses.closed_numbers import is_transcendental
from theory.problem import Anticorrelated, Correlated, Problem, Unsupported
from tms.evidence import check_sample, events_needed
from tms.inputs.names import activation_from_text, law_from_text
from tms.rounding import forward_rounding, loss_scale

LAWS = (
    "uniform",
    "uniform:-1,1",
    "uniform:-1/2,3/2",
    "uniform:1/2,2",
    "binary",
    "rademacher",
    "exponential",
    "normal",
    "half-normal",
)
ACTIVATIONS = (
    "relu",
    "identity",
    "power:2",
    "power:3",
    "abs:1",
    "abs:2",
    "abs:3",
    "relu-power:2",
    "relu-power:3",
)
DEPENDENCES = ("independent", "groups", "exactly")
CHANCES = (
    0,
    1,
    Fraction(1, 2),
    Fraction(1, 3),
    Fraction(9, 10),
    Fraction(1, 10),
    Fraction(1, 10**4),
)
DIGITS = 25
WORST_Z = 5.0
MOST_SAMPLES = 1_000_000
MORE = 10  # times as many samples, where those did not say enough


@dataclass
class Outcome:
    """What one problem came to.

    Attributes:
        seed: of the problem.
        routes: the sides that answered.
        reasons: why the others did not.
        ratio: gap of the series to the exact loss over its reported error.
        slope_ratio: the same, worst entry of the gradient.
        report: reported error over the size of the loss's terms.
        z: of the sample; None where it was not compared.
        seconds: of exact or ball, series, and sampling.
    """

    seed: int
    routes: set[str] = field(default_factory=set)
    reasons: Counter[str] = field(default_factory=Counter)
    ratio: float | None = None
    slope_ratio: float | None = None
    report: float = 0.0
    z: float | None = None
    seconds: dict[str, float] = field(default_factory=dict)


def random_weights(draw: random.Random, n: int, m: int) -> list[list[float]]:
    """Draw columns that are free, dead, equal or opposite to another, or on an axis."""
    W = [[draw.randint(-12, 12) / 8 for _ in range(n)] for _ in range(m)]
    for j in range(n):
        kind, other, axis = draw.random(), draw.randrange(n), draw.randrange(m)
        for k, row in enumerate(W):
            if kind < 0.1:
                row[j] = 0.0
            elif kind < 0.25:
                row[j] = row[other] * (1 if kind < 0.15 else -1) + 0.0
            elif kind < 0.35 and k != axis:
                row[j] = 0.0
    return W


def random_dependence(draw: random.Random, n: int, kind: str) -> dict[str, Any]:
    """Draw densities with groups, or a number of active features."""
    if kind == "exactly":
        return {"n_active": draw.randint(0, n)}
    order, groups = draw.sample(range(n), n), []
    while kind == "groups" and len(order) >= 2:
        size = draw.randint(2, min(4, len(order)))
        groups.append(draw.choice([Correlated, Anticorrelated])(*order[:size]))
        order = order[size + draw.randint(0, 1) :]
    if draw.random() < 0.5:
        return {"density": draw.choice(CHANCES), "groups": groups}
    each: list[Any] = [draw.choice(CHANCES) for _ in range(n)]
    for group in groups:
        for j in group.members:
            each[j] = each[group.members[0]]
    return {"density": each, "groups": groups}


def random_model(
    law: str, activation: str, dependence: str, seed: int, most: int
) -> tuple[Problem, dict[str, Any]]:
    """Draw a problem with its weights.

    Args:
        law: its name.
        activation: its name.
        dependence: one of ``DEPENDENCES``.
        seed: seed of this problem alone.
        most: largest number of features.

    Returns:
        The problem, and the weights by name.
    """
    draw = random.Random(f"{law} {activation} {dependence} {seed}")
    n, m = draw.randint(2 if dependence == "groups" else 1, most), draw.randint(1, 3)
    weights: dict[str, Any] = {"W": random_weights(draw, n, m)}
    if draw.random() < 0.4:
        weights["W_decoder"] = random_weights(draw, n, m)
    W, decoder = np.array(weights["W"]), np.array(weights.get("W_decoder", weights["W"]))
    gram, kind = decoder.T @ W, draw.random()
    if kind < 0.3:
        b = [0.0] * n
    elif kind < 0.7:
        b = [draw.randint(-8, 8) / 8 for _ in range(n)]
    else:  # an output is zero where some features are at an end of their support
        b = [-sum(draw.choice([-1, 0, 1]) * float(g) for g in row) + 0.0 for row in gram]
    importance = 1 if draw.random() < 0.6 else [draw.choice([0, 1, Fraction(7, 10)]) for _ in b]
    problem = Problem(
        n,
        m,
        features=law_from_text(law),
        activation=activation_from_text(activation),
        importance=importance,
        **random_dependence(draw, n, dependence),
    )
    return problem, weights | {"b": b}


def exactly(problem: Problem, weights: dict[str, Any], outcome: Outcome) -> Any:
    """The rational loss, or its ball where it is not one; None where there is neither."""
    start = time.perf_counter()
    loss: Any = None
    routes = [("exact", None), ("ball", DIGITS)]
    for route, digits in routes[is_transcendental(problem) :]:
        try:
            loss = theory.loss.expected_loss(problem, **weights, digits=digits)
            assert loss.value is not None
        except Unsupported as refusal:
            outcome.reasons[f"{route}: {shortened(refusal)}"] += 1
            loss = None
            continue
        outcome.routes.add(route)
        break
    outcome.seconds["exact"] = time.perf_counter() - start
    return loss


def ends(value: Any) -> tuple[Fraction, Fraction]:
    """An exact number or a ball as midpoint and radius."""
    if hasattr(value, "midpoint"):
        return Fraction(value.midpoint), Fraction(value.radius)
    return Fraction(value), Fraction(0)


def ratio_of(got: Any, error: Any, wanted: Any) -> float:
    """How much of the reported error was needed; infinite where none was reported and some was."""
    middle, radius = ends(wanted)
    gap = max(abs(Fraction(float(got)) - middle) - radius, Fraction(0))
    if gap == 0:
        return 0.0
    if error == math.inf:
        return 0.0
    return float(gap / Fraction(float(error))) if error > 0 else math.inf


def slope_ratio(found: Any, wanted: Any) -> float:
    """The worst of ``ratio_of`` over all entries of the gradient."""
    pairs = [("b", found.gradient_b, found.gradient_b_error, wanted.b)]
    pairs.append(("W", found.gradient_W, found.gradient_W_error, wanted.W))
    if found.gradient_W_decoder is not None:
        errors = found.gradient_W_decoder_error
        pairs.append(("W_decoder", found.gradient_W_decoder, errors, wanted.W_decoder))
    worst = 0.0
    for _, got, errors, exact in pairs:
        flat = exact if got.ndim == 1 else [entry for row in exact for entry in row]
        for entry in zip(np.ravel(got), np.ravel(errors), flat, strict=True):
            worst = max(worst, ratio_of(*entry))
    return worst


def shortened(refusal: Unsupported) -> str:
    """The message without the numbers of one problem."""
    return str(refusal)[:160]


def compare(task: tuple[str, str, str, int, int, int]) -> Outcome:
    """Compare all sides on one problem.

    Args:
        task: law, activation, dependence, seed, most features, least number of samples.

    Returns:
        What was found.
    """
    law, activation, dependence, seed, most, n_samples = task
    problem, weights = random_model(law, activation, dependence, seed, most)
    outcome = Outcome(seed)
    exact = exactly(problem, weights, outcome)
    start = time.perf_counter()
    found: Any = None
    try:
        found = numerics.series.loss_and_gradient(problem, **weights)
        outcome.routes.add("series")
    except Unsupported as refusal:
        outcome.reasons[f"series: {shortened(refusal)}"] += 1
    outcome.seconds["series"] = time.perf_counter() - start
    if exact is not None and found is not None:
        outcome.ratio = ratio_of(found.loss, found.error, exact.value)
        outcome.slope_ratio = slope_ratio(found, exact.gradient)
        floats = {name: np.array(value) for name, value in weights.items()}
        size = forward_rounding(problem, floats, 1.0) / 2.0**-52
        outcome.report = found.error / max(size, 1.0)
    best = found.loss if exact is None and found is not None else None
    if exact is not None:
        best = float(ends(exact.value)[0])
    if best is not None:
        sample(problem, weights, best, outcome, n_samples)
    return outcome


def sample(
    problem: Problem, weights: dict[str, Any], best: float, outcome: Outcome, n_samples: int
) -> None:
    """Compare a sample, if it is large enough to say something."""
    start = time.perf_counter()
    size = min(max(n_samples, 2 * events_needed(problem)), MOST_SAMPLES)
    if not sampled(problem, weights, best, outcome, size) and MORE * size <= MOST_SAMPLES:
        sampled(problem, weights, best, outcome, MORE * size)
    outcome.seconds["sampling"] = time.perf_counter() - start


def sampled(
    problem: Problem, weights: dict[str, Any], best: float, outcome: Outcome, size: int
) -> bool:
    """Compare a sample of a given size; say whether it was large enough."""
    try:
        found = numerics.sampling.expected_loss(
            problem, **weights, n_samples=size, seed=outcome.seed
        )
        scale = loss_scale(problem, {name: np.array(value) for name, value in weights.items()})
        check_sample(problem, found.standard_error, size, scale)
    except Unsupported as refusal:
        few = "for the standard error to mean much" in str(refusal)
        outcome.reasons["sampling: too small" if few else f"sampling: {shortened(refusal)}"] = 1
        return False
    outcome.routes.add("sampling")
    outcome.reasons.pop("sampling: too small", None)
    floats = {name: np.array(value) for name, value in weights.items()}
    gap = max(abs(found.mean - best) - forward_rounding(problem, floats, best), 0.0)
    outcome.z = gap / found.standard_error if gap else 0.0
    return True


def summary(name: str, outcomes: Sequence[Outcome]) -> str:
    """One line for a combination."""
    answered = Counter(route for outcome in outcomes for route in outcome.routes)
    ratios = [o.ratio for o in outcomes if o.ratio is not None]
    slopes = [o.slope_ratio for o in outcomes if o.slope_ratio is not None]
    zs = [abs(o.z) for o in outcomes if o.z is not None]
    counts = "".join(f"{answered[route]:>8}" for route in ("exact", "ball", "series", "sampling"))
    worst = "".join(
        f"{max(values):>10.3g}" if values else f"{'-':>10}" for values in (ratios, slopes)
    )
    report = max((o.report for o in outcomes), default=0.0)
    return (
        f"{name:<42}{counts}{len(ratios):>9}{worst}{report:>10.2g}"
        f"{len(zs):>8}{max(zs, default=0.0):>7.2f}"
    )


HEADING = (
    f"{'law, activation, dependence':<42}{'exact':>8}{'ball':>8}{'series':>8}{'sampling':>8}"
    f"{'compared':>9}{'loss':>10}{'gradient':>10}{'report':>10}{'with z':>8}{'|z|':>7}"
)


def violations(name: str, outcomes: Sequence[Outcome]) -> list[str]:
    """The problems in which something is beyond its bound, with their seeds."""
    found = []
    for o in outcomes:
        for what, value, most in (
            ("loss", o.ratio, 1.0),
            ("gradient", o.slope_ratio, 1.0),
            ("z", o.z, WORST_Z),
        ):
            if value is not None and not value <= most:
                found.append(f"{name}  seed {o.seed}: {what} {value:.4g}, at most {most:g}")
    return found


def main() -> int:
    """Run the comparison and print one line for each combination, then the reasons."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--problems", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--features", type=int, default=6)
    parser.add_argument("--samples", type=int, default=20_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--laws", default=";".join(LAWS), help="separated by ;")
    parser.add_argument("--activations", default=",".join(ACTIVATIONS))
    parser.add_argument("--dependences", default=",".join(DEPENDENCES))
    options = parser.parse_args()
    start, reasons, wrong, total = time.perf_counter(), Counter[str](), [], 0
    seeds = range(options.first_seed, options.first_seed + options.problems)
    combinations = itertools.product(
        options.laws.split(";"), options.activations.split(","), options.dependences.split(",")
    )
    print(HEADING)
    with ProcessPoolExecutor(options.workers) as pool:
        for law, activation, dependence in combinations:
            shared = (options.features, options.samples)
            tasks = [(law, activation, dependence, seed, *shared) for seed in seeds]
            outcomes = list(pool.map(compare, tasks, chunksize=10))
            name = f"{law}  {activation}  {dependence}"
            print(summary(name, outcomes), flush=True)
            wrong += violations(name, outcomes)
            total += len(outcomes)
            for outcome in outcomes:
                reasons += outcome.reasons
    print(f"\n{total} problems, n = 1..{options.features}, {time.perf_counter() - start:.0f} s")
    print("\nwhy a side did not answer:")
    for reason, count in reasons.most_common():
        print(f"  {count:>6}  {reason}")
    print(f"\nbeyond a bound: {len(wrong)}")
    for line in wrong:
        print(f"  {line}")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
