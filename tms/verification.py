"""Verify a derivation: read a document, check each of its steps, give the report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from theory.problem import InputError

if TYPE_CHECKING:
    from derivations.document import Derivation
    from derivations.results import Report

__all__ = ["MEMORY_LIMIT", "TEMPLATE", "TIME_LIMIT", "read", "verify"]

TIME_LIMIT = 10.0
"""Seconds for one step."""
MEMORY_LIMIT = 2000
"""Megabytes for the process that checks."""

TEMPLATE = r"""---
title: A constant output
id: a-constant-output
about: >
  What this shows, in a sentence or two.
source: own derivation
variables:
  p: real in [0, 1]
  c: real
random:
  x: uniform on [0, 1] with probability p, else 0
quantities:
  L(c): {kind: loss, features: 1, hidden: 1, weights: [["0"]], bias: ["c"], density: "p",
    law: "uniform on [0, 1]", activation: identity}
---

# A constant output

Text is not checked, nor is $inline$ mathematics. Each relation of a display equation is a step:

$$ \mathbb{E}[x] = p \int_0^1 u \, du = \frac{p}{2} . $$

A name is defined with `:=`, and stands for the same in all that follows:

$$ v := \frac{p}{3} - \frac{p^2}{4} $$

A chain may go on over several lines:

$$ \mathbb{E}(x - c)^2 = \frac{p}{3} - p c + c^2
   = \Big( c - \frac{p}{2} \Big)^2 + v
   \ge v . $$

A condition restricts one statement:

$$ \mathbb{E}(x - c)^2 \le \frac{p}{3} \quad \text{for } 0 \le c \le p . $$

A quantity of the model, declared above, is computed by the theory:

$$ L(c) = \mathbb{E}(x - c)^2 . $$
"""


def read(document: str | Path | Derivation) -> Derivation:
    """Read a document.

    Args:
        document: its path; or a derivation, which is given back.

    Returns:
        The derivation.

    Raises:
        InputError: it cannot be read; a ``DerivationError`` points at the place in it.
    """
    from derivations.document import Derivation, read_derivation

    if isinstance(document, Derivation):
        return document
    if not isinstance(document, str | Path):
        raise InputError(f"document={document!r}: must be a path or a Derivation")
    try:
        return read_derivation(Path(document))
    except OSError as error:
        raise InputError(f"file={str(document)!r}: cannot be read ({error.strerror})") from None


def verify(
    document: str | Path | Derivation,
    *,
    time_limit: float = TIME_LIMIT,
    memory_limit: int = MEMORY_LIMIT,
) -> Report:
    r"""Check every step of a derivation.

    Each relation between two sides, ``left = right`` or ``left <= right``, is proved, refuted with
    a small counterexample, sampled (both sides agree at a number of exact points, which is no
    proof), undecided, or in error: nothing meets its assumptions, or a side has no value.

    Args:
        document: path of a Markdown document, or a ``Derivation``.
        time_limit: seconds for one step.
        memory_limit: megabytes for the process that checks.

    Returns:
        The report: a result for each step with its method, time and count of exact points.

    Raises:
        InputError: the document cannot be read, with the place; or a limit is not positive.

    Example:
        >>> import tms
        >>> square = tms.Derivation.build(
        ...     "a-square", "A square", variables={"a": "real"}, steps=["a (a + 2) = a^2 + a"]
        ... )
        >>> report = tms.verify(square)
        >>> report.verdict.value
        'refuted'
    """
    from derivations.check import Limits, check

    if not time_limit > 0:
        raise InputError(f"time_limit={time_limit}: must be positive")
    if not memory_limit > 0:
        raise InputError(f"memory_limit={memory_limit}: must be positive")
    limits = Limits(seconds=float(time_limit), memory_bytes=memory_limit * 1_000_000)
    return check(read(document), limits=limits)
