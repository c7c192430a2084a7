"""Captions of examples: labels, and answers that differ from them."""

from __future__ import annotations

import pandas as pd


def label_and_answer(label: str, answer: str) -> str:
    """The label of an image, and the answer if it differs."""
    return str(label) if label == answer else f"{label}, classified as {answer}"


def wrong_answers(correct: pd.Series) -> str:
    """The number of incorrect answers, in words."""
    wrong = int((~correct).sum())
    return f"{wrong or 'none'} {'is' if wrong < 2 else 'are'} classified incorrectly"
