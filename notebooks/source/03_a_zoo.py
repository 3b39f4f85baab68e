# %% [markdown]
# # 03 · A zoo of autoencoders
#
# **What does each method ask of its codes, and what does that do to the in-between?** By the end you have written two famous losses, matched blind strips with the methods that drew them, and you can tell *tidy codes* from *good in-betweens*.
#
# {{header}}
#
# | you will be able to | check |
# |---|---|
# | write the loss of a denoising autoencoder, and say what stays clean | 03-1 |
# | write the loss of a VAE, and say what prior and KL mean | 03-2 |
# | say of one method what it asks, what it pays, and what its in-betweens are, with a number for each | 03-3 |
# | replace a code by its nearest codeword and still train the encoder (extension) | 03-4 |
#
# The thread: a good interpolation (1) is smooth, (2) follows the data, (3) reveals hidden structure. Lab 02 found that a plain autoencoder fails at 1 and 2, since its loss never sees a mixed code. None of the methods here sees one either. But each asks something more of its codes. Does that help with 1 and 2?

# %% [markdown] tags=["teacher"]
# **For the teacher.** Minutes for a class; [docs/instructor.md](../../docs/instructor.md#fifty-minutes) says what *shown*, *given*, *read* and *home* mean.
#
# | part | 90 minutes | 50 minutes |
# |---|---|---|
# | five strips without names | 7 | 6 |
# | denoising, 03-1 | 10 | 2 given |
# | noise against its control | 4 | 3 |
# | the VAE: three words and a prediction | 5 | 5 |
# | 03-2 | 20 | 6 shown |
# | what the VAE draws | 4 | 3 |
# | tidy codes | 5 | home |
# | break it: the KL, a hundred times | 4 | home |
# | dropout left on | home | home |
# | the jigsaw, 03-3 | 20 | 20 |
# | names, and the paper's table | 6 | 3 |
# | discussion | 4 | 2 |
# | **in all** | **89** | **50** |
#
# 03-4 is an extension for home. In the five weeks of the instructor's page 03-1 and 03-2 are written at home by those who own that method, and the jigsaw is all that happens in class.
#
# - **Stop points.** After 03-1: start the comparison together. After 03-2: whoever is stuck takes the course's loss, and the committed VAE is the same for all. Before the jigsaw: stop everything else, it needs its 20 minutes.
# - **Open or projected:** the five strips without names; on paper the cards, six groups (denoising and VAE twice). Make them yourself: five lines, with the phrases of 03-3 to choose from.
# - **They leave with:** every method asks something more of its codes, and none asks for a good in-between.

# %% [markdown] tags=["slide"]
# # 03 · A zoo of autoencoders
#
# What does each method ask of its codes, and what does that do to the in-between?

# %%
from types import SimpleNamespace

import torch
from torch.nn import functional as F

import acai_lite as al
import acai_course as course

lines = al.load("lines")
baseline = al.checkpoint("lines-baseline-64")        # the autoencoder of lab 02, trained longer

# %% [markdown]
# ## Five strips without names
#
# Five autoencoders were trained on the same lines, 80,000 images each, with the same or similar networks (the VQ-VAE's differ most). What sets them apart is what they were *asked*:
#
# - **baseline**: draw the image from its code (lab 02);
# - **dropout**: the same, although half of the code's numbers, chosen at random, are set to 0 in every training step;
# - **denoising**: draw the clean image, but look at a noisy one;
# - **VAE**: the code is no point but a small cloud, and all clouds should lie close to one given distribution;
# - **VQ-VAE**: whatever the encoder says is replaced by the nearest entries of a list.
#
# Here are their paths between the same two lines. On a piece of paper, write a method beside each letter, with a reason: ghosts? one line that jumps? a fade?

# %% [markdown] tags=["slide"]
# ## Five strips without names

# %% tags=["slide"]
al.figures.strips(course.zoo_strips(), alt="""Five strips, A to E, of sixteen frames between
the same two lines, each by another method. The ends of all five are lines. In B the middle
shows both lines, faintly; in E the first line fades before the second is there. In A, C and D
most frames show one line, which changes its direction within a frame or two, in A by way of a
third direction. No line turns steadily from end to end.""")

# %% [markdown] tags=["slide"]
# ## Predict: who drew what?
#
# - baseline: draw the image from its code
# - dropout: from half of the code
# - denoising: the clean image from a noisy one
# - VAE: the code is a cloud, near a given distribution
# - VQ-VAE: the code is replaced by entries of a list

# %%
course.predict("03-strip", list("ABCDE"))    # which one is the VQ-VAE's?

# %% [markdown]
# The names come back at the end. A sixth method, the *adversarial autoencoder*, belongs in this zoo as well. Its loss is another network, so it waits for lab 04.

# %% [markdown] tags=["teacher"]
# Most take the ghosts in B for the VAE, since they have heard that VAEs blur. Collect one vote a letter on the board and leave it there; the names come after the jigsaw. Ask: "Which strip would you call smooth?" None: they look better or worse, but all of them leap or fade.

