# %% [markdown]
# # 02 · Autoencoders
#
# **Does mixing codes beat mixing pixels?** By the end you have built and trained an autoencoder, you have seen where mixed codes lie, and you can say why they decode to double exposures.
#
# {{header}}
#
# | you will be able to | check |
# |---|---|
# | build an encoder and a decoder, and trace shapes from 32×32 to 2×2 and back | 02-1 |
# | write one training step, and say what goes wrong if a gradient is left over | 02-2 |
# | interpolate by mixing codes, with ends that do not flatter the model | 02-3 |
# | show where everything that code mixing can gain comes from | 02-4 |
# | measure how many directions a code uses, and what that means for a straight path | 02-5 |
#
# The thread: a good interpolation (1) is smooth, (2) follows the data, (3) reveals hidden structure. Lab 01 built a ruler for 1 and 2. Here it meets its first model.

# %% [markdown] tags=["teacher"]
# **For the teacher.** Minutes for a class; [docs/instructor.md](../../docs/instructor.md#fifty-minutes) says what *shown*, *given*, *read* and *home* mean.
#
# | part | 90 minutes | 50 minutes |
# |---|---|---|
# | the promise, the prediction, the first picture | 8 | 5 |
# | 02-1 | 6 read | 5 read |
# | 02-2 | 10 | 10 |
# | your step trains your networks | 5 | 3 |
# | 02-3 | 8 | 8 |
# | the scores | 5 | 4 |
# | where the mixtures lie | 7 | 5 |
# | the explorer | 4 | home |
# | 02-4 | 12 | 5 shown |
# | 02-5 | 10 | home |
# | mixing halfway | 4 | home |
# | break it: the paper's initial weights | 6 | 2 |
# | discussion | 5 | 3 |
# | **in all** | **90** | **50** |
#
# To have 02-1 written in class, add 8 minutes; then leave out the explorer and *Mixing halfway*. The extension goes home.
#
# - **Stop points.** After 02-2: start the training cell together, and talk while it runs. After 02-3, at the table of scores. After 02-4. Whoever is stuck takes the course's version there.
# - **Open or projected:** the first strip, pixels above and codes below; then the curve of codes with its chord.
# - **They leave with:** the codes of lines form a curve, a straight path is a chord of it, and the loss never asks what lies on a chord.

# %% [markdown] tags=["slide"]
# # 02 · Autoencoders
#
# Does mixing codes beat mixing pixels?

# %%
import time

import torch
from torch import nn

import acai_lite as al
import acai_course as course

# %% [markdown] tags=["slide"]
# ## The hope
#
# $$z = \mathrm{encode}(x), \qquad \hat x = \mathrm{decode}(z) \approx x$$
#
# - 1,024 pixels → 64 numbers → 1,024 pixels
# - So few numbers must hold the angle, not the pixels
# - Then mixed codes turn the line. Or not?

# %% [markdown]
# ## The promise
#
# An **autoencoder** is two networks. The **encoder** squeezes an image $x$ of 1,024 numbers into a short **code** $z$ of 64. The **decoder** draws an image $\hat x$ from a code.
# Both are trained together, on one demand: draw what you were shown, $\hat x \approx x$.
#
# The hope: to draw well from so few numbers, the code must hold what matters, say the line's angle, and not its pixels. Then *mixing two codes* should turn the line, where mixing pixels gave a double exposure.
#
# **Predict.** In lab 01 a pixel blend scored a Mean Distance of about 6 e-3. An autoencoder that draws lines well mixes *codes* instead. Will it score a tenth of that, a half, about the same, or far more?

# %% [markdown] tags=["slide"]
# ## Predict
#
# A pixel blend scores about 6 e-3. Codes mixed instead: a tenth of that, a half, about the same, or far more?

# %%
course.predict("02-baseline", ["a tenth", "a half", "about the same", "far more"])

