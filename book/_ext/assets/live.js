// Live code: turns the code cells of a page into editors that run on a Binder kernel. Thebe is served with the
// book and loaded on request; nothing is requested from Binder before.
(() => {
  const folder = new URL("thebe/", document.currentScript.src).href;
  const config = () => JSON.parse(document.querySelector("#faceinv-live").textContent);

  const load = () =>
    new Promise((resolve, reject) => {
      const style = Object.assign(document.createElement("link"), { rel: "stylesheet", href: `${folder}thebe.css` });
      const script = Object.assign(document.createElement("script"), { src: `${folder}index.js` });
      script.addEventListener("load", resolve);
      script.addEventListener("error", () => reject(new Error(`${script.src} cannot be loaded`)));
      document.head.append(style, script);
    });

  // Mark each cell's source as executable. Thebe matches sources and outputs by their order, so a cell without
  // an output gets an empty one.
  const mark = () => {
    document.documentElement.classList.add("faceinv-show-code");
    for (const cell of document.querySelectorAll("div.cell")) {
      const source = cell.querySelector(".cell_input pre");
      const output = cell.querySelector(".cell_output") ?? document.createElement("div");
      if (!source || source.closest("[data-executable]")) continue;
      source.textContent = source.textContent; // removes the highlighter's spans
      source.dataset.executable = "true";
      source.dataset.language = "python";
      cell.querySelectorAll("button.copybtn").forEach((button) => button.remove());
      cell.querySelectorAll("details").forEach((fold) => (fold.open = true));
      output.dataset.output = "";
      if (!output.isConnected) cell.append(output);
    }
  };

  const place = () => {
    const status = document.createElement("p");
    status.className = "faceinv-live";
    status.setAttribute("role", "status");
    document.querySelector("section h1").after(status);
    return status;
  };

  // Called by the button of the page.
  window.faceinvLive = async () => {
    if (document.querySelector(".faceinv-live")) return;
    const status = place();
    const say = (text) => (status.textContent = `Live code: ${text}`);
    let waiting = true;
    try {
      say("loading the editors …");
      await load();
      window.thebe.on("status", (_, { subject, status: state, message }) => {
        if (waiting && (subject === "server" || state === "failed")) say(`${message || state} …`);
      });
      mark();
      const { session } = await window.thebe.bootstrap(config());
      if (!session) throw new Error("no kernel was started");
      waiting = false;
      say("ready. Run the cells in order; their output replaces the output of the book.");
    } catch (error) {
      waiting = false;
      say(`it cannot be started: ${error.message ?? error}`);
    }
  };
})();
