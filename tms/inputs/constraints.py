"""Constraints by name, as the command line writes them.

===========================  ====================================================
text                         constraint
===========================  ====================================================
``unit-norm``                ``UnitNorm()``
``norm-budget:2.5``          ``NormBudget(2.5)``
``no-bias``                  ``NoBias()``
``shared-bias``              ``SharedBias()``
``non-positive-bias``        ``NonPositiveBias()``
``max-coherence:0.5``        ``MaxCoherence(0.5)``
``non-negative-weights``     ``NonNegativeWeights()``
``ignored:3,4``              ``IgnoredFeatures(3, 4)``
``cyclic:0,1,2``             ``Cyclic(0, 1, 2)``
``antipodal:0-1,2-3``        ``AntipodalPairs((0, 1), (2, 3))``
``zero-gram:0-2,1-3``        ``ZeroGram((0, 2), (1, 3))``
===========================  ====================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from theory.problem import (
    AntipodalPairs,
    Constraint,
    Cyclic,
    IgnoredFeatures,
    InputError,
    MaxCoherence,
    NoBias,
    NonNegativeWeights,
    NonPositiveBias,
    NormBudget,
    SharedBias,
    UnitNorm,
    ZeroGram,
)

__all__ = ["CONSTRAINT_NAMES", "constraint_from_text", "constraint_text", "constraints_from_texts"]

CONSTRAINT_NAMES = (
    "unit-norm, norm-budget:2.5, no-bias, shared-bias, non-positive-bias, max-coherence:0.5, "
    "non-negative-weights, ignored:3,4, cyclic:0,1,2, antipodal:0-1,2-3, zero-gram:0-2,1-3"
)
_PLAIN: dict[str, Callable[[], Constraint]] = {
    "unit-norm": UnitNorm,
    "no-bias": NoBias,
    "shared-bias": SharedBias,
    "non-positive-bias": NonPositiveBias,
    "non-negative-weights": NonNegativeWeights,
}
_NUMBERED: dict[str, Callable[[Any], Constraint]] = {
    "norm-budget": NormBudget,
    "max-coherence": MaxCoherence,
}
_LISTED: dict[str, Callable[..., Constraint]] = {"ignored": IgnoredFeatures, "cyclic": Cyclic}
_PAIRED: dict[str, Callable[..., Constraint]] = {"antipodal": AntipodalPairs, "zero-gram": ZeroGram}
_FEATURES = re.compile(r"\d{1,9}(,\d{1,9})*")
_PAIRS = re.compile(r"\d{1,9}-\d{1,9}(,\d{1,9}-\d{1,9})*")


def constraint_from_text(text: str, name: str = "constraint") -> Constraint:
    """Read a constraint.

    Args:
        text: one of those above, with its numbers.
        name: what the text is called in messages.

    Returns:
        The constraint.

    Raises:
        InputError: another text, or a number out of its range.

    Example:
        >>> constraint_from_text("antipodal:0-1,2-3")
        AntipodalPairs((0, 1), (2, 3))
        >>> constraint_from_text("norm-budget:5/2")
        NormBudget(total=Fraction(5, 2))
    """
    word, colon, rest = (part.strip() for part in text.strip().lower().partition(":"))
    if word in _PLAIN and not colon:
        return _PLAIN[word]()
    if word in _NUMBERED and rest:
        return _NUMBERED[word](rest)
    if word in _LISTED and _FEATURES.fullmatch(rest):
        return _LISTED[word](*map(int, rest.split(",")))
    if word in _PAIRED and _PAIRS.fullmatch(rest):
        pairs = (pair.split("-") for pair in rest.split(","))
        return _PAIRED[word](*((int(i), int(j)) for i, j in pairs))
    raise InputError(f"{name}={text[:40]!r}: must be one of {CONSTRAINT_NAMES}")


def constraints_from_texts(texts: Sequence[str]) -> tuple[Constraint, ...]:
    """Read several constraints, as an option that is given several times.

    Args:
        texts: one constraint each.

    Returns:
        The constraints in their order.

    Example:
        >>> constraints_from_texts(["unit-norm", "no-bias"])
        (UnitNorm(), NoBias())
    """
    return tuple(map(constraint_from_text, texts))


def constraint_text(constraint: Constraint) -> str:
    """Write a constraint as it is read back.

    Args:
        constraint: any.

    Returns:
        Its name, with its numbers.

    Raises:
        InputError: something else.

    Example:
        >>> constraint_text(ZeroGram((2, 0))), constraint_text(MaxCoherence("1/2"))
        ('zero-gram:0-2', 'max-coherence:1/2')
    """
    for word, make in _PLAIN.items():
        if type(constraint) is make:
            return word
    if isinstance(constraint, NormBudget):
        return f"norm-budget:{constraint.total}"
    if isinstance(constraint, MaxCoherence):
        return f"max-coherence:{constraint.limit}"
    if isinstance(constraint, (IgnoredFeatures, Cyclic)):
        word = "ignored" if isinstance(constraint, IgnoredFeatures) else "cyclic"
        return f"{word}:{','.join(map(str, constraint.members))}"
    if isinstance(constraint, (AntipodalPairs, ZeroGram)):
        word = "antipodal" if isinstance(constraint, AntipodalPairs) else "zero-gram"
        return f"{word}:{','.join(f'{i}-{j}' for i, j in constraint.pairs)}"
    raise InputError(f"constraint={constraint!r}: must be one of {CONSTRAINT_NAMES}")
