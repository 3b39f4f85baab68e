// Guess how much of another picture is mixed in; then see what the critic said.
async function mount(view, data, shared) {
  const totals = () => ({ rounds: 0, you: 0, critic: 0, always: 0 });
  let game = data.games[0], round = 0, sum = totals(), told = false;
  const canvas = picture("a mixed picture"), said = make("p", { role: "status", class: "said" }), history = make("div", { class: "scroll" });
  const which = choice("mixed by", data.games.map((g, k) => [k, g.name]), k => play(data.games[k]));
  const words = k => (k / 100).toFixed(2);
  const guess = slider("your guess of alpha", 50, 25, k => ({ short: words(k), long: `alpha ${words(k)}` }), () => {});
  const tell = button("Guess", () => told ? next() : answer());
  let rows = [];

  function answer() {
    const alpha = game.alpha[round], critic = game.critic[round], you = guess.value / 100;
    sum.rounds += 1;
    sum.you += Math.abs(you - alpha);
    sum.critic += Math.abs(critic - alpha);
    sum.always += Math.abs(0.25 - alpha);
    rows.unshift([String(round + 1), alpha, you, critic].map((v, k) => k ? v.toFixed(2) : v));
    const mean = key => (sum[key] / sum.rounds).toFixed(3);
    said.textContent = `alpha was ${alpha.toFixed(2)}; the critic said ${critic.toFixed(2)}. Mean error so far: you ${mean("you")}, `
      + `the critic ${mean("critic")}, always saying 0.25 ${mean("always")}.`;
    history.replaceChildren(table("rounds", ["round", "alpha", "you", "critic"], rows));
    told = true;
    tell.textContent = round + 1 < game.alpha.length ? "Next picture" : "Again from the first";
  }

  const next = () => round + 1 === game.alpha.length ? play(game) : show(round + 1);

  function play(chosen) {                               // from the first picture
    game = chosen;
    which.select.value = data.games.indexOf(game);
    shared.tell("game", game.name);
    sum = totals();
    rows = [];
    history.replaceChildren();
    return show(0);
  }

  async function show(k) {
    if (typeof game.sheet === "string") game.sheet = await unpack(game.sheet);
    round = Math.min(Math.max(k, 0), game.alpha.length - 1);
    told = false;
    tell.textContent = "Guess";
    said.textContent = `Picture ${round + 1} of ${game.alpha.length}.`;
    paint(canvas, game.sheet, 0, round);
    shared.tell("frame", round);
  }

  view.append(make("div", { class: "controls" }, which.node),
              make("div", { class: "beside" }, make("figure", { class: "large" }, canvas), make("div", {}, guess.node, tell, said, history)));
  guess.say();
  shared.last = () => game.alpha.length - 1;
  shared.tie("game", game.name, name => { const found = data.games.find(g => g.name === name); if (found) play(found); });
  shared.tie("frame", 0, show);
  await show(0);
}
