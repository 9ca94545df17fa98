"""What a document may weigh: everything read is bounded before it is looked at."""

from __future__ import annotations

from typing import Final

MOST_BYTES: Final = 1_000_000
"""Of a document."""
MOST_FRONT_MATTER: Final = 50_000
"""Characters between the ``---`` lines."""
MOST_FRONT_NESTING: Final = 6
"""Lists and mappings inside each other there."""
MOST_FRONT_VALUES: Final = 5_000
"""Keys, values and items there."""
MOST_FORMULA: Final = 20_000
"""Characters of one display equation."""
MOST_TOKENS: Final = 6_000
"""Of one display equation."""
MOST_DIGITS: Final = 60
"""Of a number that is written out."""
DEEPEST: Final = 30
"""Brackets, fractions, exponents, operators inside each other."""
TALLEST: Final = 3
"""Exponents on exponents."""
MOST_BITS: Final = 10_000
"""Of a constant such as ``2^{100}``."""
MOST_POWER: Final = 1_000
"""Of an exponent that is a number."""
MOST_TERMS: Final = 100_000
"""Of a sum between numbers."""
MOST_STEPS: Final = 1_000
"""Of a document."""
MOST_DISPLAYS: Final = 1_000
"""Of a document."""
MOST_WORDS: Final = 50_000
"""Tokens of all display equations of a document."""
MOST_WRITTEN_OUT: Final = 64
"""Times that a condition, or a hypothesis, is written out for the values of its indices."""
LONGEST_LABEL: Final = 100
"""Characters of a ``\\label{...}``."""