# %% [markdown] tags=["teacher"]
# Most choose *a tenth* or *a half*: "so few numbers must hold the angle" sounds like a proof. Leave it standing, and ask: "Where in the loss does a mixture of two codes stand?" Nobody needs an answer yet.

# %% [markdown]
# Here is such a model, the course's **baseline**, trained beforehand. Top row: pixels mixed. Bottom row: codes mixed, then decoded. Both ends are sharp. What is in the middle?

# %% [markdown] tags=["slide"]
# ## Pixels mixed, codes mixed

# %% tags=["slide"]
baseline = al.checkpoint("lines-baseline-64")
lines = al.load("lines")
x0, x1 = lines.test_images[0], lines.test_images[7]                   # (1,32,32) each

t = torch.linspace(0, 1, 16).view(-1, 1, 1, 1)
rows = {"pixels mixed": (1 - t) * x0 + t * x1,
        "codes mixed": al.interpolate_images(baseline, x0[None], x1[None], 16)[0]}
al.figures.strips(rows, alt="""Two rows of 16 frames between two lines. Pixels mixed: a double
exposure. Codes mixed: sharp ends, but in between the first line dims and the second appears;
no frame in the middle is a line at an angle between the two.""")

# %% [markdown]
# *No line at the middle angle.* For this pair the hope failed; the score over many pairs comes below. This lab finds out why, and you will build the thing yourself to be sure that nobody cheated.

# %% [markdown] tags=["teacher"]
# The strip is one pair, and the class now wants to change its guess. It may, until the scores come. Ask: "The ends are sharp. Then what exactly has not been learnt?"

# %% [markdown]
# ## Exercise 02-1 · Encoder and decoder (8 lines, 14 minutes)
#
# **Encoder.** Each *scale* is a 3×3 convolution with `padding=1` (keeps height and width), a bend, and a 2×2 average pool (halves both). Four scales take 32×32 to 2×2; let the channels grow 1 → 16 → 32 → 64 → 128.
# A last convolution takes 128 channels to the code's 16, with **nothing after it**: a code may be any number, negative ones too.
#
# **Decoder.** The mirror: four times convolution, bend, `nn.Upsample(scale_factor=2)`, with channels 16 → 128 → 64 → 32 → 16, and a last convolution to 1 channel, again with nothing after it.
#
# The bend is `nn.LeakyReLU(0.2)`: it leaves positive numbers alone and multiplies negative ones by 0.2. Shapes, to check on paper (B images at a time):
#
# (B,1,32,32) → (B,16,16,16) → (B,32,8,8) → (B,64,4,4) → (B,128,2,2) → **(B,16,2,2)** → … → (B,1,32,32)

# %%
def make_networks():
    """encoder (B,1,32,32) -> (B,16,2,2) and decoder (B,16,2,2) -> (B,1,32,32)."""
    ### BEGIN SOLUTION
    encoder, decoder = [], []
    for a, b in [(1, 16), (16, 32), (32, 64), (64, 128)]:
        encoder += [nn.Conv2d(a, b, 3, padding=1), nn.LeakyReLU(0.2), nn.AvgPool2d(2)]
    for a, b in [(16, 128), (128, 64), (64, 32), (32, 16)]:
        decoder += [nn.Conv2d(a, b, 3, padding=1), nn.LeakyReLU(0.2)]
        decoder += [nn.Upsample(scale_factor=2)]
    encoder = nn.Sequential(*encoder, nn.Conv2d(128, 16, 3, padding=1))
    decoder = nn.Sequential(*decoder, nn.Conv2d(16, 1, 3, padding=1))
    return encoder, decoder
    ### END SOLUTION

# %%
make_networks = course.check("02-1", make_networks)
torch.manual_seed(0)
encoder, decoder = make_networks()

def report(layer, inputs, output):
    print(f"{type(layer).__name__:10s} {tuple(output.shape)}")

# ask every layer to report what comes out of it, once
layers = [m for n in (encoder, decoder) for m in n.modules() if not list(m.children())]
hooks = [layer.register_forward_hook(report) for layer in layers]
x = lines.test_images[:3]                                             # (3,1,32,32)
assert decoder(encoder(x)).shape == x.shape
for hook in hooks:
    hook.remove()

