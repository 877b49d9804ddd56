"""A scheme's formula in plain text, made from its LaTeX, so that a scheme is written once.

The embedded typeface has no Greek letters, so mean and deviation are written in words.
"""

import re

_GROUP = r"\{([^{}]*)\}"
# In this order: what is inside a fraction must be plain before the fraction is.
_RULES = (
    (rf"\\(?:mathrm|text)\s*{_GROUP}", r"\1"),
    (r"\\(?:left|right)", ""),
    (r"\\qquad", ";"),
    (r"\\[,;]", " "),
    (r"s_x('?)", r"std(x\1)"),
    (rf"\\overline{_GROUP}", r"mean(\1)"),
    (r"\\mu", "mean"),
    (r"\\sigma", "std"),
    (r"\\(min|max)", r"\1"),
    (rf"_{_GROUP}", r"_\1"),
    (r"p_(\d+)", r"p\1"),
)
_FRACTION = re.compile(rf"\\frac{_GROUP}{_GROUP}")


def plain_formula(latex: str) -> str:
    """Such as "y_c = (x − mean_c) / std_c", from what ``Scheme.formula`` gives."""
    text = latex
    for pattern, plain in _RULES:
        text = re.sub(pattern, plain, text)
    text = _FRACTION.sub(_divided, text)
    text = re.sub(r"\s+", " ", text.replace(" - ", " − "))
    return re.sub(r" (?=[,;)])", "", text).strip()


def _divided(match: re.Match[str]) -> str:
    return " / ".join(f"({part})" if " " in part else part for part in match.groups())
