"""The table of faults that ``seeded_faults.py`` seeds: both sides of the project."""

from __future__ import annotations

from dataclasses import dataclass

EXACT = ["test_theory_hand_values.py", "test_theory_loss.py"]
ROWS = ["test_numerics_rows.py"]
AGREE = ["test_agreement.py"]


@dataclass(frozen=True)
class Fault:
    """One replacement: ``times`` is how often the old text occurs; all of them are replaced."""

    name: str
    module: str
    old: str
    new: str
    tests: list[str]
    times: int = 1


FAULTS = [
    # ------------------------------------------------------------ the exact side
    Fault(
        "residue factorial shifted by one",
        "theory/rows/vertices.py",
        "math.factorial(order) // math.factorial(k) for",
        "math.factorial(order) // math.factorial(max(k - 1, 0)) for",
        EXACT,
    ),
    Fault(
        "kink counted: ReLU'(0) = 1",
        "theory/rows/vertices.py",
        "from bisect import bisect_left",
        "from bisect import bisect_right as bisect_left",
        EXACT + AGREE,
    ),
    Fault(
        "sum over vertices one short",
        "theory/rows/vertices.py",
        "sums[count], order)",
        "sums[max(count - 1, 0)], order)",
        EXACT,
    ),
    Fault(
        "moment of a zero Gram entry",
        "theory/rows/ends.py",
        "[one * moment.numerator]",
        "[one * (moment.numerator + power)]",
        EXACT,
    ),
    Fault(
        "sign in the weighted transform",
        "theory/rows/ends.py",
        "(-1) ** k * math.perm",
        "math.perm",
        EXACT,
    ),
    Fault(
        "factor 2 lost in the second weighted transform",
        "theory/rows/ends.py",
        "math.perm(power, k)",
        "math.comb(power, k)",
        EXACT + AGREE,
    ),
    Fault(
        "factor 2 of the cross term lost",
        "theory/rows/kinked.py",
        "found.difference({}, 2 * q, q, 2)",
        "found.difference({}, 2 * q, q, 1)",
        EXACT,
    ),
    Fault(
        "square of the cleared denominator lost",
        "theory/rows/cleared.py",
        "self.stretch**r * self.lattice ** (sum(weights.values()) + 1)",
        "self.stretch * self.lattice ** (sum(weights.values()) + 1)",
        EXACT,
    ),
    Fault(
        "second moment 1/2 for 1/3",
        "theory/rows/law_moments.py",
        "((k + 1) * (high - low))",
        "(k * (high - low) or 1)",
        EXACT,
    ),
    Fault(
        "index swapped in the gradient",
        "theory/rows/kinked.py",
        "slope({j: 1}) for j in",
        "slope({row.index: 1}) for j in",
        EXACT,
    ),
    Fault(
        "importance squared (inside the square)",
        "theory/losses/exact.py",
        "self._field.exact(weight * value)",
        "self._field.exact(weight * weight * value)",
        EXACT,
    ),
    Fault(
        "Gram matrix transposed gradient: W (2 Gamma)",
        "theory/losses/exact.py",
        "gram[i][j] + turned[i][j] for j",
        "gram[i][j] + gram[i][j] for j",
        EXACT + AGREE,
    ),
    Fault(
        "density for sparsity",
        "theory/rows/outputs.py",
        "UnitMasses(1 - p, sets)",
        "UnitMasses(p, sets)",
        EXACT,
    ),
    Fault(
        "binomial of the polynomial in p",
        "theory/losses/exact.py",
        "math.comb(n - j, k - j)",
        "math.comb(n, k - j)",
        EXACT,
    ),
    Fault(
        "linear residual without the target",
        "theory/rows/moments.py",
        "found.moment(target, q) * 2",
        "found.moment(target, q)",
        EXACT + AGREE,
    ),
    Fault(
        "wrong subfield: root not the larger one",
        "theory/arithmetic/subfield.py",
        "root = -root if root.sign() < 0 else root",
        "root = -root if root.sign() > 0 else root",
        ["test_theory_algebraic.py"],
    ),
    Fault(
        "subfield taken for the rationals",
        "theory/arithmetic/subfield.py",
        "if not irrational:",
        "if len(irrational) < 2:",
        ["test_theory_algebraic.py"],
    ),
    Fault(
        "rounding of the printed midpoint left out of the radius",
        "theory/arithmetic/balls.py",
        "error = self.radius + abs(Fraction(shown) - self.midpoint)",
        "error = self.radius",
        ["test_theory_enclosed.py"],
    ),
    Fault(
        "symbolic: factorial of the bracket",
        "theory/losses/brackets.py",
        "math.factorial(r + d))",
        "math.factorial(r + d - 1))",
        ["test_symbolic.py"],
    ),
    # ------------------------------------------------------------ the numeric side
    Fault(
        "Simpson weight",
        "numerics/rows/few_active.py",
        "width * (left + 4.0 * middle + right) / 6.0",
        "width * (left + 2.0 * middle + right) / 4.0",
        ROWS,
    ),
    Fault(
        "kink counted: ReLU'(0) = 1 where nothing is active",
        "numerics/rows/few_active.py",
        "is_on = 1.0 if b > 0.0 else 0.0",
        "is_on = 1.0 if b >= 0.0 else 0.0",
        ROWS,
    ),
    Fault(
        "one-active term dropped",
        "numerics/rows/few_active.py",
        "value, slope_a, slope_b = second, 2.0",
        "value, slope_a, slope_b = 0.0 * second, 2.0",
        ROWS,
    ),
    Fault(
        "factorial range one short",
        "numerics/rows/conditioning.py",
        "range(weight + 1, weight + t + 2)",
        "range(weight + 1, weight + t + 1)",
        ROWS,
    ),
    Fault(
        "sign in the weighted split",
        "numerics/rows/conditioning.py",
        "upper[after, d + 2] -= once * ratio",
        "upper[after, d + 2] += once * ratio",
        ROWS,
    ),
    Fault(
        "Bernoulli number 1/6 for 1/12",
        "numerics/rows/moments.py",
        "target[row, 0] += factor * period / 12.0",
        "target[row, 0] += factor * period / 6.0",
        ROWS,
    ),
    Fault(
        "binomial coefficient",
        "numerics/rows/moments.py",
        "[1.0, 3.0, 3.0, 1.0]",
        "[1.0, 3.0, 2.0, 1.0]",
        ROWS,
    ),
    Fault(
        "power rule without its exponent",
        "numerics/rows/moments.py",
        "factor * t * slope * moments",
        "factor * slope * moments",
        ROWS,
    ),
    Fault(
        "cube of the frequency lost",
        "numerics/rows/fourier.py",
        "cubic = 4.0 * period * period / (2.0 * math.pi * number) ** 3",
        "cubic = 4.0 * period * period / (2.0 * math.pi * number) ** 2",
        ROWS,
        2,
    ),
    Fault(
        "sign of the oscillating part",
        "numerics/rows/fourier.py",
        "total -= cubic * (z_re * full_im + z_im * full_re)",
        "total += cubic * (z_re * full_im + z_im * full_re)",
        ROWS,
    ),
    Fault(
        "off by one in the number of terms",
        "numerics/rows/fourier.py",
        "terms - start)\n        _clear(state)\n        none = 1.0\n        for j in range(a.",
        "terms - start - 1)\n        _clear(state)\n        none = 1.0\n        for j in range(a.",
        ROWS,
    ),
    Fault(
        "truncation bound too small by 10",
        "numerics/rows/planning.py",
        "        losses[k] += losses[k + 1]",
        "        losses[k] = 0.1 * losses[k] + losses[k + 1]",
        ROWS + AGREE,
    ),
    Fault(
        "bound beyond the period dropped",
        "numerics/rows/planning.py",
        "lost * (period * period / 3.0 + period)",
        "0.0 * (period * period / 3.0 + period)",
        ROWS,
    ),
    Fault(
        "envelope of the characteristic function halved",
        "numerics/rows/planning.py",
        "1.0 if angle < 2.0 else 2.0 / angle",
        "1.0 if angle < 2.0 else 1.0 / angle",
        ROWS,
        2,
    ),
    Fault(
        "density squared in the second moment",
        "numerics/rows/row.py",
        "return p_own / 3.0 * some",
        "return p_own * p_own / 3.0 * some",
        ROWS,
    ),
    Fault(
        "allowance on rounding dropped",
        "numerics/rows/row.py",
        "    unit = steps * UNIT_ROUNDOFF",
        "    unit = 0.0 * steps",
        ROWS + AGREE,
    ),
    Fault(
        "importance squared (inside the square)",
        "numerics/rows/outputs.py",
        "= loss * weight, error * weight",
        "= loss * weight * weight, error * weight",
        AGREE,
    ),
    Fault(
        "slope of a zero Gram entry doubled",
        "numerics/rows/outputs.py",
        "0.5 * p[j] * by_b * weight",
        "p[j] * by_b * weight",
        AGREE,
    ),
    Fault(
        "density for sparsity",
        "numerics/basics/inputs.py",
        "sparsity = np.array([float(1 - p) for",
        "sparsity = np.array([float(p) for",
        AGREE,
    ),
    Fault(
        "low product of the split lost",
        "numerics/basics/gram.py",
        "x_low * y_high) + x_low * y_low",
        "x_low * y_high)",
        ["test_numerics_gram.py"],
    ),
    Fault(
        "gradient by W without the transpose",
        "numerics/model.py",
        "both = slopes + slopes.T",
        "both = slopes + slopes",
        AGREE,
    ),
    Fault(
        "sampling: importance inside the square",
        "numerics/sampling.py",
        "losses = (x - x_hat) ** 2 @ laws.importance",
        "losses = ((x - x_hat) * laws.importance) ** 2 @ np.ones(len(bias))",
        ["test_numerics_sampling.py"],
    ),
    Fault(
        "sampling: standard deviation for standard error",
        "numerics/sampling.py",
        "math.sqrt(squares / (count - 1) / count)",
        "math.sqrt(squares / (count - 1))",
        ["test_numerics_sampling.py"],
    ),
    Fault(
        "linear variance p/4 for p^2/4",
        "numerics/linear.py",
        "p * (1.0 + 3.0 * laws.sparsity) / 12.0",
        "p * (1.0 + 3.0 * laws.sparsity) / 4.0",
        ["test_numerics_linear.py"],
    ),
    Fault(
        "best linear model keeps the wrong features",
        "numerics/baselines.py",
        "parts[: max(n - problem.n_hidden, 0)]",
        "parts[min(problem.n_hidden, n) :]",
        ["test_numerics_linear.py"],
    ),
    Fault(
        "stale cache of a called kernel",
        "numerics/basics/compiled.py",
        "        kernel._cache._cache_file._source_stamp = _STATE",
        "        pass",
        ["test_numerics_compiled.py"],
    ),
    # ------------------------------------------------------------ the gain of powers
    Fault(
        "gain: the own feature among the others",
        "numerics/power_model/gain_rows.py",
        "entries[j - start] = 0.0",
        "entries[j - start] += 0.0",
        ["test_numerics_gain.py"],
    ),
    Fault(
        "gain: moment and cumulant of the own feature mixed up",
        "numerics/power_model/gain_rows.py",
        "every[t:] += features.moments[t]",
        "every[t:] += features.cumulants[t]",
        ["test_numerics_gain.py"],
    ),
    Fault(
        "gain: cumulants with the wrong sign",
        "numerics/power_model/gain.py",
        "cumulants.append(raw[k] - sum(known",
        "cumulants.append(raw[k] + sum(known",
        ["test_numerics_gain.py"],
    ),
    Fault(
        "gain: gradient without the transpose",
        "numerics/power_model/gain_rows.py",
        "found += parts[start]",
        "found += found - found",
        ["test_numerics_gain.py"],
    ),
    Fault(
        "gain: half the slope of the first-order energy",
        "numerics/power_model/first_order.py",
        "4.0 * q * by_energy",
        "2.0 * q * by_energy",
        ["test_numerics_gain.py"],
    ),
    Fault(
        "gain: scale of W taken for that of its Gram matrix",
        "numerics/power_model/gain_search.py",
        "(0.5 / objective.power)",
        "(1.0 / objective.power)",
        ["test_numerics_gain_search.py"],
    ),
    Fault(
        "gain: neighbours not asked",
        "numerics/power_model/gain_search.py",
        "warm = [found[-1].W] if found else []",
        "warm: list[Floats] = []",
        ["test_numerics_gain_search.py"],
    ),
    Fault(
        "bounds rounded inward",
        "tms/bounds_formats.py",
        "ROUND_CEILING if up else ROUND_FLOOR",
        "ROUND_FLOOR if up else ROUND_CEILING",
        ["test_tms_bounds.py"],
    ),
    Fault(
        "lower bound left out of the best found",
        "tms/bounds_table.py",
        "if as_fraction(end.gain.value) < _value(lower):",
        "if end.gain.value < 0:",
        ["test_tms_bounds.py"],
    ),
]
