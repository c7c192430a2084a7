// Tables whose columns sort by a click on their heading: numbers by size, other cells by their text.
(() => {
  const STYLE = `
    .faceinv-sortable thead button { all: unset; cursor: pointer; font-weight: 600; white-space: nowrap; }
    .faceinv-sortable thead button:focus-visible { outline: 2px solid currentcolor; outline-offset: 2px; }
    .faceinv-sortable thead button::after { content: " \\2195"; opacity: 0.45; }
    .faceinv-sortable thead [aria-sort="ascending"] button::after { content: " \\2191"; opacity: 1; }
    .faceinv-sortable thead [aria-sort="descending"] button::after { content: " \\2193"; opacity: 1; }`;

  // The number with which a text begins; otherwise the text.
  const valueOf = (row, column) => {
    const text = row.cells[column].textContent.trim();
    const number = parseFloat(text.replace("\u2212", "-"));
    return Number.isNaN(number) ? text : number;
  };

  const compare = (a, b) => {
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return typeof a === "number" ? a - b : a.localeCompare(b);
  };

  const sort = (table, head, column) => {
    const descending = head.getAttribute("aria-sort") === "ascending";
    for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
    head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    const rows = [...table.tBodies[0].rows].map((row) => [valueOf(row, column), row]);
    rows.sort(([a], [b]) => (descending ? compare(b, a) : compare(a, b)));
    table.tBodies[0].append(...rows.map(([, row]) => row));
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

  document.head.append(Object.assign(document.createElement("style"), { textContent: STYLE }));
  document.querySelectorAll("table.faceinv-sortable").forEach(extend);
})();
