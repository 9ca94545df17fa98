"""The permanent ids of the claims that bounds rest on, by the names that tables print.

Claims themselves are in ``theory.claims``; this module stands on the standard library, so that
bounds can name their claims without loading them.
"""

from __future__ import annotations

__all__ = ["of_gain_bound", "of_lower_bound", "with_claims"]

_LOWER = {
    "zero": ("BOUND-01",),
    "nothing is lost": ("BOUND-02",),
    "ignored features": ("BOUND-03",),
    "principal components": ("LINEAR-02",),
    "rank": ("BOUND-04",),
    "entropy": ("BOUND-05",),
    "rank and entropy": ("BOUND-06",),
    "crowding": ("BOUND-07",),
    "rank and crowding": ("BOUND-08",),
    "branch and bound": ("BOUND-09",),
    "one active, linear program": ("BOUND-10",),
    "one active, Welch": ("BOUND-11",),
    "one active, one dimension": ("BOUND-12",),
    "gain": ("BOUND-13",),
}
_GAIN = {
    ("upper", "ignoring everything"): ("GAINBOUND-01",),
    ("upper", "tensor dimension"): ("GAINBOUND-02",),
    ("upper", "one active"): ("GAINBOUND-03",),
    ("upper", "masked normal"): ("GAINBOUND-04",),
    ("upper", "leverage"): ("GAINBOUND-05",),
    ("upper", "cumulants"): ("GAINBOUND-06",),
    ("upper", "explicit power law"): ("GAINBOUND-07",),
    ("upper", "two leverages"): ("GAINBOUND-08",),
    ("lower", "ignoring everything"): ("GAINBOUND-09",),
    ("lower", "unsuperposed"): ("GAIN-08",),
    ("order", "theorem 2.2 (1)"): ("GAINBOUND-11", "GAINBOUND-12"),
    ("order", "theorem 2.2 (2)"): ("GAINBOUND-13",),
    ("order", "order at every density"): ("GAINBOUND-14",),
    ("limit", "very sparse limit"): ("GAIN-12",),
}
_CONSTRUCTION = ("GAINBOUND-10",)
_WELCH = "one active, Welch"


def of_lower_bound(name: str) -> tuple[str, ...]:
    """Give the claims that a lower bound on the loss rests on.

    Args:
        name: what ``theory.bounds`` calls it.

    Returns:
        Ids, none for a name that is not known.

    Example:
        >>> of_lower_bound("rank"), of_lower_bound("one active, Welch of order 2")
        (('BOUND-04',), ('BOUND-11',))
    """
    return _LOWER.get(_WELCH if name.startswith(_WELCH) else name, ())


def of_gain_bound(kind: str, name: str) -> tuple[str, ...]:
    """Give the claims that a bound on the best gain rests on.

    Args:
        kind: ``"upper"``, ``"lower"``, ``"order"`` or ``"limit"``.
        name: what ``theory.power_model.bounds`` calls it; of other lower bounds, a construction.

    Returns:
        Ids, none for a name that is not known.

    Example:
        >>> of_gain_bound("upper", "leverage"), of_gain_bound("lower", "3 x 4 lines of an octagon")
        (('GAINBOUND-05',), ('GAINBOUND-10',))
    """
    return _GAIN.get((kind, name), _CONSTRUCTION if kind == "lower" else ())


def with_claims(text: str, ids: tuple[str, ...]) -> str:
    """Write the ids behind a text.

    Args:
        text: any.
        ids: of claims, or none.

    Returns:
        The text with the ids in square brackets.

    Example:
        >>> with_claims("rank", ("BOUND-04",))
        'rank [BOUND-04]'
    """
    return f"{text} [{', '.join(ids)}]" if ids else text
