"""The front door: what others import, and the command ``tms``. No mathematics in it.

``import tms`` loads nothing heavy: each name is fetched from its module when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numerics.optimize import optimize
    from theory import arrangements
    from theory.problem import (
        AbsPower,
        Anticorrelated,
        Binary,
        Correlated,
        CustomLaw,
        Exponential,
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
        Unsupported,
    )
    from tms.bounds_table import bounds
    from tms.crosscheck import cross_check
    from tms.estimate import Estimate
    from tms.oracle import expected_loss, loss_and_gradient
    from tms.tables import sparsity_table

    __version__: str

__all__ = [
    "AbsPower",
    "Anticorrelated",
    "Binary",
    "Correlated",
    "CustomLaw",
    "Estimate",
    "Exponential",
    "HalfNormal",
    "Identity",
    "InputError",
    "Normal",
    "Power",
    "Problem",
    "Rademacher",
    "ReLU",
    "ReLUPower",
    "Uniform",
    "Unsupported",
    "__version__",
    "arrangements",
    "bounds",
    "cross_check",
    "expected_loss",
    "loss_and_gradient",
    "optimize",
    "sparsity_table",
]

_MEMBERS = {
    "numerics.optimize": ("optimize",),
    "theory.problem": (
        "AbsPower",
        "Anticorrelated",
        "Binary",
        "Correlated",
        "CustomLaw",
        "Exponential",
        "HalfNormal",
        "Identity",
        "InputError",
        "Normal",
        "Power",
        "Problem",
        "Rademacher",
        "ReLU",
        "ReLUPower",
        "Uniform",
        "Unsupported",
    ),
    "tms.bounds_table": ("bounds",),
    "tms.crosscheck": ("cross_check",),
    "tms.estimate": ("Estimate",),
    "tms.oracle": ("expected_loss", "loss_and_gradient"),
    "tms.tables": ("sparsity_table",),
}
_HOMES = {name: module for module, names in _MEMBERS.items() for name in names}
_MODULES = {"arrangements": "theory.arrangements"}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        value: Any = version("tms-theory")
    elif name in _MODULES:
        value = importlib.import_module(_MODULES[name])
    elif name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
    else:
        raise AttributeError(f"module 'tms' has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
