// Rows of methods side by side between two ends, moved by t.
async function mount(view, data, connect) {
  const { methods, measures, frames, moments } = data, last = frames - 1;
  const pairs = data.pairs.map(pair => ({ ...pair, films: { ...pair.films } }));
  let pair = pairs[0], path = data.paths[0], film, traces = [], ask = null;

  const cells = methods.map(name => {
    const canvas = picture(name), numbers = measures.map(() => make("span"));
    return { name, canvas, numbers, curves: measures.map(() => make("div", { class: "curve" })) };
  });
  const ends = ["from", "to"].map(word => ({ word, canvas: picture(`the end at t = ${word === "from" ? 0 : 1}`) }));
  const tile = row => (moments ? step.value * methods.length : 0) + row;
  const value = (row, which, k) => film.numbers[which]?.[tile(row)]?.[k];
  // an angle has turned round and round on its way; what is beyond the scale of its curve has a mark
  const print = (v, which) => {
    if (v == null) return "–";
    const { digits, top, wrap } = measures[which];
    return wrap ? (((v % wrap) + wrap) % wrap).toFixed(digits) : v.toFixed(digits) + (v > top ? " ▲" : "");
  };

  const place = slider("place on the way", last, data.start, k => {
    const t = (k / last).toFixed(2);
    if (!film || !measures.length) return { short: t, long: `t ${t}` };
    return { short: t, long: `t ${t}, ${measures[0].name}: ` + methods.map((m, row) => `${m} ${print(value(row, 0, k), 0)}`).join(", ") };
  }, draw);
  const step = slider("training", moments ? moments.length - 1 : 0, moments ? moments.length - 1 : 0,
                      k => moments ? `${moments[k].toLocaleString("en")} samples` : "", () => { curves(); draw(); });
  const play = player(view, place, draw, 60);
  const which = choice("pair", pairs.map((p, k) => [k, p.name]), k => { pair = pairs[k]; load(); });
  const kind = choice("path", data.paths.map(p => [p, p]), p => { path = p; load(); });
  const tableBox = numbers(() => table(`${pair.name}, ${path} path`,
    ["t", ...methods.flatMap(m => measures.map(q => `${m}: ${q.name}`))],
    Array.from({ length: frames }, (_, k) => [(k / last).toFixed(2),
      ...methods.flatMap((m, row) => measures.map((q, j) => print(value(row, j, k), j)))])));

  function draw() {
    const k = place.value;
    cells.forEach((cell, row) => {
      paint(cell.canvas, film.sheet, tile(row), k);
      cell.canvas.setAttribute("aria-label", `${cell.name}, ${pair.name}, at t ${(k / last).toFixed(2)}`);
      measures.forEach((m, j) => { cell.numbers[j].textContent = print(value(row, j, k), j); });
    });
    for (const mark of traces) mark.move(k);
  }

  function curves() {
    traces = [];
    measures.forEach((measure, j) => {
      const known = film.numbers[j].flat().filter(v => v != null);
      const low = measure.wrap ? Math.min(...known) : 0, top = measure.top ?? Math.max(low + 1e-9, ...known);
      cells.forEach((cell, row) => {
        const curve = trace(film.numbers[j][tile(row)] ?? [], top, low);
        cell.curves[j].replaceChildren(curve.node);
        traces.push(curve);
      });
    });
    tableBox.refresh();
  }

  async function load() {
    if (!pair.films[path]) {
      if (ask) ask({ ends: pair.ends, path }, reply => { pair.films[path] = reply.pair.films[path]; load(); });
      return;
    }
    film = pair.films[path];
    if (typeof film.sheet === "string") film.sheet = await unpack(film.sheet);
    ends.forEach((end, k) => paint(end.canvas, film.sheet, moments ? (moments.length - 1) * methods.length : 0, k * last));
    curves();
    draw();
    place.say();
    step.say();
  }

  function arrived(reply) {
    const known = pairs.length;
    pairs.push(pair = reply.pair);
    which.fill(pairs.map((p, k) => [k, p.name]));
    which.select.value = known;
    load();
  }

  const classes = (data.classes ?? []).map((name, k) => [k, name]);
  const picks = classes.length ? ["from", "to"].map(word => choice(word, [["", "any"], ...classes], () => {})) : [];
  const more = button("New pair", () => ask({ path, classes: picks.map(p => p.select.value === "" ? null : +p.select.value) },
                                            arrived), { disabled: true });
  more.title = "needs a running kernel: run the cell";
  if (data.asks) connect(line => { ask = line; more.disabled = false; more.removeAttribute("title"); });

  view.append(
    make("div", { class: "controls" }, play.node, play.speed, which.node, data.paths.length > 1 ? kind.node : "", ...(data.asks ? [...picks.map(p => p.node), more] : [])),
    make("div", { class: "ends" }, ...ends.map(end => make("figure", {}, end.canvas, make("figcaption", {}, end.word)))),
    place.node, moments ? step.node : "",
    make("div", { class: "grid" }, ...cells.map(cell => make("figure", {}, make("figcaption", {}, make("b", {}, cell.name)), cell.canvas,
      ...measures.map((m, j) => make("div", { class: "number" }, `${m.name} `, cell.numbers[j], cell.curves[j]))))),
    measures.length ? tableBox.node : "");
  await load();
}
