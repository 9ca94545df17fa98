"""Exact values of trees: at exact points, and with variables left open within a cell.

Where the value depends on the sign of something, the sign is asked for: of a constant it is
computed; of a polynomial in open variables it follows from the cell, or a ``Fork`` is raised that
the caller answers by splitting the cell. So one evaluation follows one branch of every kink.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

from derivations.checking.cells import Cell, primitive
from derivations.checking.constants import polynomial_sign
from derivations.checking.elements import Element, Field, Generator, Polynomial
from derivations.checking.scope import Scope, component
from derivations.checking.stops import Clock, NotExact, NoValue, Stop

__all__ = ["Evaluator", "Fork", "Local", "NeedsSplit", "OpenSign"]

MAX_DEPTH = 150


class Fork(Stop):
    """The value depends on a sign that the cell leaves open."""

    def __init__(self, polynomial: Polynomial, signs: frozenset[int]) -> None:
        super().__init__("depends on a sign that is open")
        self.polynomial, self.signs = polynomial, signs


class NeedsSplit(Stop):
    """The value depends on the sign of a random variable: it must be integrated piece by piece."""

    def __init__(self, name: str) -> None:
        super().__init__(f"depends on a sign of {name}")
        self.name = name


class Unbound(NotExact):
    """A name that nothing gives a value: a fault of the caller, not of the point."""


class OpenSign(NotExact):
    """The sign of a term of a sum to an open bound, which may change with the index."""


class Local(Protocol):
    """A generator that a part of the evaluation runs over: it decides signs in itself."""

    @property
    def slot(self) -> int:
        """Of the generator."""

    def sign(self, evaluator: Evaluator, polynomial: Polynomial) -> int:
        """Decide the sign of a polynomial in the generator."""


class Evaluator:
    """Values of trees under given values of the names.

    Args:
        scope: what the names are.
        field: holds the generators.
        names: values by component name, as ``x_1``; sets of whole numbers for names of sets.
        cell: what is known of open variables.
        clock: when to stop.
    """

    def __init__(
        self,
        scope: Scope,
        field: Field,
        names: Mapping[str, Any],
        cell: Cell | None = None,
        clock: Clock | None = None,
    ) -> None:
        self.scope, self.field = scope, field
        self.names: dict[str, Any] = dict(names)
        self.cell = Cell(field) if cell is None else cell
        self.clock = Clock.of(60) if clock is None else clock
        self.locals: list[Local] = []
        self.shadowed: dict[str, Any] = {}
        self.open_families = False  # whether members without a value stay as they are
        self.depth = 0

    def value(self, node: Any) -> Element:
        """Give the value of an expression."""
        from derivations.checking.meanings import VALUES

        self.clock.check()
        if self.depth > MAX_DEPTH:
            raise NotExact("nested too deeply")
        self.depth += 1
        try:
            return VALUES[type(node)](self, node)
        finally:
            self.depth -= 1

    def holds(self, condition: Any) -> bool:
        """Say whether a condition holds."""
        from derivations.checking.meanings import CONDITIONS

        self.clock.check()
        return CONDITIONS[type(condition)](self, condition)

    def integer(self, node: Any) -> int | None:
        """The value of an expression as a whole number; None where it is not a fixed one."""
        return self.value(node).as_integer()

    def number(self, value: Any) -> Element:
        """The value of a rational number."""
        return self.field.number(value)

    def sign(self, value: Element) -> int:
        """Give the sign of a value: -1, 0 or 1."""
        if value.rational is not None:
            return int(value.rational > 0) - int(value.rational < 0)
        return self.polynomial_sign(value.numerator) * self.polynomial_sign(value.denominator)

    def polynomial_sign(self, polynomial: Polynomial) -> int:
        """Give the sign of a polynomial in the generators."""
        if polynomial.is_zero():
            return 0
        bases = self.field.bases_of(polynomial)
        if not bases:
            return polynomial_sign(self.field, polynomial)
        for local in reversed(self.locals):
            if local.slot in bases:
                return local.sign(self, polynomial)
        sign, factors = primitive(polynomial)
        for factor, power in factors:
            sign *= self._factor_sign(factor) ** power
        return sign

    def _factor_sign(self, factor: Polynomial) -> int:
        if not self.field.bases_of(factor):
            return polynomial_sign(self.field, factor)
        (slot, *more) = self.field.slots_in(factor)
        if not more and factor == self.field.symbols[slot]:
            generator = self.field.generators[slot]
            if generator.kind == "root":  # of what is not negative: zero where that is
                return self.sign(generator.arguments[0])
        signs = self.cell.signs(factor, self.clock)
        if len(signs) == 1:
            return next(iter(signs))
        raise Fork(factor, signs)

    def divide(self, over: Element, under: Element) -> Element:
        """Divide; where the divisor is zero there is no value."""
        if under.bases and self.sign_is_zero(under):
            raise NoValue("division by zero")
        return over / under

    def sign_is_zero(self, value: Element) -> bool:
        """Say whether a value is zero; a local that cannot tell is taken as not zero inside.

        Where it is zero for one index of a sum there is no value, and nothing is claimed.

        Args:
            value: any value.

        Returns:
            Whether it is zero.
        """
        if value.rational is not None:
            return value.is_zero
        try:
            return self.sign(value) == 0
        except (NeedsSplit, OpenSign):
            return False

    @contextmanager
    def bound(self, **values: Any) -> Iterator[None]:
        """Evaluate with other values of some names."""
        with self.naming(values):
            yield

    @contextmanager
    def naming(self, values: Mapping[str, Any]) -> Iterator[None]:
        """Evaluate with other values of some names; None takes a name away."""
        saved = self.names
        kept = {name: value for name, value in saved.items() if name not in values}
        self.names = kept | {name: value for name, value in values.items() if value is not None}
        try:
            yield
        finally:
            self.names = saved

    @contextmanager
    def inside(self, values: Mapping[str, Any]) -> Iterator[None]:
        """Evaluate the body of a definition: parameters of the caller are not seen there."""
        saved, shadowed = self.names, self.shadowed
        seen = saved | shadowed
        self.shadowed = {name: seen[name] for name in values if name in seen}
        self.names = seen | dict(values)
        try:
            yield
        finally:
            self.names, self.shadowed = saved, shadowed

    @contextmanager
    def running(self, local: Local) -> Iterator[None]:
        """Evaluate with a local generator, innermost."""
        self.locals.append(local)
        try:
            yield
        finally:
            self.locals.pop()

    def fresh(self, kind: str = "local") -> Element:
        """A generator that is in use nowhere else in this evaluation."""
        used = {local.slot for local in self.locals}
        number = 0
        while True:
            slot = self.field.find(kind, f"#{number}")
            if slot is None or slot not in used:
                return self.field.variable(f"#{number}", kind)
            number += 1

    def derivative(self, value: Element, slot: int) -> Element:
        """Differentiate a value by a generator, through kernels."""
        from derivations.checking.kernels import kernel_derivative

        one = self.number(1)

        def of_generator(other: int) -> Element | None:
            if other == slot:
                return one
            if slot not in self.field.bases_of(self.field.symbols[other]):
                return None
            return kernel_derivative(self, other, slot)

        return value.derivative(of_generator)

    def put(self, value: Element, slot: int, new: Element) -> Element:
        """Put a value for a generator, inside kernels too."""
        from derivations.checking.kernels import rebuilt

        if slot not in value.bases:
            return value
        total = value
        for other in sorted(value.slots):  # the greatest first: it may be built of the others
            if other != slot and slot in self.field.bases_of(self.field.symbols[other]):
                generator: Generator = self.field.generators[other]
                arguments = [self.put(a, slot, new) for a in generator.arguments]
                total = total.replace(other, rebuilt(self, generator, arguments))
        return total.replace(slot, new)

    def symbol(self, name: str, indices: tuple[Element, ...]) -> Element:
        """The value of a variable or a member of a family."""
        fixed = [index.as_integer() for index in indices]
        if None not in fixed:
            key = component(name, tuple(i for i in fixed if i is not None))
            if key in self.names:
                return self._checked(name, self.names[key])
            if not indices and name in self.scope.definitions:
                return self.call(name, ())
            if not indices and name in self.scope.quantities:
                return self.call(name, ())
            if name not in self.scope.variables or not self.open_families:
                raise Unbound(f"{key} has no value here")
        from derivations.checking.sums import member

        return member(self, name, indices)

    def _checked(self, name: str, value: Any) -> Element:
        if not isinstance(value, Element):
            raise NoValue(f"{name} stands for a set, not for a number")
        return value

    def standard(self, value: Element) -> Element:
        """A value without infinitesimal parts."""
        for local in self.locals:
            if getattr(local, "is_infinitesimal", False) and local.slot in value.bases:
                value = local.at_zero(self, value)  # type: ignore[attr-defined]
        return value

    def call(self, name: str, arguments: tuple[Element, ...]) -> Element:
        """The value of a definition or a quantity of the model."""
        if name in self.scope.definitions:
            definition = self.scope.definitions[name]
            with self.inside(dict(zip(definition.parameters, arguments, strict=True))):
                return self.value(definition.body)
        if name in self.scope.quantities:
            from derivations.checking.quantities import quantity_value

            return quantity_value(self, self.scope.quantities[name], arguments)
        raise NotExact(f"{name} is no function that is known here")
