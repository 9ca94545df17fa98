"""The faults of the exact side."""

from __future__ import annotations

from fault import Fault

EXACT = ["test_theory_hand_values.py", "test_theory_loss.py"]
AGREE = ["test_agreement.py"]

EXACT_FAULTS = [
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
]
