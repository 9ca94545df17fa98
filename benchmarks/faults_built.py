"""Faults in what is built on the loss: searches, bounds, boundaries, checker, tables, sweeps."""

from __future__ import annotations

from fault import Fault

__all__ = ["BUILT"]

BUILT = [
    # ------------------------------------------------------------ searches
    Fault(
        "search: saddle points returned",
        "numerics/search/newton.py",
        "if curvature >= -CURVATURE_LIMIT:",
        "if curvature >= -1e9 * CURVATURE_LIMIT:",
        ["test_numerics_newton.py"],
    ),
    Fault(
        "search: kinks taken from above",
        "numerics/search/objective.py",
        "<= on_kink, -2.0 * _STEP, b)",
        "<= on_kink, 2.0 * _STEP, b)",
        ["test_numerics_newton.py", "test_numerics_optimize.py"],
    ),
    Fault(
        "search: a lost term of the Hessian",
        "numerics/search/objective.py",
        "by_W[np.arange(m), :, np.arange(m), :] += by_gram + by_gram.T",
        "by_W[np.arange(m), :, np.arange(m), :] += by_gram",
        ["test_numerics_newton.py"],
    ),
    Fault(
        "constraints: a violated inequality that is not active",
        "numerics/constraining/newton_kkt.py",
        "active = point.nu + state.above > 0.0",
        "active = point.nu > 0.0",
        ["test_numerics_constrained.py"],
    ),
    Fault(
        "geometry: dimensionality without unit vectors",
        "numerics/dimensionality.py",
        "np.sum((units.T @ weights) ** 2, axis=1)",
        "np.sum((weights.T @ weights) ** 2, axis=1)",
        ["test_numerics_canonical.py"],
    ),
    Fault(
        "geometry: coherence without the modulus",
        "numerics/dimensionality.py",
        "cosines = np.abs(units.T @ units)",
        "cosines = units.T @ units",
        ["test_numerics_canonical.py"],
    ),
    # ------------------------------------------------------------ lower bounds
    Fault(
        "linear program: raised instead of lowered where it is violated",
        "numerics/relaxation.py",
        "lowered[0] -= violation",
        "lowered[0] += violation",
        ["test_numerics_relaxation.py"],
    ),
    Fault(
        "certificate: negative coefficients let through",
        "theory/certificates.py",
        "        if value < 0:\n            raise RefusedCertificate",
        "        if value < -1:\n            raise RefusedCertificate",
        ["test_theory_certificates.py"],
    ),
    Fault(
        "certificate: the bound of the diagonal forgotten",
        "theory/certificates.py",
        "value = n**2 * coefficients[0] - n * at_one",
        "value = n**2 * coefficients[0]",
        ["test_theory_certificates.py"],
    ),
    Fault(
        "entropy bound: one dimension too few",
        "theory/bounding/entropy.py",
        "left = k - m\n",
        "left = k - m + 1\n",
        ["test_theory_bounds.py"],
    ),
    Fault(
        "crowding bound: the samples with one active feature twice",
        "theory/bounding/crowding.py",
        "return p * best, n - 1",
        "return 2 * p * best, n - 1",
        ["test_theory_norm_bounds.py"],
    ),
    Fault(
        "rank bound: pairs counted in both orders",
        "theory/bounding/rank.py",
        "own + (n - 1) * two) / 6",
        "own + (n - 1) * two) / 3",
        ["test_theory_norm_bounds.py"],
    ),
    # ------------------------------------------------------------ phase boundaries
    Fault(
        "boundary: a lost square in the best bias",
        "theory/phase_boundaries/continuous.py",
        "    root = p**2 / (2 * (eta +",
        "    root = p / (2 * (eta +",
        ["test_theory_phases.py"],
    ),
    Fault(
        "boundary: the variance of the features without their mean",
        "theory/phase_boundaries/continuous.py",
        "    v = p / 3 - p * p / 4\n",
        "    v = p / 3\n",
        ["test_theory_phases.py"],
    ),
    # ------------------------------------------------------------ the checker
    Fault(
        "checker: a sum of opposite signs called evident",
        "derivations/checking/evident.py",
        "found |= ANY if s * t < 0 else {s or t}",
        "found |= {s or t}",
        ["test_derivations_check.py", "test_derivations_check_routes.py"],
    ),
    # ------------------------------------------------------------ tables and sweeps
    Fault(
        "table: the gap added instead of taken off",
        "tms/tables/row.py",
        "value = as_fraction(first.value) - as_fraction(second.value)",
        "value = as_fraction(first.value) + as_fraction(second.value)",
        ["test_tms_tables.py"],
    ),
    Fault(
        "table: the error of a quotient too small",
        "tms/tables/row.py",
        "/ (abs(under) - slack)",
        "/ (abs(under) + slack)",
        ["test_tms_tables.py"],
    ),
    Fault(
        "table: proved where the bound does not meet the loss",
        "tms/tables/row.py",
        "if most - self.lower_bound <= allowed",
        "if most - self.lower_bound >= allowed",
        ["test_tms_tables.py"],
    ),
    Fault(
        "table: the lower bound rounded up",
        "tms/digits.py",
        "return _directed(value, figures, ROUND_FLOOR)",
        "return _directed(value, figures, ROUND_CEILING)",
        ["test_tms_digits.py", "test_tms_tables_formats.py"],
    ),
    Fault(
        "table: more digits than the error supports",
        "tms/digits.py",
        "place = max(places, default=0)",
        "place = min(places, default=0)",
        ["test_tms_digits.py"],
    ),
    Fault(
        "sweep: every cell with the same random numbers",
        "numerics/sweeping/text.py",
        "digest(canonical([seed, key]))",
        "digest(canonical([seed, 0]))",
        ["test_numerics_sweep_text.py", "test_numerics_sweep.py"],
    ),
    Fault(
        "sweep: cells of another seed taken for its own",
        "numerics/sweeping/store.py",
        "if seed is not None and cell.seed != seed:",
        "if seed is None and cell.seed != seed:",
        ["test_numerics_sweep_store.py", "test_numerics_sweep.py"],
    ),
    Fault(
        "sweep: told before it is on the disk",
        "numerics/sweeping/ledger.py",
        "    def _keep(self, key: str, record: Record) -> None:\n",
        "    def _keep(self, key: str, record: Record) -> None:\n        self._tell(key)\n",
        ["test_numerics_sweep.py"],
    ),
    Fault(
        "sweep: what another process finished is computed again",
        "numerics/sweeping/ledger.py",
        "if self._store.get(key) is None:",
        "if True:",
        ["test_numerics_sweep.py"],
    ),
]
