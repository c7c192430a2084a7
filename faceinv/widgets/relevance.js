// Relevance in the page: the graph that `faceinv export` writes, computed by onnxruntime-web in one thread.

let runtime;

/** Load the runtime once; `folder` is the address of onnxruntime-web's files. */
export function prepare(folder) {
  runtime ??= import(new URL("ort.wasm.min.mjs", folder)).then((ort) => {
    ort.env.wasm.numThreads = 1;
    ort.env.wasm.wasmPaths = folder;
    ort.env.logLevel = "error";
    return ort;
  });
  return runtime;
}

/** A network that explains itself. */
export class Explained {
  /** `about` is an entry of the index: its classes, size, mean and std. */
  constructor(ort, session, about) {
    Object.assign(this, { ort, session, about });
  }

  static async open(address, about, folder) {
    const [ort, graph] = await Promise.all([prepare(folder), fetch(address)]);
    if (!graph.ok) throw new Error(`the graph ${address} is missing`);
    const session = await ort.InferenceSession.create(await graph.arrayBuffer(), { executionProviders: ["wasm"] });
    return new Explained(ort, session, about);
  }

  /** Logits, and the relevance map of class number `target`, for an image of three planes from 0 to 255. */
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

function softmax(logits) {
  const top = Math.max(...logits);
  const parts = Array.from(logits, (value) => Math.exp(value - top));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((value) => value / sum);
}
