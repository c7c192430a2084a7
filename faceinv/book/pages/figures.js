// Additions to figures: download their numbers as a file, and show the faces behind their points.
// This script comes before the figures, and after Plotly or what loads it later, and then says with an event which figures are drawn.
(() => {
  const STYLE = `
    .js-plotly-plot:focus-within .modebar { opacity: 1 !important; }
    .js-plotly-plot:focus-visible { outline: 2px solid #0072B2; outline-offset: -2px; }
    .faceinv-examples { margin: 0.4rem 0 1.2rem; font-size: 0.88rem; text-align: left; }
    .faceinv-examples > p { margin: 0 0 0.5rem; }
    .faceinv-examples > div { display: flex; flex-wrap: wrap; gap: 0.5rem; }
    .faceinv-examples figure { margin: 0; width: 80px; }
    .faceinv-examples canvas { display: block; box-sizing: border-box; width: 80px; height: auto; border: 3px solid transparent; }
    .faceinv-examples .faceinv-wrong canvas { border-color: #D55E00; }
    .faceinv-examples figcaption { padding-top: 2px; font-size: 0.75rem; line-height: 1.25; overflow-wrap: anywhere; text-align: left; color: inherit; }`;

  const PICTURE = "M100 150h800v700h-800z M160 210v580h680v-580z M200 730l190-250l130 150l100-110l180 210z M640 380a60 60 0 1 0 1 0z";
  const TABLE = "M100 150h800v180h-800z M100 390h370v180h-370z M530 390h370v180h-370z M100 630h370v220h-370z M530 630h370v220h-370z";

  const plain = (text) => String(text ?? "").replace(/<br\s*\/?>/g, ", ").replace(/<[^>]*>/g, "").trim();

  // The title that all axes of one letter share; otherwise the letter.
  const titleOf = (layout, letter) => {
    const axes = Object.keys(layout).filter((key) => new RegExp(`^${letter}axis\\d*$`).test(key) );
    const titles = new Set(axes.map((key) => plain(layout[key].title?.text)).filter(Boolean));
    return titles.size === 1 ? [...titles][0] : letter;
  };

  // Labels of the ticks in place of numbers, if every number is near a tick: points of different colours are offset.
  const labelled = (axis, values) => {
    const given = Array.from(values ?? [], (value) => (typeof value === "string" ? plain(value) : value));
    const words = Array.from(axis?.ticktext ?? [], plain), places = Array.from(axis?.tickvals ?? []);
    const found = given.map((value) => words[places.findIndex((place) => Math.abs(place - value) < 0.5)]);
    return found.every(Boolean) ? found : given;
  };

  const listed = (cell) => (typeof cell === "object" && cell !== null ? Array.from(cell) : [cell]);

  // One record per point of a trace.
  const records = (trace, layout, titles) => {
    const { columns = [], ...constants } = trace.meta ?? {};
    const axisOf = (letter) => layout[(trace[`${letter}axis`] ?? letter).replace(letter, `${letter}axis`)];
    const across = trace.z ? trace.z[0] : trace.y, down = trace.z ?? trace.x;
    const x = labelled(axisOf("x"), trace.x ?? across.keys()), y = labelled(axisOf("y"), trace.y ?? down.keys());
    const name = plain(trace.name);
    const first = { ...constants, ...(/^trace \d+$/.test(name) || name === "" ? {} : { name }) };
    const row = (i, j, more) => ({
      ...first,
      [titles.x]: x[i],
      [titles.y]: y[j],
      ...more,
    });
    if (trace.z) {
      const title = plain(trace.colorbar?.title?.text) || "z";
      return Array.from(trace.z, (line, j) =>
        Array.from(line, (value, i) => {
          const cells = listed(trace.customdata?.[j]?.[i]);
          return row(i, j, { [title]: value, ...Object.fromEntries(columns.map((column, k) => [column, cells[k]])) });
        })
      ).flat();
    }
    return y.map((_, i) => {
      const more = Array.isArray(trace.text) && trace.text[i] ? { text: plain(trace.text[i]) } : {};
      for (const letter of ["x", "y"]) {
        const error = trace[`error_${letter}`];
        if (error?.array) {
          more.low = trace[letter][i] - (error.arrayminus ?? error.array)[i];
          more.high = trace[letter][i] + error.array[i];
        }
      }
      const cells = listed(trace.customdata?.[i]);
      columns.forEach((column, k) => { more[column] = cells[k]; });
      return row(i, i, more);
    });
  };

  const csvOf = (figure) => {
    const titles = { x: titleOf(figure.layout, "x"), y: titleOf(figure.layout, "y") };
    // What a menu has not chosen is left out, and so are arrows at the edges of axes, which repeat intervals.
    const shown = figure._fullData.filter(
      (trace) => trace.hoverinfo !== "skip" && trace.visible !== false && trace.meta?.mark !== "continued"
    );
    const rows = shown.flatMap((trace) => records(trace, figure._fullLayout, titles));
    const heads = [...new Set(rows.flatMap(Object.keys))].filter((head) => rows.some((row) => (row[head] ?? "") !== ""));
    // An axis whose labels are also a column is left out.
    const again = (head) => heads.some((other) => other !== head && rows.every((row) => row[other] === row[head]));
    const used = heads.filter((head) => !(["x", "y"].includes(head) && again(head)));
    const quoted = (value) => (/[",\n]/.test(value) ? `"${String(value).replace(/"/g, '""')}"` : String(value ?? ""));
    return [used, ...rows.map((row) => used.map((head) => row[head]))].map((line) => line.map(quoted).join(",")).join("\n") + "\n";
  };

  // Name of the files of a figure: that of the page and the figure's label in it.
  const fileOf = (figure) => {
    const page = location.pathname.split("/").pop().replace(/\.html$/, "");
    const label = figure.closest("figure[id]")?.id ?? figure.closest("section[id]")?.id ?? "figure";
    return [page, label].filter(Boolean).join("-");
  };

  // While the pointer is on a line or its points, the others of the figure fade.
  const emphasise = (figure) => {
    const groups = new Set(figure._fullData.map((trace) => trace.legendgroup).filter(Boolean));
    if (groups.size < 3) return;
    const fade = (group) =>
      figure._fullData.forEach((trace) => {
        const drawn = figure.querySelector(`.scatterlayer .trace${trace.uid}`);
        if (drawn) drawn.style.opacity = group && trace.legendgroup && trace.legendgroup !== group ? 0.12 : "";
      });
    figure.on("plotly_hover", (event) => fade(event.points[0].data.legendgroup));
    figure.on("plotly_unhover", () => fade(""));
  };

  const save = (href, download) => Object.assign(document.createElement("a"), { href, download }).click();

  const saveCsv = (figure) => {
    const url = URL.createObjectURL(new Blob([csvOf(figure)], { type: "text/csv" }));
    save(url, `${fileOf(figure)}.csv`);
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };

  // The SVG is for print, so it is light whatever the theme of the page.
  const saveSvg = async (figure) => {
    const { data, layout, _fullLayout: { width, height } } = figure;
    const printed = { ...layout, font: { ...layout.font, color: "#222222" }, paper_bgcolor: "white", plot_bgcolor: "white" };
    save(await Plotly.toImage({ data, layout: printed }, { format: "svg", width, height }), `${fileOf(figure)}.svg`);
  };

  // The faces of one point, cut from the sheet of all faces.
  const draw = (panel, sheet, size, found, labels) => {
    const wrong = new Set(found.wrong);
    const caption = document.createElement("p");
    caption.textContent = found.caption;
    const faces = document.createElement("div");
    const columns = Math.max(1, Math.floor(sheet.naturalWidth / size));
    found.tiles.forEach((tile, i) => {
      const figure = document.createElement("figure");
      figure.classList.toggle("faceinv-wrong", wrong.has(i));
      const canvas = Object.assign(document.createElement("canvas"), { width: size, height: size });
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", labels[i] + (wrong.has(i) ? ", wrong" : ""));
      canvas.getContext("2d").drawImage(sheet, (tile % columns) * size, Math.floor(tile / columns) * size, size, size, 0, 0, size, size);
      const words = document.createElement("figcaption");
      words.textContent = labels[i];
      figure.append(canvas, words);
      faces.append(figure);
    });
    panel.replaceChildren(caption, faces);
  };

  const attach = (panel, figure) => {
    const sheet = panel.querySelector("img");
    const { what, size, labels, points } = JSON.parse(panel.querySelector("script").textContent);
    const hint = document.createElement("p");
    hint.textContent = `Click a point to see ${what} behind it, or move between points with the arrow keys and press Enter.`;
    panel.replaceChildren(hint);
    panel.setAttribute("aria-live", "polite");
    panel.hidden = false;

    const show = async (id) => {
      if (!Object.hasOwn(points, id)) {
        hint.textContent = `The page has no ${what} behind this point; most points of this run have them.`;
        return void panel.replaceChildren(hint);
      }
      await sheet.decode();
      draw(panel, sheet, size, points[id], labels[points[id].words]);
    };
    const idAt = (trace, x, y, number) => trace.ids?.[number] ?? [y, x].map(plain).join(" | "); // a cell of a matrix has no id
    figure.on("plotly_click", (event) => {
      const { data, x, y, pointNumber } = event.points[0];
      show(idAt(data, x, y, pointNumber));
    });

    // The sequences that arrow keys follow: traces, or rows of a matrix, whose cells Plotly identifies by position.
    const walksNow = () => figure._fullData
      .flatMap((trace, curve) =>
        (trace.visible !== true ? [] : trace.z
          ? Array.from(trace.y, (y, j) => Array.from(trace.x, (x, i) => [{ xval: i, yval: j }, idAt(trace, x, y)]))
          : [Array.from(trace.ids ?? [], (id, i) => [{ pointNumber: i }, id])]
        ).map((line) => ({ trace, curve, places: line.filter(([, id]) => Object.hasOwn(points, id)) }))
      )
      .filter((walk) => walk.places.length);
    let along = 0, across = -1;
    figure.tabIndex = 0;
    figure.setAttribute("aria-label", `${figure.getAttribute("aria-label")} ${hint.textContent}`);
    figure.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
      const walks = event.target === figure ? walksNow() : [];
      if (!walks.length || (!step && event.key !== "Enter")) return;
      event.preventDefault();
      if (step) along = (along + step[0] + walks.length) % walks.length;
      const { trace, curve, places } = walks[Math.min(along, walks.length - 1)];
      if (step) across = Math.min(Math.max(across + step[1], 0), places.length - 1);
      if (across < 0) return;
      const [place, id] = places[Math.min(across, places.length - 1)];
      if (!step) return void show(id);
      Plotly.Fx.hover(figure, [{ curveNumber: curve, ...place }], `${trace.xaxis ?? "x"}${trace.yaxis ?? "y"}`);
    });
  };

  const style = document.createElement("style");
  style.textContent = STYLE;
  document.head.append(style);
  Plotly.setPlotConfig({
    showSendToCloud: false, // pages send nothing to other hosts
    plotlyServerURL: "",
    modeBarButtonsToAdd: [
      { name: "svg", title: "Download the figure as SVG", icon: { width: 1000, height: 1000, path: PICTURE }, click: saveSvg },
      { name: "csv", title: "Download the numbers as CSV", icon: { width: 1000, height: 1000, path: TABLE }, click: saveCsv },
    ],
  });
  // What a figure is called: its caption, which says its result, without the sign of its link.
  const nameOf = (figure) => {
    const caption = figure.closest("figure")?.querySelector("figcaption")?.cloneNode(true);
    const beside = figure.closest(".jp-OutputArea, .cell_output")?.querySelector(".faceinv-caption");
    caption?.querySelectorAll(".headerlink").forEach((link) => link.remove());
    return (caption ?? beside)?.textContent.replace(/\s+/g, " ").trim() || "Figure.";
  };

  // On a narrow page a legend takes more lines: the figure gets higher by them, and its plot stays as high as it was.
  const LEGEND = 48, NARROW = 640;
  const makeRoom = (figure) => {
    const more = Math.round((figure._fullLayout.legend?._height ?? 0) - LEGEND);
    const box = [figure, figure.parentElement].find((each) => each.style.height.endsWith("px"));
    if (!box || more <= 0 || window.innerWidth >= NARROW) return;
    box.style.height = `${figure._fullLayout.height + more}px`;
    Plotly.Plots.resize(figure);
  };

  const extend = (figure) => {
    makeRoom(figure);
    figure.setAttribute("role", "group");
    figure.setAttribute("aria-label", nameOf(figure));
    emphasise(figure);
    document.querySelectorAll(".faceinv-examples").forEach((panel) => {
      if (panel.previousElementSibling?.contains(figure)) attach(panel, figure);
    });
  };
  document.addEventListener("faceinv-drawn", (event) => extend(event.target));
  document.addEventListener("DOMContentLoaded", () => {
    if (!window.faceinvDrawAll) document.querySelectorAll(".js-plotly-plot").forEach(extend); // they were drawn while the page was parsed
  });
})();
