# %% [markdown]
# # 04 · Adversaries
#
# **What changes when the loss is another network?** By the end you have written a game of two networks, watched it settle, run away and collapse, and used it to shape the codes of an autoencoder.
#
# {{header}}
#
# | you will be able to | check |
# |---|---|
# | write two opposed losses, with the signs right | 04-1 |
# | give each player the gradient of its own loss, and only that | 04-2 |
# | count what a generator leaves out | 04-3 |
# | write the adversarial autoencoder, and say what it matches | 04-4 |
#
# The thread: a good interpolation (1) is smooth, (2) follows the data, (3) reveals hidden structure. This lab is about the tool that later labs use for 2: a second network that says whether something *looks like* the data.

# %% [markdown] tags=["teacher"]
# **For the teacher.** Minutes for a class; [docs/instructor.md](../../docs/instructor.md#fifty-minutes) says what *shown*, *given*, *read* and *home* mean.
#
# | part | 90 minutes | 50 minutes |
# |---|---|---|
# | two losses that do not tell | 6 | 4 |
# | the smallest game, 04-1 | 14 | 14 |
# | predict and play | 3 | 3 |
# | break it: a frozen judge | 3 | 3 |
# | 04-2 | 14 | 14 |
# | one optimiser for all | 3 | 2 |
# | 04-3 | 10 | home |
# | mode collapse, the explorer | 6 | 2 |
# | a game on codes, 04-4 | 15 | 4 shown |
# | what the game matched | 4 | 2 |
# | break it: weight 1 | 3 | home |
# | from 0 and 1 to a number | 2 | home |
# | discussion | 6 | 2 |
# | **in all** | **89** | **50** |
#
# The image GAN is a film for home. Start the first training cell before you say a word: it takes half a minute.
#
# - **Stop points.** After 04-1: all play with the course's losses if need be. After 04-2, before one optimiser for all. After the two clouds of the collapse, before the codes.
# - **Open or projected:** the two loss curves first, without the clouds; later the explorer of the two games (arrow keys, no kernel needed).
# - **They leave with:** two players, two losses, and each moves by the gradient of its own.

# %% [markdown] tags=["slide"]
# # 04 · Adversaries
#
# What changes when the loss is another network?

# %%
from dataclasses import replace

import torch
from torch.nn.functional import softplus

import acai_lite as al
import acai_course as course

lines = al.load("lines")
ring = al.gans.ring_of_eight()               # points (N,2) in eight blobs on a circle

# %% [markdown]
# ## Two losses that do not tell
#
# Until now a falling loss meant progress. Here is a run in which it does not. Two small networks train against each other for up to half a minute. One of them, the **generator**, turns noise into points of the plane; they should look like the data, eight blobs on a circle. The other, the **discriminator**, says of each point whether it is real or made. The recipe is called healthy, and rightly so, as you will see.

# %% [markdown] tags=["slide"]
# ## Is this run going well?

# %% tags=["slide"]
shots = {}

def photograph(point):                              # al.fit calls it a hundred times in a run
    shots[point["samples"]] = healthy.sample(1000, torch.Generator().manual_seed(0))

healthy = al.gans.ring_gan(seed=0)
camera = course.GameCamera(healthy)              # for later: a film of the game
history = al.fit(healthy, ring, course.pace(smoke=12_800, lab=1_024_000, full=1_024_000),
                 recipe=al.gans.RING_RECIPE,
                 on_report=lambda point: (photograph(point), camera(point)))
al.figures.curves({player: history.curve(player) for player in ("generator", "discriminator")},
                  xlabel="points seen", ylabel="loss",
                  alt="""Two loss curves of a good run, mirror images of each other. The
generator's rises and sinks back, the discriminator's falls early on and climbs back. From
halfway on both are level.""")

# %% [markdown] tags=["teacher"]
# Show the curves alone and take a vote: is it learning? Most say no, or "it has converged", since nothing falls. Ask: "What is each loss measured against?" An opponent that improves, too. Then show the clouds.

# %% [markdown] tags=["slide"]
# ## The samples of the same run

# %% tags=["slide"]
def clouds(figure, named):
    """Draw {title: points (N,2)} side by side, over the real points in grey."""
    real = ring.train_images[:1000]
    for axes, (title, points) in zip(figure.subplots(1, len(named)), named.items()):
        axes.scatter(*real.T, s=2, color="#949494")
        axes.scatter(*points.T, s=2, color="#0072B2")
        axes.set(xlim=(-3, 3), ylim=(-3, 3), xticks=[], yticks=[], aspect="equal")
        axes.set_title(title, fontsize=9)
    figure.tight_layout()
    return figure

moments = [list(shots)[round(share * (len(shots) - 1))] for share in (0.02, 0.1, 0.25, 1)]
clouds(al.figures.described(9, 2.5, alt="""Four clouds of generated points over the real ring
of eight, early to late: twice a shapeless cloud, then an octagon, at the end most points lie
on the eight blobs, the rest on thin bridges between them."""),
       {f"{n:,} points seen": shots[n] for n in moments})

