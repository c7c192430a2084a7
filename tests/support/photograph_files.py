"""Small photographs and folders of them, and rendered stimuli, for tests of photographs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from faceinv.data.stimuli import REGIONS, Stimuli

ORANGE = (200, 100, 50)


def picture(path: Path, colour=ORANGE, size=(20, 20), **options) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", size, colour).save(path, **options)
    return path


def people_folder(root: Path, people="identity,gender\nann,female\nbob,male\n", images=3) -> Path:
    for number, identity in enumerate(("ann", "bob")):
        for i in range(images):
            picture(root / "images" / identity / f"{identity}_{i:04d}.png", (50 * number, 10 * i, 0))
    (root / "people.csv").write_text(people)
    return root


def rendered(n=3, views=("front", "left"), size=16, **columns) -> Stimuli:
    rng = np.random.default_rng(0)
    rows = [
        {"identity": f"{i:03d}", "gender": ("female", "male")[i % 2], "view": view}
        for i in range(n)
        for view in views
    ]
    table = pd.DataFrame(rows).assign(**columns)
    images = rng.integers(0, 256, (len(rows), size, size, 3), dtype=np.uint8)
    regions = rng.integers(0, len(REGIONS), (len(rows), size, size), dtype=np.uint8)
    return Stimuli(images, table, regions, name="rendered")