# %% [markdown]
# ## Denoising: look at a noisy image, draw the clean one
#
# A **denoising autoencoder** is the network of lab 02, trained on a harder task. Every pixel gets its own normal noise of standard deviation `spread` (1 in the paper: half of the way from black to white). The encoder sees only the noisy image. The decoder must draw the *clean* one:
#
# $$L = \mathrm{mean}\big[(\hat x - x)^2\big], \qquad \hat x = \mathrm{decode}(\mathrm{encode}(x + \mathrm{noise})) .$$
#
# Why could that help? Many noisy images lie around each clean one, and all of them must be drawn alike. So the codes *around* a line's code have to decode to that line, too.
#
# ## Exercise 03-1 · Denoising (3 lines, 8 minutes)
#
# Write the loss in plain PyTorch. Draw the noise inside the function (`torch.randn_like`), and do not clip the noisy image.

# %%
def denoising_loss(model, x, spread=1.0):
    """The mean squared error of drawing x (B,1,32,32) after a look at x with noise."""
    ### BEGIN SOLUTION
    noise = spread * torch.randn_like(x)
    x_hat = model.decode(model.encode(x + noise))
    return (x_hat - x).square().mean()
    ### END SOLUTION

# %%
denoising_loss = course.check("03-1", denoising_loss)

# %% [markdown] tags=["slide"]
# ## Denoising: asked for more, paid at the ends
#
# $$L = \mathrm{mean}\left[(\hat x - x)^2\right], \qquad \hat x = \mathrm{decode}(\mathrm{encode}(x + \mathrm{noise}))$$

# %% [markdown]
# Now a fair comparison: two copies of the same baseline train on for the same 4,800 images, with *your* loss. One sees noise; the other is the **control**, with `spread` 0, which is the loss of lab 02. About a third of a minute each. (`probe=False` leaves out a classifier that `al.fit` can train beside the model; lab 07 is about it.)

# %%
denoised = {}
for spread in (0.0, 1.0):
    def my_losses(model, x, out, ramp):
        return {"autoencoder": denoising_loss(model, x, spread)}

    torch.manual_seed(0)
    model = al.checkpoint("lines-baseline-64")
    al.fit(model, lines, samples=course.pace(smoke=160, lab=4800, full=16000),
           recipe="lab", losses=my_losses, probe=False, seed=0)
    denoised[spread] = model

# %% tags=["slide"]
pairs = course.pace(smoke=16, lab=256, full=256)

def show(name, scores):
    print(f"{name:26s} Mean Distance {scores.mean_distance * 1e3:5.2f} e-3   "
          f"Smoothness {scores.smoothness:.2f}   end error {scores.end_error * 1e3:.2f} e-3")

table = {"baseline": al.score_lines(baseline, lines, pairs),
         "trained on, no noise": al.score_lines(denoised[0.0], lines, pairs),
         "trained on, your noise": al.score_lines(denoised[1.0], lines, pairs)}
for name, scores in table.items():
    show(name, scores)
denoising = al.checkpoint("lines-denoising-64")                  # noise from the first step on
show("denoising, 80,000 images", SimpleNamespace(**denoising.receipt))    # as it was scored
if course.pace(smoke=False, lab=True, full=True):
    with_noise, without = table["trained on, your noise"], table["trained on, no noise"]
    assert with_noise.mean_distance < without.mean_distance      # frames are nearer to lines
    assert with_noise.end_error > 2 * without.end_error          # and ends are drawn worse
    assert with_noise.smoothness > 0.5                           # and nothing turns
    assert without.mean_distance > table["baseline"].mean_distance

# %% [markdown]
# The package's denoising autoencoder does what yours does: noise on the way in, and the loss of lab 02 against the clean image.

# %%
course.show(al.zoo.Denoising.run)

# %% [markdown]
# The noise brings the Mean Distance **down** a little, and the end error **up** by a lot: the gain in the middle is paid at the ends. The line does not turn, and Smoothness is as poor as before. (The control got a little worse than the baseline that it started from: a fresh start of the optimiser costs something. That is why there is a control.) The course's model, which was trained with noise from the start, tells the same story with smaller sums.

# %% [markdown] tags=["teacher"]
# They look at the Mean Distance only, and report a success. Point to the third row, the control: training on *without* noise got a little worse. Ask: "What would you have claimed without that row, and without the end error?"

# %% [markdown]
# ## The VAE: a code is a cloud
#
# A **variational autoencoder** asks for more. Three words, a sentence each:
#
# - Its encoder answers with a **cloud** for each image: for each of the $d_z = 64$ numbers of the code a mean and a variance. To draw, a code is picked from the cloud at random.
# - The **prior** is a distribution of codes that we choose beforehand, here $N(0, I)$: 64 independent numbers with mean 0 and variance 1.
# - The **KL divergence** measures how far a cloud is from the prior: it is 0 if they are equal, and grows as the cloud moves away, shrinks or swells.
#
# The loss asks for both: a good drawing, and a cloud close to the prior. In the names of the code, for one image:
#
# $$L = \mathrm{drawing} + \beta \cdot \mathrm{KL}, \qquad \mathrm{KL} = \tfrac12 \sum_{\text{code}} \big(\mathrm{variance} + \mathrm{mean}^2 - 1 - \log \mathrm{variance}\big) .$$
#
# The tension is the point. Far apart, narrow clouds are easy to tell apart and draw well. The KL pulls them all to one place and blows them up until they touch. There is hardly room for holes between them.
#
# **Predict.** What will the middle frames of a VAE on lines be?

