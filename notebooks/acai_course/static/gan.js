// The game of two networks in the plane, one step after the other.
async function mount(view, data, shared) {
  let run = data.runs[0];
  const field = make("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
  const at = ([x, y]) => [200 + 200 * x / data.reach, 200 - 200 * y / data.reach];
  const cross = ([x, y]) => `M${x - 5} ${y - 5}l10 10m0 -10l-10 10`;
  const crosses = places => ["edge", "cross"].map(k => make("path", { d: places.map(cross).join(""), class: k }));
  const real = make("g", { class: "real" }, ...crosses(data.centres.map(at))), made = make("g", { class: "made" });
  const map = make("svg", { viewBox: "0 0 400 400", class: "map", role: "img", "aria-label": data.alt }, real, made);
  const said = make("p", { class: "said" }), curves = make("div", {});
  const which = choice("game", data.runs.map((r, k) => [k, r.name]), k => show(data.runs[k]));
  const words = k => `${run.steps[k].toLocaleString("en")} points seen, ${run.modes[k]} of ${data.centres.length} places found`;
  const place = mover(view, shared, "time", data.runs[0].steps.length - 1, 0, words, draw, 150, true);
  const one = (text, by) => button(text, () => { place.pause(); place.set(place.value + by); });
  const tableBox = numbers(() => table(run.name, ["points seen", "places found", "generator's loss", "discriminator's loss"],
    run.steps.map((s, k) => [String(s), String(run.modes[k]), ...["generator", "discriminator"].map(p => run.losses[p][k]?.toFixed(3) ?? "–")])));
  let marks = [];

  function losses(k, when = "") {
    const loss = who => run.losses[who][k]?.toFixed(2) ?? "–";
    said.textContent = `${when}generator's loss ${loss("generator")}, discriminator's loss ${loss("discriminator")}`;
  }

  function draw(k = place.value) {
    paint(field, run.sheet, 0, k);
    made.replaceChildren(...run.samples[k].map(p => { const [cx, cy] = at(p); return make("circle", { cx, cy, r: 2.5 }); }));
    losses(k);
    for (const mark of marks) mark.move(k);
  }

  function show(chosen) {
    place.pause();
    run = chosen;
    which.select.value = data.runs.indexOf(run);
    shared.tell("game", run.name);
    return load();
  }

  async function load() {
    if (typeof run.sheet === "string") run.sheet = await unpack(run.sheet);
    place.input.max = run.steps.length - 1;
    if (shared.now.frame > run.steps.length - 1) place.set(run.steps.length - 1);
    const top = Math.max(...Object.values(run.losses).flat().filter(v => v != null));
    const drawn = Object.entries(run.losses).map(([who, values]) => [who, trace(values, top)]);
    marks = drawn.map(([, curve]) => curve);
    curves.replaceChildren(...drawn.map(([who, curve]) => make("div", { class: "number curve" }, `${who}'s loss, 0 to ${top.toFixed(1)}`,
      place.drag(curve.node, k => k == null ? losses(place.value) : losses(k, `${run.steps[k].toLocaleString("en")} points: `)))));
    place.say();
    draw();
    tableBox.refresh();
  }

  const box = (...inside) => make("svg", { viewBox: "190 190 20 20", class: "tiny", "aria-hidden": "true" }, ...inside);
  const ground = level => make("span", { class: "ground", style: `background: hsl(0 0% ${level}%)` });
  view.append(make("div", { class: "controls" }, which.node, place.play, place.speed, one("One step back", -1), one("One step", 1)), place.node,
              make("div", { class: "beside" },
                make("div", {}, make("div", { class: "over" }, field, map), legend([
                  [box(make("g", { class: "real" }, ...crosses([[200, 200]]))), "a place of real points"],
                  [box(make("g", { class: "made" }, make("circle", { cx: 200, cy: 200, r: 5 }))), "a generated point"],
                  [ground(92), "the discriminator says real"], [ground(50), "it cannot tell"], [ground(8), "it says generated"]])),
                make("div", {}, said, curves)), tableBox.node);
  shared.last = () => run.steps.length - 1;
  shared.tie("game", run.name, name => { const found = data.runs.find(r => r.name === name); if (found) show(found); });
  await load();
}
