"""What the columns of tables hold, where their notes do not say it."""

from __future__ import annotations

__all__ = ["ABOUT"]

ABOUT = {
    "n": "number of features",
    "m": "number of hidden dimensions",
    "S": "sparsity: the chance that a feature is zero",
    "p": "density, 1 - S",
    "importance": "weights of the features in the loss; in 0.9^i, i runs from 0",
    "law": "of an active feature",
    "activation": "sigma",
    "constraints": "on the weights",
    "error": "bound on the error of the loss; 0 for an exact one",
    "by": "route that evaluated the loss",
    "arrangement": "columns of W in words",
    "norms": "lengths of the columns of W, least .. largest",
    "biases": "entries of b, least .. largest",
    "bound": "name of the lower bound",
    "verdict": "proved (the bound meets the loss), best found, not settled, or failed",
    "ignored": "number of features without weight",
    "best-candidate": "name of the candidate of least loss",
    "candidate": "its loss; candidates: named arrangements with unit norm and zero bias",
    "file": "name of the trained weights",
    "seed": "of the random starts of the row, made from --seed and what is asked",
    "claims": "ids of the claims that the row rests on",
    "status": "how the search ended, in a sentence",
}