# %%
good = {n: al.gans.ring_scores(points).good for n, points in shots.items()}
for n in moments:
    print(f"{n:9,} points seen: {good[n]:.0%} of the made points lie in a blob")

last = moments[-1]
for player in ("generator", "discriminator"):
    seen, values = history.curve(player)
    lowest = min(range(len(seen)), key=lambda k: values[k])
    n = seen[lowest]
    print(f"the {player}'s loss was lowest after {n:,} points: {values[lowest]:.2f}, with "
          f"{good[n]:.0%} in a blob; at the end it is {values[-1]:.2f}, with {good[last]:.0%}")
    if course.pace(smoke=False, lab=True, full=True):
        assert values[-1] > values[lowest] and good[last] > 3 * good[n]

# %% [markdown]
# The points get better and better, and **no loss says so**. Both losses were lowest when the points were poor. Each is measured against an opponent that improves, too: whoever runs beside you at your own speed does not seem to move.
#
# ## The smallest such game
#
# To see what happens, take it down to one number. The data are drawn from $N(3, 1)$: real numbers around 3. The generator takes noise $z$ from $N(0, 1)$ and adds its only parameter, $x = z + \theta$; it starts at $\theta = 0$. If it learns well, $\theta$ becomes 3.
#
# The discriminator is a straight line, $d(x) = w x + b$. Its output is a **logit**: any number, high for "real", low for "made". The sigmoid $s(d) = 1 / (1 + e^{-d})$ turns it into a probability of being real.
#
# The rules, after Goodfellow and others (2014). The discriminator is punished by $-\log s(d)$ for each real point, and by $-\log(1 - s(d))$ for each made one. The generator is punished by $-\log s(d)$ for each point it *made*: it wants that called real.
#
# $$L_D = \mathrm{mean}\big[-\log s(d_\mathrm{real})\big] + \mathrm{mean}\big[-\log (1 - s(d_\mathrm{fake}))\big], \qquad L_G = \mathrm{mean}\big[-\log s(d_\mathrm{fake})\big]$$
#
# ## Exercise 04-1 · Both losses (3 lines, 12 minutes)
#
# `d_real` and `d_fake` hold the logits of a batch of real and of made things. One useful function: `softplus(d)` is $\log(1 + e^d)$. On paper first: which of the two logarithms above is `softplus(d)`, and which is `softplus(-d)`?
# (Do take it: the sigmoid of 20 is rounded to exactly 1, and the logarithm of $1 - 1$ is no number to train with.)
#
# No `.detach()` here. Who may move is settled in the next exercise.

# %%
def gan_losses(d_real, d_fake):
    """Logits of real and of made things -> (generator's loss, discriminator's loss)."""
    ### BEGIN SOLUTION
    generator = softplus(-d_fake).mean()
    discriminator = softplus(-d_real).mean() + softplus(d_fake).mean()
    return generator, discriminator
    ### END SOLUTION

# %%
gan_losses = course.check("04-1", gan_losses)

# %% [markdown]
# Now play. The loop below is all there is to it: draw, take both losses, take the gradient of *each loss for its own player* (bridge 00-4), then move both at once by plain gradient descent.
#
# **Predict.** $\theta$ starts at 0 and should become 3. Will it go straight to 3, overshoot and settle, circle for ever, or run away?

# %% [markdown] tags=["slide"]
# ## Predict: the smallest such game
#
# $$x = z + \theta, \qquad d(x) = w x + b, \qquad \text{data from } N(3, 1)$$
#
# θ starts at 0 and should become 3. Will it go straight there, overshoot and settle, circle for ever, or run away?

# %% [markdown] tags=["teacher"]
# *Straight to 3* is the usual guess: that is what a loss with one minimum does. Those who have read about GANs say *circle for ever*. Ask: "When the two clouds lie on each other, what is the slope $w$?" Not yet 0; that is the overshoot.

# %%
course.predict("04-scalar", ["go straight to 3", "overshoot and settle", "circle for ever",
                                "run away"])

# %% [markdown] tags=["slide"]
# ## The answer

# %% tags=["slide"]
def play(steps, frozen_from=None, seed=0):
    """theta after each step; from step `frozen_from` on the discriminator does not move."""
    noise, path = torch.Generator().manual_seed(seed), []
    theta, w, b = (torch.zeros((), requires_grad=True) for _ in range(3))
    for step in range(steps):
        real = 3 + torch.randn(256, generator=noise)                  # (B,)
        fake = theta + torch.randn(256, generator=noise)
        loss_g, loss_d = gan_losses(w * real + b, w * fake + b)
        for_theta, = torch.autograd.grad(loss_g, [theta], retain_graph=True)
        for_w, for_b = torch.autograd.grad(loss_d, [w, b])
        with torch.no_grad():                                         # now both move, at once
            theta -= 0.1 * for_theta
            if frozen_from is None or step < frozen_from:
                w -= 0.3 * for_w
                b -= 0.3 * for_b
        path.append(theta.item())
    return path

