// Figures are drawn when they come near the viewport: only then is Plotly loaded, once for all of them.
//
// This script stands for Plotly while a page is parsed, and takes note of the figures. Their elements have the heights of the figures
// already, so that nothing moves. A figure that was drawn dispatches the event "faceinv-drawn".
(() => {
  const NEAR = "800px"; // distance from the viewport at which a figure is drawn
  const { src, dataset } = document.currentScript;
  const source = new URL(dataset.plotly, src); // the part of Plotly that draws the figures of this page
  const waiting = new Map();
  const configured = [];
  let loading = null;

  const insert = () =>
    new Promise((resolve, reject) => {
      const script = Object.assign(document.createElement("script"), { src: source });
      const { define } = window; // with a loader of modules on the page, Plotly would register as a module
      window.define = undefined;
      const done = (then) => () => {
        window.define = define;
        then();
      };
      script.onload = done(resolve);
      script.onerror = done(() => reject(new Error("the script that draws figures cannot be loaded")));
      document.head.append(script);
    });

  const load = async () => {
    await insert();
    for (const config of configured) window.Plotly.setPlotConfig(config);
  };

  const draw = (figure) => {
    const asked = waiting.get(figure);
    return (asked.drawing ??= drawn(figure, asked));
  };

  const drawn = async (figure, asked) => {
    try {
      await (loading ??= load());
      await window.Plotly.newPlot(figure, ...asked.what);
      figure.dispatchEvent(new CustomEvent("faceinv-drawn", { bubbles: true }));
      asked.resolve(figure);
    } catch (error) {
      figure.textContent = `This figure cannot be drawn: ${error.message}.`;
      throw error;
    }
  };

  const near = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (!isIntersecting) continue;
        near.unobserve(target);
        draw(target);
      }
    },
    { rootMargin: NEAR },
  );

  window.Plotly = {
    newPlot: (id, ...what) =>
      new Promise((resolve) => {
        const figure = typeof id === "string" ? document.getElementById(id) : id;
        waiting.set(figure, { what, resolve });
        near.observe(figure);
      }),
    setPlotConfig: (config) => configured.push(config),
  };
  /** Draw all figures of the page, as for print. */
  window.faceinvDrawAll = async () => void (await Promise.all([...waiting.keys()].map(draw)));
  window.addEventListener("beforeprint", window.faceinvDrawAll);
  // A browser without a screen prints a page once it is quiet, and does not wait for what begins only then.
  if (location.hash === "#print") window.addEventListener("DOMContentLoaded", () => window.faceinvDrawAll());
})();