# %% [markdown]
# From here on the two networks travel together as one `model` with `model.encode(x)` and `model.decode(z)`, which also brings the pixels to mean 0 and spread 1 on the way in, and back on the way out. The last section shows why that matters.
#
# ## Exercise 02-2 · One training step (5 lines, 10 minutes)
#
# The loss is the **mean squared error** over all images and pixels,
#
# $$L = \mathrm{mean}\big[(\hat x - x)^2\big], \qquad \hat x = \mathrm{decode}(\mathrm{encode}(x)) .$$
#
# Write one step of gradient descent in plain PyTorch: compute the loss, clear the gradients, `backward`, `step`; return the loss as a number.
# PyTorch *adds* every new gradient to what is already there, so somebody has to clear it.

# %%
def train_step(model, optimiser, x):
    """One step on x (B,1,32,32): changes the model, returns the loss."""
    ### BEGIN SOLUTION
    loss = (model.decode(model.encode(x)) - x).square().mean()
    optimiser.zero_grad()
    loss.backward()
    optimiser.step()
    return loss.item()
    ### END SOLUTION

# %%
train_step = course.check("02-2", train_step)

# %% [markdown] tags=["slide"]
# ## Your step, your networks
#
# $$L = \mathrm{mean}\left[(\hat x - x)^2\right]$$

# %% [markdown]
# Now run *your* step on *your* networks: a plain loop over batches of 16 fresh lines. It takes up to a minute, and stops there in any case.

# %% tags=["slide"]
model = course.plain_model(encoder, decoder)
optimiser = torch.optim.Adam(model.parameters(), lr=2e-3)
seen, losses = [], []
started = time.monotonic()
batches = lines.batches("train", 16, torch.Generator().manual_seed(0))
for step in range(course.pace(smoke=30, lab=1500, full=4000)):
    x, _ = next(batches)
    optimiser.param_groups[0]["lr"] = 2e-3 * min(1, step / 100)       # a gentle start
    losses.append(train_step(model, optimiser, x))
    seen.append(16 * (step + 1))
    if step % 250 == 0 or time.monotonic() - started > 55:
        took = time.monotonic() - started
        print(f"{seen[-1]:6d} images   loss {losses[-1]:.4f}   {took:.0f} s")
    if time.monotonic() - started > 55:
        break

# the error of drawing the mean image for everything: the variance of a pixel over lines
variance = float(lines.test_images[:].var(dim=0).mean())
smooth = [sum(losses[k - 10:k]) / 10 for k in range(10, len(losses))]
al.figures.curves({"your model": (seen[10:], smooth)}, xlabel="images seen", ylabel="loss",
                  log=True, marks={f"mean image, {variance:.3f}": variance},
                  alt="""The loss falls below 0.080, the level of a network that draws the mean
image, within the first few thousand images, and goes on falling, with spikes.""")

# %% [markdown] tags=["teacher"]
# While it trains: the loss stays on the dotted line for a while and then drops. What does a network draw that sits on that line? One grey picture for everything. The drop is the moment when drawings begin to differ.

# %% [markdown]
# `al.fit` is the same loop, with a progress bar, an estimate of the time left, and a stop button; it takes the losses that *you* hand it, and the next labs use it. It calls your function once a step, with `out`, what the model made of `x` (`out.x_hat` is the reconstruction, `out.z` the code). `ramp` fades a term in; here there is none. `recipe="lab"` is a set of learning rate, batch size and the like that works in minutes.

# %%
def my_losses(model, x, out, ramp):
    return {"autoencoder": (out.x_hat - x).square().mean()}

history = al.fit(model, lines, samples=course.pace(smoke=640, lab=6400, full=64000),
                 recipe="lab", losses=my_losses)
print("end of the run:", {k: round(v, 4) for k, v in history.points[-1].items()
                          if k in ("samples", "autoencoder")})

