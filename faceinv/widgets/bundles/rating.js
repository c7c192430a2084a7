// Made by scripts/bundle_widgets.py; sha256 of elements.js, pixels.js, rating.js: 4265b6cb2c55576e44b35a35424a8ebd8b3fc008ce722636c326fb33f879cb2a
// elements.js
function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.includes("-") || name === "role" || name === "for") element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children);
  return element;
}

// pixels.js
function bytesOf(value) {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return new Uint8Array(value);
}

// rating.js
var SCALE = [1, 2, 3, 4, 5, 6, 7];
var ENDS = ["1: not similar at all", "7: extremely similar"];
function render({ model, el }) {
  const canvases = ["Left face", "Right face"].map((text) => make("canvas", { role: "img", "aria-label": text }));
  const pair = make("div", { className: "fx-pair" }, ...canvases);
  const question = make("p", {}, "How similar are these two faces? Choose a number, or press its key.");
  const rate = (rating) => model.send({ pair: model.get("_pair"), rating });
  const buttons = SCALE.map(
    (rating) => make("button", { type: "button", "aria-label": `${rating} of 7`, onclick: () => rate(rating) }, `${rating}`)
  );
  const scale = make("div", { className: "fx-scale", role: "group", "aria-label": "Similarity, from 1 to 7" }, ...buttons);
  const ends = make("div", { className: "fx-ends" }, ...ENDS.map((text) => make("span", {}, text)));
  const asked = make("div", {}, question, pair, scale, ends);
  const thanks = make("p", { hidden: true }, "All pairs are rated. Thank you.");
  const undo = make("button", { type: "button", onclick: () => model.send({ undo: true }) }, "Undo the last rating (Backspace)");
  const progress = make("progress", { "aria-label": "Pairs rated" });
  const count = make("span", { role: "status" });
  const error = make("p", { role: "alert" });
  const root = make("section", { className: "fx fx-rating", tabIndex: 0, "aria-label": "Rating of faces" });
  root.append(asked, thanks, make("div", { className: "fx-progress" }, progress, count, undo), error);
  root.dataset.lmSuppressShortcuts = "true";
  root.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    if (event.key === "Backspace" && !undo.disabled) undo.click();
    else if (SCALE.includes(Number(event.key)) && model.get("_pair")) rate(Number(event.key));
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  const show = () => {
    const focused = root.contains(document.activeElement);
    const [, height, width] = model.get("_shape");
    const shown = model.get("_pair");
    asked.hidden = shown === null;
    thanks.hidden = shown !== null;
    shown?.forEach((place, i) => drawFace(canvases[i], bytesOf(model.get("_faces")), place, height, width));
    const [done, total] = [model.get("done"), model.get("total")];
    Object.assign(progress, { max: total, value: done });
    count.textContent = `${done} of ${total}`;
    undo.disabled = done === 0;
    error.textContent = model.get("_error");
    const { activeElement } = document;
    const kept = root.contains(activeElement) && !activeElement.disabled && !activeElement.closest("[hidden]");
    if (focused && !kept) root.focus();
  };
  const events = ["_pair", "done", "total", "_error"].map((name) => `change:${name}`);
  for (const event of events) model.on(event, show);
  show();
  el.append(root);
  return () => events.forEach((event) => model.off(event, show));
}
function drawFace(canvas, images, place, height, width) {
  Object.assign(canvas, { height, width });
  const pixels = new ImageData(width, height);
  const from = 3 * width * height * place;
  for (let i = 0; i < width * height; i++) {
    pixels.data.set([...images.subarray(from + 3 * i, from + 3 * i + 3), 255], 4 * i);
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}
var rating_default = { render };
export {
  rating_default as default
};