# %% [markdown] tags=["slide"]
# ## A VAE: the code is a cloud
#
# $$L = \mathrm{drawing} + \beta \cdot \mathrm{KL}$$
#
# - **prior**: a distribution of codes chosen beforehand, $N(0, I)$
# - **KL**: how far a cloud is from the prior
# - Predict its middle frames: ghosts, a turning line, a jump, blank?

# %% [markdown] tags=["teacher"]
# Those who know VAEs predict *a sharp line at the right angle*: tidy space, so smooth paths. The others say ghosts or blur. Ask the first: "Which term of the loss names the line halfway?"

# %%
course.predict("03-vae", ["ghosts", "a sharp line at the right angle",
                             "a sharp line that jumps", "blank"])

# %% [markdown]
# ## Exercise 03-2 · The loss of a VAE (6 lines, 20 minutes)
#
# - **Pick a code.** `mean`, `log_variance` and `noise` have the shape of a code, (B,16,2,2); `noise` is drawn from $N(0, I)$. Move it to the cloud: scale it by the cloud's *standard deviation*, add the mean. (The encoder gives the logarithm of the variance, so that any number is allowed.)
# - **Drawing.** Here `decoder(z)` gives *logits*, and the sigmoid of a logit is the share of ink, 0 to 1. The target is the image on that scale, $(x+1)/2$. Take the cross-entropy, `F.binary_cross_entropy_with_logits`, as a **sum over pixels**.
# - **KL**, as above: a **sum over the code**. Add `beta` times the KL.
# - The mean over the B images is the loss.

# %%
def vae_loss(decoder, x, mean, log_variance, noise, beta=1.0):
    """Drawing plus beta * KL, mean over images. x (B,1,32,32); mean and so on (B,16,2,2)."""
    ### BEGIN SOLUTION
    z = mean + (log_variance / 2).exp() * noise
    logits = decoder(z)
    drawing = F.binary_cross_entropy_with_logits(logits, (x + 1) / 2, reduction="sum")
    variance = log_variance.exp()
    kl = 0.5 * (variance + mean.square() - 1 - log_variance).sum()
    return (drawing + beta * kl) / len(x)
    ### END SOLUTION

# %%
vae_loss = course.check("03-2", vae_loss)

def vae_losses(beta):
    """Your loss, in the form that `al.fit` takes."""
    def losses(model, x, out, ramp):
        noise = torch.randn_like(out.mean)
        return {"autoencoder": vae_loss(model.decoder, x, out.mean, out.log_variance, noise,
                                        beta)}
    return losses

# %% [markdown]
# The package's loss, for comparison; `self.beta` is your `beta`:

# %%
course.show(al.zoo.VAE.losses)

# %% [markdown]
# Let it train a VAE from nothing, for about half a minute, with the recipe `live`: many small steps, for runs as short as this. (The loss is a *sum* over 1,024 pixels, so its size is another one than in lab 02.)

# %%
torch.manual_seed(0)
mine = al.build("vae", "lines", recipe="live")
history = al.fit(mine, lines, samples=course.pace(smoke=160, lab=8000, full=64000),
                 recipe="live", losses=vae_losses(1.0), probe=False, seed=0)

vae = al.checkpoint("lines-vae-64")
table["your VAE"] = al.score_lines(mine, lines, pairs)
table["VAE, 80,000 images"] = al.score_lines(vae, lines, pairs)
for name in ("your VAE", "VAE, 80,000 images", "baseline"):
    show(name, table[name])

variance = float(lines.test_images[:].var(dim=0).mean())         # the mean image's error, 0.080
if course.pace(smoke=False, lab=True, full=True):
    assert table["your VAE"].end_error < 0.6 * variance          # your loss has begun to draw

# %% [markdown]
# Half a minute is not enough for a VAE: its end error (printed in units of e-3) is well below the 80 e-3 of the mean image, but far above the baseline's. So your loss works, and the course's VAE, the same loss after 80,000 images, takes over. Paths run between the *centres* of the two clouds:

# %% [markdown] tags=["slide"]
# ## What the VAE draws

# %% tags=["slide"]
x0, x1 = lines.test_images[:256], lines.test_images[256:512]          # the pairs of the scores
models = {"baseline": baseline, "VAE": vae}
rows = {f"{name}, pair {k + 1}": al.interpolate_images(model, x0[k:k + 1], x1[k:k + 1], 16)[0]
        for k in (1, 2, 5) for name, model in models.items()}
