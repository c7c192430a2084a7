"""Draw the pictures of the page *Gallery* by the code of the page.

The networks are written by the chapter on networks. In a folder where the book was built::

    python scripts/draw_gallery.py

A picture carries the SHA-256 of its code, by which a test notices pictures that were drawn by other code.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import click
import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

PAGE = Path("book/gallery.md")
PICTURE = re.compile(r"```\{image\} (\S+)\n.*?```python\n(.*?)```", re.DOTALL)
"""A picture of the page and the code that draws it."""
FIRST = re.compile(r"```python\n(.*?)```", re.DOTALL)
"""The lines that all code follows."""
CODE = "Code"
"""Field of a picture with the SHA-256 of its code."""
DPI = 110


def digest(first: str, code: str) -> str:
    """What a picture says of the code that drew it."""
    return hashlib.sha256((first + code).encode()).hexdigest()


def draw(code: str, names: dict[str, Any]) -> Any:
    """The figure that code draws."""
    plt.close("all")
    exec(compile(code, str(PAGE), "exec"), names)
    figure = plt.gcf()
    for axes in figure.axes:
        if axes.images:
            axes.set_axis_off()
    figure.tight_layout()
    return figure


@click.command(help=__doc__)
def main() -> None:
    text = PAGE.read_text(encoding="utf-8")
    first = FIRST.findall(text)[0]
    names: dict[str, Any] = {}
    exec(compile(first, str(PAGE), "exec"), names)
    for place, code in PICTURE.findall(text):
        file = PAGE.parent / place
        file.parent.mkdir(parents=True, exist_ok=True)
        draw(code, names).savefig(file, dpi=DPI, metadata={CODE: digest(first, code), "Software": None})
        click.echo(file)


if __name__ == "__main__":
    main()
