"""The front door: what others import, and the command ``tms``. No mathematics in it.

``import tms`` loads nothing heavy: each name is fetched from its module when it is first used.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from derivations.document import Derivation, Step
    from derivations.results import Report, Verdict
    from theory import arrangements, phases
    from theory.limits import one_hot, persian_rug, polygons, quadratic
    from theory.limits.expansion import density_expansion, one_active_loss
    from theory.power_model import designs, first_order
    from theory.power_model.gain import gain
    from theory.problem import (
        AbsPower,
        Anticorrelated,
        AntipodalPairs,
        Binary,
        Correlated,
        CustomLaw,
        Cyclic,
        Exponential,
        HalfNormal,
        Identity,
        IgnoredFeatures,
        InputError,
        MaxCoherence,
        NoBias,
        NonNegativeWeights,
        NonPositiveBias,
        Normal,
        NormBudget,
        Power,
        Problem,
        Rademacher,
        ReLU,
        ReLUPower,
        SharedBias,
        Uniform,
        UnitNorm,
        Unsupported,
        ZeroGram,
    )
    from tms import atlas, figures
    from tms.bounds_table import bounds
    from tms.crosscheck import cross_check
    from tms.estimate import Estimate
    from tms.lower_bounds import lower_bound
    from tms.optima.optimum import Optimum, optimize
    from tms.oracle import expected_loss, loss_and_gradient
    from tms.tables.table import table
    from tms.verification import verify

    __version__: str

__all__ = [
    "AbsPower",
    "Anticorrelated",
    "AntipodalPairs",
    "Binary",
    "Correlated",
    "CustomLaw",
    "Cyclic",
    "Derivation",
    "Estimate",
    "Exponential",
    "HalfNormal",
    "Identity",
    "IgnoredFeatures",
    "InputError",
    "MaxCoherence",
    "NoBias",
    "NonNegativeWeights",
    "NonPositiveBias",
    "NormBudget",
    "Normal",
    "Optimum",
    "Power",
    "Problem",
    "Rademacher",
    "ReLU",
    "ReLUPower",
    "Report",
    "SharedBias",
    "Step",
    "Uniform",
    "UnitNorm",
    "Unsupported",
    "Verdict",
    "ZeroGram",
    "__version__",
    "arrangements",
    "atlas",
    "bounds",
    "cross_check",
    "density_expansion",
    "designs",
    "expected_loss",
    "figures",
    "first_order",
    "gain",
    "loss_and_gradient",
    "lower_bound",
    "one_active_loss",
    "one_hot",
    "optimize",
    "persian_rug",
    "phases",
    "polygons",
    "quadratic",
    "table",
    "verify",
]

_MEMBERS = {
    "derivations.document": ("Derivation", "Step"),
    "derivations.results": ("Report", "Verdict"),
    "theory.problem": (
        "AbsPower",
        "Anticorrelated",
        "AntipodalPairs",
        "Binary",
        "Correlated",
        "CustomLaw",
        "Cyclic",
        "Exponential",
        "HalfNormal",
        "Identity",
        "IgnoredFeatures",
        "InputError",
        "MaxCoherence",
        "NoBias",
        "NonNegativeWeights",
        "NonPositiveBias",
        "NormBudget",
        "Normal",
        "Power",
        "Problem",
        "Rademacher",
        "ReLU",
        "ReLUPower",
        "SharedBias",
        "Uniform",
        "UnitNorm",
        "Unsupported",
        "ZeroGram",
    ),
    "theory.limits.expansion": ("density_expansion", "one_active_loss"),
    "theory.power_model.gain": ("gain",),
    "tms.bounds_table": ("bounds",),
    "tms.crosscheck": ("cross_check",),
    "tms.estimate": ("Estimate",),
    "tms.lower_bounds": ("lower_bound",),
    "tms.optima.optimum": ("Optimum", "optimize"),
    "tms.oracle": ("expected_loss", "loss_and_gradient"),
    "tms.tables.table": ("table",),
    "tms.verification": ("verify",),
}
_HOMES = {name: module for module, names in _MEMBERS.items() for name in names}
_MODULES = {
    "atlas": "tms.atlas",
    "arrangements": "theory.arrangements",
    "figures": "tms.figures",
    "designs": "theory.power_model.designs",
    "first_order": "theory.power_model.first_order",
    "one_hot": "theory.limits.one_hot",
    "persian_rug": "theory.limits.persian_rug",
    "phases": "theory.phases",
    "polygons": "theory.limits.polygons",
    "quadratic": "theory.limits.quadratic",
}


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
