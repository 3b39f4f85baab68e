// Rows of methods side by side between two ends, moved by t.
async function mount(view, data, shared, connect) {
  const { methods, measures, frames, moments } = data, last = frames - 1, key = pair => String(pair.ends);
  const pairs = data.pairs.map(pair => ({ ...pair, films: { ...pair.films } }));
  let pair = pairs[0], path = data.paths[0], film, traces = [], ask = null;

  const cells = methods.map(name => {
    const canvas = picture(name), numbers = measures.map(() => make("span"));
    return { name, canvas, numbers, curves: measures.map(() => make("div", { class: "curve" })) };
  });
  const ends = ["from", "to"].map(word => ({ word, canvas: picture(`the end at t = ${word === "from" ? 0 : 1}`) }));
  const figure = end => make("figure", {}, end.canvas, make("figcaption", {}, end.word));
  const tile = row => (moments ? step.value * methods.length : 0) + row;
  const value = (row, which, k) => film.numbers[which]?.[tile(row)]?.[k];
  // an angle has turned round and round on its way; what is beyond the scale of its curve has a mark
  const print = (v, which) => {
    if (v == null) return "–";
    const { digits, top, wrap } = measures[which];
    return wrap ? (((v % wrap) + wrap) % wrap).toFixed(digits) : v.toFixed(digits) + (v > top ? " ▲" : "");
  };

  const words = k => {
    const t = (k / last).toFixed(2);
    if (!film || !measures.length) return { short: t, long: `t ${t}` };
    return { short: t, long: `t ${t}, ${measures[0].name}: ` + methods.map((m, row) => `${m} ${print(value(row, 0, k), 0)}`).join(", ") };
  };
  const place = mover(view, shared, "place on the way", last, data.start, words, draw, 60);
  const newest = moments ? moments.length - 1 : 0;
  const step = slider("training", newest, newest, k => moments ? `${moments[k].toLocaleString("en")} samples` : "",
                      k => { curves(); draw(); shared.tell("training", k); });
  const which = choice("pair", pairs.map((p, k) => [k, p.name]), k => show(pairs[k]));
  const kind = choice("path", data.paths.map(p => [p, p]), p => { path = p; shared.tell("path", p); load(); });
  const tableBox = numbers(() => table(`${pair.name}, ${path} path`,
    ["t", ...methods.flatMap(m => measures.map(q => `${m}: ${q.name}`))],
    Array.from({ length: frames }, (_, k) => [(k / last).toFixed(2),
      ...methods.flatMap((m, row) => measures.map((q, j) => print(value(row, j, k), j)))])));

  function draw(k = place.value) {
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
      else data.say(`The ${path} path of this pair needs a running kernel.`);
      return;
    }
    film = pair.films[path];
    if (typeof film.sheet === "string") film.sheet = await unpack(film.sheet);
    ends.forEach((end, k) => paint(end.canvas, film.sheet, newest * methods.length, k * last));
    curves();
    draw();
    place.say();
    step.say();
  }

  function show(chosen) {
    pair = chosen;
    which.select.value = pairs.indexOf(pair);
    shared.tell("pair", pair.ends);
    return load();
  }

  function arrived(reply) {
    pairs.push(reply.pair);
    which.fill(pairs.map((p, k) => [k, p.name]));
    show(reply.pair);
  }

  const classes = (data.classes ?? []).map((name, k) => [k, name]);
  const picks = classes.length ? ["from", "to"].map(word => choice(word, [["", "any"], ...classes], () => {})) : [];
  const more = button("New pair", () => {
    if (ask) ask({ path, classes: picks.map(p => p.select.value === "" ? null : +p.select.value) }, arrived);
    else data.say("A new pair is decoded by a running kernel: run this explorer's cell in its lab. The list has the pairs of this page.");
  });
  connect(line => { ask = line; });

  cells.forEach((cell, row) => {
    place.drag(cell.canvas);
    cell.curves.forEach((node, j) => place.drag(node, k => {
      cell.numbers[j].textContent = print(value(row, j, k ?? place.value), j) + (k == null ? "" : ` at t ${(k / last).toFixed(2)}`);
    }));
  });
  view.append(
    make("div", { class: "controls" }, place.play, place.speed, which.node, data.paths.length > 1 ? kind.node : "", ...(data.asks ? [...picks.map(p => p.node), more] : [])),
    make("div", { class: "way" }, figure(ends[0]), place.node, figure(ends[1])), moments ? step.node : "",
    make("div", { class: "grid", style: `--columns: ${methods.length}` }, ...cells.map(cell => make("figure", {}, make("figcaption", {}, make("b", {}, cell.name)), cell.canvas,
      ...measures.map((m, j) => make("div", { class: "number" }, `${m.name} `, cell.numbers[j], cell.curves[j]))))),
    measures.length ? legend([[stroke("path"), `from t = 0 to 1: ${measures.map(m => m.name).join(", ")}`], [stroke("mark here"), "where the slider stands"],
      ...(measures.some(m => m.top) ? [["▲", `above the curve's scale (${measures.filter(m => m.top).map(m => `${m.name}: ${m.top}`).join(", ")})`]] : [])]) : "",
    measures.length ? tableBox.node : "");
  shared.last = () => last;
  shared.tie("path", path, chosen => { if (data.paths.includes(chosen)) { kind.select.value = path = chosen; load(); } });
  if (moments) shared.tie("training", newest, k => { step.value = k; curves(); draw(); shared.tell("training", step.value); });
  shared.tie("pair", pair.ends, wanted => {
    const known = pairs.find(p => key(p) === String(wanted));
    if (known) show(known);
    else if (ask) ask({ path, ends: wanted }, arrived);
    else data.say("That pair is not in this page.");
  });
  await load();
}