path = play(500)
al.figures.curves({"θ": (range(1, 501), path)}, xlabel="steps", ylabel="θ",
                  marks={"the data": 3.0}, alt="""The generator's number rises from 0, crosses
3 after about 70 steps, turns back, dips a little below 3, and comes to rest there.""")

# %%
settles = all(abs(value - 3) < 0.2 for value in path[-100:])
course.reveal("04-scalar", "run away" if abs(path[-1]) > 10 else
                 "circle for ever" if not settles else
                 "overshoot and settle" if max(path) > 3.2 else "go straight to 3",
                 f"a peak of {max(path):.2f} in step {path.index(max(path)) + 1}, "
                 f"{path[-1]:.2f} at the end")
others = [play(500, seed=seed) for seed in (1, 2)]
print("two other seeds peak at", " and ".join(f"{max(p):.2f}" for p in others),
      "and end at", " and ".join(f"{p[-1]:.2f}" for p in others))
for p in [path, *others]:
    assert 3.4 < max(p) < 4.1 and all(abs(value - 3) < 0.2 for value in p[-100:])

# %% [markdown]
# **It overshoots and settles.** While the made points lie to the left of the real ones, the discriminator tilts up to the right, and its slope $w$ pushes $\theta$ right. When $\theta$ reaches 3 the two clouds are equal, but the slope is still there. It takes some steps too many to unlearn it, and $\theta$ coasts past. Then the slope turns over and pushes back, a little too long again, and so on, less each time.
#
# Nobody told the generator where the data are. All it ever got was the *slope of its judge*.
#
# ## Break it on purpose: a judge that no longer learns
#
# Let both play for 20 steps. Then freeze the discriminator. It knows the right direction by then, so why pay for its training? **Decide** where $\theta$ will end, then run.

# %% [markdown] tags=["slide"]
# ## Break it: the judge stops learning

# %% tags=["slide"]
frozen = play(2000, frozen_from=20)
al.figures.curves({"frozen after 20 steps": (range(1, 2001), frozen),
                   "still learning": (range(1, 501), path)}, xlabel="steps", ylabel="θ",
                  marks={"the data": 3.0}, alt="""With a frozen discriminator the generator's
number passes 3 within 90 steps and goes on rising, ever more slowly, past 7 after 2,000 steps.
With one that goes on learning it turns back and stays at 3.""")

# %%
for step in (20, 200, 1000, 2000):
    print(f"step {step:5d}: θ = {frozen[step - 1]:.2f}")
assert 4 < frozen[199] < 5 < frozen[999] < frozen[1999] - 0.5 and frozen[1999] > 7

# %% [markdown] tags=["teacher"]
# Many expect θ to stop *near* 3: the judge "knows where the data are". It knows a direction. Ask: "What would a frozen judge have to contain so that θ stops?" A place, and $wx + b$ has none.

# %% [markdown]
# It passes 3 and never stops; it only slows down, as made points far to the right are "surely real" and the push fades. **A judge that does not learn is only a slope.** What it knows is a direction, not a place. The place is where a *learning* judge runs out of reasons.
#
# This is why the losses of the first picture could not fall: the judge is part of the loss, and it has to keep changing.
#
# ## Exercise 04-2 · Own gradients (5 lines, 14 minutes)
#
# Real networks have many parameters, so we want optimisers. The forward pass is written for you. Both losses depend on *both* networks, and `loss.backward()` fills every gradient that it can reach.
#
# Write the rest: one step in which each player moves down its own loss, and only that. `move_g` holds the generator's parameters, `move_d` the discriminator's. Return both losses as numbers, the generator's first. Two things that may help: `loss.backward(inputs=[...])` fills the gradients of the parameters in that list and of no others; `retain_graph=True` keeps the shared forward pass for a second `backward`.
#
# Compute both gradients before anybody moves. (The paper of 2014 lets the two take turns instead, each with a fresh forward pass. The check takes that, too.)

# %%
def gan_step(generator, discriminator, move_g, move_d, x, z):
    """One step on real x (B,n) and noise z (B,m): moves both, returns their losses."""
    d_real, d_fake = discriminator(x), discriminator(generator(z))    # (B,1) each
    loss_g, loss_d = gan_losses(d_real, d_fake)
    ### BEGIN SOLUTION
    move_g.zero_grad()
    move_d.zero_grad()
    loss_g.backward(inputs=list(generator.parameters()), retain_graph=True)
    loss_d.backward(inputs=list(discriminator.parameters()))
    move_g.step()
    move_d.step()
    return loss_g.item(), loss_d.item()
    ### END SOLUTION

# %%
gan_step = course.check("04-2", gan_step)

# %% [markdown]
# First the one number again, now as two tiny networks with your step. Beside it the most natural mistake: *one* optimiser for all three parameters, and the sum of both losses. **Decide:** will that be slower, the same, or worse?

# %% [markdown] tags=["slide"]
# ## One optimiser for both

