"""Formulas of the pages, as MathML, which browsers draw and screen readers read without any script."""

from __future__ import annotations

import re

from latex2mathml.converter import convert

from faceinv.errors import InputError

UNCONVERTED = re.compile(r"\\[^<]*|&(?![#\w]+;)")
"""What the converter leaves as it is, if it does not know it."""


def formula(tex: str, display: bool = False) -> str:
    r"""A formula as a ``<math>`` element.

    Parameters
    ----------
    tex : str
        The formula in LaTeX, without delimiters.
    display : bool
        Whether it stands in a line of its own.

    Raises
    ------
    InputError
        If it has a command that is not known.
    """
    # The converter knows the rows of `aligned` by another name.
    known = tex.strip().replace("{aligned}", "{align*}")
    element = convert(known, display="block" if display else "inline")
    if unknown := UNCONVERTED.search(element):
        raise InputError(f"the formula {tex.strip()!r} has {unknown[0]!r}, which MathML has no element for")
    # Delimiters given a size keep at least that size twice over in Chromium if both bounds are set.
    return element.replace(' minsize="1.2em"', "")
