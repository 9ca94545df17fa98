"""Figures for papers: one function a kind, each gives a drawing with its caption.

Matplotlib is used by its objects alone: no window, no global state.
"""

from tms.figures.arrangement_view import arrangement, check_labels
from tms.figures.bounds_panels import bounds
from tms.figures.dimensionality_lines import dimensionality
from tms.figures.drawing import Drawing
from tms.figures.loss_lines import loss
from tms.figures.phase_grid import PhaseDiagram, phase_diagram
from tms.figures.phase_map import phase

__all__ = [
    "Drawing",
    "PhaseDiagram",
    "arrangement",
    "bounds",
    "check_labels",
    "dimensionality",
    "loss",
    "phase",
    "phase_diagram",
]