al.figures.strips(rows, alt="""Three pairs of lines, each in a row of the baseline and a row of
the VAE. Baseline: the first line dims while the second appears. VAE: in most frames one fairly
sharp line, which stays near one end, then leaps towards the other within a few smudged
frames.""")

# %% tags=["slide"]
middle = {name: table[key].distances[:, 7:9].mean() * 1e3
          for name, key in (("baseline", "baseline"), ("VAE", "VAE, 80,000 images"))}
print("Mean Distance of the two middle frames:",
      ", ".join(f"{name} {float(value):.1f} e-3" for name, value in middle.items()))
long_vae, base = table["VAE, 80,000 images"], table["baseline"]
near = float(middle["VAE"] / middle["baseline"])                      # a ghost's middle: 1
course.reveal("03-vae", "blank" if near > 2 else "ghosts" if near > 0.75 else
                 "a sharp line that jumps" if long_vae.smoothness > 0.3 else
                 "a sharp line at the right angle",
                 f"{near:.2f} of the baseline's distance, Smoothness {long_vae.smoothness:.2f}")
if course.pace(smoke=False, lab=True, full=True):
    assert long_vae.mean_distance < 0.75 * base.mean_distance and middle["VAE"] < 10
    assert long_vae.smoothness > 0.9 * base.smoothness
    assert long_vae.end_error > 2 * base.end_error

# %% [markdown]
# **A sharp line that jumps**, most of the time: the frames are nearer to lines than the baseline's, but the line leaps, and the Smoothness is no better than the baseline's. The few frames around the leap are smudged. And again there is a price: the ends.
#
# ## Tidy codes
#
# Here is something that the VAE does much better. Forget all images, pick 64 random numbers from $N(0, I)$, and decode them. For the other models, to be fair, the random numbers also get the mean and the spread of the model's own codes.

# %% [markdown] tags=["teacher"]
# The lines jump, and the frames around the jump are smudged. Some call the result better than the baseline's, some call it worse; both can point to a number. Ask: "Better in which of the two scores?"

# %% [markdown] tags=["slide"]
# ## Random codes: the VAE's and the baseline's

# %% tags=["slide"]
g = torch.Generator().manual_seed(0)
noise = torch.randn(256, 16, 2, 2, generator=g)
some = lines.test_images[512:1024]
tidy, drawn = {}, {}
for name, model in {**models, "denoising": denoising}.items():
    with torch.no_grad():
        # codes of real lines; of a VAE, picked from the clouds
        z = al.encode_all(model, some, what="samples").view(-1, 16, 2, 2)
        means, spreads = z.mean(0), z.std(0)
        drawn[name] = model.decode(noise if name == "VAE" else noise * spreads + means)
    distance = al.line_scores(drawn[name].view(128, 2, 1, 32, 32)).distances
    tidy[name] = float((distance < 3.2e-3).float().mean())       # half of a pixel blend's
    print(f"{name:10s} codes: means {means.min():5.2f} to {means.max():.2f}, "
          f"spreads {spreads.min():.2f} to {spreads.max():.2f}   "
          f"random codes that draw a line: {tidy[name]:.0%}")
assert tidy["VAE"] > 0.25 and max(tidy["baseline"], tidy["denoising"]) < 0.02

al.figures.grid(torch.cat([drawn["VAE"][:10], drawn["baseline"][:10]]), columns=10,
                alt="""Two rows of ten pictures decoded from random codes. Upper row, the VAE:
many are single lines, some are bent, faint or broken. Lower row, the baseline: dark pictures
with smudges and scattered strokes, hardly a line.""")

# %% [markdown]
# All clouds together look like the prior: every number of the code has a mean near 0 and a spread near 1. So a random code is often near some cloud, and more than a quarter of them draw a line as good as we ask for. Such codes are **tidy**: we know where they are, and can invent new ones. Of the baseline's and the denoiser's random codes hardly one draws a line: theirs fill a thin part of their space, and knowing means and spreads is not enough to find it.
#
# Which of the 64 dimensions tell the decoder anything about the image? Where a dimension carries no information, the posterior $q(z|x)$ equals the prior for every image, and its share of the KL is 0. So plot the KL of each dimension, averaged over 512 lines:

# %%
with torch.no_grad():
    out = vae.run(some, torch.zeros(len(some), *vae.code_shape))
    variance_q = out.log_variance.exp()
    kl = 0.5 * (variance_q + out.mean.square() - 1 - out.log_variance).mean(0)
    kl = kl.flatten()                                                 # (64,)
used = int((kl > 0.1).sum())

figure = al.figures.described(7, 2.6, alt="""Bars: the KL of each of the 64 dimensions, largest
first. A few bars are high, all others are close to zero.""")
axes = figure.subplots()
axes.bar(range(64), kl.sort(descending=True).values, color="#0072B2")
axes.axhline(0.1, color="#767676", linestyle=":")
axes.set(xlabel="dimension of the code, sorted by its KL", ylabel="KL (nats)",
         title=f"{used} of 64 dimensions carry more than 0.1")
figure.tight_layout()
assert 2 <= used <= 8
figure

