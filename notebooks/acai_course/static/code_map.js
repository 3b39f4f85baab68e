// Codes in two dimensions (their two main directions); click two of them, and see each kind of path between them.
async function mount(view, data, connect) {
  const { points, kinds, frames, classes } = data, last = frames - 1, SHOWN = 9, dashes = ["", "6 4", "2 2"];
  const pairs = [...data.pairs];
  let pair = pairs[0], sheet, chosen = [...pair.ends], turn = 0, ask = null;
  const at = ([x, y]) => [200 + 190 * x, 200 - 190 * y];

  const marks = points.map(([x, y, mark]) => {         // a class in words, or a line at its angle; coloured as well
    const [u, v] = at([x, y]), hue = classes ? 360 * mark / classes.length : mark * 180 / Math.PI, style = `--hue: ${hue.toFixed()}`;
    if (classes) return make("text", { x: u, y: v, class: "dot", style }, classes[mark].slice(0, 3));
    return make("line", { x1: u, y1: v, x2: u + 7 * Math.cos(mark), y2: v - 7 * Math.sin(mark), class: "tick", style });
  });
  const curves = kinds.map((kind, k) => make("polyline", { class: `path k${k}`, "stroke-dasharray": dashes[k] }));
  const spots = kinds.map((kind, k) => make("circle", { r: 5, class: `spot k${k}` }));
  const flags = ["A", "B"].map(word => make("g", { class: "flag" }, make("circle", { r: 9 }), make("text", { dx: 12, dy: 4 }, word)));
  const map = make("svg", { viewBox: "0 0 400 400", class: "map", role: "img", "aria-label": data.alt, onclick: clicked },
                   ...marks, ...curves, ...spots, ...flags);

  const rows = kinds.map((kind, k) => {
    const now = picture(kind), strip = Array.from({ length: SHOWN }, () => picture(""));
    strip.forEach(canvas => canvas.setAttribute("aria-hidden", "true"));
    const key = make("svg", { viewBox: "0 0 40 8", class: "key", "aria-hidden": "true" },
                     make("line", { x1: 0, y1: 4, x2: 40, y2: 4, class: `path k${k}`, "stroke-dasharray": dashes[k] }));
    return { kind, now, strip, text: make("span"),
             node: make("figure", { class: "row" }, make("figcaption", {}, make("b", {}, kind), " ", key), now, make("div", { class: "strip" }, ...strip)) };
  });
  const words = k => `t ${(k / last).toFixed(2)}`;
  const place = slider("place on the way", last, data.start, words, draw);
  const named = ([, , mark], k) => [k, classes ? `${classes[mark]} (${k})` : `${(mark * 180 / Math.PI).toFixed()}° (${k})`];
  const which = choice("pair", pairs.map((p, k) => [k, p.name]), k => { pair = pairs[k]; chosen = [...pair.ends]; load(); });
  const picks = ["A", "B"].map((word, side) => choice(word, points.map(named), k => { chosen[side] = +k; wish(); }));
  const tableBox = numbers(() => table(`${pair.name}: place of each path on the map`, ["t", ...kinds.flatMap(k => [`${k}, 1st`, `${k}, 2nd`])],
    Array.from({ length: frames }, (_, k) => [(k / last).toFixed(2), ...pair.curves.flatMap(curve => curve[k].map(v => v.toFixed(2)))])));

  function clicked(event) {
    const box = map.getBoundingClientRect(), u = (event.clientX - box.left) * 400 / box.width, v = (event.clientY - box.top) * 400 / box.height;
    const far = points.map(p => { const [a, b] = at(p); return (a - u) ** 2 + (b - v) ** 2; });
    if (!ask) {                                         // of the pairs that are here, the one that begins or ends nearest
      const away = pairs.map(p => Math.min(...p.ends.map(end => far[end])));
      show(away.indexOf(Math.min(...away)));
      data.say("This is the nearest of the pairs in this page. Paths between other codes need a running kernel.");
      return;
    }
    chosen[turn] = far.indexOf(Math.min(...far));
    turn = 1 - turn;
    wish();
  }

  function wish() {                                     // show the chosen ends; their paths, if they are here or can be had
    flag();
    const known = pairs.findIndex(p => p.ends[0] === chosen[0] && p.ends[1] === chosen[1]);
    if (known >= 0) show(known);
    else if (chosen[0] !== chosen[1]) ask({ ends: [...chosen] }, arrived);
    else data.say("A and B are the same code.");
  }

  function show(known) {
    which.select.value = known;
    pair = pairs[known];
    chosen = [...pair.ends];
    load();
  }

  function arrived(reply) {
    pairs.push(pair = reply.pair);
    which.fill(pairs.map((p, k) => [k, p.name]));
    which.select.value = pairs.length - 1;
    load();
  }

  function flag() {
    flags.forEach((node, side) => node.setAttribute("transform", `translate(${at(points[chosen[side]])})`));
    picks.forEach((pick, side) => { pick.select.value = chosen[side]; });
  }

  function draw() {
    const k = place.value;
    rows.forEach((row, j) => {
      paint(row.now, sheet, j, k);
      row.now.setAttribute("aria-label", `${row.kind} path, ${pair.name}, at t ${(k / last).toFixed(2)}`);
      const [u, v] = at(pair.curves[j][k]);
      spots[j].setAttribute("cx", u);
      spots[j].setAttribute("cy", v);
    });
  }

  async function load() {
    if (typeof pair.sheet === "string") pair.sheet = await unpack(pair.sheet);
    sheet = pair.sheet;
    rows.forEach((row, j) => {
      row.strip.forEach((canvas, k) => paint(canvas, sheet, j, Math.round(k * last / (SHOWN - 1))));
      curves[j].setAttribute("points", pair.curves[j].map(p => at(p).join(",")).join(" "));
    });
    flag();
    draw();
    tableBox.refresh();
  }

  const controls = make("div", { class: "controls" }, which.node);
  view.append(controls,
              make("div", { class: "beside" }, map, make("div", {}, place.node, ...rows.map(row => row.node))), tableBox.node);
  if (data.asks) connect(line => { ask = line; controls.append(...picks.map(pick => pick.node)); });
  await load();
  place.say();
}
