// What all explorers share. Plain browser code: no build, no library, nothing from the net. It is written into the page
// in front of one of the other files, whose `mount(box, data, ask)` then fills the box.
const SIDE = 32;                                        // pixels of an image

function make(tag, properties = {}, ...children) {
  const svg = ["svg", "g", "path", "line", "circle", "text", "polyline", "rect"].includes(tag);
  const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (value !== false && value != null) node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children);
  return node;
}

let names = 0;
const fresh = () => `acai-${Date.now().toString(36)}-${names++}`;

// A native slider with its name and its value in words, which screen readers say, too.
function slider(label, last, value, words, changed) {
  const id = fresh(), out = make("output", { for: id });
  const input = make("input", { id, type: "range", min: 0, max: last, step: 1, value });
  const say = () => {
    const text = words(+input.value);
    out.textContent = text.short ?? text;
    input.setAttribute("aria-valuetext", text.long ?? text);
  };
  input.addEventListener("input", () => { changed(+input.value); say(); });
  const node = make("div", { class: "slider" }, make("label", { for: id }, label), " ", out, input);
  return { node, input, say, get value() { return +input.value; }, set value(v) { input.value = v; say(); } };
}

function choice(label, options, changed) {
  const id = fresh(), select = make("select", { id, onchange: () => changed(select.value) });
  const fill = list => select.replaceChildren(...list.map(([value, text]) => make("option", { value }, text)));
  fill(options);
  return { node: make("span", { class: "choice" }, make("label", { for: id }, label), " ", select), select, fill };
}

const button = (text, pressed, more = {}) => make("button", { type: "button", onclick: pressed, ...more }, text);

// A button that moves a slider by itself, `ms` a place, until it is pressed again or the slider is touched: there and back,
// or, with `once`, to the end. Slower for those who want little to move.
function player(view, place, draw, ms, once = false) {
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 6 : 1;
  let timer = null, by = 1, pace = 1;
  const node = button("Play", () => timer ? stop() : go());
  function stop() { clearInterval(timer); timer = null; node.textContent = "Play"; }
  function go() {
    const last = +place.input.max;
    if (once && place.value === last) place.value = 0;
    node.textContent = "Pause";
    timer = setInterval(() => {
      const end = by > 0 ? last : 0;
      if (!view.isConnected || once && place.value === end) return stop();
      if (place.value === end) by = -by;
      place.value = place.value + by;
      draw();
    }, ms * pace * calm);
  }
  place.input.addEventListener("input", stop);
  const speed = choice("speed", [[1, "normal"], [3, "slow"], [0.4, "fast"]], chosen => {
    pace = +chosen;
    if (timer) { stop(); go(); }
  });
  return { node, speed: speed.node, stop };
}

// Pictures travel as one PNG. Line y of frame k of T lies at y T + k, so that neighbours in time are neighbours in the
// picture, which packs a slow film small; tiles (methods, moments) stand beside each other.
async function unpack(uri) {
  const image = new Image();
  image.src = uri;
  await image.decode();
  const { width, height } = image, pen = make("canvas", { width, height }).getContext("2d", { willReadFrequently: true });
  pen.drawImage(image, 0, 0);
  return { width, data: pen.getImageData(0, 0, width, height).data, frames: height / SIDE };
}

function paint(canvas, sheet, tile, frame) {
  const picture = new ImageData(SIDE, SIDE), line = 4 * SIDE;
  for (let y = 0; y < SIDE; y++) {
    const start = 4 * ((y * sheet.frames + frame) * sheet.width + tile * SIDE);
    picture.data.set(sheet.data.subarray(start, start + line), y * line);
  }
  canvas.getContext("2d").putImageData(picture, 0, 0);
}

const picture = label => make("canvas", { width: SIDE, height: SIDE, role: "img", "aria-label": label });

// A small curve with a marker that follows the slider. values: numbers or null; low, top: the values at the edges, where
// what lies beyond them is drawn.
function trace(values, top, low = 0) {
  const last = values.length - 1, share = v => Math.min(Math.max((v - low) / (top - low), 0), 1);
  const at = (v, k) => `${(100 * k / last).toFixed(1)},${(28 - 26 * share(v)).toFixed(1)}`;
  const points = values.map((v, k) => v == null ? "" : at(v, k)).join(" ");
  const mark = make("line", { y1: 0, y2: 30, class: "mark" });
  const node = make("svg", { viewBox: "0 0 100 30", preserveAspectRatio: "none", "aria-hidden": "true" },
                    make("polyline", { points }), mark);
  return { node, move(k) { const x = 100 * k / last; mark.setAttribute("x1", x); mark.setAttribute("x2", x); } };
}

function table(caption, heads, rows) {
  return make("table", {}, make("caption", {}, caption),
              make("thead", {}, make("tr", {}, ...heads.map(text => make("th", { scope: "col" }, text)))),
              make("tbody", {}, ...rows.map(([head, ...cells]) => make("tr", {}, make("th", { scope: "row" }, head),
                                                                      ...cells.map(text => make("td", {}, text))))));
}

// <details> whose table is made when it is opened, and made anew by refresh() while it is open.
function numbers(build) {
  const place = make("div", { class: "scroll" });
  const node = make("details", {}, make("summary", {}, "The numbers as a table"), place);
  const refresh = () => { if (node.open) place.replaceChildren(build()); };
  node.addEventListener("toggle", refresh);
  return { node, refresh };
}

// Questions to the kernel. ready(ask) is called when one is there. ask(question, answer): answer gets the reply, however
// late; after `patience` ms without one the status says so, and everything that is in the page goes on.
function connect(id, say, ready, patience = 4000) {
  let model = null, asked = 0;
  const open = new Map();
  function ask(question, answer) {
    const nr = asked++;
    open.set(nr, answer);
    say("asking the kernel …");
    model.send({ ...question, nr });
    setTimeout(() => {
      if (open.has(nr)) say("The kernel does not answer: it is busy, or gone. What is in the page works on.");
    }, patience);
  }
  function look() {
    const found = window.acaiKernels?.get(id);
    if (!found || found === model) return;
    model = found;
    model.on("msg:custom", reply => {
      const answer = open.get(reply.nr);
      open.delete(reply.nr);
      say(reply.error ?? "");
      if (answer && !reply.error) answer(reply);
    });
    ready(ask);
  }
  window.addEventListener("acai-kernel", look);
  setTimeout(look);
}

function start(id, data) {
  const box = document.getElementById(id), status = make("p", { role: "status", class: "status" });
  const view = make("div", { class: "view" }), say = text => { status.textContent = text; };
  box.addEventListener("keydown", event => event.stopPropagation());  // keys are the explorer's, not JupyterLab's shortcuts
  box.replaceChildren(view, status);
  mount(view, { ...data, say }, ready => connect(id, say, ready)).then(() => {
    const alone = document.body.classList.contains("acai-page") && window.top === window;
    if (alone) view.querySelector("input[type=range]").focus({ preventScroll: true });
  });
}
