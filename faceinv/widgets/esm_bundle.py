"""Bundle: an ES module and all that it imports, as the one text that a notebook takes."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent
IMPORT = re.compile(r'^import \{([^}]*)\} from "\./([\w-]+)\.js";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?:async )?(?:function|class|const) (\w+)", re.MULTILINE)
OTHER = re.compile(r"^(import|export)\b.*", re.MULTILINE)


def bundle(name: str) -> str:
    """The text of the module `name` of this folder, which needs no other file.

    Each module that it imports becomes a function that is called once and returns what it exports, so that
    names which are not exported stay its own. Modules are written for this: they import names from each
    other (``import { a, b } from "./c.js"``) and export declarations.

    Parameters
    ----------
    name : of the module, without ``.js``; only this one has a default export

    Raises
    ------
    SyntaxError
        If a module imports or exports in another way, or modules import each other in a circle.
    """
    parts: dict[str, str] = {}
    text = _linked(name, parts, (name,))
    return "".join([*parts.values(), text])


def _linked(name: str, parts: dict[str, str], path: tuple[str, ...]) -> str:
    """The module with its imports replaced; those of which `parts` holds none yet are added to it."""
    text = (FOLDER / f"{name}.js").read_text(encoding="utf-8")

    def link(found: re.Match[str]) -> str:
        names, other = " ".join(found[1].split()), found[2]
        if other in path:
            raise SyntaxError(f"modules import each other in a circle: {' > '.join((*path, other))}")
        if other not in parts:
            parts[other] = _wrapped(other, parts, (*path, other))
        return f"const {{ {names.replace(' as ', ': ')} }} = _{other};\n"

    text = IMPORT.sub(link, text)
    left = text.replace("export default ", "", 1) if len(path) == 1 else EXPORT.sub("", text)
    if wrong := OTHER.search(left):
        raise SyntaxError(f"{name}.js has {wrong[0]!r}; expected named imports and exported declarations")
    return text


def _wrapped(name: str, parts: dict[str, str], path: tuple[str, ...]) -> str:
    text = _linked(name, parts, path)
    exported = ", ".join(EXPORT.findall(text))
    body = re.sub(r"^export ", "", text, flags=re.MULTILINE)
    return f"const _{name} = (() => {{\n{body}return {{ {exported} }};\n}})();\n"
