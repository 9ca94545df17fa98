r"""Phase boundaries of two features in one dimension and three in two, as exact objects.

The plane is that of Elhage et al. 2022: density ``p`` and relative importance ``I`` of the last
feature, the others having importance 1. *Candidates* are named arrangements of unit norm without
bias (an ignored feature has the bias ``p/2``, its mean): their boundaries have closed forms. *True*
boundaries are between minima of the loss in all weights and biases.

For ``n = 2, m = 1`` and ``I <= 1`` there are three phases:

==============  =================================================================================
dedicated       ``W = (1, 0)``: the second feature is ignored
weak pair       ``W = (w, -v)`` with a short second feature
strong pair     ``W = (w, -v)`` with both features long; symmetric at ``I = 1``
==============  =================================================================================

Dedicated and strong pair meet along a first-order boundary up to the triple point ``I = 0.5641``,
from which strong and weak pair part along a first-order boundary up to ``I = 1, p = 0.7064``,
where the weak pair meets its mirror image. Dedicated and weak pair meet along the continuous
boundary ``I_c(p)`` between two tricritical points, ``I = 0.5740`` and ``I = 0.8964``, and by a jump
on either side; the upper jump ends at ``p = 1, I = 0.9888``. Exchanging the features takes ``I``
to ``1/I``.

For ``n = 3, m = 2`` the pair takes the last feature for ``I < 1`` and the two others for ``I > 1``;
around equal importance triangles lose less than either (``theory.phase_boundaries.three``).

Each point of a first-order boundary is proven to exist and to be the only one in a box, with both
sides local minima and crossing losses. That no third arrangement loses less is not proven.

Source: own derivation; the phase diagram is that of Elhage et al. 2022, arXiv:2209.10652, section
"Superposition as a phase change".
"""

from __future__ import annotations

from theory.phase_boundaries.candidate_curves import candidate_boundaries
from theory.phase_boundaries.candidates import (
    Crossing,
    CrossingPoint,
    closed_form,
    crossing,
)
from theory.phase_boundaries.diagrams import (
    continuous_boundary,
    first_order_boundary,
    special_points,
    true_boundaries,
)
from theory.phase_boundaries.first_order import symmetry_breaking, triple_point
from theory.phase_boundaries.record import KINDS, Boundary, End, PhasePoint
from theory.phase_boundaries.regions import Region, candidate_regions
from theory.phase_boundaries.roots import AlgebraicNumber

__all__ = [
    "KINDS",
    "AlgebraicNumber",
    "Boundary",
    "Crossing",
    "CrossingPoint",
    "End",
    "PhasePoint",
    "Region",
    "candidate_boundaries",
    "candidate_regions",
    "closed_form",
    "continuous_boundary",
    "crossing",
    "first_order_boundary",
    "special_points",
    "symmetry_breaking",
    "triple_point",
    "true_boundaries",
]
