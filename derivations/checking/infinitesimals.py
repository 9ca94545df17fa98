"""Infinitely small generators: signs and first terms next to a point.

What is found from derivatives at ``h = 0`` is true next to it only of functions that are smooth
there. So each root, logarithm or other kernel that depends on ``h`` is looked at before: a kernel
whose argument blows up, or vanishes where the kernel is not smooth, is never differentiated and
never given a value there. Where the argument of a root of degree ``m`` is ``h`` itself, the caller
is asked for ``h^m`` instead, of which the root is ``h``: powers ``h^(j/m)`` become ``h^j``.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar

from derivations.checking.elements import VARIABLE_KINDS, Element, Polynomial, coefficients
from derivations.checking.evaluate import Evaluator
from derivations.checking.stops import NotExact, NoValue, Stop

__all__ = ["Infinitesimal", "next_to"]

MAX_ORDER = 12
MAX_ROOTS = 24

Found = TypeVar("Found")


class _Coarse(Stop):
    """A root of the infinitesimal itself is to be differentiated: take a power of it instead."""

    def __init__(self, local: Infinitesimal, degree: int) -> None:
        super().__init__("a root that is not smooth next to a point")
        self.local, self.degree = local, degree


@dataclass
class Infinitesimal:
    """A generator that is positive and below every positive number.

    Attributes:
        slot: of the generator.
        turns: ``m``, where the distance from the point is the generator to the power ``m``.
        counts: whether the distance is one over a whole number that grows without end.
        asked: polynomials whose sign was asked for.
    """

    slot: int
    turns: int = 1
    counts: bool = False
    asked: list[Polynomial] = field(default_factory=list)
    is_infinitesimal = True
    _known: dict[int, bool] = field(default_factory=dict)

    def sign(self, evaluator: Evaluator, polynomial: Polynomial) -> int:
        """The sign of the first Taylor coefficient that is not zero."""
        self.asked.append(polynomial)
        return evaluator.sign(self.leading(evaluator, polynomial)[1])

    def leading(self, evaluator: Evaluator, polynomial: Polynomial) -> tuple[int, Element]:
        """Give the order and the first Taylor coefficient that is not zero.

        Args:
            evaluator: of the values.
            polynomial: in the generators.

        Returns:
            The order and the coefficient; 0 and 0 for what is zero next to the point.

        Raises:
            NotExact: many derivatives vanish, or something is not smooth there.
        """
        value = evaluator.field.of(polynomial)
        if not any(self._kernels(evaluator, polynomial)):
            for order, part in enumerate(coefficients(value.numerator, self.slot)):
                one = evaluator.field.of(part) / evaluator.field.of(value.denominator)
                if evaluator.sign(one):
                    return order, one
            return 0, evaluator.number(0)
        for order in range(MAX_ORDER):
            start = self.at_zero(evaluator, value)
            if evaluator.sign(start):
                return order, start / evaluator.number(math.factorial(order))
            if order == 0:
                self.check_smooth(evaluator, polynomial)
            value = evaluator.derivative(value, self.slot)
            if value.is_zero:
                return 0, value
        raise NotExact("a sign next to a point, where many derivatives vanish")

    def coefficients(self, evaluator: Evaluator, value: Element, count: int) -> list[Element]:
        """Give the Taylor coefficients at the point up to an order, of what is smooth there."""
        self.check_smooth(evaluator, value.numerator)
        self.check_smooth(evaluator, value.denominator)
        found = []
        for order in range(count + 1):
            found.append(self.at_zero(evaluator, value) / evaluator.number(math.factorial(order)))
            if order < count:
                value = evaluator.derivative(value, self.slot)
        return found

    def at_zero(self, evaluator: Evaluator, value: Element) -> Element:
        """Give a value at the point itself, where it is continuous; else raise ``NotExact``."""
        for polynomial in (value.numerator, value.denominator):
            for slot in self._kernels(evaluator, polynomial):
                self._check_continuous(evaluator, slot)
        try:
            return evaluator.put(value, self.slot, evaluator.number(0))
        except NoValue as stop:  # says nothing of the values next to the point
            raise NotExact(f"{stop}, at a point next to which values are asked for") from stop

    def check_smooth(self, evaluator: Evaluator, polynomial: Polynomial) -> None:
        """Raise where a kernel in a polynomial is not smooth at the point."""
        for slot in self._kernels(evaluator, polynomial):
            if slot not in self._known:
                self._check_continuous(evaluator, slot)
                self._check_kernel_smooth(evaluator, slot)
                self._known[slot] = True

    def _kernels(self, evaluator: Evaluator, polynomial: Polynomial) -> Iterator[int]:
        """Functions in a polynomial that depend on the generator."""
        generators, symbols = evaluator.field.generators, evaluator.field.symbols
        for slot in evaluator.field.slots_in(polynomial):
            kernel = generators[slot].kind not in VARIABLE_KINDS or generators[slot].arguments
            if kernel and self.slot in evaluator.field.bases_of(symbols[slot]):
                yield slot

    def _check_continuous(self, evaluator: Evaluator, slot: int) -> None:
        """Raise where a kernel may have no limit that is its value at the point."""
        generator = evaluator.field.generators[slot]
        starts = [self._start(evaluator, argument) for argument in generator.arguments]
        if generator.kind in ("exp", "cos", "sin", "erf", "root"):
            return  # even roots are of what is positive next to the point
        if generator.kind == "log" and evaluator.sign(starts[0]):
            return
        if generator.kind == "open power":
            if evaluator.sign(starts[0]) or evaluator.sign(starts[1]) > 0:
                return
        elif generator.kind == "factorial" and starts[0].fraction is not None:
            return  # between 0 and 1: what is whole was taken out
        raise NotExact(f"{generator.kind} next to a point where it has no value")

    def _start(self, evaluator: Evaluator, argument: Element) -> Element:
        """The value of an argument at the point, where it is finite."""
        under = evaluator.field.of(argument.denominator)
        if not evaluator.sign(self.at_zero(evaluator, under)):
            raise NotExact("a function next to a point where its argument may be infinite")
        return self.at_zero(evaluator, argument)

    def _check_kernel_smooth(self, evaluator: Evaluator, slot: int) -> None:
        generator = evaluator.field.generators[slot]
        for argument in generator.arguments:
            self.check_smooth(evaluator, argument.numerator)
            self.check_smooth(evaluator, argument.denominator)
        base = generator.arguments[0]
        if generator.kind not in ("root", "open power"):
            return
        if evaluator.sign(self._start(evaluator, base)):
            return
        if generator.kind == "root" and base == evaluator.field.of(
            evaluator.field.symbols[self.slot]
        ):
            raise _Coarse(self, generator.degree)
        raise NotExact(f"{generator.kind} next to a point where its base is zero")


def next_to(
    evaluator: Evaluator, use: Callable[[Infinitesimal, Element], Found], *, counts: bool = False
) -> Found:
    """Use an infinitesimal, and a power of it where roots of it are met.

    Args:
        evaluator: of the values.
        use: what to do with the infinitesimal, and the distance from a point that it stands for.
        counts: whether the distance is one over a whole number.

    Returns:
        What the use gives.

    Raises:
        NotExact: roots of high degree.
        _Coarse: roots of another infinitesimal, further out.
    """
    turns = 1
    while True:
        h = evaluator.fresh()
        local = Infinitesimal(next(iter(h.slots)), turns, counts)
        try:
            with evaluator.running(local):
                return use(local, h**turns)
        except _Coarse as coarse:
            if coarse.local is not local:
                raise
            turns *= coarse.degree
        if turns > MAX_ROOTS:
            raise NotExact("roots of high degree next to a point")
