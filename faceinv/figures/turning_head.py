"""The head that turns: values on the surface of the head, for several networks, as one figure of a page.

The page holds the mesh, a colour for each vertex and network, and a still picture, which is shown without
WebGL, without scripts, and in print. The script ``faceinv/book/pages/turning_head.js`` turns the head.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from IPython.display import HTML

from faceinv.data.faces.surface_points import head_mesh
from faceinv.figures.colour_scale import uniform_scale
from faceinv.figures.head_pictures import still_picture
from faceinv.figures.palette import UNMEASURED
from faceinv.runtime.atomic import write_atomically

HEAD_FILE = "turning_head.json"
"""Name of the file of a figure."""

AtlasKind = tuple[str, str, str]
"""Task, pretraining, and what is shown: an attribution method or causes."""

SWITCHES = ("task", "pretraining", "shown")
"""Names of the switches, one for each part of a `AtlasKind`."""
SCALE_STEPS = 63
"""Steps of the colour scale; a vertex without a value has none of them."""
LOWEST_DENSITY, HIGHEST_DENSITY = 0.25, 8.0
"""Ends of the scale of densities, which is logarithmic; what lies beyond has the colour of the end."""
TICKS = {0.25: "¼", 0.5: "½", 1.0: "1", 2.0: "2", 4.0: "4", 8.0: "8"}
"""Labels of densities on the colour bar."""


def levels_of(density: np.ndarray) -> np.ndarray:
    """Steps of the colour scale, 1 to `SCALE_STEPS`, of densities (V); 0 where there is no value; uint8."""
    low, high = np.log2(LOWEST_DENSITY), np.log2(HIGHEST_DENSITY)
    known = ~np.isnan(density)
    octaves = np.log2(np.clip(np.where(known, density, 1), LOWEST_DENSITY, HIGHEST_DENSITY))
    level = 1 + np.rint((octaves - low) / (high - low) * (SCALE_STEPS - 1))
    return np.where(known, level, 0).astype(np.uint8)


def turning_head(
    densities: Mapping[AtlasKind, np.ndarray],
    words: Mapping[AtlasKind, str],
    labels: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, Any]:
    """Everything that a page needs to show densities on the head, as JSON can hold it.

    Parameters
    ----------
    densities : density at each vertex of `head_mesh` (V), relative to an even one, nan where unknown,
        for each kind of network; the first is shown first
    words : what is seen there, in a sentence for each kind
    labels : names of choices on the page, where they have others

    Returns
    -------
    dict
        The switches and their choices, the kinds in order, the colour scale, the mesh and its levels
        (deflated: positions as uint16, triangles as differences of uint16, and levels as uint8), and the
        still picture of the first kind.
    """
    mesh = head_mesh()
    used, triangles = np.unique(mesh.triangles[: mesh.outside], return_inverse=True)
    triangles = triangles.reshape(-1, 3)
    points = mesh.vertices[used]
    low, high = points.min(0), points.max(0)
    places = np.rint((points - low) / (high - low) * 65535).astype("<u2")
    steps = np.diff(triangles.ravel(), prepend=0).astype("<u2")  # which wrap around
    levels = np.stack([levels_of(density)[used] for density in densities.values()])
    content = places.T.tobytes() + steps.tobytes() + levels.tobytes()
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    kinds = list(densities)
    choices = [list(dict.fromkeys(kind[i] for kind in kinds)) for i in range(len(SWITCHES))]
    scale = uniform_scale(count=SCALE_STEPS)
    return {
        "switches": [
            {"name": name, "choices": [labels.get(each, each) for each in own]}
            for name, own in zip(SWITCHES, choices, strict=True)
        ],
        "kinds": [
            {
                "choice": [own.index(part) for own, part in zip(choices, kind, strict=True)],
                "words": words[kind],
            }
            for kind in kinds
        ],
        "colours": ["#" + bytes(colour).hex() for colour in scale],
        "counts": [len(used), len(triangles)],
        "box": [low.round(6).tolist(), high.round(6).tolist()],
        "data": base64.b64encode(compressor.compress(content) + compressor.flush()).decode(),
        "still": still_picture(levels_of(densities[kinds[0]]), scale),
    }


def head_html(content: Mapping[str, Any]) -> str:
    """The figure of `turning_head` as HTML: the still picture, and what the script needs to turn the head."""
    kinds = [each | {"heading": _heading(content["switches"], each["choice"])} for each in content["kinds"]]
    heading, words = (kinds[0][name] for name in ("heading", "words"))
    described = f"A head seen from the left, the front and the right. {heading} {words}"
    sent = {name: part for name, part in content.items() if name != "still"} | {"kinds": kinds}
    data = json.dumps(sent).replace("</", "<\\/")
    return (
        '<div class="faceinv-head" style="text-align:left">'
        f'<img src="{content["still"]}" alt="{escape(described)}" style="display:block;max-width:100%">'
        f"{colour_bar(content['colours'])}"
        f'<p class="faceinv-head-words" aria-live="polite" style="font-size:0.9rem;margin:0.3rem 0">'
        f"<strong>{escape(heading)}</strong> {escape(words)}</p>"
        f'<script type="application/json">{data}</script></div>'
    )


def _heading(switches: Sequence[Mapping[str, Any]], chosen: Sequence[int]) -> str:
    """What is shown of which networks, as a heading."""
    task, start, shown = (each["choices"][i] for each, i in zip(switches, chosen, strict=True))
    networks = "trained from scratch" if start == "none" else f"pretrained on {start}"
    return f"{task[:1].upper()}{task[1:]}, networks {networks}, {shown}."


def write_head(content: Mapping[str, Any], folder: Path) -> HTML:
    """Write the figure of `turning_head` to `HEAD_FILE` in a folder, for other pages, and show it."""
    write_atomically(folder / HEAD_FILE, json.dumps(content))
    return HTML(head_html(content))


def colour_bar(colours: Sequence[str]) -> str:
    """The key of the colours as HTML."""
    low, high = np.log2(LOWEST_DENSITY), np.log2(HIGHEST_DENSITY)
    marks = "".join(
        f'<span style="position:absolute;left:{100 * (np.log2(value) - low) / (high - low):.0f}%;'
        f'transform:translateX(-50%)">{label}</span>'
        for value, label in TICKS.items()
    )
    none = "repeating-linear-gradient(45deg,{} 0 2px,{} 2px 5px)".format(*UNMEASURED)
    return (
        '<div class="faceinv-head-bar" style="display:flex;flex-wrap:wrap;gap:0.2rem 1.6rem;font-size:0.8rem;'
        'margin:0.5rem 0;max-width:34rem">'
        '<div style="flex:1 1 14rem;padding:0 0.4rem"><div>density, relative to an even map</div>'
        f'<div style="height:0.7rem;border-radius:3px;background:linear-gradient(90deg,{",".join(colours)});'
        'print-color-adjust:exact;-webkit-print-color-adjust:exact"></div>'
        f'<div style="position:relative;height:1.2rem">{marks}</div></div>'
        '<div style="flex:0 0 auto"><div>no value</div><div style="height:0.7rem;width:3.4rem;'
        f'border-radius:3px;background:{none};print-color-adjust:exact;-webkit-print-color-adjust:exact">'
        "</div></div></div>"
    )
