"""Quantities of the model that a document declares: what each is, with its settings checked."""

from __future__ import annotations

from collections.abc import Iterator

from derivations.language.cursor import Scope
from derivations.language.declarations import declared, entries, law_of, text
from derivations.language.front import Items, Text, Value
from derivations.language.means import outside_means
from derivations.language.names import Signature
from derivations.language.nodes import Expression, Node
from derivations.language.parser import hidden_name, parse_expression
from derivations.language.records import Law, Quantity, Setting
from derivations.language.sizes import constant

__all__ = ["read_quantities"]

QUANTITIES = ("loss", "output loss", "active coefficient", "sparse coefficient")
COUNTS = ("features", "hidden", "output")
MOST_FEATURES = 50
SETTINGS = (
    "kind", *COUNTS, "weights", "decoder", "bias", "importance", "density", "law", "activation",
    "power", "active", "order",
)  # fmt: skip
NEEDED = {"output loss": "output", "active coefficient": "active", "sparse coefficient": "order"}
ACTIVATIONS = ("relu", "identity", "power", "abs power", "relu power")


def read_quantities(value: Value | None, scope: Scope) -> tuple[Quantity, ...]:
    """Read ``quantities:``; they are added to the scope.

    Args:
        value: a mapping from signatures to settings.
        scope: the names that are declared.

    Returns:
        The quantities, in order.

    Raises:
        DerivationError: for a setting that is not of the language.
    """
    made = []
    for key, entry in entries(value, "quantities"):
        signature = declared(key, scope).name()
        if scope.taken(signature.name, subscripted=bool(signature.subscripts)):
            raise key.error(f"{signature.name} has a meaning already")
        random = next((name for name in signature.parameters if name in scope.random), "")
        hidden = random or hidden_name(signature.parameters, scope)
        if hidden:
            raise key.error(f"the argument {hidden} has a meaning already: take another letter")
        settings = {}
        for name, setting in entries(entry, f"the quantity {key.value}"):
            if name.value not in SETTINGS:
                raise name.error(f"{name.value} is no setting: {', '.join(SETTINGS)}")
            settings[name.value] = read_setting(name, setting, signature, scope)
        kind = checked_settings(entry, settings)
        counts = (len(signature.subscripts), len(signature.arguments))
        made.append(Quantity(signature.name, signature.parameters, kind, settings, counts[0]))
        scope.functions[signature.name] = counts
        bound, trees = frozenset(signature.parameters), tuple(trees_of(tuple(settings.values())))
        names = {found for found, _ in outside_means(scope, bound, trees)}
        scope.averaged[signature.name] = tuple(sorted(names))
    return tuple(made)


def trees_of(setting: Setting | tuple[Setting, ...]) -> Iterator[Node]:
    """Give the expressions of a setting."""
    if isinstance(setting, Node):
        yield setting
    elif isinstance(setting, Law):
        yield from setting.parameters
    elif isinstance(setting, tuple):
        for item in setting:
            yield from trees_of(item)


def read_setting(key: Text, value: Value, signature: Signature, scope: Scope) -> Setting:
    """Read one setting of a quantity."""

    def formula(entry: Value) -> Expression:
        piece = text(entry, key.value).piece()
        return parse_expression(piece, scope, signature.parameters)

    def several(entry: Value) -> tuple[Expression, ...]:
        if not isinstance(entry, Items) or not entry.items:
            raise entry.error(f"{key.value} is a list of formulas")
        return tuple(formula(item) for item in entry.items)

    if key.value in ("weights", "decoder"):
        if not isinstance(value, Items) or not value.items:
            raise value.error(f"{key.value} is a list of rows")
        return tuple(several(row) for row in value.items)
    if key.value in ("bias", "importance"):
        return several(value)
    if key.value == "density" and isinstance(value, Items):
        return several(value)
    if key.value in COUNTS:
        return count(text(value, key.value))
    if key.value == "law":
        return law_setting(text(value, "a law"), signature, scope)
    if key.value in ("kind", "activation"):
        allowed = QUANTITIES if key.value == "kind" else ACTIVATIONS
        word = text(value, key.value)
        if word.value not in allowed:
            raise word.error(f"{key.value} is one of: {', '.join(allowed)}")
        return word.value
    return formula(value)


def law_setting(value: Text, signature: Signature, scope: Scope) -> Law:
    """Read the law of the features."""
    parser = declared(value, scope)
    parser.bound = dict.fromkeys(signature.parameters)
    law = law_of(parser)
    parser.all_of()
    return law


def count(value: Text) -> int:
    """Read a whole number."""
    digits = value.value
    if not (digits.isascii() and digits.isdigit() and len(digits) < 4):
        raise value.error("a whole number is expected here")
    number = int(digits)
    if not 1 <= number <= MOST_FEATURES:
        raise value.error(f"from 1 to {MOST_FEATURES}")
    return number


def checked_settings(inner: Value, settings: dict[str, Setting]) -> str:
    """See that the settings fit together, and give the kind."""
    kind = str(settings.pop("kind", ""))
    if not kind:
        raise inner.error(f"kind: one of {', '.join(QUANTITIES)}")
    for key in ("features", "hidden", "weights", *filter(None, [NEEDED.get(kind)])):
        if key not in settings:
            raise inner.error(f"{kind} needs {key}")
    n, m = settings["features"], settings["hidden"]
    places = {key.value: entry for key, entry in entries(inner, kind)}
    for key in ("weights", "decoder"):
        rows = settings.get(key)
        if isinstance(rows, tuple) and (
            len(rows) != m or any(isinstance(row, tuple) and len(row) != n for row in rows)
        ):
            raise places[key].error(f"{key} has {m} rows (hidden) of {n} columns (features)")
    for key in ("bias", "importance", "density"):
        several = settings.get(key)
        if isinstance(several, tuple) and len(several) != n:
            raise places[key].error(f"{key} has {n} entries (features)")
    output = settings.get("output")
    if isinstance(output, int) and isinstance(n, int) and output > n:
        raise places["output"].error(f"output is at most {n} (features)")
    if settings.get("activation", "relu") in ACTIVATIONS[2:] and "power" not in settings:
        raise inner.error("this activation needs power")
    for key in ("active", "order", "power"):
        value = settings.get(key)
        number = None if isinstance(value, tuple | str | int | Law | None) else constant(value)
        if number is not None and (number < 0 or number.denominator != 1):
            raise places[key].error(f"{key} is a whole number")
    return kind
