"""A page that shows a widget as a notebook does, with the widget itself behind it."""

from __future__ import annotations

import base64
from typing import Any

from anywidget import AnyWidget

# What a notebook's page does for the ES module of a widget, in the protocol of ipywidgets.
FRONT = """
const decode = text => new DataView(Uint8Array.from(atob(text), c => c.charCodeAt(0)).buffer);
const encode = buffer => btoa(Array.from(new Uint8Array(buffer), c => String.fromCharCode(c)).join(""));
const state = {}, listeners = new Map(), changed = new Set();
const fire = (event, ...values) => [...(listeners.get(event) ?? [])].forEach(listener => listener(...values));
const same = (one, other) => !(other instanceof DataView) && JSON.stringify(one) === JSON.stringify(other);
const hear = messages => {
  for (const { data, buffers } of messages) {
    const views = buffers.map(decode);
    if (data.method === "custom") { fire("msg:custom", data.content, views); continue; }
    data.buffer_paths.forEach(([name], i) => (data.state[name] = views[i]));
    const news = Object.entries(data.state).filter(([name]) => !name.startsWith("_esm"));
    const before = { ...state };
    Object.assign(state, Object.fromEntries(news));
    for (const [name, value] of news) if (!same(before[name], value)) fire(`change:${name}`, value);
  }
};
const ask = async (data, buffers) => hear(await kernel({ data, buffers: buffers.map(encode) }));
const model = {
  get: name => state[name],
  set: (name, value) => {
    if (same(state[name], value)) return;
    changed.add(name);
    state[name] = value;
    fire(`change:${name}`, value);
  },
  save_changes: () => {
    const update = Object.fromEntries([...changed].map(name => [name, state[name]]));
    changed.clear();
    ask({ method: "update", state: update, buffer_paths: [] }, []);
  },
  on: (event, listener) => listeners.set(event, [...(listeners.get(event) ?? []), listener]),
  off: (event, gone) => listeners.set(event, listeners.get(event).filter(listener => listener !== gone)),
  send: (content, callbacks, buffers = []) => ask({ method: "custom", content }, buffers),
};
"""
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Notebook</title><style>
html {{ color-scheme: {theme}; }}
body {{ font: 14px sans-serif; margin: 8px; color: {ink}; background: {paper};
  --jp-content-font-color1: {ink}; --jp-layout-color0: {paper}; --jp-border-color1: {line}; }}
{style}</style></head><body><div id="output"></div></body></html>"""
THEMES = {
    "light": {"theme": "light", "ink": "rgba(0, 0, 0, 0.87)", "paper": "#ffffff", "line": "#bdbdbd"},
    "dark": {"theme": "dark", "ink": "#ffffff", "paper": "#111111", "line": "#616161"},
}
"""Colours of JupyterLab's two themes."""

OUTPUT = "document.querySelector('#output')"


class Notebook:
    """A widget on display.

    Attributes
    ----------
    page : of the browser
    errors : that were told in its console
    """

    def __init__(self, page: Any, widget: AnyWidget, theme: str = "light") -> None:
        self.page, self.widget, self.errors = page, widget, list[str]()
        self._sent: list[dict[str, Any]] = []
        state = {key: value for key, value in widget.get_state().items() if key not in ("layout",)}
        self._send({"method": "update", "state": state})
        widget.comm.send = self._send
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        page.expose_function("kernel", self._kernel)
        page.set_content(PAGE.format(style=widget._css, **THEMES[theme]))
        page.evaluate(
            f"""async ([messages, esm]) => {{ {FRONT}
            const module = await import(URL.createObjectURL(new Blob([esm], {{ type: "text/javascript" }})));
            Object.assign(window, {{ hear, close: null }});
            hear(messages);
            window.close = module.default.render({{ model, el: {OUTPUT} }});
            }}""",
            [self._told(), widget._esm],
        )

    def settle(self) -> dict[str, Any]:
        """What the explorer shows when it has done all that it was asked to, with arrays as lists."""
        self.page.evaluate("messages => hear(messages)", self._told())
        self.page.wait_for_function(f"() => {OUTPUT}.explorer.state && !{OUTPUT}.explorer.settled")
        return self.page.evaluate(
            f"() => Object.fromEntries(Object.entries({OUTPUT}.explorer.state).map("
            "([key, value]) => [key, ArrayBuffer.isView(value) ? Array.from(value) : value]))"
        )

    def _kernel(self, message: dict[str, Any]) -> list[dict[str, Any]]:
        buffers = [base64.b64decode(each) for each in message["buffers"]]
        self.widget._handle_msg({"content": {"data": message["data"]}, "buffers": buffers})
        return self._told()

    def _send(self, data: dict[str, Any], buffers: list[bytes] | None = None, **_: object) -> None:
        buffers, data = list(buffers or []), {"buffer_paths": [], **data}
        for name, value in data.get("state", {}).items():
            if isinstance(value, bytes | memoryview):
                data["buffer_paths"].append([name])
                buffers.append(bytes(value))
        data["state"] = {
            name: value
            for name, value in data.get("state", {}).items()
            if not isinstance(value, bytes | memoryview)
        }
        self._sent.append({"data": data, "buffers": [base64.b64encode(each).decode() for each in buffers]})

    def _told(self) -> list[dict[str, Any]]:
        """What the widget has sent since it was last asked."""
        told, self._sent = self._sent, []
        return told
