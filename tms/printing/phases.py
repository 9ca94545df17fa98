"""Phase boundaries as text, LaTeX, CSV and plain data; formatting only."""

from __future__ import annotations

import csv
import io
import json
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal, TypeAlias

import sympy

from theory.arithmetic.balls import Enclosure
from theory.phases import Boundary, End, PhasePoint
from tms.digits import decimal_text, error_text
from tms.printing.words import size_words

__all__ = ["PhaseFormat", "PhaseReport", "enclosure_text"]

PhaseFormat: TypeAlias = Literal["text", "json", "latex", "csv"]

_WIDTH = 100
_ROOT = 60  # characters of a formula that is shown in a line
_COLUMNS = ("kind", "boundary", "importance", "importance_error", "density", "density_error")
_HEADER = (
    "x_hat = ReLU(W^T W x + b);  x_i is 0 with probability 1 - p, else from U[0, 1]",
    "I: importance of the last feature, the others have 1; loss = sum_i I_i E (x_i - x_hat_i)^2",
)


def enclosure_text(value: Enclosure | None, digits: int) -> str:
    """Write an enclosure with the digits that are known, or the fraction where it is exact.

    Args:
        value: an enclosure, or None for infinity.
        digits: at most so many significant digits.

    Returns:
        For example ``"0.4845879 +/- 5e-8"``.

    Example:
        >>> enclosure_text(Enclosure(Fraction(4, 9), Fraction(0)), 5)
        '4/9 = 0.44444'
        >>> enclosure_text(Enclosure(Fraction(1, 3), Fraction(1, 10**30)), 5)
        '0.33333 +/- 4e-6'
    """
    if value is None:
        return "infinity"
    shown = decimal_text(value.midpoint, value.radius, at_most=digits)
    gap = abs(Fraction(shown) - value.midpoint) + value.radius
    if not value.radius:
        exact = str(value.midpoint)
        return shown if not gap else f"{exact} = {shown}" if len(exact) <= 2 * digits else shown
    return f"{shown} +/- {error_text(gap)}"


@dataclass(frozen=True)
class PhaseReport:
    """Boundaries, or the points on them at one coordinate.

    Attributes:
        n_features: ``n``.
        n_hidden: ``m``.
        boundaries: in the order in which they are shown.
        points: for each boundary the point, or None where it has none at the coordinate; None where
            no coordinate was given.
        coordinate: what was given, in words.
        special: where boundaries meet, by name.
        digits: of every number.
        failures: boundaries of which the point could not be proven, with the reason.
    """

    n_features: int
    n_hidden: int
    boundaries: tuple[Boundary, ...]
    points: tuple[PhasePoint | None, ...] | None
    coordinate: str
    special: dict[str, PhasePoint]
    digits: int
    failures: dict[str, str] = field(default_factory=dict)

    def format(self, kind: PhaseFormat = "text") -> str:
        """Write the report.

        Args:
            kind: ``"text"``, ``"json"``, ``"latex"`` or ``"csv"``.

        Returns:
            Text that ends with a newline.
        """
        if kind == "json":
            return json.dumps(self._record(), indent=2) + "\n"
        if kind == "csv":
            return self._csv()
        return "\n".join(self._latex() if kind == "latex" else self._text()) + "\n"

    def _text(self) -> list[str]:
        size = size_words(self.n_features, self.n_hidden)
        at = f", {self.coordinate}" if self.coordinate else ""
        lines = [f"Phase boundaries: {size}{at}", *_HEADER]
        for boundary, point in zip(self.boundaries, self._or_none(), strict=True):
            if self.points is None:
                lines += ["", *self._boundary_lines(boundary)]
            elif point is not None:
                lines += ["", *self._point_lines(boundary, point)]
        for name, why in self.failures.items():
            lines += ["", f"not resolved: {name}", *_labelled([("why", why)])]
        if self.points is not None and not any(self.points) and not self.failures:
            lines += ["", f"No boundary has {self.coordinate}."]
        if self.special:
            lines += ["", "where they meet or end:"]
            wide = max(map(len, self.special))
            for name, point in self.special.items():
                weight = enclosure_text(point.importance, self.digits)
                p = enclosure_text(point.density, self.digits)
                lines.append(f"  {name:<{wide}}  I = {weight}, p = {p}")
        return lines

    def _or_none(self) -> Sequence[PhasePoint | None]:
        return self.points if self.points is not None else [None] * len(self.boundaries)

    def _boundary_lines(self, boundary: Boundary) -> list[str]:
        rows = [("between", " and ".join(boundary.between))]
        if boundary.formula is not None:
            rows.append(("formula", _formula_text(boundary.formula)))
        rows += [("from", self._end(boundary.ends[0])), ("to", self._end(boundary.ends[1]))]
        rows += _proof_rows(boundary.proved, boundary.not_proved, boundary.claims)
        return [f"{boundary.kind}: {boundary.name}", *_labelled(rows)]

    def _end(self, end: End) -> str:
        weight = enclosure_text(end.importance, self.digits)
        return f"I = {weight}, p = {enclosure_text(end.density, self.digits)} ({end.why})"

    def _point_lines(self, boundary: Boundary, point: PhasePoint) -> list[str]:
        rows = [
            ("I", enclosure_text(point.importance, self.digits)),
            ("p", enclosure_text(point.density, self.digits)),
        ]
        if point.number is not None and point.number.degree > 1:
            rows.append(("exactly", str(point.number)))
        rows += [
            (name, enclosure_text(value, self.digits)) for name, value in point.unknowns.items()
        ]
        if point.box:
            radius = min(radius for _, radius in point.box.values())
            rows.append(("box", f"radii from {error_text(radius)}"))
        if point.patterns:
            rows.append(("outputs", ", ".join(f"{k}: {v}" for k, v in point.patterns.items())))
        rows += _proof_rows(point.proved, point.not_proved, point.claims)
        return [f"{boundary.kind}: {boundary.name}", *_labelled(rows)]

    def _latex(self) -> list[str]:
        size = f"n = {self.n_features}, m = {self.n_hidden}"
        lines = [f"% phase boundaries, {size}; {self.coordinate or 'all'}"]
        lines += [r"\begin{tabular}{lll}", r"\toprule"]
        lines += [r"kind & boundary & " + ("point" if self.points else "formula") + r" \\"]
        lines.append(r"\midrule")
        for boundary, point in zip(self.boundaries, self._or_none(), strict=True):
            if self.points is not None and point is None:
                continue
            name = boundary.name.replace("|", "/")
            cell = self._latex_cell(boundary, point)
            lines.append(rf"{boundary.kind} & {name} & {cell} \\")
        return [*lines, r"\bottomrule", r"\end{tabular}"]

    def _latex_cell(self, boundary: Boundary, point: PhasePoint | None) -> str:
        if point is not None:
            shown = [
                decimal_text(value.midpoint, value.radius, at_most=self.digits)
                for value in (point.importance, point.density)
            ]
            return f"$I = {shown[0]},\\ p = {shown[1]}$"
        if boundary.formula is None:
            return "--"
        return f"${sympy.latex(_short(boundary.formula))}$"

    def _csv(self) -> str:
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(_COLUMNS)
        points = [
            (boundary.kind, boundary.name, point)
            for boundary, point in zip(self.boundaries, self._or_none(), strict=True)
            if point is not None
        ]
        points += [("meeting point", name, point) for name, point in self.special.items()]
        for kind, name, point in points:
            cells = [
                text
                for value in (point.importance, point.density)
                for text in _number_and_error(value, self.digits)
            ]
            writer.writerow([kind, name, *cells])
        return stream.getvalue()

    def _record(self) -> dict[str, Any]:
        return {
            "n_features": self.n_features,
            "n_hidden": self.n_hidden,
            "at": self.coordinate or None,
            "boundaries": [
                self._boundary_record(boundary, point)
                for boundary, point in zip(self.boundaries, self._or_none(), strict=True)
            ],
            "not_resolved": self.failures,
            "meeting_points": {
                name: _point_record(point, self.digits) for name, point in self.special.items()
            },
        }

    def _boundary_record(self, boundary: Boundary, point: PhasePoint | None) -> dict[str, Any]:
        return {
            "name": boundary.name,
            "between": list(boundary.between),
            "kind": boundary.kind,
            "formula": None if boundary.formula is None else str(boundary.formula),
            "latex": None if boundary.formula is None else sympy.latex(boundary.formula),
            "ends": [
                {
                    "importance": _value_record(end.importance, self.digits),
                    "density": _value_record(end.density, self.digits),
                    "why": end.why,
                }
                for end in boundary.ends
            ],
            "claims": list(boundary.claims),
            "proved": boundary.proved,
            "not_proved": boundary.not_proved,
            "point": None if point is None else _point_record(point, self.digits),
        }


