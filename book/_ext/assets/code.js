// One control for the code of a chapter: it is hidden until the reader asks for all of it, and then each cell folds.
(() => {
  const SHOWN = "faceinv-show-code";
  const root = document.documentElement;
  const folds = [...document.querySelectorAll(".bd-article div.cell > details.above-input")];
  const heading = document.querySelector(".bd-article h1");
  if (!folds.length || !heading) return;

  // The choice holds for the chapters that are opened next, where the browser allows pages to remember it.
  const remembered = (value) => {
    try {
      if (value !== undefined) sessionStorage.setItem(SHOWN, value);
      return sessionStorage.getItem(SHOWN);
    } catch {
      return null;
    }
  };

  const button = document.createElement("button");
  button.type = "button";
  button.className = "faceinv-code-switch";
  const show = (shown) => {
    root.classList.toggle(SHOWN, shown);
    folds.forEach((fold) => (fold.open = shown));
    button.setAttribute("aria-pressed", String(shown));
    button.textContent = shown ? "Hide the code" : `Show the code (${folds.length + 1} cells)`;
  };
  button.addEventListener("click", () => {
    show(!root.classList.contains(SHOWN));
    remembered(root.classList.contains(SHOWN) ? "yes" : "no");
  });
  show(remembered() === "yes");
  heading.after(button);
})();
