"""What is computed for a row, as plain data in and out, so that a sweep can keep it.

Three kinds of cell, each kept by itself: the *search* for the best weights, the *lower bound* on
the least loss, and the *candidates*, which are named arrangements with unit norm and zero bias. So
a column that is asked for later costs its own cells alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import islice
from typing import TYPE_CHECKING, Any

from theory.problem import InputError, Problem, Unsupported
from tms.digits import as_fraction
from tms.estimate import Estimate
from tms.inputs.constraints import constraints_from_texts
from tms.inputs.names import activation_from_text, groups_from_text, law_from_text
from tms.tables.grid import Question

if TYPE_CHECKING:
    from theory.arrangements import Arrangement

__all__ = [
    "BOUND",
    "CANDIDATES",
    "SEARCH",
    "candidate_names",
    "compute",
    "estimate_from_data",
    "estimate_to_data",
    "question_of",
]

Data = dict[str, Any]

SEARCH, BOUND, CANDIDATES = "search", "lower bound", "candidates"
_MOST_FEATURES = 12  # of a problem whose candidates are evaluated
_MOST_SUMS = 60  # named arrangements that are evaluated
_KEPT = 40  # digits that are kept of an irrational loss


def compute(parameters: Data, seed: int) -> Data:
    """Answer one cell.

    Args:
        parameters: ``Question.parameters()`` and ``"what"`` is asked; for a search its
            ``"n_starts"``.
        seed: of the random starts.

    Returns:
        The answer in plain data; with ``"status": "failed: ..."`` where there is none.

    Example:
        >>> question = Question(Problem(2, 1, sparsity="1/2"), "1", ())
        >>> answer = compute({"what": "candidates", **question.parameters()}, seed=0)
        >>> [candidate["name"] for candidate in answer["candidates"]]
        ['antipodal pair', '1 dedicated + 1 ignored']
    """
    question = question_of(parameters)
    try:
        if parameters["what"] == SEARCH:
            return _search(question, parameters["n_starts"], seed)
        return {BOUND: _bound, CANDIDATES: _candidates}[parameters["what"]](question)
    except (InputError, ArithmeticError) as reason:
        return {"status": f"failed: {reason}"}


def question_of(parameters: Data) -> Question:
    """Read a question back.

    Args:
        parameters: what ``Question.parameters()`` gives.

    Returns:
        The question.

    Raises:
        InputError: it is none.

    Example:
        >>> question = Question(Problem(3, 2, sparsity="1/3", importance=[1, 1, "1/2"]), "", ())
        >>> question_of(question.parameters()).problem == question.problem
        True
    """
    groups: dict[str, list[str]] = {"correlated": [], "anticorrelated": []}
    for kind, members in parameters["groups"]:
        groups[kind].append(members)
    n = parameters["n_features"]
    problem = Problem(
        n,
        parameters["n_hidden"],
        sparsity=parameters["sparsity"],
        importance=parameters["importance"],
        features=law_from_text(parameters["law"]),
        activation=activation_from_text(parameters["activation"]),
        groups=groups_from_text(groups["correlated"], groups["anticorrelated"], n),
    )
    return Question(problem, "", constraints_from_texts(parameters["constraints"]))


def _search(question: Question, n_starts: int, seed: int) -> Data:
    from numerics.geometry import describe
    from numerics.optimize import optimize
    from tms.oracle import expected_loss

    listed = [list(question.constraints)] if question.constraints else []
    found = optimize(question.problem, *listed, n_starts=n_starts, seed=seed)
    loss = expected_loss(question.problem, found.W, found.b)
    if not loss.is_finite:
        raise Unsupported(f"loss={loss.value}: no finite loss; {found.status}")
    return {
        "W": found.W.tolist(),
        "b": found.b.tolist(),
        "loss": estimate_to_data(loss),
        "arrangement": describe(found.W),
        "n_hits": found.n_hits,
        "holds": found.residuals is not None and found.residuals.holds,
        "status": found.status,
    }


def _bound(question: Question) -> Data:
    from tms.lower_bounds import lower_bound

    bound = lower_bound(question.problem, question.constraints)
    return {
        "value": float(bound).hex(),  # rounded down
        "name": bound.name,
        "claims": list(bound.best.rests_on),
        "status": bound.kind,
    }


def _candidates(question: Question) -> Data:
    from tms.oracle import expected_loss

    problem = question.problem
    if problem.n_features > _MOST_FEATURES:
        return {"candidates": [], "status": f"for at most {_MOST_FEATURES} features"}
    listed = []
    for arrangement, order in islice(_fitting(problem), _MOST_SUMS):
        loss = expected_loss(_ordered(problem, order), arrangement)
        listed.append((loss, arrangement.name))
    listed.sort(key=lambda pair: as_fraction(pair[0].value))
    first: dict[str, Estimate] = {}
    for loss, name in listed:
        first.setdefault(name, loss)
    named = [{"name": name, "loss": estimate_to_data(loss)} for name, loss in first.items()]
    return {"candidates": named, "status": "evaluated"}


def candidate_names(problem: Problem) -> tuple[str, ...]:
    """List the candidates of a problem without evaluating them.

    Args:
        problem: gives the numbers of features and of dimensions.

    Returns:
        Their names.

    Example:
        >>> candidate_names(Problem(2, 1, density=1))
        ('antipodal pair', '1 dedicated + 1 ignored')
    """
    if problem.n_features > _MOST_FEATURES:
        return ()
    fitting = islice(_fitting(problem), _MOST_SUMS)
    return tuple(dict.fromkeys(arrangement.name for arrangement, _ in fitting))


def _fitting(problem: Problem) -> Iterator[tuple[Arrangement, list[int]]]:
    """Arrangements that fit, and which feature takes each place: the costliest come first."""
    from theory.arrangements import (
        antipodal_pair,
        dedicated,
        direct_sum,
        ignored,
        regular_polygon,
        simplex,
    )
    from tms.optima.named_starts import fitting_parts

    make: dict[str, Callable[[int], Arrangement]] = {
        "polygon": regular_polygon,
        "simplex": simplex,
        "pair": lambda _: antipodal_pair(),
        "dedicated": dedicated,
    }
    n = problem.n_features
    order = sorted(range(n), key=lambda i: (-problem.importances[i], i))
    for parts in fitting_parts(n, problem.n_hidden):
        if ("polygon", 4) in parts:
            continue  # two antipodal pairs, which are there under that name
        rest = n - sum(count for _, count in parts)
        blocks = [make[kind](count) for kind, count in parts]
        yield direct_sum(*blocks, *([ignored(rest)] if rest else [])), order


def _ordered(problem: Problem, order: list[int]) -> Problem:
    return problem.replace(importance=[problem.importances[i] for i in order])


def estimate_to_data(estimate: Estimate) -> Data:
    """Write a number with its error as plain data that is read back as the same number.

    Args:
        estimate: without symbols.

    Returns:
        Texts; of an irrational number 40 digits, as a ball.

    Example:
        >>> estimate_to_data(Estimate(Fraction(1, 3), 0, "exact", "exact"))
        {'value': '0x1/0x3', 'error': '0x0/0x1', 'method': 'exact', 'tier': 'exact'}
    """
    value, tier = as_fraction(estimate.value, _KEPT), estimate.tier
    error = as_fraction(estimate.error)
    if hasattr(estimate.value, "is_rational") and not estimate.value.is_rational:
        error, tier = error + abs(value) / 10 ** (_KEPT - 2), "enclosed"
    return {
        "value": _ratio_text(value),
        "error": _ratio_text(error),
        "method": estimate.method,
        "tier": tier,
    }


def estimate_from_data(data: Data) -> Estimate:
    """Read a number with its error back.

    Args:
        data: what ``estimate_to_data`` gives.

    Returns:
        The number; a float where it is one by its tier.

    Example:
        >>> third = Estimate(Fraction(1, 3), 0, "exact", "exact")
        >>> estimate_from_data(estimate_to_data(third)) == third
        True
    """
    value, error = _ratio(data["value"]), _ratio(data["error"])
    if data["tier"] in ("float", "sampled"):
        return Estimate(float(value), float(error), data["method"], data["tier"])
    return Estimate(value, error, data["method"], data["tier"])


def _ratio_text(number: Fraction) -> str:
    """Sixteenths, not tenths: fast at any length."""
    return "/".join(f"{part:#x}" for part in number.as_integer_ratio())


def _ratio(text: str) -> Fraction:
    over, _, under = text.partition("/")
    return Fraction(int(over, 16), int(under, 16))
