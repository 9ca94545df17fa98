"""Captions: what a paper has to say about a figure, from the computation that made it."""

from __future__ import annotations

from collections.abc import Iterable

from theory.problem import Problem
from tms.digits import short_text
from tms.printing.words import data_words, equation

__all__ = ["claims_sentence", "counted", "made_by", "model_sentences", "paragraphs"]

NORMALISATION = "sum_i I_i E (x_i - x_hat_i)^2: sum over features, mean over data"


def model_sentences(problem: Problem, *, importance: str | None = None) -> str:
    """Say which model it is and how the loss is normalised.

    Args:
        problem: gives law, activation and importance.
        importance: instead of the problem's own.

    Returns:
        Two sentences.

    Example:
        >>> print(model_sentences(Problem(2, 1, density=1)))
        Model: x_hat = ReLU(W^T W x + b), where x_i is 0 with probability S = 1 - p, else from
        U[0, 1]. Loss: sum_i I_i E (x_i - x_hat_i)^2: sum over features, mean over data;
        importance 1.
    """
    weight = importance or f"importance {short_text(problem.importance)}"
    return (
        f"Model: {equation(problem.activation)}, where {data_words(problem)}. "
        f"Loss: {NORMALISATION}; {weight}."
    )


def claims_sentence(claims: Iterable[str]) -> str:
    """Name the claims that a figure rests on.

    Args:
        claims: their ids.

    Returns:
        A sentence; nothing where there are none.
    """
    listed = sorted(set(claims))
    return f"Claims: {', '.join(listed)} (tms claims show ID)." if listed else ""


def counted(count: int, what: str, why: str) -> str:
    """Say how many of something are not drawn.

    Args:
        count: how many.
        what: of what, in the singular.
        why: the reason.

    Returns:
        A sentence; nothing where there are none.

    Example:
        >>> counted(2, "cell", "the search failed"), counted(0, "cell", "")
        ('Not drawn: 2 cells (the search failed).', '')
    """
    return f"Not drawn: {count} {what}{'' if count == 1 else 's'} ({why})." if count else ""


def made_by(version: str, command: str) -> str:
    """Say what made the figure.

    Args:
        version: of this program.
        command: what makes it again.

    Returns:
        A sentence.
    """
    return f"Made by tms-theory {version}: {command}"


def paragraphs(sentences: Iterable[str], version: str, command: str) -> str:
    """Put a caption together.

    Args:
        sentences: what is shown; empty ones are left out.
        version: of this program.
        command: what makes the figure again.

    Returns:
        Two paragraphs: what is shown, and what made it.
    """
    return "\n\n".join([" ".join(filter(None, sentences)), made_by(version, command)])