# %% [markdown]
# In most dimensions the encoder answers with the prior, whatever the image, and the decoder ignores them. The field calls this **posterior collapse**. It costs nothing here: a line has one degree of freedom, and the few dimensions that remain are enough to say the angle. It also explains why so many random codes decode to a line: only those few dimensions have to fall into the right place.
#
# But tidy is not the same as good in-betweens. The path between two clouds runs through tidy places, and a tidy place decodes to *some* line. Nothing asks for the line *halfway* between the two. So it may leap, and it does.
#
# ## Break it on purpose: the KL, a hundred times
#
# If tidiness is good, then more of it is better? Let the VAE train on with $\beta = 100$. **Predict:** what happens?

# %% [markdown] tags=["slide"]
# ## Break it: the KL, a hundred times
#
# Tidy is good. Then more of it: sharper lines, all images alike, noise, smoother paths?

# %%
course.predict("03-break", ["sharper lines", "all images look alike", "noise",
                               "smoother paths"])

# %%
torch.manual_seed(0)
strict = al.checkpoint("lines-vae-64")
history = al.fit(strict, lines, samples=course.pace(smoke=160, lab=3200, full=6400),
                 recipe="live", losses=vae_losses(100.0), probe=False, seed=0)

# %% [markdown] tags=["slide"]
# ## All clouds are the prior

# %% tags=["slide"]
report = {}
for name, model in {"beta = 1": vae, "beta = 100": strict}.items():
    with torch.no_grad():
        outs = [model.run(part, torch.randn(128, 16, 2, 2, generator=g))   # from the clouds
                for part in some.split(128)]                     # in parts: little memory
        width = torch.cat([(out.log_variance / 2).exp() for out in outs])
        apart = torch.cat([out.mean for out in outs]).std(0).max()   # its most used number
        x_hat = torch.cat([out.x_hat for out in outs])
        error, differ = (x_hat - some).square().mean(), x_hat.var(0).mean()
    report[name] = [float(v) for v in (apart, width.mean(), error, differ)]
    print(f"{name:10s} spread of the centres {apart:.2f} at most   width {width.mean():.2f}   "
          f"error {error:.4f}   variance between drawings {differ:.4f}")
print(f"{'':10s} the mean image for all: error {variance:.4f}")
*_, first, _ = report["beta = 1"]
*_, error, differ = report["beta = 100"]
course.reveal("03-break", "all images look alike" if differ < 0.1 * variance else
                 "noise" if error > 2 * variance else
                 "sharper lines" if error < first else None,
                 f"drawings differ by a variance of {differ:.4f}, lines by {variance:.4f}")
if course.pace(smoke=False, lab=True, full=True):
    apart, width, error, differ = report["beta = 100"]
    assert apart < 0.1 and abs(width - 1) < 0.02                 # every cloud is the prior
    assert abs(error - variance) < 0.006 and differ < 0.02 * variance    # one image for all

al.figures.grid(torch.cat([some[:8], x_hat[:8]]), columns=8,
                alt="""Eight lines, and below them what the VAE with beta 100 draws for each:
eight times the same dark picture with a faint glow around the centre.""")

# %% [markdown]
# Now every cloud *is* the prior: centre 0, width 1, whatever the image. The codes are as tidy as can be, and they say nothing. So the decoder draws the mean image for everything, and pays 0.080, the number from lab 02. You can meet this without any $\beta$: whoever takes the *mean* over pixels and the *sum* over the code weighs the KL 1,024 times more.
#
# (We drew from the clouds here, as in training. Their common centre is a place where this decoder has hardly ever been: 64 random numbers of variance 1 lie about 8 away from it. Lab 06 comes back to that.)

# %% [markdown] tags=["teacher"]
# *Smoother paths* is the usual guess: more of a good thing. The picture is the one from the end of lab 02. Ask: "The codes now match the prior perfectly. What do they say about the image?" Nothing, and that is why they match.

# %% [markdown]
# ## Dropout, left on along a path (5 minutes)
#
# **Dropout** asks for a drawing from half of a code: in each training step every number of the code is set to 0 with probability ½, and those that stay are doubled. It belongs to *training* only. What if somebody forgets to switch it off on the path? Ten seconds of dropout training for the baseline, then both:

# %%
model = al.build("dropout", "lines", recipe="lab")
model.load_state_dict(baseline.state_dict())                     # the same network
al.fit(model, lines, samples=course.pace(smoke=160, lab=3200, full=6400), recipe="lab",
       probe=False, seed=0)

with torch.no_grad():
    z = al.interpolate(model.encode(x0[:64]), model.encode(x1[:64]), 16)  # (64,16,16,2,2)
    keep = (torch.rand(z.shape, generator=g) < 0.5) * 2.0        # a new choice for each frame
    paths = {"off": al.decode_path(model, z), "left on": al.decode_path(model, z * keep)}
dropped = {name: al.line_scores(frames) for name, frames in paths.items()}
for name, scores in dropped.items():
    print(f"dropout {name:8s} Mean Distance {scores.mean_distance * 1e3:.2f} e-3   "
          f"Smoothness {scores.smoothness:.2f}")
