"""The options that several commands share, and the problem that they describe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import typer

from tms.inputs.importances import importance_of, numbers_of
from tms.inputs.names import (
    ACTIVATION_NAMES,
    LAW_NAMES,
    activation_from_text,
    groups_from_text,
    law_from_text,
)

__all__ = [
    "Activation",
    "Active",
    "Anticorrelated",
    "Correlated",
    "Density",
    "Family",
    "File",
    "Importance",
    "Law",
    "NoBias",
    "Sparsity",
    "Tolerance",
    "Transpose",
    "importance_of",
    "numbers_of",
]

File = Annotated[Path, typer.Argument(help="Weights: .npz, .npy, .csv or .safetensors.")]
Sparsity = Annotated[
    str | None,
    typer.Option(help="S, the chance that a feature is zero; one number, or one each: 0.9,0.8"),
]
Density = Annotated[str | None, typer.Option(help="p = 1 - S, instead of the sparsity.")]
Importance = Annotated[
    str | None, typer.Option(help="One number, one for each feature (1,0.9,0.81), or 0.9^i.")
]
Tolerance = Annotated[float | None, typer.Option(help="Absolute error asked of the series.")]
Transpose = Annotated[
    bool, typer.Option("--transpose", help="W and W_decoder in the file are features x hidden.")
]
Law = Annotated[str, typer.Option(help=f"Of an active feature: {LAW_NAMES}.")]
Activation = Annotated[str, typer.Option(help=f"{ACTIVATION_NAMES}.")]
Correlated = Annotated[
    list[str] | None,
    typer.Option(help="Features, from 0, that are on together: 0,1; repeatable; or blocks:2."),
]
Anticorrelated = Annotated[
    list[str] | None,
    typer.Option(help="Features, from 0, that are on one at a time: 2,3; or blocks:2."),
]
Active = Annotated[
    int | None, typer.Option(help="Exactly so many features are active; no sparsity then.")
]
NoBias = Annotated[bool, typer.Option("--no-bias", help="b = 0, whatever the file says.")]


@dataclass(frozen=True)
class Family:
    """Law, activation and dependence as they were typed.

    Args:
        law: as in ``tms.inputs.names``.
        activation: likewise.
        correlated: groups, likewise.
        anticorrelated: groups, likewise.
        active: number of active features, or None.
    """

    law: str = "uniform"
    activation: str = "relu"
    correlated: Sequence[str] | None = field(default=None)
    anticorrelated: Sequence[str] | None = field(default=None)
    active: int | None = None

    def arguments(self, n_features: int) -> dict[str, Any]:
        """Give the arguments of ``Problem`` by name.

        Args:
            n_features: number of features.

        Returns:
            Law, activation, groups and number of active features.

        Raises:
            InputError: a text that names nothing.

        Example:
            >>> Family(law="binary", correlated=["0,1"]).arguments(2)["groups"]
            [Correlated(0, 1)]
        """
        groups = groups_from_text(self.correlated or [], self.anticorrelated or [], n_features)
        return {
            "features": law_from_text(self.law),
            "activation": activation_from_text(self.activation),
            "groups": groups,
            "n_active": self.active,
        }
