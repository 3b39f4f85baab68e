"""Explorers of two games: a GAN's, and guessing alpha against the critic."""
import torch
from traitlets import Unicode, validate

from acai_lite.data import levels

from .explorer import Explorer
from .explorers import among
from .pages import png, rounded, sheet


class CriticGame(Explorer):
    """Guess alpha, the share of the other picture in a decoded mixture; then see the critic's
    guess.

    games: {name: (pictures (K,C,32,32), alpha (K,))}, as `alpha_game` makes them; critic:
    (K,C,32,32) -> (K,), or {name: critic}. One more trait: game, a name; frame is the picture.
    """
    kind = "critic_game"
    game = Unicode().tag(sync=True)

    def __init__(self, games, critic, **about):
        self.games = games
        self.critics = critic if isinstance(critic, dict) else dict.fromkeys(games, critic)
        super().__init__(**{"title": "Guess alpha", "about": "", "game": next(iter(games)),
                            "alt": "Mixed pictures whose share alpha is to be guessed."} | about)

    @property
    def last(self):
        return len(self.games[self.game or next(iter(self.games))][0]) - 1

    @validate("game")
    def _a_game(self, proposal):
        return among("game", proposal.value, list(self.games))

    def data(self):
        with torch.no_grad():
            return {"games": [{"name": name, "sheet": png(sheet(x[None])),
                               "alpha": rounded([alpha])[0],
                               "critic": rounded([self.critics[name](x)])[0]}
                              for name, (x, alpha) in self.games.items()]}

    def still(self):
        pictures, _ = next(iter(self.games.values()))
        return levels(pictures[:8].permute(1, 2, 0, 3).flatten(2, 3)[0])


class GameExplorer(Explorer):
    """A GAN's game in the plane, step by step. runs: {name: shots}, as `GameCamera` takes them;
    centres (M,2): the places of the real points. One more trait: game, a name."""
    kind, reach = "gan", 3.2
    game = Unicode().tag(sync=True)

    def __init__(self, runs, centres, **about):
        self.runs, self.centres = runs, centres
        super().__init__(**{"title": "The game in the plane", "about": "", "game": next(iter(runs)),
                            "alt": "Dark where the discriminator sees made points, light where it "
                                "sees real ones. Crosses: real points. Dots: made points."} | about)

    @property
    def last(self):
        return len(self.runs[self.game or next(iter(self.runs))]) - 1

    @validate("game")
    def _a_game(self, proposal):
        return among("game", proposal.value, list(self.runs))

    def data(self):
        runs = []
        for name, shots in self.runs.items():
            fields = torch.stack([shot["field"] for shot in shots])    # (S,32,32) in [0, 1]
            runs.append({"name": name, "sheet": png(sheet(2 * fields[None, :, None] - 1)),
                         "steps": [shot["step"] for shot in shots],
                         "modes": [shot["modes"] for shot in shots],
                         "samples": [rounded(shot["samples"], 2) for shot in shots],
                         "losses": {who: [shot["losses"][who] for shot in shots]
                                    for who in ("generator", "discriminator")}})
        return {"runs": runs, "centres": rounded(self.centres), "reach": self.reach}

    def still(self):
        shots = list(self.runs.values())[0]
        return levels(2 * torch.cat([shot["field"] for shot in shots[::max(1, len(shots) // 8)]], 1)
                      - 1)


class GameCamera:
    """Takes shots of a GAN in the plane while it learns: `fit(gan, ..., on_report=camera)`, then
    `GameExplorer`.

    Each of `shots`: step (points seen); field (32,32), the discriminator's belief in "real", over a
    square of half-width `reach`; 120 samples (N,2) from fixed noise; modes of the ring of eight, by
    2,000 samples; both losses."""

    def __init__(self, gan, every=3, reach=GameExplorer.reach):
        self.gan, self.every, self.seen, self.shots = gan, every, 0, []
        x = (torch.arange(32) + 0.5) / 16 - 1
        self.grid = reach * torch.stack([x.expand(32, 32), -x[:, None].expand(32, 32)],
                                        -1).flatten(0, 1)  # (1024,2)

    @torch.no_grad()
    def __call__(self, point):
        from acai_lite.gans import ring_scores
        self.seen += 1
        if (self.seen - 1) % self.every == 0:
            samples = self.gan.sample(2000, torch.Generator().manual_seed(0))
            losses = {who: round(point[who], 4) for who in ("generator", "discriminator")}
            self.shots.append(
                {"step": point["samples"], "field": self.gan.d(self.grid).sigmoid().view(32, 32),
                 "samples": samples[:120], "modes": ring_scores(samples).modes, "losses": losses})