# %% tags=["slide"]
def sum_step(generator, discriminator, move_g, move_d, x, z):
    """The mistake: everything moves down the sum of both losses."""
    total = sum(gan_losses(discriminator(x), discriminator(generator(z))))
    for move in (move_g, move_d):
        move.zero_grad()
    total.backward()
    for move in (move_g, move_d):
        move.step()

paths = {}
for name, step in {"own gradients": gan_step, "one for all": sum_step}.items():
    tiny, noise = al.gans.scalar_gan(), torch.Generator().manual_seed(0)
    generator, discriminator = tiny.generator, tiny.discriminator     # z + theta, w x + b
    move_g = torch.optim.SGD(generator.parameters(), lr=0.1)
    move_d = torch.optim.SGD(discriminator.parameters(), lr=0.3)
    paths[name] = []
    for _ in range(500):
        x = 3 + torch.randn(256, 1, generator=noise)                  # (B,1)
        step(generator, discriminator, move_g, move_d, x,
             torch.randn(256, 1, generator=noise))
        paths[name].append(generator.theta.item())
al.figures.curves({name: (range(1, 501), p) for name, p in paths.items()}, xlabel="steps",
                  ylabel="θ", marks={"the data": 3.0}, alt="""With own gradients the number
rises, overshoots and comes to rest at 3. With one optimiser for the sum of both losses it falls
from 0 to about minus 2, away from the data.""")

# %%
print({name: round(p[-1], 2) for name, p in paths.items()})
assert all(abs(value - 3) < 0.2 for value in paths["own gradients"][-100:])
assert paths["one for all"][-1] < -1

# %% [markdown]
# Worse: $\theta$ moves *away* from the data. The discriminator's loss is low where made points are easy to tell from real ones, and a generator that is moved down this loss, too, helps by going where it is easily told. Both losses are kept, the signs are right, and the game is gone. In lab 05 this mistake is called the leak.
#
# `al.fit` keeps players apart in the same way: it asks each loss for the gradient of its own player. From here on it runs *your* losses.

# %% [markdown] tags=["teacher"]
# *Slower* is the usual guess. It runs the other way, and no error is raised. Ask: "Whose loss falls when θ moves left?" The discriminator's. The same mistake, in lab 05, is called the leak; say the word now, it will be recognised.

# %%
def my_losses(model, x, out, ramp):
    """What al.fit asks for: a loss for each player."""
    loss_g, loss_d = gan_losses(out.d_real, out.d_fake)
    return {"generator": loss_g, "discriminator": loss_d}

x, noise = ring.train_images[:128], torch.Generator().manual_seed(0)
out = healthy.run(x, **healthy.draw(x, noise))
theirs = healthy.losses(x, out)                     # those of the run in the first picture
assert all(torch.allclose(mine, theirs[player])
           for player, mine in my_losses(healthy, x, out, 1.0).items())
print("your losses are those of the first picture")

# %%
course.show(al.gans.GAN.losses)       # "least-squares" waits for the end of the lab

# %% [markdown]
# ## Exercise 04-3 · What is missing? (5 lines, 10 minutes)
#
# A discriminator looks at *one* point at a time. So a generator that makes one perfect point over and over may look good to it. We need a score of our own, which the game does not know. Two numbers for samples on the ring:
#
# - the **good share**: how many of the samples lie within three spreads of the nearest centre, as a share of all;
# - **modes covered**: how many of the centres have enough good samples nearest to them, where enough means at least 1% of *all* samples.
#
# `torch.cdist(samples, centres)` holds all distances, (N,K).

# %%
def modes_covered(samples, centres, spread):
    """samples (N,2), centres (K,2) -> (modes covered, good share)."""
    ### BEGIN SOLUTION
    distance, mode = torch.cdist(samples, centres).min(dim=1)         # (N,) each
    good = distance <= 3 * spread
    counts = torch.bincount(mode[good], minlength=len(centres))       # (K,)
    covered = int((counts >= 0.01 * len(samples)).sum())
    return covered, float(good.float().mean())
    ### END SOLUTION

# %%
modes_covered = course.check("04-3", modes_covered)

centres, spread = al.gans.RING, al.gans.STD          # (8,2), 0.1
print("real points:", modes_covered(ring.train_images[:4000], centres, spread))

# %% [markdown]
# ## Mode collapse
#
# The same two networks, the same start, your losses, one change: the discriminator learns 30 times as fast. A stricter judge from the start, should that not make the points better? **Predict:** will it cover more modes than the healthy run, the same number, or fewer?

# %% [markdown] tags=["slide"]
# ## Predict: a faster judge
#
# The discriminator learns 30 times as fast. More modes, the same, or fewer?

# %%
course.predict("04-collapse", ["more modes", "the same", "fewer modes"])

# %%
collapsed = al.gans.ring_gan(seed=0)
second = course.GameCamera(collapsed)
fast = al.fit(collapsed, ring, history.samples, recipe=al.gans.COLLAPSED_RECIPE,
              losses=my_losses, on_report=second)

