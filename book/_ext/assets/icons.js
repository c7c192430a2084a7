// The icons of the pages of this book, from Font Awesome Free (https://fontawesome.com, CC BY 4.0).
(() => {
  const ICONS = {};
  const STYLE = `.svg-inline--fa { display: inline-block; height: 1em; overflow: visible; vertical-align: -0.125em; box-sizing: content-box; }
    .svg-inline--fa.fa-lg { font-size: 1.25em; line-height: 0.05em; vertical-align: -0.075em; }`;
  const draw = (mark) => {
    const name = [...mark.classList].map((text) => text.slice(3)).find((text) => Object.hasOwn(ICONS, text));
    if (!name) return;
    const [width, height, path] = ICONS[name];
    const icon = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    for (const { name: key, value } of mark.attributes) icon.setAttribute(key, value);
    icon.classList.add("svg-inline--fa");
    icon.setAttribute("viewBox", `0 0 ${width} ${height}`);
    icon.setAttribute("aria-hidden", "true");
    icon.append(document.createElementNS("http://www.w3.org/2000/svg", "path"));
    icon.firstChild.setAttribute("d", path);
    icon.firstChild.setAttribute("fill", "currentColor");
    mark.replaceWith(icon);
  };
  const drawAll = () => document.querySelectorAll(":is(i, span)[class*='fa-']").forEach(draw);
  document.head.append(Object.assign(document.createElement("style"), { textContent: STYLE }));
  drawAll();
  new MutationObserver(drawAll).observe(document.body, { childList: true, subtree: true });
})();
