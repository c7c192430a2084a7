// Bring the explorers of a page to life; where that fails the still picture stays, and a sentence says why.
{
  const here = new URL(".", document.currentScript.src);
  const tell = (host, reason) => {
    host.append(Object.assign(document.createElement("p"), { textContent: `This is a still picture: ${reason}.` }));
  };

  const wake = async (host) => {
    if (location.protocol === "file:") {
      throw new Error("a browser gives the network's files only to a page from a server (python -m http.server)");
    }
    if (typeof WebAssembly === "undefined") throw new Error("WebAssembly is off in this browser");
    const { Explorer } = await import(new URL("explorer.js", here));
    const places = { data: new URL("../../explorer/", here), runtime: new URL("../ort/", here).href };
    host.explorer = await Explorer.mount(host, places);
  };

  for (const host of document.querySelectorAll(".faceinv-explorer")) {
    wake(host).catch((error) => tell(host, error.message));
  }
}
