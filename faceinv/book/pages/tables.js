// Tables of pages: columns sort by a click on their heading, and a long table is completed from its file.
(() => {
  const STYLE = `
    .faceinv-sortable thead button { all: unset; cursor: pointer; font-weight: 600; text-align: inherit; }
    .faceinv-sortable thead button:focus-visible { outline: 2px solid currentcolor; outline-offset: 2px; }
    .faceinv-sortable thead button::after { content: "\\00a0\\2195"; opacity: 0.45; }
    .faceinv-sortable thead [aria-sort="ascending"] button::after { content: "\\00a0\\2191"; opacity: 1; }
    .faceinv-sortable thead [aria-sort="descending"] button::after { content: "\\00a0\\2193"; opacity: 1; }`;

  // The number with which a text begins; otherwise the text.
  const valueOf = (row, column) => {
    const text = row.cells[column].textContent.trim();
    const number = parseFloat(text.replace("\u2212", "-").replace(/(\d),(?=\d{3})/g, "$1"));
    return Number.isNaN(number) ? text : number;
  };

  // Numbers by size, then texts by the alphabet; a dash, which stands for what is missing, is last in both directions.
  const compare = (a, b, sign) => {
    if ((a === "\u2013") !== (b === "\u2013")) return a === "\u2013" ? 1 : -1;
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return sign * (typeof a === "number" ? a - b : a.localeCompare(b));
  };

  const sort = (table, head, column) => {
    const sign = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", sign < 0 ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows].map((row) => [valueOf(row, column), row]);
    rows.sort(([a], [b]) => compare(a, b, sign));
    table.tBodies[0].append(...rows.map(([, row]) => row));
  };

  // The rows of a text of comma-separated values.
  const parse = (text) => {
    const rows = [[]];
    for (const [, , quoted, bare, end] of text.matchAll(/(("(?:[^"]|"")*")|([^",\r\n]*))(,|\r?\n|$)/g)) {
      rows.at(-1).push(quoted ? quoted.slice(1, -1).replaceAll('""', '"') : bare);
      if (end === "") break;
      if (end !== ",") rows.push([]);
    }
    return rows.filter((row) => row.length > 1 || row[0] !== "");
  };

  const written = (text, digits) => {
    if (text === "") return "\u2013";
    if (text === "True" || text === "False") return text === "True" ? "yes" : "no";
    return digits === "" ? text : Number(text).toFixed(Number(digits)).replace(/^-(0(?:\.0*)?)$/, "$1").replace("-", "\u2212");
  };

  // Add the rows that the page left out, from the file that it offers; their cells are written as those of the page.
  const complete = (fold) => {
    const table = fold.querySelector("table[data-digits]");
    const link = fold.querySelector("a[download]");
    if (!table || !link) return;
    const digits = table.dataset.digits.split(",");
    delete table.dataset.digits;
    const bytes = Uint8Array.from(atob(link.href.split("base64,")[1]), (letter) => letter.charCodeAt(0));
    const rows = parse(new TextDecoder().decode(bytes)).slice(1 + table.tBodies[0].rows.length);
    for (const row of rows) {
      const line = table.tBodies[0].insertRow();
      row.forEach((text, k) => { line.insertCell().textContent = written(text, digits[k]); });
    }
    fold.querySelector(".faceinv-left-out")?.remove();
  };

  const extend = (table) => {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      button.addEventListener("click", () => sort(table, head, column));
      head.append(button);
    });
  };

  const start = () => {
    document.head.append(Object.assign(document.createElement("style"), { textContent: STYLE }));
    document.querySelectorAll("table.faceinv-sortable").forEach(extend);
    document.querySelectorAll("details.faceinv-numbers").forEach((fold) => fold.addEventListener("toggle", () => complete(fold)));
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
