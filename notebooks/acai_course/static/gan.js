// The game of two networks in the plane, one step after the other.
async function mount(view, data) {
  let run = data.runs[0];
  const field = make("canvas", { width: SIDE, height: SIDE, "aria-hidden": "true" });
  const at = ([x, y]) => [200 + 200 * x / data.reach, 200 - 200 * y / data.reach];
  const cross = ([x, y]) => `M${x - 5} ${y - 5}l10 10m0 -10l-10 10`;
  const real = make("g", { class: "real" }, ...data.centres.flatMap(c => ["edge", "cross"].map(k => make("path", { d: cross(at(c)), class: k })))), made = make("g", { class: "made" });
  const map = make("svg", { viewBox: "0 0 400 400", class: "map", role: "img", "aria-label": data.alt }, real, made);
  const said = make("p", { class: "said" }), curves = make("div", {});
  const which = choice("game", data.runs.map((r, k) => [k, r.name]), k => { play.stop(); run = data.runs[k]; load(); });
  const words = k => `${run.steps[k].toLocaleString("en")} points seen, ${run.modes[k]} of ${data.centres.length} places found`;
  const place = slider("time", data.runs[0].steps.length - 1, 0, words, draw);
  const play = player(view, place, draw, 150, true);
  const one = (text, by) => button(text, () => { play.stop(); place.value = place.value + by; draw(); });
  const tableBox = numbers(() => table(run.name, ["points seen", "places found", "generator's loss", "discriminator's loss"],
    run.steps.map((s, k) => [String(s), String(run.modes[k]), ...["generator", "discriminator"].map(p => run.losses[p][k]?.toFixed(3) ?? "–")])));
  let marks = [];

  function draw() {
    const k = place.value, loss = who => run.losses[who][k]?.toFixed(2) ?? "–";
    paint(field, run.sheet, 0, k);
    made.replaceChildren(...run.samples[k].map(p => { const [cx, cy] = at(p); return make("circle", { cx, cy, r: 2.5 }); }));
    said.textContent = `generator's loss ${loss("generator")}, discriminator's loss ${loss("discriminator")}`;
    for (const mark of marks) mark.move(k);
  }

  async function load() {
    if (typeof run.sheet === "string") run.sheet = await unpack(run.sheet);
    place.input.max = run.steps.length - 1;
    const top = Math.max(...Object.values(run.losses).flat().filter(v => v != null));
    const drawn = Object.entries(run.losses).map(([who, values]) => [who, trace(values, top)]);
    marks = drawn.map(([, curve]) => curve);
    curves.replaceChildren(...drawn.map(([who, curve]) => make("div", { class: "number curve" }, `${who}'s loss, 0 to ${top.toFixed(1)}`, curve.node)));
    place.say();
    draw();
    tableBox.refresh();
  }

  view.append(make("div", { class: "controls" }, which.node, play.node, play.speed, one("One step back", -1), one("One step", 1)), place.node,
              make("div", { class: "beside" }, make("div", { class: "over" }, field, map), make("div", {}, said, curves)), tableBox.node);
  await load();
}
