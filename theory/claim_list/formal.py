r"""Claims, or cases of them, as steps of the language of derivations, for the checker.

The checker of ``derivations`` is a third route: it reads the formula itself, so that a slip between
formula and check is found. The formula of a claim of ``STATED`` is such a step as it stands. Where
a claim speaks of all ``n`` the step of ``FORMAL`` is a small case of it, and ``about`` says which;
what has no form in the language (suprema, vectors, orders) has no entry.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["FORMAL", "STATED", "Formal"]


@dataclass(frozen=True)
class Formal:
    """One claim as steps.

    Attributes:
        steps: relations, in LaTeX.
        variables: with their domains.
        random: random variables with their laws.
        quantities: of the model, as in the front matter of a derivation.
        conditions: on the variables, in LaTeX.
        about: which case of the claim it is; empty where it is all of it.
    """

    steps: tuple[str, ...]
    variables: Mapping[str, str] = field(default_factory=dict)
    random: Mapping[str, str] = field(default_factory=dict)
    quantities: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    conditions: tuple[str, ...] = ()
    about: str = ""


def _loss(weights: list[list[str]], bias: list[str], density: str = "p", **more: Any) -> Any:
    """A quantity of the model; the loss of ReLU and U[0, 1] where nothing else is said."""
    usual = {
        "kind": "loss",
        "features": len(bias),
        "hidden": len(weights),
        "weights": weights,
        "bias": bias,
        "density": density,
        "importance": ["1"] * len(bias),
        "law": "uniform on [0, 1]",
        "activation": "relu",
    }
    return usual | more


_P = {"p": "real in [0, 1]"}
_V = r"\left(\frac{p}{3} - \frac{p^2}{4}\right)"
_PAIR = _loss([["1", "-1"]], ["0", "0"])
_WEIGHTED = _loss([["1", "-1"]], ["0", "0"], importance=["1", "I"])
_TWO = {
    "x": "uniform on [0, 1] with probability p, else 0",
    "y": "uniform on [0, 1] with probability p, else 0",
}
_THREE = dict.fromkeys(("x", "y", "z"), "uniform on [-1, 1] with probability p, else 0")
_ROOT = r"\sqrt{\frac{8 - 5 p}{8 - 6 p}}"
_HALF = r"\sqrt{\frac{1}{2}}"
_COS, _SIN = r"\cos\frac{2 \pi}{3}", r"\sin\frac{2 \pi}{3}"
_TRIANGLE = [["1", _COS, _COS], ["0", _SIN, f"-{_SIN}"]]


def _best_pair(density: str, numbers: str, **more: Any) -> Any:
    w, v, b, c = numbers.split()
    return _loss([[w, v]], [b, c], density, **more)


STATED = (
    "PHASE-03",
    "PHASE-04",
    "PHASE-05",
    "PHASE-06",
    "PHASE-07",
    "PHASE-09",
    "ONEHOT-04",
    "POLYGON-01",
    "POLYGON-02",
    "GAIN-07",
    "FRAME-05",
    "SPHERE-09",
    "CAPACITY-02",
    "CAPACITY-03",
    "LEMMA-03",
    "LEMMA-04",
    "LEMMA-06",
    "LEMMA-07",
    "BOUND-03",
    "SLIP-01",
    "SLIP-08",
)
"""Claims whose formula says all, with variables and random variables as they are."""

FORMAL: dict[str, Formal] = {
    "LOSS-02": Formal(
        (
            r"\mathbb{E}\left[u (b + a u + c v)_+^{k}\right] = \frac{1}{a (k+1)} \left("
            r"\mathbb{E}\left[(b + a + c v)_+^{k+1}\right]"
            r" - \mathbb{E}\left[(b + a u + c v)_+^{k+1}\right]\right)",
        ),
        {"a": "real != 0", "b": "real", "c": "real", "k": "integer in [1, 2]"},
        {"u": "uniform on [0, 1]", "v": "uniform on [0, 1]"},
        about="k = 1, 2",
    ),
    "LOSS-05": Formal(
        (r"R(w, b, c) = (b)_+^2 + I (c)_+^2",),
        {"w": "real", "b": "real", "c": "real", "I": "real >= 0", "p": "real in [0, 1]"},
        quantities={"R(w, b, c)": _loss([["1", "w"]], ["b", "c"], "0", importance=["1", "I"])},
        about="n = 2, at density 0",
    ),
    "MODEL-05": Formal(
        (r"(x - (y)_+)^2 \le (x - y)^2",),
        {"x": "real >= 0", "y": "real"},
        about="point by point",
    ),
    "LINEAR-01": Formal(
        (rf"L(w, z) = {_V} \left((1 - w^2)^2 + I (1 - z^2)^2 + (1 + I) w^2 z^2\right)",),
        {**_P, "I": "real >= 0", "w": "real", "z": "real"},
        quantities={
            "L(w, z)": _loss(
                [["w", "z"]],
                [r"\frac{p}{2} (1 - w^2 - w z)", r"\frac{p}{2} (1 - z^2 - w z)"],
                importance=["1", "I"],
                activation="identity",
            )
        },
        about="n = 2, m = 1",
    ),
    "LINEAR-03": Formal(
        (r"\mathbb{E}(x - b)^2 = \frac{p}{3} - \frac{p^2}{4} + \left(b - \frac{p}{2}\right)^2",),
        {**_P, "b": "real >= 0"},
        {"x": _TWO["x"]},
    ),
    "LINEAR-04": Formal(
        (r"\frac{1 - S}{3} - \frac{(1 - S)^2}{4} = \frac{(1 - S)(1 + 3 S)}{12}",),
        {"S": "real in [0, 1]"},
    ),
    "LINEAR-05": Formal(
        (
            r"\mathbb{E}\left[(a x + c y)^2\right] - \left(\mathbb{E}[a x + c y]\right)^2"
            rf" = {_V} (a^2 + c^2)",
        ),
        {**_P, "a": "real", "c": "real"},
        _TWO,
        about="n = 2",
    ),
    "LINEAR-08": Formal(
        (rf"L(p) = {_V}",),
        _P,
        quantities={"L(p)": _loss([["1", "0"]], ["0", r"\frac{p}{2}"])},
        about="n = 2, m = 1",
    ),
    "LINEAR-09": Formal(
        (r"L(p) = \frac{4}{3} p",),
        _P,
        quantities={"L(p)": _loss([["1", "0"]], ["0", "0"], law="uniform on [0, 2]")},
        about="n = 2, m = 1, one density",
    ),
    "PHASE-01": Formal(
        (r"L(I) = (1 + I) \frac{p^2}{6}",),
        {**_P, "I": "real >= 0"},
        quantities={"L(I)": _WEIGHTED},
    ),
    "PHASE-02": Formal((r"L(p) = \frac{p^2}{3}",), _P, quantities={"L(p)": _PAIR}),
    "PHASE-08": Formal(
        (
            r"(n - m) v(S) - \left(\frac{m (1 - S)^2}{3} + (n - 2 m) v(S)\right)"
            r" = \frac{m (1 - S)(7 S - 3)}{12}",
        ),
        {"m": "integer >= 1", "n": "integer >= 2 m", "S": "real in [0, 1]"},
        quantities={"v(S)": _loss([["0"]], [r"\frac{1 - S}{2}"], "1 - S")},
    ),
    "PHASE-10": Formal(
        (
            r"L(u, w) = \frac{p}{3} \left((1 - u^2)^2 + u^2 w^2\right)"
            r" - \frac{p^2}{2} (1 - u^2) u w"
            r" + I \left(\frac{p}{3} \left((1 - w^2)^2 + u^2 w^2\right)"
            r" - \frac{p^2}{2} (1 - w^2) u w\right)",
        ),
        {**_P, "I": "real >= 0", "u": "real >= 0", "w": "real >= 0"},
        quantities={"L(u, w)": _loss([["u", "w"]], ["0", "0"], importance=["1", "I"])},
    ),
    "PHASE-12": Formal(
        (r"L(p) = \frac{p^2 (32 - 25 p)}{24 (4 - 3 p)}",),
        _P,
        quantities={"L(p)": _loss([[_ROOT, f"-{_ROOT}"]], ["0", "0"])},
    ),
    "PHASE-13": Formal(
        (rf"L(p) = {_V}",), _P, quantities={"L(p)": _loss([[_HALF, _HALF]], ["0", "0"])}
    ),
    "PHASE-14": Formal(
        (
            rf"{_V} - \frac{{p^2 (32 - 25 p)}}{{24 (4 - 3 p)}}"
            r" = \frac{p (43 p^2 - 80 p + 32)}{24 (4 - 3 p)}",
            r"43 \left(\frac{40 - 4 \sqrt{14}}{43}\right)^2"
            r" - 80 \cdot \frac{40 - 4 \sqrt{14}}{43} + 32 = 0",
        ),
        _P,
    ),
    "OPTIMUM-01": Formal(
        (rf"L(p) < {_V}",),
        {"p": "real in (0, 1)"},
        quantities={"L(p)": _loss([[_HALF, f"-{_HALF}"]], [r"\frac{p}{2}", r"\frac{p}{2}"])},
    ),
    "OPTIMUM-02": Formal(
        (r"\left|L(1) - 0.0762824469896\right| \le 10^{-13}",),
        {"k": "integer"},
        quantities={"L(k)": _best_pair("1/2", "0.96896999 -0.96896999 0.09768268 0.09768268")},
        about="p = 1/2, at the rounded norm and bias",
    ),
    "OPTIMUM-04": Formal(
        (r"\left|L(1) - 0.002484763\right| \le 5 \cdot 10^{-10}",),
        {"k": "integer"},
        quantities={
            "L(k)": _best_pair(
                "1/10",
                "1.00961953 -0.99798648 0.00086965 0.00203884",
                importance=["1", "1/2"],
            )
        },
        about="p = 1/10",
    ),
    "OPTIMUM-05": Formal(
        (r"L(1) < 0.09709425 < R(1) < 0.0975",),
        {"k": "integer"},
        quantities={
            "L(k)": _best_pair("9/10", "-0.39774546 0.93453269 0.54607711 0.21817805"),
            "R(k)": _best_pair("9/10", "0.7087766 -0.7087766 0.44951364 0.44951364"),
        },
    ),
    "ONEHOT-03": Formal(
        (
            r"\int_0^1 (u - (\alpha u + b)_+)^2 \,du = \frac{1}{3}"
            r" - \frac{(\alpha + b)^2 (2 \alpha - b)}{3 \alpha^2}"
            r" + \frac{(\alpha + b)^3}{3 \alpha}",
        ),
        {r"\alpha": "real > 0", "b": r"real <= 0, >= -\alpha"},
    ),
    "ONEHOT-06": Formal(
        (r"\int_0^1 3 (u - b)^2 \,du + 3 (c - 1) b^2 = 1 - 3 b + 3 c b^2",),
        {"c": "integer >= 1", "b": "real > 0"},
    ),
    "ONEHOT-08": Formal(
        (r"\int_0^1 (u - a u^q)^2 \,du \ge \frac{1}{3} - \frac{2 q + 1}{(q + 2)^2}",),
        {"a": "real", "q": "integer in [1, 4]"},
        about="q up to 4",
    ),
    "ONEHOT-09": Formal(
        (r"3 R(1) < \frac{319}{1000}",),
        {"k": "integer"},
        quantities={
            "R(k)": _loss(
                [["1.0564", "-1", "0.4294"]],
                ["-0.17", "0", "0"],
                "1/2",
                kind="active coefficient",
                active=1,
            )
        },
    ),
    "POLYGON-11": Formal(
        (r"C(1) = \frac{3}{8}",),
        {"k": "integer"},
        quantities={"C(k)": _loss(_TRIANGLE, ["0"] * 3, "1/2", kind="sparse coefficient", order=2)},
        about="the coefficient of order 2",
    ),
    "GAIN-10": Formal(
        (
            r"\mathbb{E}\left[x (a x + b y + c z)^3\right]"
            r" = \frac{p}{5} a^3 + \frac{p^2}{3} a (b^2 + c^2)",
        ),
        {**_P, "a": "real", "b": "real", "c": "real"},
        _THREE,
        about="n = 3, uniform on [-1, 1]",
    ),
    "GAIN-11": Formal(
        (
            r"\mathbb{E}\left[(a x + b y + c z)^6\right] = \frac{p}{7} (a^6 + b^6 + c^6)"
            r" + p^2 (a^4 (b^2 + c^2) + b^4 (a^2 + c^2) + c^4 (a^2 + b^2))"
            r" + \frac{10}{3} p^3 a^2 b^2 c^2",
        ),
        {**_P, "a": "real", "b": "real", "c": "real"},
        _THREE,
        about="n = 3, uniform on [-1, 1]",
    ),
    "FRAME-02": Formal(
        (r"\mu^2 \ge \frac{n - m}{m (n - 1)}",),
        {"m": "integer >= 1", "n": "integer >= 2", r"\mu": "real >= 0"},
        conditions=(r"n + n (n - 1) \mu^2 \ge \frac{n^2}{m}",),
        about="given FRAME-01",
    ),
    "FRAME-03": Formal(
        (r"n \le \frac{m (1 - c^2)}{1 - m c^2}",),
        {"m": "integer >= 1", "n": "integer >= 1", "c": "real >= 0"},
        conditions=(r"n + n (n - 1) c^2 \ge \frac{n^2}{m}", r"m c^2 < 1"),
        about="given FRAME-01",
    ),
    "CAPACITY-04": Formal(
        (
            r"\frac{1 - C}{2 + (\beta - 3) C} + \frac{1 - D}{2 + (\beta - 3) D}"
            r" > \frac{2 (2 - C - D)}{4 + (\beta - 3)(C + D)}",
        ),
        {r"\beta": "real > 3", "C": "real in [0, 1]", "D": "real in [0, 1]"},
        conditions=("C < D",),
        about="beta > 3",
    ),
    "CAPACITY-06": Formal(
        (
            r"2 v^2 \cdot \frac{2 (\beta - 1)(1 - C)}{2 + (\beta - 3) C}"
            r" = \frac{4 v^2 (\beta - 1)}{\beta + 1} \quad \text{for } C = \frac{1}{2}",
        ),
        {r"\beta": "real > 3", "v": "real > 0", "C": "real in [0, 1]"},
    ),
    "CAPACITY-07": Formal(
        (r"\mathbb{E}\left[\frac{x^4}{q^2}\right] = \frac{1}{q}",),
        {"q": "real in (0, 1]"},
        {"x": "rademacher with probability q, else 0"},
    ),
    "LEMMA-05": Formal(
        (r"\frac{\partial^2}{\partial b^2} L(b) = 2 p (1 + 2 b)",),
        {**_P, "b": r"real > -1, < -\frac{1}{2}"},
        quantities={"L(b)": _loss([["1"]], ["b"])},
    ),
    "BOUND-01": Formal(
        (r"L(w, z, b, c) \ge 0",),
        {**_P, "w": "real", "z": "real", "b": "real", "c": "real"},
        quantities={"L(w, z, b, c)": _loss([["w", "z"]], ["b", "c"])},
        about="n = 2, m = 1",
    ),
    "BOUND-02": Formal(
        (r"L(p) = 0",),
        _P,
        quantities={"L(p)": _loss([["1", "0"], ["0", "1"]], ["0", "0"])},
        about="n = m = 2",
    ),
    "SLIP-02": Formal(
        (r"\frac{L(p)}{1 - (1 - p)^2} = \frac{p^2}{3}",),
        {"p": "real in (0, 1)"},
        quantities={"L(p)": _PAIR},
    ),
    "SLIP-03": Formal(
        (r"\frac{p}{3} - \frac{p^2}{4} = \frac{1 - p}{3} - \frac{(1 - p)^2}{4}",),
        {"p": "real in (0, 1)"},
    ),
    "SLIP-04": Formal(
        (r"(n - m) v = (n - m - 1) v",),
        {"m": "integer >= 1", "n": "integer > m", "v": "real > 0"},
        about="all eigenvalues alike",
    ),
    "SLIP-05": Formal(
        (r"L(1) = \frac{157}{300}",),
        {"k": "integer"},
        quantities={
            "L(k)": _loss([["1", r"-\frac{3}{5}"]], [r"-\frac{1}{10}", r"\frac{1}{20}"], "1")
        },
    ),
    "SLIP-06": Formal(
        (rf"L(w, b) \ge {_V} \quad \text{{for }} p \ge \frac{{4}}{{7}}",),
        {"p": "real in [0, 1]", "w": "real > 0", "b": "real"},
        quantities={"L(w, b)": _loss([["w", "-w"]], ["b", "b"])},
    ),
    "SLIP-07": Formal(
        (r"\mathbb{E}\left[(I (x - b))^2\right] = I \, \mathbb{E}(x - b)^2",),
        {"p": "real in (0, 1]", "I": "real > 0", "b": "real"},
        {"x": _TWO["x"]},
    ),
    "SLIP-09": Formal(
        (r"\int_0^1 (u - (g u)_+)^2 \,du = (1 - (g)_+)^2",),
        {"g": "real"},
        about="n = 1",
    ),
    "SLIP-10": Formal(
        (rf"L(w, b) \ge {_V}",),
        {"p": "real in (0, 1)", "w": "real", "b": "real"},
        quantities={"L(w, b)": _loss([["w", "-w"]], ["b", "b"])},
        about="n = 2, m = 1",
    ),
}
