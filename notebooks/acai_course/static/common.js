// What all explorers share. Plain browser code: no build, no library, nothing from the net. It is written into the page
// in front of one of the other files, whose `mount(view, data, shared, connect)` then fills the view.
const SIDE = 32;                                        // pixels of an image

function make(tag, properties = {}, ...children) {
  const svg = ["svg", "g", "path", "line", "circle", "text", "polyline", "rect", "title"].includes(tag);
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

// Where an explorer stands: frame, pair, path, … Its controls, its address and its model in Python all read and write here;
// what one of them changes, the others hear.
function traits() {
  const now = {}, hands = {}, listeners = new Map(), same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
  function spread(name, value, from) {
    now[name] = value;
    for (const [who, hear] of listeners) if (who !== from) hear(name, value);
  }
  return {
    now, listeners,
    tie(name, value, hand) { now[name] = value; hands[name] = hand; },    // hand(value): the control follows
    tell(name, value) { if (!same(now[name], value)) spread(name, value); },
    hear(name, value, from) {
      if (!(name in hands) || value == null || same(now[name], value)) return;
      spread(name, value, from);
      hands[name](value);
    },
  };
}

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

// The slider that moves an explorer through its frames: by hand, by dragging on a picture or a curve, by a button that plays
// (`ms` a frame, there and back or, with `once`, to the end; slower for those who want little to move), or from outside.
function mover(view, shared, label, last, value, words, draw, ms, once = false) {
  const calm = window.matchMedia("(prefers-reduced-motion: reduce)").matches ? 6 : 1, players = window.acaiPlayers ??= {};
  const me = fresh(), place = slider(label, last, value, words, k => { pause(); draw(k); shared.tell("frame", k); });
  let timer = null, by = 1, pace = 1;
  const node = button("Play", () => shared.now.playing ? pause() : play());
  const clear = () => { clearInterval(timer); timer = null; if (players[shared.box] === me) delete players[shared.box]; };
  function put(k) {                                     // the slider keeps k in its range
    place.value = k;
    draw(place.value);
    shared.tell("frame", place.value);
  }
  const set = k => { if (k !== place.value || k !== shared.now.frame) put(k); };
  function follow(playing) {                            // of several views of one model, one plays
    node.textContent = playing ? "Pause" : "Play";
    clear();
    if (!playing || players[shared.box]) return;
    if (shared.box) players[shared.box] = me;
    timer = setInterval(() => {
      const far = +place.input.max, end = by > 0 ? far : 0;
      if (!view.isConnected || once && place.value === far) return pause();
      if (place.value === end) by = -by;
      set(place.value + by);
    }, ms * pace * calm);
  }
  function play() {
    if (once && place.value === +place.input.max) set(0);
    shared.tell("playing", true);
    follow(true);
  }
  function pause() {
    if (!shared.now.playing) return;
    shared.tell("playing", false);
    follow(false);
  }
  function drag(target, said = () => {}) {              // said(k or null): what is under the pointer
    const under = event => {
      const { left, width } = target.getBoundingClientRect();
      return Math.round(+place.input.max * Math.min(Math.max((event.clientX - left) / width, 0), 1));
    };
    target.classList.add("drag");
    target.addEventListener("pointerdown", event => { target.setPointerCapture(event.pointerId); pause(); set(under(event)); });
    target.addEventListener("pointermove", event => { if (target.hasPointerCapture(event.pointerId)) set(under(event)); said(under(event)); });
    target.addEventListener("pointerleave", () => said(null));
    return target;
  }
  const speed = choice("speed", [[1, "normal"], [3, "slow"], [0.4, "fast"]], chosen => {
    pace = +chosen;
    if (timer) follow(true);
  });
  shared.tie("frame", value, put);
  shared.tie("playing", false, follow);
  return { node: place.node, input: place.input, play: node, speed: speed.node, say: place.say, set, pause, drag,
           get value() { return place.value; } };
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

// [[sign, what it means], ...]; a sign is a text, or a node.
const legend = pairs => make("ul", { class: "legend" }, ...pairs.map(([sign, words]) =>
  make("li", {}, make("span", { class: "sign", "aria-hidden": "true" }, sign), ` ${words}`)));
const stroke = (kind, dash = "") => make("svg", { viewBox: "0 0 30 8", "aria-hidden": "true" },
  make("line", { x1: 0, y1: 4, x2: 30, y2: 4, class: kind, "stroke-dasharray": dash }));

// Questions to the kernel. ask(question, answer): answer gets the reply, however late; after `patience` ms without one the
// status says so, and everything that is in the page goes on.
function questions(model, say, patience = 4000) {
  const open = new Map(), reply = found => {
    const answer = open.get(found.nr);
    if (!answer) return;                                // another view's
    open.delete(found.nr);
    say(found.error ?? "");
    if (!found.error) answer(found);
  };
  model.on("msg:custom", reply);
  function ask(question, answer) {
    const nr = Math.floor(Math.random() * 2 ** 31);
    open.set(nr, answer);
    say("asking the kernel …");
    model.send({ ...question, nr });
    setTimeout(() => {
      if (open.has(nr)) say("The kernel does not answer: it is busy, or gone. What is in the page works on.");
    }, patience);
  }
  return { ask, end: () => model.off("msg:custom", reply) };
}

// Shared traits and the model in Python follow each other; returns what ends that. The model, which outlives a page, begins.
// Its t (and value) is the frame as a share of the way.
function follow(shared, model, say) {
  const far = () => shared.last?.() || 1, hear = (name, value) => shared.hear(name, value, "model");
  let own = false;
  const reads = [["t", t => hear("frame", Math.round(t * far()))], ["value", t => hear("frame", Math.round(t * far()))],
                 ...Object.keys(shared.now).map(name => [name, value => hear(name, value)])]
    .map(([name, use]) => [`change:${name}`, () => { if (!own) use(model.get(name)); }]);
  shared.box = model.get("box");
  for (const name of Object.keys(shared.now)) hear(name, model.get(name));
  for (const [event, use] of reads) model.on(event, use);
  shared.listeners.set("model", (name, value) => {
    own = true;
    model.set(name, value);
    if (name === "frame") for (const t of ["t", "value"]) model.set(t, value / far());
    own = false;
    model.save_changes();
  });
  return () => {
    shared.listeners.delete("model");
    for (const [event, use] of reads) model.off(event, use);
  };
}

// Shared traits and the part of the page's address behind #, such as #frame=12&pair=4,5
function address(shared) {
  const read = () => {
    for (const [name, text] of new URLSearchParams(location.hash.slice(1)))
      if (name !== "playing") shared.hear(name, ["frame", "training"].includes(name) ? Math.round(+text) || 0 : text, "address");
  };
  let wait = null;
  shared.listeners.set("address", () => {
    clearTimeout(wait);
    wait = setTimeout(() => {
      const { playing, ...rest } = shared.now;
      try { history.replaceState(null, "", `#${new URLSearchParams(rest)}`); } catch { /* in a frame: no address */ }
    }, 250);
  });
  window.addEventListener("hashchange", read);
  read();
}

function fill(box, data) {
  const status = make("p", { role: "status", class: "status" }), view = make("div", { class: "view" }), shared = traits();
  const say = text => { status.textContent = text; };
  let ready = () => {};
  box.replaceChildren(view, status);
  const mounted = mount(view, { ...data, say }, shared, then => { ready = then; });
  function connect(model) {                             // returns what ends it
    const { ask, end } = questions(model, say);
    let unfollow = () => {};
    mounted.then(() => { ready(ask); unfollow = follow(shared, model, say); });
    return () => { end(); unfollow(); };
  }
  return { view, shared, mounted, connect };
}

function start(id, data) {
  document.getElementById("acai-untrusted")?.remove();  // for where no script runs
  const { view, shared, mounted, connect } = fill(document.getElementById(id), data);
  let model = null;
  function look() {
    const found = window.acaiModels?.get(id);
    if (found && found !== model) connect(model = found);
  }
  window.addEventListener("acai-model", look);
  setTimeout(look);
  mounted.then(() => {
    if (!document.body.classList.contains("acai-page") || window.top !== window) return;
    address(shared);
    view.querySelector("input[type=range]").focus({ preventScroll: true });
  });
}