# %% [markdown]
# You need not hand it a loss: without `losses=`, a model's own loss is taken. The baseline's is yours:

# %%
course.show(al.Autoencoder.losses)

# %% [markdown]
# ## Exercise 02-3 · Mix codes (3 lines, 8 minutes)
#
# Encode both images, mix the **codes** as lab 01 mixed pixels, decode the mixtures. Mind the ends: frame 0 is `decode(encode(x0))`, not `x0` itself. Pasting the originals in would hide how well the model draws them.

# %%
def mix_codes(model, x0, x1, steps):
    """Frames (T,1,32,32) from x0 to x1, each (1,32,32), through mixed codes."""
    ### BEGIN SOLUTION
    z0, z1 = model.encode(torch.stack([x0, x1]))                      # (16,2,2) each
    t = torch.linspace(0, 1, steps).view(-1, 1, 1, 1)
    return model.decode((1 - t) * z0 + t * z1).detach()
    ### END SOLUTION

# %% [markdown] tags=["slide"]
# ## The same pair, three ways

# %% tags=["slide"]
mix_codes = course.check("02-3", mix_codes)

rows = {"pixels mixed": (1 - t) * x0 + t * x1, "your model": mix_codes(model, x0, x1, 16),
        "the baseline": mix_codes(baseline, x0, x1, 16)}
al.figures.strips(rows, alt="""Three rows between two lines: a pixel blend, your model with
mixed codes, the baseline. None turns the line through the angles between.""")

# %% [markdown] tags=["slide"]
# ## Many pairs: the answer

# %% tags=["slide"]
pairs = course.pace(smoke=16, lab=256, full=256)
first, second = lines.test_images[:pairs], lines.test_images[pairs:2 * pairs]
blends = torch.stack([(1 - t) * a + t * b for a, b in zip(first, second)])
table = {"pixel blend": al.line_scores(blends),
         "your model": al.score_lines(model, lines, pairs),
         "the baseline": al.score_lines(baseline, lines, pairs)}
for name, scores in table.items():
    ends = f"{scores.end_error:.4f}" if hasattr(scores, "end_error") else "exact"
    print(f"{name:15s} Mean Distance {scores.mean_distance * 1e3:6.2f} e-3   "
          f"Smoothness {scores.smoothness:.2f}   end error {ends}")
ratio = table["the baseline"].mean_distance / table["pixel blend"].mean_distance
print()
course.reveal("02-baseline", "a tenth" if ratio < 0.2 else "a half" if ratio < 0.7 else
                 "about the same" if ratio < 1.5 else "far more", f"{ratio:.2f} of the blend's")

assert 0.5 < ratio < 1.5                       # about the same as a pixel blend
assert table["the baseline"].end_error < 0.005      # and yet it draws the ends well

# %% [markdown]
# **About the same as a pixel blend**, although the baseline reconstructs well: its end error is a small fraction of 0.080, the error of drawing the mean image. (The ACAI paper reports a Mean Distance of 6.88 e-3 and a Smoothness of 0.44 for its baseline, after 16.8 million samples.) Why?

# %% [markdown] tags=["slide"]
# ## Where the mixtures lie

# %% [markdown]
# ## Where the mixtures lie
#
# A line has one property, its angle. (Our lines begin at the centre, so they look the same only after a full turn of 360 degrees.) So the codes of all lines form a *curve* in 64 dimensions: turn the line once, and its code comes back to where it started. Below is that curve for two models, flattened onto the plane in which it varies most (its first two principal components). The black dots are sixteen mixtures of two codes. Look at where they lie before you look at the pictures they decode to.

# %% tags=["slide"]
acai = al.checkpoint("lines-acai-64")                 # lab 05a's longer run
course.code_curves({"the baseline": baseline, "ACAI": acai}, x0, x1)

# %%
rows = {name: al.interpolate_images(model, x0[None], x1[None], 16)[0]
        for name, model in {"the baseline": baseline, "ACAI": acai}.items()}
