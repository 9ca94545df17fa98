"""Laws, activations and groups by name, as the command line and weight files write them.

=================  ==================================================================
law                ``uniform`` (on [0, 1]), ``uniform:-1,1``, ``binary``, ``rademacher``,
                   ``exponential``, ``normal``, ``half-normal``
activation         ``relu``, ``identity``, ``power:3`` (``t^3``), ``abs:2`` (``|t|^2``),
                   ``relu-power:2`` (``max(t, 0)^2``)
group              ``0,1,4`` (features from 0), or ``blocks:2`` for all features by twos
=================  ==================================================================
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from theory.problem import (
    AbsPower,
    Activation,
    Anticorrelated,
    Binary,
    Correlated,
    Exponential,
    FeatureLaw,
    Group,
    HalfNormal,
    Identity,
    InputError,
    Normal,
    Power,
    Problem,
    Rademacher,
    ReLU,
    ReLUPower,
    Uniform,
)

__all__ = [
    "ACTIVATION_NAMES",
    "LAW_NAMES",
    "activation_from_text",
    "activation_text",
    "groups_from_text",
    "groups_text",
    "law_from_text",
    "law_text",
]

_PLAIN_LAWS: dict[str, Callable[[], FeatureLaw]] = {
    "uniform": Uniform,
    "binary": Binary,
    "rademacher": Rademacher,
    "exponential": Exponential,
    "normal": Normal,
    "half-normal": HalfNormal,
}
_PLAIN_ACTIVATIONS: dict[str, Callable[[], Activation]] = {"relu": ReLU, "identity": Identity}
_POWERS: dict[str, Callable[[int], Activation]] = {
    "power": Power,
    "abs": AbsPower,
    "relu-power": ReLUPower,
}
LAW_NAMES = "uniform, uniform:-1,1 (any ends), binary, rademacher, exponential, normal, half-normal"
ACTIVATION_NAMES = "relu, identity, power:3 (t^3), abs:2 (|t|^2), relu-power:2 (max(t, 0)^2)"
_WHOLE = re.compile(r"\d{1,9}")


def law_from_text(text: str, name: str = "law") -> FeatureLaw:
    """Read the law of an active feature.

    Args:
        text: one of the names above.
        name: what the text is called in messages.

    Returns:
        The law.

    Raises:
        InputError: another text.

    Example:
        >>> law_from_text("uniform:-1,1/2")
        Uniform(low=-1, high=Fraction(1, 2))
        >>> law_from_text("normal")
        Normal()
    """
    word, colon, rest = text.strip().lower().partition(":")
    if word in _PLAIN_LAWS and not colon:
        return _PLAIN_LAWS[word]()
    ends = rest.split(",")
    if word == "uniform" and len(ends) == 2:
        return Uniform(*ends)
    raise InputError(f"{name}={text[:40]!r}: must be one of {LAW_NAMES}")


def law_text(law: FeatureLaw) -> str:
    """Write a law as it is read back.

    Args:
        law: any law that has a name.

    Returns:
        Its name.

    Raises:
        InputError: a ``CustomLaw``, which has none.

    Example:
        >>> law_text(Uniform(-1, 1)), law_text(HalfNormal())
        ('uniform:-1,1', 'half-normal')
    """
    if isinstance(law, Uniform) and law != Uniform():
        return f"uniform:{law.low},{law.high}"
    for word, make in _PLAIN_LAWS.items():
        if law == make():
            return word
    raise InputError(f"law={law!r}: has no name; the named laws are {LAW_NAMES}")


def activation_from_text(text: str, name: str = "activation") -> Activation:
    """Read an activation.

    Args:
        text: one of the names above.
        name: what the text is called in messages.

    Returns:
        The activation.

    Raises:
        InputError: another text, or a power out of its range.

    Example:
        >>> activation_from_text("power:3"), activation_from_text("relu")
        (Power(power=3), ReLU())
    """
    word, colon, power = text.strip().lower().partition(":")
    if word in _PLAIN_ACTIVATIONS and not colon:
        return _PLAIN_ACTIVATIONS[word]()
    if word in _POWERS and _WHOLE.fullmatch(power):
        return _POWERS[word](int(power))
    raise InputError(f"{name}={text[:40]!r}: must be one of {ACTIVATION_NAMES}")


def activation_text(activation: Activation) -> str:
    """Write an activation as it is read back.

    Args:
        activation: any activation.

    Returns:
        Its name.

    Example:
        >>> activation_text(ReLUPower(2)), activation_text(Identity())
        ('relu-power:2', 'identity')
    """
    for word, make in _PLAIN_ACTIVATIONS.items():
        if activation == make():
            return word
    by_shape = {"power": "power", "abs": "abs", "relu": "relu-power"}
    return f"{by_shape[activation.shape]}:{activation.power}"


def groups_from_text(
    correlated: Sequence[str], anticorrelated: Sequence[str], n_features: int
) -> list[Group]:
    """Read groups of features.

    Args:
        correlated: each a list of features such as ``"0,1"``, or ``"blocks:2"``.
        anticorrelated: likewise.
        n_features: number of features, for the blocks.

    Returns:
        The groups, not yet checked against each other; ``Problem`` does.

    Raises:
        InputError: another text.

    Example:
        >>> groups_from_text(["0,1"], ["2,3,4"], 5)
        [Correlated(0, 1), Anticorrelated(2, 3, 4)]
        >>> groups_from_text(["blocks:2"], [], 4)
        [Correlated(0, 1), Correlated(2, 3)]
    """
    groups = [g for text in correlated for g in _groups(Correlated, text, n_features)]
    return groups + [
        g for text in anticorrelated for g in _groups(Anticorrelated, text, n_features)
    ]


def _groups(kind: type[Group], text: str, n_features: int) -> Sequence[Group]:
    name = kind.__name__.lower()
    word, _, size = text.strip().lower().partition(":")
    if word == "blocks" and _WHOLE.fullmatch(size):
        return kind.blocks(n_features, size=int(size))
    members = [part.strip() for part in text.split(",")]
    if not all(map(_WHOLE.fullmatch, members)):
        raise InputError(
            f"{name}={text[:40]!r}: must be features counted from 0, such as 0,1, or blocks:2"
        )
    return [kind(*map(int, members))]


def groups_text(problem: Problem) -> list[str]:
    """Write the groups of a problem as options of the command line.

    Args:
        problem: gives the groups.

    Returns:
        Options and values, one after another.

    Example:
        >>> groups_text(Problem(3, 1, density=1, groups=[Correlated(0, 2)]))
        ['--correlated', '0,2']
    """
    words: list[str] = []
    for group in problem.groups:
        words += [f"--{type(group).__name__.lower()}", ",".join(map(str, group.members))]
    return words
