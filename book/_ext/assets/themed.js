// Set the colours of figures to the theme of the page, when they are drawn and when the theme is changed.
(() => {
  const colours = () => {
    const style = getComputedStyle(document.documentElement);
    const read = (name) => style.getPropertyValue(name).trim();
    return {
      text: read("--pst-color-text-base"),
      rule: "rgba(128, 128, 128, 0.3)",
      surface: read("--pst-color-surface"),
    };
  };

  const changes = (figure, { text, rule, surface }) => {
    const change = { "font.color": text, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)" };
    for (const key of Object.keys(figure._fullLayout)) {
      if (/^[xy]axis\d*$/.test(key)) {
        for (const line of ["gridcolor", "linecolor", "zerolinecolor", "tickcolor"]) change[`${key}.${line}`] = rule;
      }
    }
    (figure.layout.updatemenus ?? []).forEach((_, i) => {
      change[`updatemenus[${i}].bgcolor`] = surface;
      change[`updatemenus[${i}].bordercolor`] = rule;
    });
    return change;
  };

  const applyTo = (figure) => {
    Plotly.relayout(figure, changes(figure, colours()));
    Plotly.Plots.resize(figure); // it may have been drawn before the layout of the page was complete
  };
  const apply = () => document.querySelectorAll(".js-plotly-plot").forEach(applyTo);

  document.addEventListener("faceinv-drawn", (event) => applyTo(event.target));
  apply();
  new MutationObserver(apply).observe(document.documentElement, { attributeFilter: ["data-theme"] });
})();
