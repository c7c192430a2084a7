// Pixels: images as float RGB planes, their transformations, masks and colours. The definitions are those of
// faceinv.perturbations.transformations, faceinv.perturbations.masks and faceinv.figures.image_grid (compared by tests).

const WARM = [213, 62, 30]; // positive relevance
const COLD = [33, 102, 192]; // negative relevance
const BOTH = [20, 20, 20];

export const UNCHANGED = { size: 1, rotation: 0, right: 0, down: 0, blur: 0 };

/** Bytes, in whatever form a notebook passes them. */
export function bytesOf(value) {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return new Uint8Array(value);
}

/** Interleaved bytes (RGB or RGBA) as three planes of floats. */
export function planes(bytes, side, channels) {
  const area = side * side;
  const image = new Float32Array(3 * area);
  for (let i = 0; i < area; i++) for (let c = 0; c < 3; c++) image[c * area + i] = bytes[i * channels + c];
  return image;
}

/** A canvas as grey planes of `side` x `side` pixels, averaged; the canvas's side is a multiple of `side`. */
export function greyPlanes(canvas, side) {
  const { data, width } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
  const times = width / side;
  const area = side * side;
  const image = new Float32Array(3 * area);
  for (let y = 0; y < width; y++) {
    for (let x = 0; x < width; x++) {
      const from = 4 * (y * width + x);
      const grey = 0.299 * data[from] + 0.587 * data[from + 1] + 0.114 * data[from + 2];
      image[Math.floor(y / times) * side + Math.floor(x / times)] += grey / (times * times);
    }
  }
  for (let i = 0; i < area; i++) {
    image[i] = Math.round(image[i]);
    image[area + i] = image[2 * area + i] = image[i];
  }
  return image;
}

/** An image scaled, rotated (degrees, clockwise), shifted (fractions of the frame) and blurred. */
export function transform(image, side, { size, rotation, right, down, blur }) {
  const area = side * side;
  const result = new Float32Array(3 * area);
  for (let c = 0; c < 3; c++) {
    let plane = image.slice(c * area, (c + 1) * area);
    const ground = background(plane, side);
    plane = plane.map((value) => value - ground);
    if (size !== 1) plane = byAxis(plane, side, scaling(side, size));
    if (rotation) plane = turned(plane, side, rotation);
    if (right || down) plane = moved(plane, side, roundEven(right * side), roundEven(down * side));
    if (blur) plane = byAxis(plane, side, smoothing(side, blur * side));
    result.set(plane.map((value) => value + ground), c * area);
  }
  return result;
}

/** The median of the outermost pixels. */
function background(plane, side) {
  const edge = [];
  for (let i = 0; i < side; i++) {
    edge.push(plane[i], plane[(side - 1) * side + i]);
    if (i > 0 && i < side - 1) edge.push(plane[i * side], plane[i * side + side - 1]);
  }
  edge.sort((a, b) => a - b);
  return edge[(edge.length - 1) >> 1];
}

/** A matrix (rows of Float64Array) applied along both axes. */
function byAxis(plane, side, matrix) {
  const down = new Float64Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let k = 0; k < side; k++) {
      const weight = matrix[y][k];
      if (weight) for (let x = 0; x < side; x++) down[y * side + x] += weight * plane[k * side + x];
    }
  }
  const result = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      let sum = 0;
      for (let k = 0; k < side; k++) sum += matrix[x][k] * down[y * side + k];
      result[y * side + x] = sum;
    }
  }
  return result;
}

/** Matrix of linear interpolation from `from` to `to` pixels, with a wider kernel when downsampling. */
function resampling(from, to) {
  const step = from / to;
  const reach = Math.max(step, 1);
  return Array.from({ length: to }, (_, i) => {
    const row = new Float64Array(from);
    const centre = step * (i + 0.5);
    const first = Math.max(0, Math.trunc(centre - reach + 0.5));
    const last = Math.min(from, Math.trunc(centre + reach + 0.5));
    let sum = 0;
    for (let j = first; j < last; j++) sum += row[j] = Math.max(0, 1 - Math.abs(j - centre + 0.5) / reach);
    return row.map((value) => value / sum);
  });
}