# %% [markdown] tags=["slide"]
# ## Two games, same start

# %% tags=["slide"]
runs = {"healthy": healthy, "collapsed": collapsed}
made = {name: gan.sample(4000, torch.Generator().manual_seed(1)) for name, gan in runs.items()}
found = {name: modes_covered(points, centres, spread) for name, points in made.items()}
clouds(al.figures.described(6, 3.1, alt="""Two clouds of generated points over the ring of
eight. Healthy: all eight blobs have points, with thin bridges between neighbours. Collapsed:
the points crowd on two or three neighbouring blobs, and the others are empty."""),
       {f"{name}: {modes} of 8 modes, {good:.0%} good": made[name]
        for name, (modes, good) in found.items()})

# %%
fewer = found["healthy"][0] - found["collapsed"][0]
course.reveal("04-collapse", "fewer modes" if fewer > 0 else
                 "the same" if fewer == 0 else "more modes",
                 f"{found['collapsed'][0]} instead of {found['healthy'][0]}")
for name, (modes, good) in found.items():
    run = {"healthy": history, "collapsed": fast}[name]
    print(f"{name:10s} modes covered {modes} of 8, good share {good:.2f}; losses at the end "
          f"{run.points[-1]['generator']:.2f} and {run.points[-1]['discriminator']:.2f}")
for name, points in made.items():                   # your score is the package's
    theirs = al.gans.ring_scores(points)
    assert found[name][0] == theirs.modes and abs(found[name][1] - theirs.good) < 1e-3
if course.pace(smoke=False, lab=True, full=True):
    assert found["healthy"][0] >= 7 and found["collapsed"][0] <= 5

# %% [markdown]
# **Fewer.** The points that it makes are not bad ones; a good share alone would have missed it. What is gone is *variety*. Nothing in the generator's loss asks for it: each point is judged by itself, and wherever the judge's slope leads, all points may follow. This is **mode collapse**, and no single loss value shows it. One run each: with other seeds the number of modes left differs.
#
# Keep the two numbers apart in what follows: *does each one look real* is one question, *is everything there* is another.
#
# Both games again, step by step. The square is light where the discriminator believes in real points and dark where it believes in made ones; crosses are the eight places, dots made points. Press *Play*, or focus the slider and use the arrow keys. **Watch the light when points arrive at a place:** what does the discriminator do next, and what do the points do then?

# %% [markdown] tags=["teacher"]
# *More modes* comes from "a stricter teacher makes better pupils". The made points are not bad, they are alike. Ask: "Which number on the screen would you have looked at, without the picture?" Good share alone would have missed it.

# %%
course.GameExplorer({"healthy": camera.shots, "collapsed": second.shots},
                       al.gans.RING, twin="explorers/gan.html")

# %% [markdown]
# Where points arrive, the light fades: these, too, may be made. In the healthy game the field ends **grey at the eight places**, where real and made points are equally many and nobody can tell, and black elsewhere. In the collapsed game it is hard, black or white, almost from the start. The points sit at the few places that they reached first; the others lie in the white, rightly called real, behind black ground that no slope crosses.
#
# ## A game on codes: the adversarial autoencoder
#
# Now to our subject. In lab 02 the codes of an autoencoder lay wherever training left them. Makhzani and others (2015) play the game *on the codes*. Choose a simple cloud, the **prior** $N(0, I)$: every number of the code independent, mean 0, spread 1. A discriminator looks at codes only. The encoder should make codes that the discriminator takes for draws of the prior.
#
# ## Exercise 04-4 · The adversarial autoencoder (3 lines, 14 minutes)
#
# Two players: the autoencoder (encoder and decoder together) and the discriminator. Before you write: in this game, **who is the generator, what is real, and what is made?**
#
# `d_prior` and `d_code` are the discriminator's logits, (B,) each, of draws from the prior and of codes. The autoencoder pays the mean squared error of lab 02, plus `weight` times the loss of a generator. You may call your `gan_losses`.

# %% [markdown] tags=["slide"]
# ## A game on codes
#
# - Real: draws of the **prior** $N(0, I)$. Made: the codes
# - The encoder is the generator
# - What is matched: all codes together, not the code of one image

# %%
def aae_losses(x, x_hat, d_prior, d_code, weight):
    """(loss of the autoencoder, loss of the discriminator)"""
    ### BEGIN SOLUTION
    fooling, discriminator = gan_losses(d_real=d_prior, d_fake=d_code)
    autoencoder = (x_hat - x).square().mean() + weight * fooling
    return autoencoder, discriminator
    ### END SOLUTION

# %%
aae_losses = course.check("04-4", aae_losses)

# %% [markdown]
# Now on lines. The start is the baseline of lab 02: its encoder and decoder go into the adversarial autoencoder, with a new discriminator beside them. The paper of ACAI takes `weight` 1. Our first run takes 0.003; why so little comes right after. The recipe is `lab` with one change: `al.fit` returns an average of the weights over the last steps, and in a game that goes round and round a long average belongs to no moment of it. So the average is kept short.
#
# **Decide before you run:** the codes of the baseline have a spread of about 0.6. Will the spread of the codes go to 1? Will the drawing suffer?

