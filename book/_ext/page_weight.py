"""Sphinx extension that keeps pages light: they load the icons that they show, and no others."""

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sphinx.application import Sphinx

ICON_SCRIPT = "_static/scripts/fontawesome.js"
"""Script of the theme that draws icons: 1.5 MB, of 1,900 icons."""

ICON = re.compile(r"""["']?([a-z0-9-]+)["']?:\[(\d+),(\d+),\[([^\]]*)\],"[0-9a-f]+","([^"]+)"\]""")
"""An icon of the theme's script: name, width, height, other names and code points, and path."""

STYLE = "_static/styles/pydata-sphinx-theme.css"
"""Style of the theme: a fifth of it are characters of icons in a font, but the script draws the icons."""

CHARACTER = re.compile(r'\.fa-[a-z0-9-]+:{1,2}before(?:,\.fa-[a-z0-9-]+:{1,2}before)*\{content:"[^"]*"\}')

FONT = re.compile(r"@font-face\{[^}]*Font Awesome[^}]*\}")
"""Font of icons, in the style of the theme: browsers load it even where every icon is drawn by its shape."""

ADMONITION_ICONS = {
    "default": "bell",
    "note": "circle-info",
    "attention": "circle-exclamation",
    "important": "circle-exclamation",
    "caution": "triangle-exclamation",
    "warning": "triangle-exclamation",
    "danger": "triangle-exclamation",
    "error": "circle-xmark",
    "hint": "lightbulb",
    "tip": "lightbulb",
    "seealso": "share",
    "todo": "pencil",
}
"""Icon of each kind of admonition, as the theme chooses it."""

CHEVRON = "angle-down"
CONTENTS_ICON = ".bd-sidebar-secondary.hide:not(:hover) .onthispage:after"
"""Icon beside the contents of a page, and its place in the style of the book's theme."""

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


def shape_rules(icons: dict[str, tuple[int, int, str]]) -> str:
    """Rules that draw the icons of admonitions and contents by their shapes, so that no page loads a font.

    Icons that the theme's script does not have stay as they are.
    """

    def shape(name: str) -> str:
        width, height, path = icons[name]
        drawn = (
            f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 {width} {height}'><path d='{path}'/></svg>"
        )
        return f'url("data:image/svg+xml,{quote(drawn)}") center/contain no-repeat'

    places = {"default": "div.admonition", "todo": "div.admonition.admonition-todo"}
    rules = []
    for kind, name in ADMONITION_ICONS.items():
        if name in icons:
            where = f"{places.get(kind, f'div.admonition.{kind}')}>.admonition-title:after"
            rules.append(f'{where}{{content:"";top:.65rem;background:currentColor;mask:{shape(name)}}}')
    if CHEVRON in icons:
        rules.append(
            f'html {CONTENTS_ICON}{{content:"";display:inline-block;width:.7em;height:.7em;margin-left:.5em;'
            f"padding:0;background:currentColor;mask:{shape(CHEVRON)}}}"
        )
    return "".join(rules)


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
        without_font = FONT.sub("", CHARACTER.sub("", style.read_text(encoding="utf-8")))
        style.write_text(without_font + shape_rules(known), encoding="utf-8")
    drawn = TEMPLATE.replace("const ICONS = {};", f"const ICONS = {json.dumps(chosen)};")
    script.write_text(drawn, encoding="utf-8")
    script.with_suffix(".js.map").unlink(missing_ok=True)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect the extension to Sphinx."""
    app.connect("build-finished", keep_used_icons, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
