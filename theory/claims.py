r"""The registry of claims: what this project and its sources assert, each with a check.

Every claim has a permanent id, a statement in words and as LaTeX, its source down to the equation,
the route by which it is proven, and a check: a function that reaches the same number by two routes
at stated instances. ``check`` runs it and counts what was compared; a check that compares nothing
is no check and fails.

=============  ==========================================================================
verdict        meaning
=============  ==========================================================================
``holds``      every comparison holds
``refuted``    of a claim of that kind: every comparison fails, as a counterexample should
``fails``      a comparison that should hold does not, or a counterexample is none
``empty``      nothing was compared
``error``      a side could not be computed
=============  ==========================================================================

In formulas ``L`` is the expected loss, ``L_k`` that of ``k`` active features (summed over the
sets), ``\tilde L`` the gain over ignoring everything, ``G = W^T W``, ``w_i`` a column of ``W``,
``y = G x + b``, ``mu_k`` a moment of an active feature, ``D_i`` the dimensionality of a feature,
``r`` in the chapter LEMMA the loss of one output, and ``H`` that of Chen et al.

A verdict ``holds`` is evidence at these instances; what proves the claim is its route and, where it
is named, its derivation.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from theory.claim_list import (
    bounds,
    capacity,
    codes,
    core,
    frames,
    gain,
    gain_bounds,
    lemmas,
    linear,
    model,
    one_hot,
    optima,
    phase_points,
    polygons,
    rug,
    slips,
    sphere,
)
from theory.claim_list.comparing import Comparison
from theory.claim_list.formal import FORMAL, STATED, Formal
from theory.claim_list.record import KINDS, Chapter, Claim, DuplicateClaim
from theory.problem import InputError

__all__ = [
    "CHAPTERS",
    "KINDS",
    "Claim",
    "Comparison",
    "DuplicateClaim",
    "Formal",
    "Outcome",
    "all_claims",
    "check",
    "formal",
    "index",
    "lookup",
]

CHAPTERS: tuple[Chapter, ...] = (
    core.CHAPTER,
    model.CHAPTER,
    linear.CHAPTER,
    phase_points.CHAPTER,
    optima.CHAPTER,
    one_hot.CHAPTER,
    polygons.CHAPTER,
    gain.CHAPTER,
    gain_bounds.CHAPTER,
    frames.CHAPTER,
    sphere.CHAPTER,
    codes.CHAPTER,
    capacity.CHAPTER,
    rug.CHAPTER,
    lemmas.CHAPTER,
    bounds.CHAPTER,
    slips.CHAPTER,
)


@dataclass(frozen=True)
class Outcome:
    """What checking one claim gave.

    Attributes:
        claim: the claim.
        verdict: see the module.
        instances: how many comparisons were made.
        methods: how many of them were exact, how many between enclosures.
        seconds: what it took.
        why: the first comparison that is wrong, or the error; of a refuted claim the first
            counterexample.
    """

    claim: Claim
    verdict: str
    instances: int
    methods: dict[str, int] = field(default_factory=dict)
    seconds: float = 0.0
    why: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the check found what the claim says."""
        return self.verdict in ("holds", "refuted")


def index(claims: Iterable[Claim]) -> dict[str, Claim]:
    """Order claims by their ids.

    Args:
        claims: any.

    Returns:
        The claims by id, in the order in which they come.

    Raises:
        DuplicateClaim: two with one id.
    """
    found: dict[str, Claim] = {}
    for claim in claims:
        if claim.id in found:
            raise DuplicateClaim(f"id={claim.id}: is taken by: {found[claim.id].statement}")
        found[claim.id] = claim
    return found


@cache
def all_claims() -> dict[str, Claim]:
    """Give the registry.

    Returns:
        All claims by id.

    Example:
        >>> len(all_claims()) >= 60
        True
    """
    return index(claim for chapter in CHAPTERS for claim in chapter.claims)


def lookup(id: str) -> Claim:
    """Give the claim of an id.

    Args:
        id: upper or lower case.

    Returns:
        The claim.

    Raises:
        InputError: an id that no claim has.

    Example:
        >>> lookup("phase-01").id
        'PHASE-01'
    """
    claims = all_claims()
    found = claims.get(id.strip().upper())
    if found is None:
        near = [
            known for known in claims if known.split("-")[0] == id.strip().upper().split("-")[0]
        ]
        hint = f"; of this chapter there are {', '.join(near)}" if near else ""
        raise InputError(f"id={id!r}: no such claim{hint}; `tms claims` lists all")
    return found


def formal(claim: Claim) -> Formal | None:
    r"""Give a claim, or a case of it, as steps that the checker of derivations reads.

    Args:
        claim: any.

    Returns:
        The steps with what they need, or None where there are none.

    Example:
        >>> formal(lookup("PHASE-02")).steps, formal(lookup("POLYGON-12"))
        (('L(p) = \\frac{p^2}{3}',), None)
    """
    if claim.id in STATED:
        return Formal((claim.formula,), claim.variables, claim.random)
    return FORMAL.get(claim.id)


def check(claim: Claim) -> Outcome:
    """Run the check of a claim.

    Args:
        claim: any.

    Returns:
        The verdict, with what was compared.

    Example:
        >>> outcome = check(lookup("PHASE-01"))
        >>> outcome.verdict, outcome.instances > 0
        ('holds', True)
    """
    begin = time.perf_counter()
    made: list[Comparison] = []
    try:
        for comparison in claim.comparisons():
            made.append(comparison)
            if comparison.holds() == (claim.kind == "refuted"):
                return _outcome(claim, "fails", made, begin, _wrong(claim, comparison))
    except (InputError, ArithmeticError) as error:
        return _outcome(claim, "error", made, begin, f"{type(error).__name__}: {error}")
    if not made:
        return _outcome(claim, "empty", made, begin, "nothing was compared")
    if claim.kind == "refuted":
        return _outcome(claim, "refuted", made, begin, f"not {made[0]}")
    return _outcome(claim, "holds", made, begin, "")


def _wrong(claim: Claim, comparison: Comparison) -> str:
    return f"{'is true' if claim.kind == 'refuted' else 'is not proven'}: {comparison}"


def _outcome(
    claim: Claim, verdict: str, made: Sequence[Comparison], begin: float, why: str
) -> Outcome:
    methods = dict(Counter(comparison.method for comparison in made))
    return Outcome(claim, verdict, len(made), methods, time.perf_counter() - begin, why)