function scaling(side, factor) {
  const scaled = Math.max(2 - (side % 2), side + 2 * roundEven((side * (factor - 1)) / 2));
  const rows = resampling(side, scaled);
  if (scaled >= side) return rows.slice((scaled - side) / 2, (scaled - side) / 2 + side);
  const border = Array.from({ length: (side - scaled) / 2 }, () => new Float64Array(side));
  return [...border, ...rows, ...border];
}

function smoothing(side, deviation) {
  const reach = Math.trunc(4 * deviation + 0.5);
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-(((i - reach) / deviation) ** 2) / 2));
  const sum = kernel.reduce((a, b) => a + b, 0);
  return Array.from({ length: side }, (_, y) =>
    Float64Array.from({ length: side }, (_, x) => (Math.abs(x - y) <= reach ? kernel[x - y + reach] / sum : 0)),
  );
}

function turned(plane, side, degrees) {
  const [cos, sin] = [Math.cos, Math.sin].map((f) => f((degrees * Math.PI) / 180));
  const middle = (side - 1) / 2;
  const at = (x, y) => (x < 0 || y < 0 || x >= side || y >= side ? 0 : plane[y * side + x]);
  const result = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const fromX = middle + cos * (x - middle) + sin * (y - middle);
      const fromY = middle - sin * (x - middle) + cos * (y - middle);
      const [left, top] = [Math.floor(fromX), Math.floor(fromY)];
      const [u, v] = [fromX - left, fromY - top];
      result[y * side + x] =
        (1 - v) * ((1 - u) * at(left, top) + u * at(left + 1, top)) +
        v * ((1 - u) * at(left, top + 1) + u * at(left + 1, top + 1));
    }
  }
  return result;
}

function moved(plane, side, right, down) {
  const result = new Float32Array(side * side);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const [fromX, fromY] = [x - right, y - down];
      if (fromX >= 0 && fromX < side && fromY >= 0 && fromY < side) result[y * side + x] = plane[fromY * side + fromX];
    }
  }
  return result;
}

/** The place in the unchanged image of what a transformed image shows at (x, y); null if it comes from outside the frame. */
export function origin(x, y, side, { size, rotation, right, down }) {
  const middle = (side - 1) / 2;
  const [cos, sin] = [Math.cos, Math.sin].map((f) => f((rotation * Math.PI) / 180));
  const [u, v] = [x - roundEven(right * side) - middle, y - roundEven(down * side) - middle];
  const scaled = side + 2 * roundEven((side * (size - 1)) / 2);
  const [column, row] = [cos * u + sin * v, cos * v - sin * u].map((part) => Math.round((part * side) / scaled + middle));
  return column < 0 || row < 0 || column >= side || row >= side ? null : row * side + column;
}

/**
 * A grey image as the networks' faces are: with their mean grey level and contrast, on their background outside an oval.
 *
 * The definition is that of faceinv.data.rendering.colour.standardise. `oval` is the centre and the radii as fractions of the frame; null
 * stands for the whole frame.
 */
export function standardised(image, side, { level, contrast, oval }) {
  const area = side * side;
  const cover = Float64Array.from({ length: area }, (_, i) => (oval ? inside(oval, (i % side) + 0.5, Math.floor(i / side) + 0.5, side) : 1));
  const places = Array.from(cover.keys()).filter((i) => cover[i] > 0);
  const clipped = (i) => Math.max(0, Math.min(255, level + gain * (image[i] - centre)));
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  let gain = 1;
  let centre = mean(places.map((i) => image[i] * cover[i])) / mean(places.map((i) => cover[i]));
  for (let k = 0; k < 8; k++) {
    const change = places.map((i) => cover[i] * (clipped(i) - level));
    const shift = mean(change);
    const spread = Math.sqrt(mean(change.map((value) => (value - shift) ** 2)));
    centre += shift / gain;
    gain *= contrast / Math.max(spread, 1e-3);
  }
  const result = new Float32Array(3 * area);
  for (let i = 0; i < area; i++) {
    const value = Math.round(level + cover[i] * (clipped(i) - level));
    result[i] = result[area + i] = result[2 * area + i] = Math.max(0, Math.min(255, value));
  }
  return result;
}