al.figures.strips(rows, alt="""Two rows between the same two lines. The baseline: two faint
lines in the middle. ACAI, which lab 05a trains: one line in nearly every frame, which turns
from the first angle to the second.""")

# %% [markdown]
# One number makes the picture precise. Stand in the centre of all codes and look at the middle of the chord. Which line's code lies in that direction?

# %%
everything = torch.arange(720, dtype=torch.float64) * (2 * torch.pi / 720)
ends = [float(lines.test_images.stored[k]) * 180 / torch.pi for k in (0, 7)]
print(f"the two lines: {ends[0]:.0f} and {ends[1]:.0f} degrees; halfway between: "
      f"{(sum(ends) / 2 + 180) % 360:.0f}")
seen_from_centre = {}
for name, one in {"the baseline": baseline, "ACAI": acai}.items():
    codes = al.encode_all(one, al.draw_lines(everything)).double()    # (720,64)
    centre = codes.mean(0)
    with torch.no_grad():
        both = one.encode(torch.stack([x0, x1])).flatten(1).double() - centre     # (2,64)
    cosine = torch.cosine_similarity(codes - centre, both.mean(0, keepdim=True))
    seen_from_centre[name] = float(cosine.max())
    between = float(torch.cosine_similarity(*both, dim=0))
    print(f"{name:13s} cosine between the two codes {between:5.2f}; the middle points at the "
          f"line at {float(cosine.argmax()) / 2:.0f} degrees, with cosine {cosine.max():.2f}")
assert seen_from_centre["the baseline"] < 0.9 < seen_from_centre["ACAI"]

# %% [markdown]
# **A straight path is a chord.** It leaves the curve, and no line was ever encoded to a place on it.
#
# - *The baseline.* Its curve winds through more dimensions than the plane shows. The two codes are perpendicular, so the middle of the chord has a part of both and lies in the direction of neither; the best match is one of the two endpoints, and a poor one. The decoder shows both lines, each faintly.
# - *ACAI.* Its codes form nearly a plane circle. The chord leaves the circle as well, but its middle points at a line *between* the two, almost exactly. The decoder can decode that line if it follows the direction of a code and ignores how far from the centre it lies.
#
# The baseline's loss does not care which of these happens: **it never sees a mixed code**.

# %% [markdown] tags=["teacher"]
# Before you show ACAI's panel, ask where the halfway code lies in the baseline's, and which code is its nearest neighbour. Ask: "Seen from the centre of the right picture, which angle does the middle of the chord point to?"

# %% [markdown]
# Walk along the chord yourself: move $t$ with the arrow keys, and press *New pair* for two other test lines. Below each frame stand its distance to the nearest line, in units of e-3, and that line's angle in degrees, with their curves along the path. Find a pair on which the baseline does *well*. What do its two lines have in common?

# %% [markdown] tags=["teacher"]
# Those who were sure of *a tenth* often blame the training time. The end error answers them: the endpoints are reconstructed well, and longer training asks the same question only better. Ask: "Which line of your `train_step` ever sees a mixture?" None does.

# %%
course.InterpolationExplorer(lines, {"the baseline": baseline},
                                twin="explorers/lines_02.html")

# %% [markdown] tags=["slide"]
# ## A decoder without bends
#
# - Take out every LeakyReLU: only linear layers stay
# - Mixed codes will look worse, better, or exactly like mixed pictures?

# %% [markdown]
# ## Where could a gain come from? · Exercise 02-4 (2 lines and a decision, 12 minutes)
#
# Build the same decoder **without its LeakyReLUs**: the layers that remain are convolutions and upsampling, each of them linear (plus a constant, which does no harm, since the weights $1-t$ and $t$ add up to 1). Useful: a `nn.Sequential` can be looped over, and `isinstance(layer, nn.LeakyReLU)` finds the bends.
#
# **Decide before you run the next cell:** with the bends gone, will mixed codes look (a) worse, (b) better, (c) exactly like mixed pictures?

