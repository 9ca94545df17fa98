"""Figures for papers: one function a kind, each gives a drawing with its caption.

Matplotlib is used by its objects alone: no window, no global state.
"""

from tms.figures.bounds_panels import bounds
from tms.figures.drawing import Drawing

__all__ = ["Drawing", "bounds"]
