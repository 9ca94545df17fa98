"""A model in words and formulas, true for its law, activation and dependence; formatting only."""

from __future__ import annotations

from collections.abc import Sequence

from theory.problem import Activation, Anticorrelated, Correlated, Problem
from tms.digits import short_text

__all__ = ["data_words", "density_words", "equation", "model_names", "size_words"]

_PATTERNS = {"power": ("{0}", "({0})^{1}"), "abs": ("|{0}|", "|{0}|^{1}")}
_RELU = ("ReLU({0})", "ReLU({0})^{1}")


def size_words(n_features: int | Sequence[int], n_hidden: int | Sequence[int]) -> str:
    """Say how many features and hidden dimensions there are.

    Args:
        n_features: one number or several.
        n_hidden: likewise.

    Returns:
        A few words, singular for one.

    Example:
        >>> size_words(2, 1)
        'n = 2 features, m = 1 hidden dimension'
        >>> size_words([1], [1, 2])
        'n = 1 feature, m = 1, 2 hidden dimensions'
    """
    return f"n = {_counted(n_features, 'feature')}, m = {_counted(n_hidden, 'hidden dimension')}"


def _counted(numbers: int | Sequence[int], noun: str) -> str:
    listed = [numbers] if isinstance(numbers, int) else list(numbers)
    return f"{', '.join(map(str, listed))} {noun}{'' if listed == [1] else 's'}"


def equation(activation: Activation, *, tied: bool = True) -> str:
    """Write what the model puts out.

    Args:
        activation: ``sigma``.
        tied: whether the decoder is ``W``.

    Returns:
        The equation in plain text.

    Example:
        >>> from theory.problem import AbsPower, Power, ReLU
        >>> equation(ReLU()), equation(Power(3))
        ('x_hat = ReLU(W^T W x + b)', 'x_hat = (W^T W x + b)^3')
        >>> equation(AbsPower(1), tied=False)
        'x_hat = |W_decoder^T W x + b|'
    """
    inner = "W^T W x + b" if tied else "W_decoder^T W x + b"
    plain, powered = _PATTERNS.get(activation.shape, _RELU)
    pattern = plain if activation.power == 1 else powered
    return f"x_hat = {pattern.format(inner, activation.power)}"


def data_words(problem: Problem) -> str:
    """Say where the features come from.

    Args:
        problem: gives law and dependence.

    Returns:
        One line, or more where there are groups.

    Example:
        >>> from theory.problem import Normal
        >>> data_words(Problem(2, 1, density=1))
        'x_i is 0 with probability S = 1 - p, else from U[0, 1]'
        >>> data_words(Problem(3, 1, n_active=1, features=Normal()))
        'exactly 1 of the 3 features is active, each as likely, and from N(0, 1); the others are 0'
    """
    law, k, n = problem.features, problem.n_active, problem.n_features
    if k is not None:
        sets = "each" if k == 1 else f"every {k} of them"
        verb = "is" if k == 1 else "are"
        return (
            f"exactly {k} of the {n} features {verb} active, {sets} as likely, and from {law}; "
            "the others are 0"
        )
    if not problem.groups:
        return f"x_i is 0 with probability S = 1 - p, else from {law}"
    return (
        "a feature, or a group of features, is off (0) with probability S = 1 - p; "
        f"an active x_i is from {law}; {_groups(problem)}"
    )


def _groups(problem: Problem) -> str:
    kinds = {Correlated: "on together", Anticorrelated: "on one at a time, each as likely"}
    parts = []
    for kind, words in kinds.items():
        listed = [
            "{" + ", ".join(map(str, group.members)) + "}"
            for group in problem.groups
            if isinstance(group, kind)
        ]
        parts += [f"features {' '.join(listed)} (from 0) are {words}"] if listed else []
    return "; ".join(parts)


def density_words(problem: Problem) -> str:
    """Say how often features are active, in a few words.

    Args:
        problem: gives the sparsity, or the number of active features.

    Returns:
        The words.

    Example:
        >>> density_words(Problem(2, 1, sparsity="9/10")), density_words(Problem(3, 1, n_active=2))
        ('S = 0.9', 'exactly 2 active')
    """
    if problem.n_active is not None:
        return f"exactly {problem.n_active} active"
    return f"S = {short_text(problem.sparsity)}"


def model_names(problem: Problem, *, tied: bool = True) -> dict[str, object]:
    """Name law, activation and dependence as plain data.

    Args:
        problem: gives them.
        tied: whether the decoder is ``W``.

    Returns:
        Texts, lists and numbers, as JSON takes them.

    Example:
        >>> model_names(Problem(2, 1, density=1))["law"]
        'U[0, 1]'
    """
    return {
        "model": f"{equation(problem.activation, tied=tied)};  {data_words(problem)}",
        "law": str(problem.features),
        "activation": str(problem.activation),
        "groups": [repr(group) for group in problem.groups],
        "n_active": problem.n_active,
        "tied": tied,
    }