# %%
def straighten(decoder):
    """A decoder of the same layers, in the same order, without the bends."""
    ### BEGIN SOLUTION
    return nn.Sequential(*[layer for layer in decoder if not isinstance(layer, nn.LeakyReLU)])
    ### END SOLUTION

# %% [markdown] tags=["slide"]
# ## The answer

# %% tags=["slide"]
straighten = course.check("02-4", straighten)
straight = straighten(baseline.decoder)

with torch.no_grad():
    z0, z1 = baseline.encode(torch.stack([x0, x1]))                   # (16,2,2) each
    before = straight((1 - t) * z0 + t * z1)                         # mix codes, then decode
    after = (1 - t) * straight(z0[None]) + t * straight(z1[None])    # decode, then mix
    bent = baseline.decoder((1 - t) * z0 + t * z1)
    bent_after = (1 - t) * baseline.decoder(z0[None]) + t * baseline.decoder(z1[None])
    without_bends = float((before - after).abs().max() / before.abs().max())
    with_bends = float((bent - bent_after).abs().max() / bent.abs().max())
print(f"without bends the two differ by {without_bends:.0e} of the largest pixel, "
      f"with bends by {with_bends:.1f}")
assert without_bends < 1e-5 and with_bends > 0.1

# %% [markdown] tags=["teacher"]
# *Worse* is the usual guess, as a network without bends is a poor network. Poor it is, but the point is an identity: mix then decode equals decode then mix. Ask: "So who could turn the line?" Only the bends, and nothing tells them to.

# %% [markdown]
# **(c).** A straight decoder turns a mixture of codes into the same mixture of pictures: it *is* a double exposure, whatever its weights. All that code mixing can gain comes from the bends in the decoder, and nothing in the loss tells them to bend the right way.
#
# ## Exercise 02-5 · How many directions does a code use? (4 lines, 10 minutes)
#
# Put a number on the picture of the curve. The principal components of a set of codes have variances; let $p_k$ be the share of the total that component $k$ has, so that $\sum_k p_k = 1$. Return two numbers:
#
# - the **effective dimension** $1 / \sum_k p_k^2$, also called the participation ratio: $n$ if $n$ components have equal shares and the others none;
# - the share of the first two components together, $p_1 + p_2$: how much of the codes a flat picture can show.
#
# A plane circle has 2 and 1. Useful: `torch.linalg.svdvals(codes - codes.mean(0))` gives the singular values, the largest first; their *squares* are in proportion to the variances.

# %%
def dimension(codes):
    """codes (N,Z) -> (effective dimension, share of the first two components)"""
    ### BEGIN SOLUTION
    variances = torch.linalg.svdvals(codes - codes.mean(0)).square()
    p = variances / variances.sum()
    return float(1 / p.square().sum()), float(p[0] + p[1])
    ### END SOLUTION

# %%
dimension = course.check("02-5", dimension)

angles = torch.arange(720, dtype=torch.float64) * (2 * torch.pi / 720)
turning = al.draw_lines(angles)                                       # (720,1,32,32)
codes = {"pixel blend": turning.flatten(1).double()}
codes |= {name: al.encode_all(one, turning).double() for name, one in
          {"your model": model, "the baseline": baseline, "ACAI": acai}.items()}
table["ACAI"] = al.score_lines(acai, lines, pairs)
found = {name: dimension(z) for name, z in codes.items()}
for name, (directions, two) in found.items():
    print(f"{name:13s} effective dimension {directions:4.1f}   first two components {two:4.0%}"
          f"   Smoothness {table[name].smoothness:.2f}")
assert found["ACAI"][0] < 2.3 < found["the baseline"][0] < found["pixel blend"][0]

# %% [markdown] tags=["teacher"]
# Ask for a guess for raw pixels first. Lines that are some degrees apart share pixels near the centre only, so their pictures are nearly orthogonal: many directions, and a chord that is a double exposure. A code that keeps many directions inherits this.