# %%
def losses_with(weight):
    def losses(model, x, out, ramp):                # what al.fit asks for
        autoencoder, discriminator = aae_losses(x, out.x_hat, out.d_prior, out.d_code, weight)
        return {"autoencoder": autoencoder, "discriminator": discriminator}
    return losses

def from_baseline():
    model = al.build("aae", "lines", recipe="lab", seed=0)
    model.encoder.load_state_dict(baseline.encoder.state_dict())
    model.decoder.load_state_dict(baseline.decoder.state_dict())
    return model

baseline = al.checkpoint("lines-baseline-64")
short = replace(al.RECIPES["lab"], averaging=0.99)
aae = from_baseline()
game = al.fit(aae, lines, course.pace(smoke=160, lab=16_000, full=32_000), recipe=short,
              losses=losses_with(0.003), seed=0)

# %%
def codes_of(model, count=1000):
    """Codes of test lines, (count,64)."""
    return al.encode_all(model, lines.test_images[:count])

def measure(z):
    """What a cloud of codes (N,64) is like."""
    between = (torch.corrcoef(z.T) - torch.eye(64)).abs().sum() / (64 * 63)
    return {"mean": float(z.mean()), "spread": float(z.std()),
            "length": float(z.norm(dim=1).mean()), "worst mean": float(z.mean(0).abs().max()),
            "correlation": float(between)}

prior = torch.randn(1000, 64, generator=torch.Generator().manual_seed(0))
codes = {"before": codes_of(baseline), "after": codes_of(aae), "prior": prior}
cloud = {name: measure(z) for name, z in codes.items()}
assert abs(cloud["before"]["spread"] - 0.6) < 0.05
print(" " * 8, "".join(f"{title:>13s}" for title in cloud["prior"]))
for name, values in cloud.items():
    print(f"{name:8s}", "".join(f"{value:13.2f}" for value in values.values()))
errors = {name: al.reconstruction_error(model, lines.test_images[:512])
          for name, model in {"before": baseline, "after": aae}.items()}
print("error of the drawing:", {name: round(error, 4) for name, error in errors.items()})
if course.pace(smoke=False, lab=True, full=True):
    for key in ("spread", "length"):                # pulled towards the prior
        gap = {name: abs(cloud[name][key] - cloud["prior"][key]) for name in errors}
        assert gap["after"] < 0.75 * gap["before"]
    assert errors["after"] < 0.01                   # drawn well: the mean image has 0.080

# %%
figure = al.figures.described(8, 3, alt="""Two histograms of all numbers in the codes of a
thousand lines, each beside the normal curve. Before the game: narrower than the curve and
higher. After it: about as wide as the curve.""")
place = torch.linspace(-4, 4, 81)
for axes, name in zip(figure.subplots(1, 2, sharey=True), ("before", "after")):
    axes.hist(codes[name].flatten().numpy(), bins=60, range=(-4, 4), density=True,
              color="#4292C6", label="numbers of the codes")
    axes.plot(place, (-place ** 2 / 2).exp() / (2 * torch.pi) ** 0.5, color="#D55E00",
              label="N(0, 1)")
    axes.set(title=f"{name}: spread {cloud[name]['spread']:.2f}", xlabel="a number of a code")
axes.legend(frameon=False, fontsize=8)
figure.tight_layout()
figure

# %% [markdown]
# In one heap, the numbers of the codes now have the spread of the prior; a code is about as long as a draw from it; and the drawing is still good. Nothing in lab 02's loss asked for that.
#
# Now read the rest of the table with care. **What does the game match?** All the codes *together*, the cloud that they make, against the prior as a whole. Not the code of one image: that is still one point, somewhere in the cloud. (The VAE of lab 03 pulls the small cloud of *every single* image towards the prior.)
#
# And even the cloud is only as much like the prior as *this discriminator*, at this moment, makes it. The histogram takes all numbers in one heap. Take them one by one, and some of the 64 have a mean far from 0 ("worst mean"). Take them in pairs, and they hang together far more than those of a draw ("correlation": the mean size of the correlation between two of them). The images are lines, with an angle and nothing else, so their codes lie on a thin closed curve in 64 dimensions. The game can move that curve and stretch it, but no curve is a ball.

# %% [markdown] tags=["teacher"]
# They see two histograms, the second about as wide as the curve, and conclude that the codes *are* normal now. Point to "worst mean" and "correlation" in the table. Ask: "Lines have one angle. What shape do their codes make, and can a curve fill a ball?"

# %%
draws = prior[:8].view(8, *aae.code_shape)                            # (8,16,2,2)
with torch.no_grad():
    pictures = torch.cat([aae.decode(aae.encode(lines.test_images[:8])), aae.decode(draws)])