/** How much of a pixel lies in an oval, whose edge is about two pixels wide. */
function inside([x, y, width, height], column, row, side) {
  const distance = Math.hypot((column / side - x) / width, (row / side - y) / height);
  return Math.max(0, Math.min(1, ((1 - distance) * Math.min(width, height) * side) / 2 + 0.5));
}

/** The rank of each pixel in a map, 0 for the most relevant. */
export function ranks(map) {
  const found = new Int32Array(map.length);
  Array.from(map.keys())
    .sort((a, b) => map[b] - map[a] || a - b)
    .forEach((place, rank) => (found[place] = rank));
  return found;
}

/** Mask (0 or 1) of the most or least relevant fraction of pixels, from their ranks. */
export function kept(ranked, fraction, order) {
  const count = roundEven(fraction * ranked.length);
  const most = order === "most";
  return Uint8Array.from(ranked, (rank) => (most ? rank < count : rank >= ranked.length - count));
}

/** Round to the nearest integer, and ties to even, as Python does. */
function roundEven(value) {
  const below = Math.floor(value);
  if (value - below === 0.5) return below + (below % 2 ? 1 : 0);
  return Math.round(value);
}

/** An image whose pixels outside the mask are replaced by its mean, by channel. */
export function masked(image, mask) {
  const area = mask.length;
  const result = image.slice();
  for (let c = 0; c < 3; c++) {
    let mean = 0;
    for (let i = 0; i < area; i++) mean += image[c * area + i] / area;
    for (let i = 0; i < area; i++) if (!mask[i]) result[c * area + i] = mean;
  }
  return result;
}

/** The first map minus the second, each divided by its own scale. */
export function difference(one, other) {
  const [a, b] = [one, other].map(scale);
  return one.map((value, i) => value / a - other[i] / b);
}

/** The scale of a map, which gets full colour: the 99.5th percentile of absolute relevance. */
function scale(map) {
  const sorted = Float32Array.from(map, Math.abs).sort();
  return sorted[Math.round(0.995 * (sorted.length - 1))] || 1;
}

/** An image with two masks: pixels only in the first are warm, only in the second cold, in both dark. */
export function drawMasks(canvas, image, side, one, other) {
  draw(canvas, image, side, (i, rgb) => {
    const pale = rgb.map((value) => value * 0.35 + 150);
    const ink = one[i] && other[i] ? BOTH : one[i] ? WARM : other[i] ? COLD : null;
    return ink ? pale.map((value, c) => value * 0.3 + ink[c] * 0.7) : pale;
  });
}

/** Number of pixels in both masks, divided by the number in either. */
export function overlap(one, other) {
  let [both, either] = [0, 0];
  for (let i = 0; i < one.length; i++) {
    both += one[i] & other[i];
    either += one[i] | other[i];
  }
  return either ? both / either : 1;
}

/** Draw planes on a canvas. */
export function draw(canvas, image, side, colour = (i, rgb) => rgb) {
  canvas.width = canvas.height = side;
  const area = side * side;
  const pixels = new ImageData(side, side);
  for (let i = 0; i < area; i++) {
    const rgb = colour(i, [image[i], image[area + i], image[2 * area + i]]);
    pixels.data.set([...rgb, 255], 4 * i);
  }
  canvas.getContext("2d").putImageData(pixels, 0, 0);
}

/** A relevance map drawn on its image, as by image_grid.overlay: warm is positive, cold negative. */
export function drawRelevance(canvas, image, side, map) {
  const top = scale(map);
  draw(canvas, image, side, (i, rgb) => {
    const level = Math.max(-1, Math.min(1, map[i] / top));
    const opacity = 0.85 * Math.abs(level) ** 0.7;
    const grey = (rgb[0] + rgb[1] + rgb[2]) / 3 * 0.55 + 90;
    return (level > 0 ? WARM : COLD).map((ink) => grey * (1 - opacity) + ink * opacity);
  });
}

/** Softmax of logits. */
export function softmax(logits) {
  const top = Math.max(...logits);
  const parts = Array.from(logits, (value) => Math.exp(value - top));
  const sum = parts.reduce((a, b) => a + b, 0);
  return parts.map((value) => value / sum);
}
