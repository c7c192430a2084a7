"""Sphinx extension that keeps pages light: they load the icons that they show, and no others."""

import json
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

ICON_SCRIPT = "_static/scripts/fontawesome.js"
"""Script of the theme that draws icons: 1.5 MB, of 1,900 icons."""

ICON = re.compile(r"""["']?([a-z0-9-]+)["']?:\[(\d+),(\d+),\[([^\]]*)\],"[0-9a-f]+","([^"]+)"\]""")
"""An icon of the theme's script: name, width, height, other names and code points, and path."""

STYLE = "_static/styles/pydata-sphinx-theme.css"
"""Style of the theme: a fifth of it are characters of icons in a font, but the script draws the icons."""

CHARACTER = re.compile(r'\.fa-[a-z0-9-]+:{1,2}before(?:,\.fa-[a-z0-9-]+:{1,2}before)*\{content:"[^"]*"\}')

USED = re.compile(r"\bfa-([a-z0-9-]+)")

TEMPLATE = (Path(__file__).parent / "assets" / "icons.js").read_text(encoding="utf-8")
"""Script that draws icons, without the icons."""


def icons_of(script: str) -> dict[str, tuple[int, int, str]]:
    """Icons of the script: width, height and path, by name; of two families the last, solid, counts."""
    found = {}
    for name, width, height, others, path in ICON.findall(script):
        for each in (*re.findall(r'"([a-z0-9-]+)"', others), name):
            found[each] = int(width), int(height), path
    return found


def names_used(texts: list[str]) -> set[str]:
    """Names that follow ``fa-`` in pages and scripts."""
    return {name for text in texts for name in USED.findall(text)}


def keep_used_icons(app: Sphinx, exception: Exception | None) -> None:
    """Replace the theme's script of all icons with one of those that pages and its other scripts name."""
    out = Path(app.outdir)
    script = out / ICON_SCRIPT
    if exception or not script.is_file():
        return
    text = script.read_text(encoding="utf-8")
    if text.startswith(TEMPLATE[:20]):
        return
    pages = [page for page in out.rglob("*.html") if page.relative_to(out).parts[0] != "_static"]
    scripts = [path for path in (out / "_static" / "scripts").glob("*.js") if path != script]
    names = names_used([path.read_text(encoding="utf-8") for path in (*pages, *scripts)])
    known = icons_of(text)
    chosen = {name: known[name] for name in sorted(names & set(known))}
    style = out / STYLE
    if style.is_file():
        style.write_text(CHARACTER.sub("", style.read_text(encoding="utf-8")), encoding="utf-8")
    drawn = TEMPLATE.replace("const ICONS = {};", f"const ICONS = {json.dumps(chosen)};")
    script.write_text(drawn, encoding="utf-8")
    script.with_suffix(".js.map").unlink(missing_ok=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.connect("build-finished", keep_used_icons, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
