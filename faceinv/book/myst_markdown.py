"""Render the book's Markdown (MyST) as HTML of a stand-alone page, without Sphinx.

Admonitions, figures, formulas, citations, glued values and references to figures are shown as in the book; of
a reference to another page, only the text is shown.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.anchors import anchors_plugin
from mdit_py_plugins.colon_fence import colon_fence_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.myst_blocks import myst_block_plugin
from mdit_py_plugins.myst_role import myst_role_plugin

from faceinv.book.formulas import formula

ADMONITIONS = (
    "attention",
    "caution",
    "danger",
    "error",
    "hint",
    "important",
    "note",
    "seealso",
    "tip",
    "warning",
)
CODE = ("code", "code-block", "code-cell", "sourcecode")
WITH_TARGET = re.compile(r"(.*\S)\s*<([^<>]+)>\s*", re.DOTALL)
"""A role's content with a text and a target: ``text <target>``."""


@dataclass
class MystRenderer:
    """Renders the Markdown of one page.

    Attributes
    ----------
    figures : number of each figure, by name
    values : text of each glued value, by name
    references : BibTeX file, or None
    cited : keys cited so far, in order; see `bibliography`
    """

    figures: Mapping[str, int] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    references: Path | None = None
    cited: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        parser = MarkdownIt("commonmark", {"typographer": True})
        parser.enable(["table", "strikethrough", "replacements", "smartquotes"])
        for plugin in (myst_role_plugin, myst_block_plugin, colon_fence_plugin, deflist_plugin):
            parser.use(plugin)
        parser.use(
            dollarmath_plugin, renderer=lambda text, options: _formula(text, bool(options["display_mode"]))
        )
        parser.use(anchors_plugin, max_level=4)
        rules: dict[str, Any] = parser.renderer.rules  # type: ignore[attr-defined]
        usual = rules["fence"]

        def fence(tokens: Sequence[Token], index: int, options: Any, environment: Any) -> str:
            token = tokens[index]
            if not re.match(r"\{[^}]+\}", token.info.strip()):
                return str(usual(tokens, index, options, environment))
            return self._directive(token.info.strip(), token.content)

        rules["fence"] = fence
        rules["colon_fence"] = fence
        rules["myst_role"] = lambda tokens, index, *_: self._role(
            tokens[index].meta["name"], tokens[index].content
        )
        rules["myst_target"] = lambda tokens, index, *_: f'<a id="{escape(tokens[index].content)}"></a>\n'
        rules["myst_line_comment"] = lambda *_: ""
        rules["myst_block_break"] = lambda *_: ""
        self._parser = parser
        self._entries = _entries(self.references)

    def render(self, source: str) -> str:
        """HTML of a piece of Markdown."""
        return str(self._parser.render(source))

    def render_inline(self, source: str) -> str:
        """HTML of a line of Markdown, such as a caption."""
        return str(self._parser.renderInline(source))

    def bibliography(self) -> str:
        """HTML of the references cited so far, or an empty string."""
        known = [key for key in self.cited if key in self._entries]
        if not known:
            return ""
        from pybtex.backends.html import Backend
        from pybtex.style.formatting.plain import Style

        backend = Backend()
        entries = Style().format_entries([self._entries[key] for key in sorted(known)])
        items = "".join(
            f'<li id="cite-{escape(entry.key)}">{entry.text.render(backend)}</li>\n' for entry in entries
        )
        return f"<h2>References</h2>\n<ul>\n{items}</ul>\n"

    def _role(self, name: str, content: str) -> str:
        """HTML of a role such as ``{cite}`bach2015```."""
        named = WITH_TARGET.fullmatch(content)
        text, target = (named[1], named[2]) if named else (content, content)
        if name.startswith("cite"):
            return self._citation([key.strip() for key in content.split(",")])
        if name in ("numref", "ref") and target in self.figures:
            label = f"Fig. {self.figures[target]}" if name == "numref" or not named else text
            return f'<a href="#{escape(target)}">{escape(label)}</a>'
        if name.startswith("glue"):
            key, _, form = content.partition(":")
            return self.render_inline(_formatted(self.values.get(key, key), form))
        if name == "math":
            return _formula(content, False)
        if name in ("sub", "sup"):
            return f"<{name}>{escape(content)}</{name}>"
        return escape(text)

    def _directive(self, info: str, content: str) -> str:
        """HTML of a directive: a fence whose language is in braces."""
        name, _, argument = info[1:].partition("}")
        argument = argument.strip()
        options, body = _options(content)
        if name in CODE:
            return f"<pre><code>{escape(body)}</code></pre>\n"
        if name == "math":
            return _formula(body or argument, True)
        if name in ("figure", "image"):
            caption = self.render(body) if body.strip() else ""
            picture = f'<img src="{escape(argument)}" alt="{escape(options.get("alt", ""))}">'
            anchor = f' id="{escape(options["name"])}"' if "name" in options else ""
            return f"<figure{anchor}>{picture}<figcaption>{caption}</figcaption></figure>\n"
        if name == "admonition" or name in ADMONITIONS:
            title = self.render_inline(argument) if name == "admonition" else name.capitalize()
            if name != "admonition" and argument:
                body = f"{argument}\n{body}"
            kind = escape(options.get("class", "" if name == "admonition" else name))
            return (
                f'<div class="admonition {kind}"><p class="admonition-title">{title}</p>\n'
                f"{self.render(body)}</div>\n"
            )
        return self.render(body)  # of other directives, such as a margin, only the text is shown

    def _citation(self, keys: Sequence[str]) -> str:
        """Citations in brackets, as authors and year, each a link to its reference."""
        labels = []
        for key in keys:
            if key not in self.cited:
                self.cited.append(key)
            label = escape(_author_year(self._entries[key]) if key in self._entries else key)
            labels.append(f'<a href="#cite-{escape(key)}">{label}</a>' if key in self._entries else label)
        return f"[{'; '.join(labels)}]"


def _entries(references: Path | None) -> Mapping[str, Any]:
    """The entries of a BibTeX file by key."""
    if references is None or not references.is_file():
        return {}
    from pybtex.database import parse_file  # slow to import

    return dict(parse_file(str(references)).entries.items())


def _author_year(entry: Any) -> str:
    """The short form of a citation: first authors and year."""
    from pybtex.richtext import Text

    people = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [str(Text.from_latex(" ".join([*person.prelast_names, *person.last_names]))) for person in people]
    year = entry.fields.get("year", "")
    if not names:
        return f"{entry.key}, {year}" if year else str(entry.key)
    who = f"{names[0]} et al." if len(names) > 2 else " and ".join(names)
    return f"{who}, {year}"


def _options(content: str) -> tuple[dict[str, str], str]:
    """The options at the start of a directive (``:name: value``), and its body."""
    options = {}
    lines = content.splitlines()
    while lines and (found := re.fullmatch(r":([\w-]+):\s*(.*)", lines[0])):
        options[found[1]] = found[2].strip()
        lines.pop(0)
    return options, "\n".join(lines)


def _formula(text: str, display: bool) -> str:
    """A formula, in a paragraph of its own if it is displayed."""
    written = formula(text, display)
    return f"<p>{written}</p>\n" if display else written


def _formatted(value: str, form: str) -> str:
    """A glued value in a format such as ``.2f``; unchanged if it is not a number."""
    if not form:
        return value
    try:
        return format(float(value), form)
    except ValueError:
        return value