if course.pace(smoke=False, lab=True, full=True):
    assert dropped["left on"].mean_distance > dropped["off"].mean_distance

al.figures.strips({name: frames[1] for name, frames in paths.items()},
                  alt="""One pair of lines by the dropout model. Dropout off: the first line
fades, the second appears. Left on: the same path flickers from frame to frame, as each frame
lost other numbers of its code.""")

# %% [markdown]
# With dropout left on the path flickers: run it again, and it is another path. Its frames are further from lines. In PyTorch that is a forgotten `model.eval()`, and the training loss does not show it. (Ten seconds say nothing about dropout itself; a proper run is in the table below.)

# %% [markdown]
# ## The jigsaw · Exercise 03-3 · A card (20 minutes)
#
# In a class: six groups, each owns a method (denoising and VAE twice, dropout, VQ-VAE). Fill the card for yours, then find somebody with another card and teach each other, two minutes each way. On your own: take the VQ-VAE, which you have not met yet, or dropout.
#
# A **VQ-VAE** keeps a list of vectors, the *codebook*. What the encoder says is replaced by the nearest *codewords*, and only those reach the decoder. Its path runs between two codes *before* that replacement, so every frame is replaced anew. Here are three pairs of it:

# %%
vqvae = al.checkpoint("lines-vqvae-256")
rows = {f"VQ-VAE, pair {k + 1}": al.interpolate_images(vqvae, x0[k:k + 1], x1[k:k + 1], 16)[0]
        for k in (1, 2, 5)}
al.figures.strips(rows, alt="""Three pairs of lines by the VQ-VAE. For several frames nothing
changes at all; then, from one frame to the next, the line is another one. Around the switch
some frames are faint or broken.""")

# %% [markdown]
# Fill in the card: one of the given phrases each, and a reason in your own words.
#
# - `"method"`: `"baseline"`, `"dropout"`, `"denoising"`, `"vae"` or `"vqvae"`
# - `"asks"`, what its loss asks: `"draw the image from its code"` · `"draw the image from half of the code"` · `"draw the clean image from a noisy one"` · `"be a cloud close to N(0, I)"` · `"be replaced by codewords from a list"`
# - `"pays"`, compared with the baseline: `"its ends are drawn worse"` · `"hardly anything"`
# - `"in_between"`: `"turns"` (lines, steadily turning) · `"leaps"` (mostly lines, but the largest step does it) · `"blurs"` (steady, but the frames are no lines) · `"ghosts"` (neither)
# - `"because"`: the sentence that you would say to a neighbour
#
# The check holds your card against the scores of 256 pairs. `show("vqvae", SimpleNamespace(**course.zoo_scores()["vqvae"]))` prints those of the VQ-VAE; look at your method's and at the baseline's. A frame counts as a line if the Mean Distance is below half of a pixel blend's, 3.2 e-3; a path counts as steady below a Smoothness of 0.3. Close to a limit it takes either answer.

# %% [markdown] tags=["teacher"]
# **The jigsaw.** Groups of three to five, ten minutes for the card, then pairs with different cards, two minutes each way. Groups argue about *ghosts* or *leaps*: the two limits in the text decide, and close to a limit the check takes either. Walk about and ask each group for the *because*, as the check cannot read it.

# %%
def card():
    """{"method": ..., "asks": ..., "pays": ..., "in_between": ..., "because": ...}"""
    ### BEGIN SOLUTION
    return {"method": "vqvae", "asks": "be replaced by codewords from a list",
            "pays": "its ends are drawn worse", "in_between": "leaps",
            "because": "until a codeword switches nothing moves, then everything does"}
    ### END SOLUTION

# %%
yours = card
card = course.check("03-3", card)
if card is yours:
    print("\n".join(f"{key:11s} {text}" for key, text in card().items()))

# %% [markdown]
# ## Names, please
#
# The strips from the top, with their names and scores. Below them, two guests: the adversarial autoencoder (lab 04) and ACAI (lab 05), trained on as many images.

# %% [markdown] tags=["slide"]
# ## Names, please

# %% tags=["slide"]
scores, film, letters = course.zoo_scores(), al.film("zoo"), course.zoo_names()
order = [*letters.items(), ("guest", "aae"), ("guest", "acai")]
rows = {f"{letter}: {name}": film.frames[film.samples.index(name), 1] for letter, name in order}
notes = [f"{scores[name]['mean_distance'] * 1e3:.2f} e-3 / {scores[name]['smoothness']:.2f}"
         for _, name in order]
answer, = (letter for letter, name in letters.items() if name == "vqvae")
course.reveal("03-strip", answer, "the strip of the VQ-VAE")
al.figures.strips(list(rows.values()), labels=list(rows), notes=notes, alt="""Seven strips with
their names: VAE, baseline, VQ-VAE, dropout, denoising, and as guests the adversarial
autoencoder and ACAI; beside each its Mean Distance and Smoothness, as in the next table.""")

# %% [markdown] tags=["slide"]
# ## Ours and the paper's

