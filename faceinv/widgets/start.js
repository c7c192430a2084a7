// Start the explorers of a page; if that fails, the static picture stays, and a sentence says why.
{
  const here = new URL(".", document.currentScript.src);
  const tell = (host, reason) => {
    host.append(Object.assign(document.createElement("p"), { textContent: `This is a static picture: ${reason}.` }));
  };

  const wake = async (host) => {
    if (location.protocol === "file:") {
      throw new Error("a browser loads the networks only if the page comes from a server (faceinv serve)");
    }
    if (typeof WebAssembly === "undefined") throw new Error("WebAssembly is off in this browser");
    const names = ["explorer.js", "relevance.js"];
    const [{ Explorer }, { Graphs }] = await Promise.all(names.map((name) => import(new URL(name, here))));
    for (const name of ["explorer.css", "photograph.css"]) {
      document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: new URL(name, here) }));
    }
    const bar = document.querySelector(".bd-header-article"); // below which pictures stay on a phone
    host.style.setProperty("--fx-top", `${bar?.offsetHeight ?? 0}px`);
    const graphs = await Graphs.load({ data: new URL("../../explorer/", here), runtime: new URL("../ort/", here).href });
    host.explorer = await Explorer.mount(host, graphs, ["photograph", "keep", "change", "compare", "link"]);
  };

  for (const host of document.querySelectorAll(".faceinv-explorer")) {
    wake(host).catch((error) => tell(host, error.message));
  }
}
