// The kernel of a notebook as the source of an explorer: it computes results, and stores the choices.

import { Explorer } from "./explorer.js";
import { bytesOf, planes, softmax } from "./pixels.js";

const PATIENCE = 3000; // milliseconds without a reply after which a message is shown

class Kernel {
  note = "Computed by the kernel of this notebook.";

  /** `tell` is called with messages for the user. */
  constructor(model, tell) {
    const name = Math.random().toString(36).slice(2);
    Object.assign(this, { model, tell, name, asked: new Map(), count: 0 });
    this.index = model.get("_index");
    const { size, labels } = this.index.faces;
    const bytes = bytesOf(model.get("_faces"));
    this.faces = labels.map((_, i) => planes(bytes.subarray(i * 3 * size * size), size, 3));
    this.hear = (content, buffers) => this.answer(content, buffers);
    model.on("msg:custom", this.hear);
  }

  close() {
    this.model.off("msg:custom", this.hear);
  }

  async open(number, { composite, against }) {
    const about = this.index.networks[number];
    const explain = (image, target) => this.ask({ network: number, target, composite, against }, image);
    return { about, explain };
  }

  /** Requests have ids that begin with the name of this view, because all views of a widget get every reply. */
  ask(question, image) {
    const id = `${this.name}-${this.count++}`;
    return new Promise((resolve, reject) => {
      const waiting = setTimeout(() => this.tell("Waiting for the kernel, which is busy or not running."), PATIENCE);
      this.asked.set(id, { resolve, reject, waiting });
      this.model.send({ id, ...question }, undefined, [image.buffer]);
    });
  }

  answer({ id, error }, buffers) {
    if (!this.asked.has(id)) return;
    const { resolve, reject, waiting } = this.asked.get(id);
    this.asked.delete(id);
    clearTimeout(waiting);
    if (error) {
      reject(new Error(error));
      return;
    }
    const [logits, heatmap, ranks] = buffers.map(bytesOf);
    const numbers = new Float32Array(logits.slice().buffer);
    resolve({
      logits: numbers,
      probabilities: softmax(numbers),
      heatmap: new Float32Array(heatmap.slice().buffer),
      ranks: new Int32Array(ranks.slice().buffer),
    });
  }
}

/** Show an explorer with the parts that the widget lists; its choices are the widget's traits. */
function render({ model, el }) {
  const show = () => {
    el.explorer?.source.close();
    el.replaceChildren();
    el.explorer = new Explorer(el, new Kernel(model, (text) => el.explorer.tell(text)), model.get("_parts"), traits(model));
    el.explorer.show();
    el.explorer.update();
  };
  let telling = false; // while traits are set here, their changes must not be applied as the kernel's
  const tell = ({ detail }) => {
    telling = true;
    for (const [name, value] of Object.entries(detail)) model.set(name, value);
    telling = false;
    model.save_changes();
  };
  const hear = () => telling || el.explorer.set(traits(model));
  const names = Object.keys(traits(model)).map((name) => `change:${name}`);
  el.addEventListener("chosen", tell);
  for (const name of names) model.on(name, hear);
  model.on("change:_index", show);
  show();
  return () => {
    el.explorer.source.close();
    for (const name of names) model.off(name, hear);
    model.off("change:_index", show);
  };
}

/** The choices of a widget's model, by name. */
function traits(model) {
  const found = {};
  for (const name of model.get("_choices")) found[name] = model.get(name);
  return found;
}

export default { render };