# %% tags=["slide"]
paper = {"baseline": (6.88, 0.44), "dropout": None, "denoising": (4.21, 0.66),
         "vae": (1.21, 0.49), "vqvae": (5.41, 0.77), "aae": (3.26, 0.14), "acai": (0.24, 0.10)}
budget = vae.receipt["samples"]
print(f"{'':10s} ours, {budget:,} images, one seed        the paper's, 16,777,216 images")
print(f"{'':10s} Mean Dist.  Smoothness  end error   Mean Dist.  Smoothness")
for name, theirs in paper.items():
    s = scores[name]
    beside = f"{theirs[0]:6.2f} e-3 {theirs[1]:8.2f}" if theirs else "not printed: unverified"
    print(f"{name:10s} {s['mean_distance'] * 1e3:5.2f} e-3 {s['smoothness']:9.2f}"
          f" {s['end_error'] * 1e3:9.2f} e-3    {beside}")

five, base = list(letters.values()), scores["baseline"]
others = [name for name in five if name != "baseline"]
assert all(scores[name]["smoothness"] > 0.5 for name in five)         # none of them is smooth
assert all(scores[name]["mean_distance"] < base["mean_distance"]
           and scores[name]["end_error"] > 1.5 * base["end_error"] for name in others)

# %% [markdown]
# **What holds in both columns:** denoising, VAE and VQ-VAE bring the frames nearer to lines than the baseline does, and none of the three makes the path smooth. Dropout does the same here; of the paper's value for it we are not sure, so it is not printed. With us all four pay with their ends.
#
# **Where we disagree with the paper**, say it plainly:
#
# - Our paths are *less* smooth than the paper's (all of ours above 0.7, the paper's 0.44 to 0.77).
# - Our VAE leaps like the paper's, but its frames are further from lines.
# - Our VQ-VAE comes *nearer* to lines than the paper's, nearer even than our VAE; in the paper it is the other way round. It is also a smaller one: 512 codewords instead of 16,384, and four of them a picture instead of ten. (In both its code has 256 numbers, 4 × 4 places, where the others have 64.)
# - The guest AAE has hardly learnt to draw: its end error is far above all others'. The paper's is the second smoothest of all, at 0.14. Lab 04 takes it up.
#
# The paper's budget is 210 times ours, and it ran several seeds. One seed each, as here, is an anecdote: which of dropout, VAE and VQ-VAE is nearest to lines is not settled by this table.

# %% [markdown]
# Budget and seeds are not the only difference. Our networks begin with initial weights √2 times the paper's, so that they learn to draw in minutes (lab 02). The same methods from weights of the paper's size, and a little longer:

# %%
from acai_lite.runs.tables import makes_the_mean_image

for name, runs in course.small_starts().items():
    if name in paper:
        scored = [f"{1e3 * run['mean_distance']:.2f} e-3, {run['smoothness']:.2f}"
                  if not makes_the_mean_image(run) else "still at the mean image"
                  for run in runs]
        print(f"{name:10s} {runs[0]['samples']:,} images, seeds {len(runs)}:   "
              + "   ".join(scored)
              + (f"      paper: {paper[name][0]:.2f} e-3, {paper[name][1]:.2f}"
                 if paper[name] else ""))
small = course.small_starts()["baseline"][0]
assert small["smoothness"] < 0.5 * base["smoothness"]
assert abs(small["mean_distance"] / base["mean_distance"] - 1) < 0.2
assert all(run["smoothness"] < scores[name]["smoothness"] for name, runs
           in course.small_starts().items() if name in paper for run in runs
           if not makes_the_mean_image(run))

# %% [markdown]
# The baseline's frames are as far from lines as before, but its path is much smoother than above, and a little smoother than the paper's. Every other method that has learnt to draw is smoother than above, too; the AAE and the VQ-VAE have not: a small start takes longer. So how a network *starts* decides part of what we just put down to the methods. Lab 05b finds out why.

# %% [markdown] tags=["teacher"]
# Go back to the votes on the board, then to the list of disagreements with the paper. Classes tend to decide that one of the two tables is wrong. Ask: "What differs between the runs besides the method?" Budget, seeds, and for the VQ-VAE the size of its list.

# %%
assert min(scores[name]["smoothness"] for name in five) > 0.7
assert scores["vae"]["mean_distance"] > 1.21e-3 and scores["vqvae"]["mean_distance"] < 5.41e-3
assert scores["vqvae"]["mean_distance"] < scores["vae"]["mean_distance"]
assert scores["aae"]["end_error"] > 3 * max(scores[name]["end_error"] for name in five)
assert round(2 ** 24 / budget) == 210

# %% [markdown]
# ## Extension · Exercise 03-4 · The nearest codeword (4 lines, 15 minutes)
#
# Replacing a vector by its nearest codeword is easy to write and impossible to train: move the vector a little, and its codeword stays the same. The derivative is 0 nearly everywhere.
# **Straight-through** is the way out: going forward, use the codeword; going backward, copy its gradient to the vector, as if nothing had been replaced. In PyTorch: add a difference that autograd does not look into (`.detach()`).

