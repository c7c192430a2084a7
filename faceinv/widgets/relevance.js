// Relevance in the page: graphs written by `faceinv export`, run by onnxruntime-web in one thread.

import { planes, softmax } from "./pixels.js";

let runtime;

/** Load the runtime once; `folder` is the URL of onnxruntime-web's files. */
function prepare(folder) {
  runtime ??= import(new URL("ort.wasm.min.mjs", folder)).then((ort) => {
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = folder;
    ort.env.logLevel = "error";
    return ort;
  });
  return runtime;
}

/** The bytes of a file of the explorer, whose SHA-256 must be the one in the index. */
async function checked(address, expected) {
  const answer = await fetch(address);
  const name = address.pathname.split("/").pop();
  if (!answer.ok) throw new Error(`the file ${name} is missing`);
  const bytes = await answer.arrayBuffer();
  // Browsers offer hashes to pages of https and of the reader's own machine only.
  if (expected && globalThis.crypto?.subtle) {
    const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
    const found = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    if (found !== expected) throw new Error(`the file ${name} is damaged: its SHA-256 differs from the index; build the book again`);
  }
  return bytes;
}

/** A network with the graph that computes its relevance. */
class Explained {
  /** `about` is an entry of the index, with classes, size, mean and std. */
  constructor(ort, session, about) {
    Object.assign(this, { ort, session, about });
  }

  static async open(address, expected, about, folder) {
    const [ort, graph] = await Promise.all([prepare(folder), checked(address, expected)]);
    const session = await ort.InferenceSession.create(graph, { executionProviders: ["wasm"] });
    return new Explained(ort, session, about);
  }

  /** Logits, and the relevance map for the class with index `target`, of an image of three planes from 0 to 255. */
  async explain(image, target) {
    const { size, mean, std } = this.about;
    const area = size * size;
    const input = image.map((value, i) => (value / 255 - mean[Math.floor(i / area)]) / std[Math.floor(i / area)]);
    const { logits, heatmap } = await this.session.run({
      image: new this.ort.Tensor("float32", input, [1, 3, size, size]),
      target: new this.ort.Tensor("int64", [BigInt(target)], [1]),
    });
    return { input, logits: logits.data, heatmap: heatmap.data, probabilities: softmax(logits.data) };
  }
}

/** The source of an explorer with the networks and faces that `faceinv.book.explorer_assets` wrote. */
export class Graphs {
  note = "Everything is computed in this page: no image is sent anywhere.";

  constructor(data, runtime, index) {
    Object.assign(this, { data, runtime, index });
    this.networks = new Map();
  }

  /** `data` is the URL of the networks and faces, `runtime` the URL of onnxruntime-web's files. */
  static async load({ data, runtime }) {
    prepare(runtime);
    const answer = await fetch(new URL("index.json", data));
    if (!answer.ok) throw new Error("the list of networks is missing");
    const graphs = new Graphs(data, runtime, await answer.json());
    const opens = graphs.index.opens ?? 0;
    const first = graphs.index.networks[opens];
    graphs.open(opens, { composite: Object.keys(first.composites)[0] }).catch(() => {}); // reported when it is used
    await graphs.loadFaces();
    return graphs;
  }

  async loadFaces() {
    const { file, size, labels, regions } = this.index.faces;
    const read = async (name) => new Uint8Array(await checked(new URL(name, this.data), this.index.sha256?.[name]));
    const [bytes, names] = await Promise.all([read(file), regions && read(regions.file)]);
    const area = size * size;
    this.faces = labels.map((_, i) => planes(bytes.subarray(i * 3 * area), size, 3));
    this.regions = names && labels.map((_, i) => names.subarray(i * area, (i + 1) * area));
  }

  async open(number, { composite }) {
    const about = this.index.networks[number];
    const file = about.graphs[composite];
    if (!file) throw new Error(`there is no graph of ${about.label} for the composite ${composite}`);
    if (!this.networks.has(file)) {
      this.networks.set(file, Explained.open(new URL(file, this.data), this.index.sha256?.[file], about, this.runtime));
    }
    return this.networks.get(file);
  }
}
