r"""Which features are active together: part of the vocabulary.

Features fall into independent *units*. A unit is on with probability ``p``; when on, exactly one of
its ``sets`` of features is active, each set as likely as the others, with independent values.

* an independent feature ``j``: one set, ``{j}``;
* ``Correlated(0, 1)``: one set, ``{0, 1}`` (all on or all off);
* ``Anticorrelated(0, 1)``: the sets ``{0}`` and ``{1}`` (one of them).

Source: Elhage et al. 2022, arXiv:2209.10652, section 7 ("Organization of features", correlated and
anticorrelated sets).
"""

from __future__ import annotations

import numbers
from dataclasses import dataclass
from typing import Any

from theory.vocabulary.scalars import Exact, InputError

__all__ = ["Anticorrelated", "Correlated", "Group", "Unit", "checked_groups"]


@dataclass(frozen=True, init=False, repr=False)
class Group:
    """Features whose activity depends on each other, named by their indices from 0.

    Args:
        *members: two or more different indices.

    Raises:
        InputError: fewer than two, repeated, negative or not whole.
    """

    members: tuple[int, ...]

    def __init__(self, *members: int) -> None:
        for j in members:
            if isinstance(j, bool) or not isinstance(j, numbers.Integral) or j < 0:
                raise InputError(f"members={members!r}: must be feature indices, from 0")
        if len(members) < 2 or len(set(members)) < len(members):
            raise InputError(f"members={members!r}: must be two or more different features")
        object.__setattr__(self, "members", tuple(sorted(int(j) for j in members)))

    @property
    def sets(self) -> tuple[tuple[int, ...], ...]:
        """The sets of features of which one is active when the group is on."""
        return ()

    @classmethod
    def blocks(cls, n_features: int, *, size: int) -> tuple[Group, ...]:
        """Cut ``n_features`` features into consecutive groups of ``size``.

        Args:
            n_features: a multiple of ``size``.
            size: features in each group, at least 2.

        Returns:
            The groups.

        Raises:
            InputError: a size that does not divide the number of features.

        Example:
            >>> Correlated.blocks(4, size=2)
            (Correlated(0, 1), Correlated(2, 3))
        """
        if size < 2 or n_features % size:
            raise InputError(f"size={size}: must be at least 2 and divide n_features={n_features}")
        return tuple(cls(*range(k, k + size)) for k in range(0, n_features, size))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(str, self.members))})"


class Correlated(Group):
    """All features of the group are on, or all are off.

    Example:
        >>> Correlated(0, 1).sets
        ((0, 1),)
    """

    @property
    def sets(self) -> tuple[tuple[int, ...], ...]:
        """The whole group."""
        return (self.members,)


class Anticorrelated(Group):
    """Exactly one feature of the group is on, each as likely, or all are off.

    Example:
        >>> Anticorrelated(0, 1).sets
        ((0,), (1,))
    """

    @property
    def sets(self) -> tuple[tuple[int, ...], ...]:
        """Every feature by itself."""
        return tuple((j,) for j in self.members)


@dataclass(frozen=True)
class Unit:
    """Features that are independent of all others.

    Attributes:
        members: their indices, ascending.
        sets: the sets of which one is active when the unit is on, each as likely.
        density: probability that the unit is on.
    """

    members: tuple[int, ...]
    sets: tuple[tuple[int, ...], ...]
    density: Exact


def checked_groups(groups: object, n_features: int) -> tuple[Group, ...]:
    """Check that groups are disjoint and within the features.

    Args:
        groups: a sequence of ``Correlated`` and ``Anticorrelated``.
        n_features: number of features.

    Returns:
        The groups by their first member.

    Raises:
        InputError: something else, a feature out of range, or one in two groups.
    """
    listed: list[Any] = list(groups) if isinstance(groups, (list, tuple)) else [groups]
    seen: set[int] = set()
    for group in listed:
        if not isinstance(group, (Correlated, Anticorrelated)):
            raise InputError(
                f"groups: {group!r} is no group; write [Correlated(0, 1), Anticorrelated(2, 3)]"
            )
        if group.members[-1] >= n_features:
            raise InputError(
                f"groups: {group!r} names feature {group.members[-1]}; indices run from 0 to "
                f"n_features - 1 = {n_features - 1}"
            )
        if seen & set(group.members):
            twice = min(seen & set(group.members))
            raise InputError(f"groups: feature {twice} is in two groups; each may be in one")
        seen |= set(group.members)
    return tuple(sorted(listed, key=lambda group: group.members))