# %%
def straight_through(e, codebook):
    """e (n,d), codebook (m,d) -> (n,d): nearest codewords, with a gradient that reaches e."""
    ### BEGIN SOLUTION
    distance = torch.cdist(e, codebook)                               # (n,m)
    nearest = codebook[distance.argmin(1)]                            # (n,d)
    return e + (nearest - e).detach()
    ### END SOLUTION

# %%
straight_through = course.check("03-4", straight_through)

def lookup(e, codebook):
    """The same without your trick."""
    return codebook[torch.cdist(e, codebook).argmin(1)]

# Does the encoder hear what the decoder says? The gradient of the drawing's error at the
# encoder's first layer, through your function and without it
x, codebook = lines.test_images[:16], vqvae.codebook.vectors          # (512,256)
for replace in (straight_through, lookup):
    e = vqvae.split(vqvae.encode(x).flatten(1)).view(-1, 256)         # four vectors an image
    words = replace(e, codebook)
    z = vqvae.join(words.view(16, -1)).view(16, *vqvae.code_shape)
    error = (al.Autoencoder.decode(vqvae, z) - x).square().mean()     # z is quantised already
    heard = torch.autograd.grad(error, vqvae.encoder[0].weight, allow_unused=True)[0]
    size = 0.0 if heard is None else float(heard.norm())
    print(f"{replace.__name__:17s} error {float(error.detach()):.4f}   gradient {size:.1e}")
    assert (size > 0) == (replace is straight_through)

# %% [markdown]
# The drawing is the same, but only through your function does the encoder hear about it. And the in-between? Follow the codewords along the paths:

# %%
with torch.no_grad():
    z = al.interpolate(vqvae.encode(x0[:64]), vqvae.encode(x1[:64]), 16)  # (64,16,16,4,4)
    which = vqvae.quantise(z.flatten(0, 1))[1].view(64, 16, 4)        # codewords of each frame
    frames = al.decode_path(vqvae, z)
moved = (frames[:, 1:] - frames[:, :-1]).flatten(2).square().mean(2)  # (64,15)
switched = (which[:, 1:] != which[:, :-1]).any(2)                     # (64,15)
print(f"steps in which no codeword changes: {float((~switched).float().mean()):.0%}; "
      f"the picture changes there by {float(moved[~switched].max()):.0e} at most, "
      f"in the others by {float(moved[switched].mean()):.3f}")
print(f"{which.unique().numel()} of {len(codebook)} codewords occur; a path changes some in "
      f"{float(switched.sum(1).float().mean()):.1f} of 15 steps")
assert float(moved[~switched].max()) < 1e-8 and float((~switched).float().mean()) > 0.6

# %% [markdown] tags=["teacher"]
# **Discussion**
#
# - *Do tidy codes make good in-betweens?* Random codes of the VAE often draw a line, so its places are known; its paths still leap, because a tidy place decodes to *some* line, not to the one halfway.
# - *What does each method pay?* Look at the end error: whoever asks for more draws the ends worse. A comparison that prints only the middle hides the price.
# - *Why does the VQ-VAE leap by construction?* Every frame is replaced by entries of a list, and a list has no halfway entry: nothing, nothing, then a switch.
# - *What would a loss look like that does ask for a good in-between?* It has to decode a mixture and to judge it. Nobody can write down "looks like a line" in general, so the judge may have to be a network: lab 04.
#
# **To assess:** the filled card of 03-3 with its *because*, two points for the reason and one for a number beside it. Groups may hand in one card.

# %% [markdown] tags=["slide"]
# ## What to take away
#
# - Each method asks something more of its codes; none asks for a good in-between
# - Nearer to lines is not yet smooth, and the ends pay
# - Codes can match the prior perfectly and say nothing

# %% [markdown]
# In most steps nothing changes at all; then some codewords switch, and the picture with them. That is the leap, and it is built in: a list has no halfway entry.
#
# ## What to take away
#
# - Each method asks for something more of its codes: stand noise, be a cloud near a **prior**, be an entry of a list. **None asks for a good in-between**, and none of them gets a smooth one.
# - Frames can come nearer to lines without turning: **following the data is not yet smooth**. And look at the ends: somebody pays.
# - **Tidy codes are not good in-betweens.** Codes that match the prior perfectly can say nothing at all.
#
# **At full scale.** The paper trains each method for 16.8 million images. `python -m acai_lite study --data lines --samples 80000 --recipe lab` repeats our table; with the recipe `paper` and more images it goes towards theirs.
#
# **References.** Berthelot, Raffel, Roy and Goodfellow, ICLR 2019 (arXiv 1807.07543), section 3.2 and Table 1; Vincent and others, *Extracting and Composing Robust Features with Denoising Autoencoders*, 2008; Kingma and Welling, *Auto-Encoding Variational Bayes*, 2014; van den Oord, Vinyals and Kavukcuoglu, *Neural Discrete Representation Learning*, 2017.
#
# {{footer}}
