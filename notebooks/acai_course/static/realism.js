// A density in the plane: drag a point, see the draws that are no likelier; drag two ends, see three kinds of path.
async function mount(view, data, shared, connect) {
  const SIZE = 100, FRAMES = 41, last = FRAMES - 1, dashes = ["6 4", "1 4", ""], kinds = ["linear", "spherical", "realistic"];
  let here = data.densities[0], ask = null, ends, point, real, paths, ground, scores, level;
  const score = ([x, y]) => {                           // log of a sum of equal bumps, but for a constant
    const found = here.centres.map(([a, b]) => -((x - a) ** 2 + (y - b) ** 2) / (2 * here.width ** 2)), top = Math.max(...found);
    return top + Math.log(found.reduce((sum, v) => sum + Math.exp(v - top), 0));
  };
  const index = p => { const f = score(p); return scores.filter(s => s <= f).length / scores.length; };
  const place = ([x, y]) => { const [l, r, b, t] = here.box; return [400 * (x - l) / (r - l), 400 * (t - y) / (t - b)]; };
  const back = (u, v) => { const [l, r, b, t] = here.box; return [l + u * (r - l) / 400, t - v * (t - b) / 400]; };
  const round = p => p.map(v => Math.round(v * 1000) / 1000);

  const canvas = make("canvas", { width: SIZE, height: SIZE, "aria-hidden": "true" }), dots = make("g", { class: "draws" });
  const curves = kinds.map((kind, k) => make("polyline", { class: `path k${k}`, "stroke-dasharray": dashes[k] }));
  const spots = kinds.map((kind, k) => make("circle", { r: 5, class: `spot k${k}` }));
  const handle = word => make("g", { class: "handle" }, make("circle", { r: 8 }), make("text", { dx: 11, dy: 4 }, word));
  const handles = { z: handle("z"), a: handle("a"), b: handle("b") }, tip = make("title", {});
  const map = make("svg", { viewBox: "0 0 400 400", class: "map", role: "img", "aria-label": data.alt }, tip, dots, ...curves, ...spots, ...Object.values(handles));
  const under = event => {
    const box = map.getBoundingClientRect();
    return back((event.clientX - box.left) * 400 / box.width, (event.clientY - box.top) * 400 / box.height);
  };
  map.addEventListener("pointermove", event => { tip.textContent = `ri ${index(under(event)).toFixed(2)} here`; });
  for (const [word, node] of Object.entries(handles)) {
    node.addEventListener("pointerdown", event => { node.setPointerCapture(event.pointerId); moving.select.value = word; axes(); });
    node.addEventListener("pointermove", event => { if (node.hasPointerCapture(event.pointerId)) move(word, under(event)); });
    node.addEventListener("pointerup", () => { if (word !== "z") search(); });
  }

  const said = make("p", { class: "said" }), lowest = make("div", { class: "scroll" });
  const which = choice("density", data.densities.map((d, k) => [k, d.name]), k => choose(data.densities[k]));
  const pairs = choice("ends", [], k => { const pair = here.pairs[k]; ends = [pair.a, pair.b]; real = pair.path; tell(); all(); });
  const moving = choice("move", [["z", "the point z"], ["a", "end a"], ["b", "end b"]], axes);
  const at = word => word === "z" ? point : ends[word === "a" ? 0 : 1];
  const words = axis => k => { const v = back(4 * k, 4 * (100 - k))[axis].toFixed(2);
    return { short: v, long: `${"xy"[axis]} ${v}, realism of z ${index(point).toFixed(2)}` }; };
  const sliders = [0, 1].map(axis => slider("xy"[axis], 100, 50, words(axis), k => {
    const p = [...at(moving.select.value)];
    p[axis] = back(4 * k, 4 * (100 - k))[axis];
    move(moving.select.value, p, true);
  }));
  for (const s of sliders) s.input.addEventListener("change", () => { if (moving.select.value !== "z") search(); });
  const way = mover(view, shared, "place on the way", last, last / 2, k => `t ${(k / last).toFixed(2)}`, walk, 60);

  function axes() {
    const [u, v] = place(at(moving.select.value));
    sliders[0].value = Math.round(u / 4);
    sliders[1].value = Math.round(100 - v / 4);
  }

  const tell = () => { shared.tell("point", round(point)); shared.tell("ends", ends.map(round)); };

  function move(word, p, own) {
    if (word === "z") point = p;
    else { ends = word === "a" ? [p, ends[1]] : [ends[0], p]; real = null; }
    word === "z" ? shade() : routes();
    if (!own) axes();
    tell();
  }

  const colour = name => getComputedStyle(view).getPropertyValue(`--${name}`).match(/[0-9a-f]{2}/gi).map(part => parseInt(part, 16));

  function shade() {
    level = score(point);
    const image = new ImageData(SIZE, SIZE), [sparse, dense, hatch, plain] = ["sparse", "dense", "hatch", "plain"].map(colour);
    ground.forEach((f, k) => {
      const share = Math.exp(f - here.top), stripe = (k % SIZE + Math.floor(k / SIZE)) % 5 === 0;
      image.data.set([...f <= level ? (stripe ? hatch : plain) : sparse.map((v, i) => v + share * (dense[i] - v)), 255], 4 * k);
    });
    canvas.getContext("2d").putImageData(image, 0, 0);
    handles.z.setAttribute("transform", `translate(${place(point)})`);
    const count = scores.filter(s => s <= level).length;
    said.textContent = `${count} of ${scores.length} draws lie in the hatched region, where no place is likelier than z: `
      + `ri(z) = ${(count / scores.length).toFixed(3)}.`;
  }

  const line = k => [0, 1].map(i => ends[0][i] + (ends[1][i] - ends[0][i]) * k / last);
  function arc(k) {
    const [a, b] = ends, size = p => Math.hypot(...p), t = k / last;
    const angle = Math.acos(Math.max(-1, Math.min(1, (a[0] * b[0] + a[1] * b[1]) / (size(a) * size(b)))));
    if (!(Math.sin(angle) > 1e-4)) return line(k);
    return [0, 1].map(i => (Math.sin((1 - t) * angle) * a[i] + Math.sin(t * angle) * b[i]) / Math.sin(angle));
  }

  function routes() {
    const steps = Array.from({ length: FRAMES }, (_, k) => k);
    paths = [steps.map(line), steps.map(arc), real];
    paths.forEach((path, k) => curves[k].setAttribute("points", (path ?? []).map(p => place(p).join(",")).join(" ")));
    "ab".split("").forEach((word, k) => handles[word].setAttribute("transform", `translate(${place(ends[k])})`));
    walk();
  }

  function walk(k = way.value) {                        // the place on each path, and what the index says there
    spots.forEach((spot, j) => {
      const [cx, cy] = paths[j] ? place(paths[j][k]) : [-50, -50];
      spot.setAttribute("cx", cx);
      spot.setAttribute("cy", cy);
    });
    lowest.replaceChildren(table("along each path", ["path", "lowest ri", "mean ri", `ri at t ${(k / last).toFixed(2)}`], paths.map((path, j) => {
      const found = path?.map(index);
      return [kinds[j], ...(found ? [Math.min(...found), found.reduce((s, v) => s + v) / found.length, found[k]].map(v => v.toFixed(3)) : ["–", "–", "–"])];
    })));
  }

  function search() {
    const asked = ends;
    if (ask) ask({ density: +which.select.value, ends }, reply => { if (ends === asked) { real = reply.path; routes(); } });
    else data.say("The realistic path between other ends needs a running kernel. The linear and the spherical one do not.");
  }

  function all() { routes(); shade(); axes(); }

  function choose(found) {
    here = found;
    which.select.value = data.densities.indexOf(here);
    load();
    shared.tell("density", here.name);
    tell();
  }

  function load() {
    pairs.fill(here.pairs.map((p, k) => [k, p.name]));
    ends = [here.pairs[0].a, here.pairs[0].b];
    real = here.pairs[0].path;
    point = here.point;
    scores = here.draws.map(score);
    ground = Array.from({ length: SIZE * SIZE }, (_, k) => score(back(4 * (k % SIZE + .5), 4 * (Math.floor(k / SIZE) + .5))));
    here.top = Math.max(...ground);
    dots.replaceChildren(...here.draws.map(p => { const [cx, cy] = place(p); return make("circle", { cx, cy, r: 1.2 }); }));
    all();
  }

  // of lists, or of their text in an address
  const plane = value => { const found = String(value).split(",").map(Number); return found.every(Number.isFinite) ? found : []; };
  view.append(make("div", { class: "controls" }, which.node, pairs.node, way.play, way.speed), way.node,
              make("div", { class: "beside" }, make("div", { class: "on" }, make("div", { class: "over" }, canvas, map), legend([
                ["·", "a draw from the density"], [make("span", { class: "ground dense" }), "many draws"], [make("span", { class: "ground hatch" }), "no likelier than z"],
                ...kinds.map((kind, k) => [stroke(`path k${k}`, dashes[k]), `${kind} path from a to b`])])),
                   make("div", {}, moving.node, ...sliders.map(s => s.node), said, lowest)));
  connect(line => { ask = line; });
  load();
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", shade);
  shared.last = () => last;
  shared.tie("density", here.name, name => { const found = data.densities.find(d => d.name === name); if (found) choose(found); });
  shared.tie("point", round(point), value => { const p = plane(value); if (p.length === 2) { point = p; shade(); axes(); } });
  shared.tie("ends", ends.map(round), value => {
    const p = plane(value);
    if (p.length !== 4) return;
    ends = [p.slice(0, 2), p.slice(2)];
    real = here.pairs.find(pair => String([pair.a, pair.b]) === String(ends))?.path ?? null;
    routes();
    axes();
    if (!real) search();
  });
  way.say();
}
