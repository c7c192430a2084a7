// What a reader takes along: a link that carries the choices, and a picture of what is shown.

const TIMES = 6; // pixels of the picture per pixel of a canvas
const MARGIN = 16;
const LINE = 22;

/** The part of a link that carries the choices that differ from `first`. */
export function linkOf(choice, first) {
  const changed = Object.entries(choice).filter(([name, value]) => value !== null && value !== first[name]);
  return `#explorer?${new URLSearchParams(changed)}`;
}

/** The choices that a link carries: those that `first` has and `index` allows. */
export function choicesOf(hash, first, { networks, faces }) {
  const found = {};
  if (!hash.startsWith("#explorer?")) return found;
  const counts = { network: networks.length, other: networks.length, image: faces.labels.length };
  for (const [name, text] of new URLSearchParams(hash.slice("#explorer?".length))) {
    if (!(name in first)) continue;
    const value = typeof first[name] === "string" || name === "composite" ? text : Number(text);
    const whole = !(name in counts) || (Number.isInteger(value) && value >= 0 && value < counts[name]);
    if (whole && !Number.isNaN(value)) found[name] = value;
  }
  return found;
}

/** Save canvases with their captions, side by side, and lines of text below them, as a PNG file. */
export function savePicture(views, lines, name) {
  const [{ canvas: first }] = views;
  const side = TIMES * first.width;
  const picture = document.createElement("canvas");
  picture.width = views.length * (side + MARGIN) + MARGIN;
  picture.height = side + (lines.length + 2) * LINE + 2 * MARGIN;
  const context = picture.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, picture.width, picture.height);
  context.imageSmoothingEnabled = false;
  context.fillStyle = "#222222";
  context.font = "15px system-ui, sans-serif";
  views.forEach(({ canvas, caption }, i) => {
    const x = MARGIN + i * (side + MARGIN);
    context.drawImage(canvas, x, MARGIN, side, side);
    context.fillText(caption.textContent, x, side + MARGIN + LINE, side);
  });
  lines.forEach((line, i) => context.fillText(line, MARGIN, side + MARGIN + (i + 2.5) * LINE, picture.width - 2 * MARGIN));
  picture.toBlob((blob) => {
    const url = URL.createObjectURL(blob);
    Object.assign(document.createElement("a"), { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  });
}