al.figures.grid(pictures, columns=8, alt="""Two rows of eight. Above: test lines, drawn from
their own codes, sharp. Below: what the decoder makes of draws of the prior: several faint
arms around the centre.""")

# %%
scores = {"before": al.score_lines(baseline, lines), "after": al.score_lines(aae, lines)}
for name, score in scores.items():
    print(f"{name:7s} Mean Distance {score.mean_distance * 1e3:.2f} e-3   "
          f"Smoothness {score.smoothness:.2f}")
print("paper, after 16.8 million images: adversarial autoencoder 3.26 e-3 and 0.14, "
      "baseline 6.88 e-3 and 0.44")
try:
    ours = course.zoo_scores()["aae"]
    print(f"our study, weight 1 from scratch, 80,000 images: {ours['mean_distance'] * 1e3:.2f} "
          f"e-3 and {ours['smoothness']:.2f}, error at the ends {ours['end_error']:.4f}")
    assert 10 * errors["before"] < ours["end_error"] < 0.06
except (FileNotFoundError, KeyError):
    print("our study's run of this method is not part of this checkout")
if course.pace(smoke=False, lab=True, full=True):
    assert cloud["after"]["correlation"] > 3 * cloud["prior"]["correlation"]  # a curve, no ball
    assert cloud["after"]["worst mean"] > 0.3
    change = scores["after"].mean_distance / scores["before"].mean_distance
    assert 0.7 < change < 1.3                       # the in-betweens have hardly changed

# %% [markdown]
# The in-betweens have hardly changed, and draws of the prior are not lines. A game on codes promises neither. It says *where codes may lie*; what the decoder does between them is left to chance, as in lab 02.
#
# Where our minute and the paper differ, say so: after 16.8 million images the paper's adversarial autoencoder makes the second smoothest paths of its seven methods (Smoothness 0.14; the method of lab 05 has 0.10). Whether smooth paths come with useful codes is another question: lab 07's.
#
# ## Break it on purpose: weight 1
#
# Here is what the paper's weight does in a short run. **Predict** what the autoencoder draws after a few thousand images: lines, fainter lines, noise, or one picture for everything?

# %%
course.predict("04-weight", ["lines", "fainter lines", "noise",
                                "one picture for everything"])

# %% [markdown] tags=["slide"]
# ## Break it: weight 1

# %% tags=["slide"]
heavy = from_baseline()
al.fit(heavy, lines, course.pace(smoke=160, lab=4_800, full=4_800), recipe="lab",
       losses=losses_with(1.0), seed=0)
with torch.no_grad():
    drawn = heavy.decode(heavy.encode(lines.test_images[:8]))
al.figures.grid(torch.cat([lines.test_images[:8], drawn]), columns=8,
                alt="""Eight lines, and below them what the network with weight 1 draws for
each: eight times the same dark picture with a faint glow in the centre.""")

# %%
error = al.reconstruction_error(heavy, lines.test_images[:512])
variance = float(lines.test_images[:].var(dim=0).mean())
differ = float(drawn.var(dim=0).mean())                               # between its drawings
course.reveal("04-weight", "one picture for everything" if differ < 0.1 * variance else
                 "noise" if error > 1.5 * variance else
                 "lines" if error < 2 * errors["before"] else "fainter lines",
                 f"error {error:.4f}, the mean image's {variance:.4f}, before "
                 f"{errors['before']:.4f}; drawings differ by a variance of {differ:.4f}")
if course.pace(smoke=False, lab=True, full=True):
    assert error > 0.7 * variance

# %% [markdown] tags=["teacher"]
# The picture of lab 02 again. Ask: "What does drawing nothing cost, and what does being caught cost?" The first is the smaller, so it is paid. Before two losses are added, ask what each is worth at most.

# %% [markdown]
# The number of lab 02: **one picture for everything**. Look at the sizes of the two terms. Drawing *nothing* costs 0.08, the whole of the first term. Fooling a coin-flipping discriminator costs $\log 2 = 0.69$, and being caught costs more. So the quickest way down is to give up the drawing and run from the discriminator. It is not the end of the story: our study's run with weight 1 (printed above, if its film is there) draws its ends with an error well below 0.08 after 80,000 images, but still far above the baseline's. The paper's run, with hundreds of times as many images and smaller steps, comes out of it altogether. A minute does not. Whenever two losses are added, ask what each of them is worth at most.
#
# ## From 0 and 1 to a number
#
# One step is left to lab 05. The discriminator answers a yes-or-no question, so its losses are logarithms of probabilities. Mao and others (2017) drop the probabilities. Let $d$ be any number, ask for **1** where the thing is real and for **0** where it is made, and take the squared error:
#
# $$L_D = \mathrm{mean}\big[(d_\mathrm{real} - 1)^2\big] + \mathrm{mean}\big[d_\mathrm{fake}^2\big], \qquad L_G = \mathrm{mean}\big[(d_\mathrm{fake} - 1)^2\big]$$
#
# Same two players, same opposed aims. Does the game survive?