# %% [markdown]
# Of these four, the one with the fewest directions has the smoothest paths (a smaller Smoothness is smoother). A low dimension alone does not do it: the decoder needs its bends to turn a direction into a line, and a flat curve could be folded. **Lab 05a trains a network that finds the circle**, and lab 05b asks what made it do so.
#
# ## Mixing halfway: pixels, a hidden layer, the code
#
# A mixture can be made anywhere on the way from code to picture. The further back, the more bends lie between the mixture and the picture. Is further back always better?

# %%
layers = list(baseline.decoder)
std, mean = baseline.config["std"], baseline.config["mean"]
# the baseline has five layers a scale: two convolutions, each with a bend, and an upsampling
places = {"the code": 0, "after one scale": 5, "after two scales": 10,
          "pixels drawn": len(layers)}
rows = {}
with torch.no_grad():
    za, zb = baseline.encode(first[:64]), baseline.encode(second[:64])     # (K,16,2,2)
    for name, k in places.items():
        early, late = nn.Sequential(*layers[:k]), nn.Sequential(*layers[k:])
        frames = [late((1 - s) * early(za) + s * early(zb)) * std + mean for s in t.flatten()]
        rows[name] = torch.stack(frames, dim=1)                       # (K,T,1,32,32)
where = {name: al.line_scores(frames) for name, frames in rows.items()}
for name, scores in where.items():
    print(f"mixed: {name:17s} Mean Distance {scores.mean_distance * 1e3:6.2f} e-3   "
          f"Smoothness {scores.smoothness:.2f}")
same = table["the baseline"].distances[:len(za)].mean()           # the same pairs as before
assert abs(where["the code"].mean_distance - float(same)) < 1e-6
if course.pace(smoke=False, lab=True, full=True):
    assert where["the code"].mean_distance == min(w.mean_distance for w in where.values())

pair = 3
al.figures.strips({name: frames[pair] for name, frames in rows.items()},
                  alt="""Four rows for one pair of lines, mixed at the code, after one scale,
after two scales, and as drawn pixels: in each, the middle shows two faint lines.""")

# %% [markdown]
# Mixing at the code is the best of the four, but not by much: where you mix changes *how* the middle fails, not *that* it fails. Compare the scores before you trust the picture of one pair.
#
# ## Break it on purpose: the paper's initial weights on raw pixels
#
# Take the initial weights of the paper's code and feed raw pixels (−1 background, +1 ink). **Predict:** after a few thousand images its loss is higher than yours, lower than yours, or stuck at 0.080?

# %% [markdown] tags=["slide"]
# ## Break it: the paper's initial weights on raw pixels

# %%
course.predict("02-break", ["higher than mine", "lower than mine", "stuck at 0.080"])

# %% tags=["slide"]
paper = al.build("baseline", "lines", recipe="paper", seed=0)
fast = al.Recipe(name="paper's start, fast", learning_rate=1e-3, batch_size=16)
history = al.fit(paper, lines, course.pace(smoke=640, lab=6400, full=25600), fast,
                 losses=my_losses)

error = al.reconstruction_error(paper, lines.test_images)
print(f"its error on test lines {error:.4f}   mean variance of a pixel {variance:.4f}")
mine = table["your model"].end_error
course.reveal("02-break", "stuck at 0.080" if abs(error - variance) < 0.003 else
                 "higher than mine" if error > mine else "lower than mine",
                 f"{error:.3f}, yours {mine:.3f}")
if course.pace(smoke=False, lab=True, full=False):
    assert abs(error - variance) < 0.003

some = lines.test_images[:6]
with torch.no_grad():
    drawn = paper.decode(paper.encode(some))
al.figures.grid(torch.cat([some, drawn]), columns=6,
                alt="""Six lines, and below them what the network draws for each: six times
the same dark image with a faint glow in the centre, the mean of all lines.""")