def _number_and_error(value: Enclosure, digits: int) -> tuple[str, str]:
    """What is printed, and how far it may be off."""
    shown = decimal_text(value.midpoint, value.radius, at_most=digits)
    return shown, error_text(abs(Fraction(shown) - value.midpoint) + value.radius)


def _value_record(value: Enclosure | None, digits: int) -> dict[str, str] | None:
    if value is None:
        return None
    shown, error = _number_and_error(value, digits)
    return {"value": shown, "error": error}


def _point_record(point: PhasePoint, digits: int) -> dict[str, Any]:
    number = point.number
    return {
        "importance": _value_record(point.importance, digits),
        "density": _value_record(point.density, digits),
        "algebraic": None
        if number is None
        else {
            "polynomial": [str(c) for c in number.polynomial],
            "interval": [str(end) for end in number.interval],
            "radicals": None if number.radicals is None else str(number.radicals),
        },
        "unknowns": {k: _value_record(v, digits) for k, v in point.unknowns.items()},
        "outputs": dict(point.patterns),
        "claims": list(point.claims),
        "proved": point.proved,
        "not_proved": point.not_proved,
    }


def _short(formula: Any) -> Any:
    """The formula, or its left side alone where it is long."""
    return formula if len(str(formula)) <= _ROOT else sympy.Function("I_c")(sympy.Symbol("p"))


def _formula_text(formula: Any) -> str:
    text = f"{formula.lhs} = {formula.rhs}"
    if len(text) <= _ROOT:
        return text
    return "I = I_c(p), with square roots; see --format json, or tms claims show OPTIMUM-06"


def _proof_rows(proved: str, not_proved: str, claims: Sequence[str]) -> list[tuple[str, str]]:
    return [("proved", proved), ("not proved", not_proved), ("claims", ", ".join(claims))]


def _labelled(rows: Sequence[tuple[str, str]]) -> list[str]:
    wide = max(len(label) for label, _ in rows) + 2
    lines: list[str] = []
    for label, text in rows:
        lines += textwrap.wrap(
            text,
            _WIDTH,
            initial_indent=f"  {label:<{wide}}",
            subsequent_indent=" " * (wide + 2),
            break_on_hyphens=False,
            break_long_words=False,
        )
    return lines