# %%
squares = al.gans.ring_gan("least-squares", seed=0)    # the other half of GAN.losses
al.fit(squares, ring, history.samples, recipe=al.gans.RING_RECIPE)
made = squares.sample(4000, torch.Generator().manual_seed(1))
modes, good = modes_covered(made, centres, spread)
clouds(al.figures.described(6, 3.1, alt="""Two clouds of generated points over the ring of
eight, cross-entropy and squared error: both cover all blobs, with thin bridges between."""),
       {"cross-entropy": healthy.sample(4000, torch.Generator().manual_seed(1)),
        f"squared error: {modes} of 8 modes, {good:.0%} good": made})

# %%
print(f"squared error: modes covered {modes} of 8, good share {good:.2f}; "
      f"cross-entropy: {found['healthy'][0]} of 8, {found['healthy'][1]:.2f}")
if course.pace(smoke=False, lab=True, full=True):
    assert modes >= 6

# %% [markdown]
# It does. And now the loss no longer cares that the two targets are 0 and 1. A squared error takes *any* number as its target. Lab 05 makes use of that: its critic is asked for the amount of mixing, $(d - \alpha)^2$, in place of real or made. The rest of the game is what you wrote here: two losses, own gradients, both move at once.
#
# ## Extension: images from noise (15 minutes, a film)
#
# The same game with convolutions makes pictures of handwritten digits (MNIST). Training takes longer than a lab, so here it is as a film. Each row is one run: the same networks, recipe and data, three seeds, shown whatever they came to. In a row are sixteen pictures from sixteen draws of noise, which stay the same while you move the slider.
# Look for two things: when do strokes appear, and does a row show sixteen different pictures? That is the question of 04-3, without centres to count by. A rough score will do: how much the sixteen pictures of a row differ (their variance, averaged over pixels).

# %%
try:
    film = al.film("gan")
    words = [f"{n:,} images seen" for n in film.samples]
    show = course.Player(film.frames, words, "training:", start=len(words) - 1, zoom=46,
                            alt="""Three rows of sixteen pictures made from noise, a row a seed,
at a moment of the training. At first grey grain. At the end one row holds different strokes
like digits, one nearly the same shape sixteen times, one is black.""")
    variety = film.frames[-1].var(dim=1).mean(dim=(1, 2, 3))          # (P,), one a seed
    print("how much the pictures of a row differ:", "  ".join(f"{v:.4f}" for v in variety))
    assert max(variety) > 5 * min(variety)
except FileNotFoundError:
    show = "The film of the image GAN is not part of this checkout: go on to the next section."
show

# %% [markdown]
# One row learnt to write, more or less; the other two collapsed, one to a single shape and one to an empty picture. The same program, three seeds. Adversarial training can fail by luck alone, which is why lab 05 looks at scores that the game does not know, and repeats its runs with other seeds.

# %% [markdown] tags=["teacher"]
# **Discussion**
#
# - *Both losses are level. Name two explanations.* Both players improve at the same speed, or both have stopped. The losses do not tell; samples and a score outside the game do.
# - *Who is the generator in the adversarial autoencoder?* The encoder, and the made things are codes. The decoder only draws. Draws of the prior are the real ones, which surprises everybody once.
# - *Does a matched prior give good in-betweens?* Here the in-betweens hardly changed. A game on codes says where codes may lie; the decoder between them is asked nothing, as in lab 02.
# - *What would you show a judge, if in-betweens are what you care about?* The in-betweens. But what is the "real" that they are compared with? Lab 05 goes round that: the judge guesses how far a picture is mixed.
#
# **To assess:** ten minutes on paper: the four losses of 04-1 and 04-4 with one sign wrong in each of two variants; which player is harmed, and what one sees. It is the rehearsal of the code reading after 05a.

# %% [markdown] tags=["slide"]
# ## What to take away
#
# - A loss that is a network moves while you train
# - Two players, two losses, each its own gradient
# - *Each looks real* and *everything is there* are two questions

# %% [markdown]
# ## What to take away
#
# - When the loss is another network, **it moves while you train**. A level loss may be progress, and a judge that stops learning is only a slope.
# - Two players, two losses, and each gets the gradient of **its own**. One optimiser for all makes the players help each other, away from the data.
# - A discriminator sees one thing at a time. *Each looks real* and *everything is there* are two questions: **count what is missing**. An adversarial autoencoder matches the cloud of all codes, as far as its discriminator can see, and nothing between them.
#
# **At full scale.** The paper of ACAI trains its adversarial autoencoder with weight 1, a learning rate of 1 e-4 for both players and 16.8 million images. The recipe `paper` does the same here, given hours.
#
# **References.** Goodfellow and others, NeurIPS 2014 (arXiv 1406.2661). Makhzani and others 2015 (arXiv 1511.05644). Mao and others, ICCV 2017 (arXiv 1611.04076). Berthelot, Raffel, Roy and Goodfellow, ICLR 2019 (arXiv 1807.07543), sections 3 and 4.
#
# {{footer}}
