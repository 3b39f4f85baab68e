// Codes in two dimensions (their two main directions); choose two of them, and see each kind of path between them.
async function mount(view, data, shared, connect) {
  const { points, kinds, frames, classes } = data, last = frames - 1, SHOWN = 9, dashes = ["", "6 4", "2 2"];
  const pairs = [...data.pairs];
  let pair = pairs[0], sheet, chosen = [...pair.ends], turn = 0, ask = null;
  const at = ([x, y]) => [200 + 190 * x, 200 - 190 * y];

  const named = ([, , mark], k) => classes ? `${classes[mark]} (${k})` : `${(mark * 180 / Math.PI).toFixed()}° (${k})`;
  const hue = mark => (classes ? 360 * mark / classes.length : mark * 180 / Math.PI).toFixed();
  const marks = points.map((point, k) => {             // a class in words, or a line at its angle; coloured as well
    const [x, y, mark] = point, [u, v] = at([x, y]), style = `--hue: ${hue(mark)}`, title = make("title", {}, named(point, k));
    if (classes) return make("text", { x: u, y: v, class: "dot", style }, classes[mark].slice(0, 3), title);
    return make("line", { x1: u, y1: v, x2: u + 7 * Math.cos(mark), y2: v - 7 * Math.sin(mark), class: "tick", style }, title);
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
    const film = make("div", { class: "strip" }, ...strip);
    return { kind, now, strip, film, node: make("figure", { class: "row" }, make("figcaption", {}, make("b", {}, kind), " ", key), now, film) };
  });
  const place = mover(view, shared, "place on the way", last, data.start, k => `t ${(k / last).toFixed(2)}`, draw, 60);
  for (const row of rows) for (const node of [row.now, row.film]) place.drag(node);
  const which = choice("pair", pairs.map((p, k) => [k, p.name]), k => show(pairs[k]));
  const picks = ["A", "B"].map((word, side) => choice(word, points.map((point, k) => [k, named(point, k)]), k => { chosen[side] = +k; wish(); }));
  const tableBox = numbers(() => table(`${pair.name}: place of each path on the map`, ["t", ...kinds.flatMap(k => [`${k}, 1st`, `${k}, 2nd`])],
    Array.from({ length: frames }, (_, k) => [(k / last).toFixed(2), ...pair.curves.flatMap(curve => curve[k].map(v => v.toFixed(2)))])));

  function clicked(event) {
    const box = map.getBoundingClientRect(), u = (event.clientX - box.left) * 400 / box.width, v = (event.clientY - box.top) * 400 / box.height;
    const far = points.map(p => { const [a, b] = at(p); return (a - u) ** 2 + (b - v) ** 2; });
    if (!ask) {                                         // of the pairs that are here, the one that begins or ends nearest
      const away = pairs.map(p => Math.min(...p.ends.map(end => far[end])));
      show(pairs[away.indexOf(Math.min(...away))]);
      data.say("This is the nearest of the pairs in this page. Paths between other codes need a running kernel.");
      return;
    }
    chosen[turn] = far.indexOf(Math.min(...far));
    turn = 1 - turn;
    wish();
  }

  function wish() {                                     // show the chosen ends; their paths, if they are here or can be had
    flag();
    const known = pairs.find(p => String(p.ends) === String(chosen));
    if (known) show(known);
    else if (chosen[0] === chosen[1]) data.say("A and B are the same code.");
    else if (ask) ask({ ends: [...chosen] }, arrived);
    else { show(pair); data.say("That pair is not in this page."); }
  }

  function show(found) {
    pair = found;
    which.select.value = pairs.indexOf(pair);
    chosen = [...pair.ends];
    shared.tell("pair", pair.ends);
    return load();
  }

  function arrived(reply) {
    pairs.push(reply.pair);
    which.fill(pairs.map((p, k) => [k, p.name]));
    show(reply.pair);
  }

  function flag() {
    flags.forEach((node, side) => node.setAttribute("transform", `translate(${at(points[chosen[side]])})`));
    picks.forEach((pick, side) => { pick.select.value = chosen[side]; });
  }

  function draw(k = place.value) {
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

  const controls = make("div", { class: "controls" }, place.play, place.speed, which.node);
  const wheel = make("span", { class: "wheel" });
  const signs = classes ? [["3", "a test image, by its class; colours tell the classes apart"]] : [[wheel, "a test line, drawn at its angle and coloured by it"]];
  view.append(controls,
              make("div", { class: "beside" }, make("div", {}, map, legend([...signs, ["◯", "the ends, A and B"], ["●", "the place on each path"]])),
                   make("div", {}, place.node, ...rows.map(row => row.node))), tableBox.node);
  connect(line => { ask = line; controls.append(...picks.map(pick => pick.node)); });
  shared.last = () => last;
  shared.tie("pair", pair.ends, wanted => {
    const found = String(wanted).split(",").map(Number);
    if (found.length !== 2 || !found.every(k => points[k])) return;
    chosen = found;
    wish();
  });
  await load();
  place.say();
}
