"""A book of one page with an explorer, and what the tests do in it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import REPOSITORY, copy_frame

from faceinv.book import build as book_build
from faceinv.book import explorer_assets
from faceinv.book.paths import EXPLORED
from faceinv.models.architectures import Network, Specification, build

SIZE = 48
STATE = "document.querySelector('.faceinv-explorer').explorer?.state"
READY = f"() => {STATE} && !document.querySelector('.fx').hidden"
CHOICE = "document.querySelector('.faceinv-explorer').explorer.choice"
IDLE = "() => !document.querySelector('.faceinv-explorer').explorer.settled"
PAGE = """# First page

::::{div} faceinv-explorer
```{figure} _static/overview.png
:alt: A still picture

Still.
```
::::
"""


def network(task: str, seed: int) -> Network:
    classes = {"gender": ("female", "male"), "identity": tuple(f"0-{i:05d}" for i in range(4))}[task]
    made = build(Specification("vgg11_bn", classes, 0.125, SIZE, task=task, seed=seed))
    random = torch.Generator().manual_seed(seed)
    with torch.no_grad():  # answers that differ from image to image
        made.module.get_parameter("classifier.2.weight").normal_(0, 0.5, generator=random)
    return made


def build_site(root: Path) -> Path:
    """A book of one page with an explorer and one without; returns its folder."""
    (root / "notebooks").mkdir()
    (root / "book").mkdir()
    copy_frame(root)
    shutil.copytree(REPOSITORY / "book" / "web", root / "book" / "web")
    (root / "book" / "index.md").write_text(PAGE)
    (root / "book" / "other.md").write_text("# Other page\n\nNothing to explore.\n")
    (root / "_toc.yml").write_text("format: jb-book\nroot: book/index\nchapters:\n- file: book/other\n")
    folder = root / EXPLORED
    for task in ("gender", "identity"):
        network(task, 0).save(folder / f"{task}-vgg11_bn-0.safetensors")
    given = {"profile": "smoke", "data": "faces", "tasks": ["gender", "identity"]}
    (folder / "accuracy.json").write_text(json.dumps({"parameters": given}))
    explorer_assets.write_explorer(root, root / "_build" / "explorer")
    book_build.build_pages(root)
    if not (root / "_build" / "html" / "_static" / "assets" / "ort").is_dir():
        pytest.skip("the packages of book/web could not be installed")
    return root


def settle(page: Any) -> dict[str, Any]:
    """What the explorer shows when it has done all that it was asked to, with arrays as lists."""
    page.wait_for_function(IDLE)
    return page.evaluate(
        f"() => Object.fromEntries(Object.entries({STATE}).map("
        "([key, value]) => [key, ArrayBuffer.isView(value) ? Array.from(value) : value]))"
    )


def slide(page: Any, selector: str, value: float) -> None:
    page.locator(selector).evaluate(
        "(input, value) => { input.value = value; input.dispatchEvent(new Event('input')); }", value
    )