# %% [markdown] tags=["teacher"]
# They see one dark picture with a faint glow, six times. Many call it "noise" or "a bug". Ask: "If you may draw only *one* picture for all lines, which one?" The mean; its error is the variance of a pixel, so the number is no accident. It comes back in labs 03, 04 and 05.

# %% [markdown]
# It draws **one picture for everything**: the mean of all lines. No other single picture has a smaller squared error, and its error is the variance of the pixels, 0.080. You will meet that number again: it means *nothing was learnt yet*.
#
# **Extension (15 minutes).** Why does it learn nothing? Each convolution and activation with these weights about halves the mean square of what flows through, so its standard deviation is divided by √2 (look at `layer(x).std()` after every layer, for lines as input). After the eleven convolutions of the paper's encoder (two a scale, where yours has one) the code is nearly the same for all lines, and so is its gradient.
# Two repairs: initial weights √2 larger, as in the recipe `lab`, keep the spread alive; and pixels with mean 0 and standard deviation 1 stop the background from drowning the line. The second alone is enough if training may take a little longer: lab 05a starts with weights as small as these, on standardised pixels. The paper gets there without either, with hundreds of times your number of images. Lab 05b shows that the larger weights have a price of their own.

# %%
with torch.no_grad():
    x = lines.test_images[:64]
    for name in ("paper", "lab"):
        fresh = al.build("baseline", "lines", recipe=name)
        code = fresh.encode(x)
        print(f"initial weights of recipe {name!r:8s} spread of the code over lines: "
              f"{float(code.std(dim=0).mean()):.1e}, of the drawing: "
              f"{float(fresh.decode(code).std(dim=0).mean()):.1e}")

# %% [markdown] tags=["teacher"]
# **Discussion**
#
# - *A friend says: my autoencoder reconstructs perfectly, so its latent space is good. Your answer?* Reconstruction is asked at the codes of data. What lies between them is not asked, so it may be anything; measure it, or look at a strip.
# - *Would a smaller code help, say 2 dimensions?* The curve then lies in a plane, but it need not be a circle: it may be folded, and a chord may pass near unrelated lines. A good thing to try at home, with the same table.
# - *Where could one change the loss so that mixtures count?* Decode a mixture and judge the picture: by somebody who knows what pictures look like, or by how steadily it changes. Labs 04 and 05 do the first.
# - *The baseline is a little better than the blend. Is that something?* Something small: the bends do change the middle. Compare it with the 0 of lab 01's rotation before calling it progress.
#
# **To assess:** no assessment belongs to this lab alone. As a ticket at the door: "Name the line of 02-2 that would have to see a mixed code." The code reading after 05a uses the same skill.

# %% [markdown] tags=["slide"]
# ## What to take away
#
# - The codes of lines form a curve; a straight path is a chord of it
# - The loss never sees a mixed code
# - Without bends, mixing codes *is* mixing pictures
# - 0.080 on lines: one picture for everything

# %% [markdown]
# ## What to take away
#
# - An autoencoder is trained to reconstruct, and only that: **its loss never sees a mixed code**. A good reconstruction promises nothing about the in-between.
# - The codes of all lines form a closed curve, and **a straight path is a chord of it**. If the curve uses many dimensions, the middle of the chord points at no line between, and decodes to both lines. If it is a plane circle, the chord still points to the angles between (but for opposite lines).
# - Mixing codes differs from mixing pixels only through the decoder's **bends**. Without them it is the same double exposure, exactly.
# - A loss of **0.080** on lines is the mean image: one picture for everything.
#
# **At full scale.** The paper's baseline has two convolutions a scale (941,457 numbers on lines) and sees 16.8 million lines; the course's baseline is that network after far fewer, its record is in `baseline.receipt`. The finding is the same: a double exposure, at the level of a pixel blend.
#
# **References.** Berthelot, Raffel, Roy and Goodfellow, ICLR 2019 (arXiv 1807.07543), section 2 (autoencoders and interpolation) and section 3.2 (lines).
#
# {{footer}}
