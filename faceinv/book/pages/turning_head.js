// Heads that turn: the values of a network on the surface of the head, drawn with WebGL 2 in place of the still
// picture, which stays where there is none, and in print.
(() => {
  const STYLE = `
    .faceinv-head-view { display: grid; grid-template-columns: minmax(0, 26rem) minmax(11rem, 1fr); gap: 0 1.5rem; align-items: center; }
    .faceinv-head canvas { width: 100%; aspect-ratio: 1; cursor: grab; touch-action: pan-y; border-radius: 6px; }
    .faceinv-head canvas:active { cursor: grabbing; }
    .faceinv-head canvas:focus-visible { outline: 2px solid var(--pst-color-primary, #1f5fa8); outline-offset: -2px; }
    .faceinv-head fieldset { border: 0; margin: 0 0 0.9rem; padding: 0; min-width: 0; font-size: 0.88rem; }
    .faceinv-head legend { float: none; width: auto; margin: 0 0 0.25rem; padding: 0; font-size: 0.8rem; font-weight: 600; }
    .faceinv-head fieldset div { display: flex; flex-wrap: wrap; gap: 0.3rem; }
    .faceinv-head label { margin: 0; }
    .faceinv-head label input { position: absolute; opacity: 0; pointer-events: none; }
    .faceinv-head label span { display: block; padding: 0.12rem 0.6rem; border: 1px solid var(--pst-color-border, #bbb); border-radius: 1rem; cursor: pointer; line-height: 1.45; }
    .faceinv-head label input:checked + span { border-color: var(--pst-color-text-base, #222); background: var(--pst-color-text-base, #222); color: var(--pst-color-background, #fff); }
    .faceinv-head label input:focus-visible + span { outline: 2px solid var(--pst-color-primary, #1f5fa8); outline-offset: 2px; }
    .faceinv-head label input:disabled + span { opacity: 0.4; cursor: not-allowed; }
    .faceinv-head-hint { margin: 0; font-size: 0.8rem; opacity: 0.75; }
    @media (max-width: 576px) { .faceinv-head-view { grid-template-columns: minmax(0, 1fr); gap: 0.6rem; } }
    @media screen { .faceinv-head.faceinv-turns > img { display: none !important; } }
    @media print { .faceinv-head-view { display: none; } }`;

  const REST = { yaw: 25, pitch: -4 };
  const FIRST = -50, SECONDS = 4.5; // a first slow turn, from here to rest
  const STEP = 10; // degrees by which an arrow key turns the head
  const TITLES = { task: "Task", pretraining: "Pretraining", shown: "Shown" };

  const VERTEX = `#version 300 es
    in vec3 place; in vec3 normal; in float level;
    uniform mat3 turn;
    out vec3 facing; out float height; out vec2 value; out vec2 screen;
    void main() {
      vec3 p = turn * (place - vec3(0.0, 0.056, 0.0)); // about the axis of the neck
      facing = turn * normal;
      height = place.z;
      value = vec2(level > 0.0 ? level : 0.0, level > 0.0 ? 1.0 : 0.0);
      float near = 1.12 + p.y;
      screen = vec2(p.x, p.z + 0.014) * 6.3 * 1.12 / near;
      gl_Position = vec4(screen, (near - 0.6) / 1.2 * 2.0 - 1.0, 1.0);
    }`;
  const FRAGMENT = `#version 300 es
    precision highp float;
    in vec3 facing; in float height; in vec2 value; in vec2 screen;
    uniform sampler2D scale; uniform float steps;
    out vec4 colour;
    void main() {
      vec3 n = normalize(facing);
      if (!gl_FrontFacing) n = -n;
      vec3 stripes = mix(vec3(0.60, 0.64, 0.68), vec3(0.765, 0.79, 0.81), step(0.5, fract((screen.x + screen.y) * 30.0)));
      vec3 own = texture(scale, vec2((value.x / max(value.y, 0.001) - 0.5) / steps, 0.5)).rgb;
      vec3 base = value.y >= 0.5 ? own : stripes;
      float lit = 0.66 + 0.34 * max(dot(n, normalize(vec3(-0.35, -0.75, 0.56))), 0.0);
      float cover = smoothstep(-0.175, -0.14, height);
      colour = vec4(base * lit * cover, cover);
    }`;

  const inflate = async (text) => {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
    return new Response(stream).arrayBuffer();
  };

  // Places, triangles and, for each kind, levels of the vertices.
  const unpack = (buffer, { counts: [vertices, triangles], box: [low, high], kinds }) => {
    const raw = new Uint16Array(buffer, 0, 3 * vertices);
    const places = new Float32Array(3 * vertices);
    for (let i = 0; i < vertices; i++)
      for (let k = 0; k < 3; k++)
        places[3 * i + k] = low[k] + ((high[k] - low[k]) * raw[k * vertices + i]) / 65535;
    const corners = new Uint16Array(buffer.slice(6 * vertices, 6 * (vertices + triangles)));
    for (let i = 1; i < corners.length; i++) corners[i] += corners[i - 1];
    const levels = kinds.map((_, i) => new Uint8Array(buffer, 6 * (vertices + triangles) + i * vertices, vertices));
    return { places, corners, levels };
  };

  // Means of the normals of adjacent triangles, weighted by area.
  const normalsOf = (places, corners) => {
    const out = new Float32Array(places.length);
    for (let t = 0; t < corners.length; t += 3) {
      const [a, b, c] = [0, 1, 2].map((k) => places.subarray(3 * corners[t + k], 3 * corners[t + k] + 3));
      const u = b.map((v, k) => v - a[k]), w = c.map((v, k) => v - a[k]);
      const across = [u[1] * w[2] - u[2] * w[1], u[2] * w[0] - u[0] * w[2], u[0] * w[1] - u[1] * w[0]];
      for (let k = 0; k < 3; k++) across.forEach((v, axis) => (out[3 * corners[t + k] + axis] += v));
    }
    return out;
  };

  const drawer = (canvas, content, { places, corners, levels }) => {
    const gl = canvas.getContext("webgl2", { antialias: true, alpha: true, premultipliedAlpha: true });
    if (!gl) return null;
    const program = gl.createProgram();
    for (const [type, source] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, FRAGMENT]]) {
      const shader = gl.createShader(type);
      gl.shaderSource(shader, source);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) return null;
    gl.useProgram(program);
    const attribute = (name, size, type, data) => {
      const at = gl.getAttribLocation(program, name);
      gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
      gl.bufferData(gl.ARRAY_BUFFER, data, gl.STATIC_DRAW);
      gl.enableVertexAttribArray(at);
      gl.vertexAttribPointer(at, size, type, false, 0, 0);
    };
    attribute("place", 3, gl.FLOAT, places);
    attribute("normal", 3, gl.FLOAT, normalsOf(places, corners));
    attribute("level", 1, gl.UNSIGNED_BYTE, levels[0]); // its buffer stays bound
    gl.bindBuffer(gl.ELEMENT_ARRAY_BUFFER, gl.createBuffer());
    gl.bufferData(gl.ELEMENT_ARRAY_BUFFER, corners, gl.STATIC_DRAW);
    const colours = content.colours.flatMap((hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16)).concat(255));
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, content.colours.length, 1, 0, gl.RGBA, gl.UNSIGNED_BYTE, new Uint8Array(colours));
    for (const [name, value] of [[gl.TEXTURE_MIN_FILTER, gl.LINEAR], [gl.TEXTURE_MAG_FILTER, gl.LINEAR], [gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE], [gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE]])
      gl.texParameteri(gl.TEXTURE_2D, name, value);
    gl.uniform1f(gl.getUniformLocation(program, "steps"), content.colours.length);
    const turn = gl.getUniformLocation(program, "turn");
    gl.enable(gl.DEPTH_TEST);
    return {
      show: (kind) => gl.bufferData(gl.ARRAY_BUFFER, levels[kind], gl.STATIC_DRAW),
      draw: ({ yaw, pitch }) => {
        const side = Math.round(canvas.clientWidth * Math.min(devicePixelRatio || 1, 2));
        if (canvas.width !== side) canvas.width = canvas.height = side;
        const [a, b] = [yaw, -pitch].map((degrees) => (degrees * Math.PI) / 180);
        const [cy, sy, cp, sp] = [Math.cos(a), Math.sin(a), Math.cos(b), Math.sin(b)];
        gl.viewport(0, 0, side, side);
        gl.clear(gl.COLOR_BUFFER_BIT | gl.DEPTH_BUFFER_BIT);
        gl.uniformMatrix3fv(turn, false, [cy, cp * sy, sp * sy, -sy, cp * cy, sp * cy, 0, -sp, cp]); // by columns
        gl.drawElements(gl.TRIANGLES, corners.length, gl.UNSIGNED_SHORT, 0);
      },
    };
  };

  const element = (name, properties = {}, ...children) => {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  };

  const setUp = async (figure, number) => {
    const content = JSON.parse(figure.querySelector("script").textContent);
    const canvas = element("canvas", { tabIndex: 0 });
    const drawn = drawer(canvas, content, unpack(await inflate(content.data), content));
    if (!drawn) return;
    const words = figure.querySelector(".faceinv-head-words");
    const chosen = [...content.kinds[0].choice];
    const kindOf = (choice) => content.kinds.findIndex((kind) => kind.choice.every((part, i) => part === choice[i]));
    const state = { ...REST };

    let waiting = 0;
    const draw = () => {
      waiting ||= requestAnimationFrame(() => {
        waiting = 0;
        drawn.draw(state);
        const yaw = Math.round(state.yaw);
        canvas.ariaValueNow = String(yaw);
        canvas.ariaValueText = yaw === 0 ? "seen from the front" : `turned ${Math.abs(yaw)} degrees to the ${yaw > 0 ? "right" : "left"}`;
      });
    };
    const turnTo = (yaw, pitch) => {
      Object.assign(state, { yaw: ((((yaw + 180) % 360) + 360) % 360) - 180, pitch: Math.max(-35, Math.min(35, pitch)) });
      draw();
    };

    const inputs = content.switches.map(({ name, choices }, i) =>
      choices.map((choice, k) => element("input", { type: "radio", name: `faceinv-head-${number}-${name}`, checked: k === chosen[i] }))
    );
    const show = () => {
      const kind = kindOf(chosen);
      drawn.show(kind);
      words.replaceChildren(element("strong", {}, content.kinds[kind].heading), ` ${content.kinds[kind].words}`);
      inputs.forEach((row, i) => row.forEach((input, k) => {
        input.disabled = kindOf(chosen.map((part, j) => (j === i ? k : part))) < 0;
      }));
      draw();
    };
    const controls = content.switches.map(({ name, choices }, i) => {
      const row = choices.map((choice, k) => {
        inputs[i][k].addEventListener("change", () => { chosen[i] = k; show(); });
        return element("label", {}, inputs[i][k], element("span", {}, choice));
      });
      return element("fieldset", { hidden: choices.length < 2 }, element("legend", {}, TITLES[name] ?? name), element("div", {}, ...row));
    });

    // a slider of its angle, so that screen readers pass on the arrow keys
    words.id ||= `faceinv-head-words-${number}`;
    for (const [name, value] of Object.entries({ role: "slider", "aria-label": "Head to turn", "aria-valuemin": -180, "aria-valuemax": 180, "aria-describedby": words.id }))
      canvas.setAttribute(name, value);
    const hint = element("p", { className: "faceinv-head-hint" }, "Drag the head, or focus it and press the arrow keys, to turn it; Home turns it back.");
    const view = element("div", { className: "faceinv-head-view" }, canvas, element("div", {}, ...controls, hint));
    figure.prepend(view);
    figure.classList.add("faceinv-turns");

    let moving = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    const stop = () => { moving = false; };
    let held = null;
    canvas.addEventListener("pointerdown", (event) => {
      stop();
      held = { x: event.clientX, y: event.clientY, ...state };
      canvas.setPointerCapture(event.pointerId);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (held) turnTo(held.yaw + 0.5 * (event.clientX - held.x), held.pitch - 0.3 * (event.clientY - held.y));
    });
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => { held = null; });
    canvas.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: [-STEP, 0], ArrowRight: [STEP, 0], ArrowUp: [0, STEP / 2], ArrowDown: [0, -STEP / 2] }[event.key];
      if (!step && event.key !== "Home") return;
      event.preventDefault();
      stop();
      if (step) turnTo(state.yaw + step[0], state.pitch + step[1]);
      else turnTo(REST.yaw, REST.pitch);
    });
    canvas.addEventListener("webglcontextlost", () => {
      stop();
      view.remove();
      figure.classList.remove("faceinv-turns");
    });
    new ResizeObserver(draw).observe(canvas);
    show();

    const begin = () => {
      const start = performance.now();
      const frame = (now) => {
        if (!moving) return;
        const share = Math.min((now - start) / 1000 / SECONDS, 1), eased = (1 - Math.cos(Math.PI * share)) / 2;
        turnTo(FIRST + (REST.yaw - FIRST) * eased, REST.pitch);
        if (share < 1) requestAnimationFrame(frame);
      };
      requestAnimationFrame(frame);
    };
    if (!moving) return;
    turnTo(FIRST, REST.pitch);
    const seen = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) { seen.disconnect(); begin(); }
    }, { threshold: 0.3 });
    seen.observe(canvas);
  };

  const start = () => {
    document.head.append(element("style", { textContent: STYLE }));
    // whatever fails, the still picture stays
    document.querySelectorAll(".faceinv-head").forEach((figure, number) => setUp(figure, number).catch((error) => console.warn(error)));
  };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
