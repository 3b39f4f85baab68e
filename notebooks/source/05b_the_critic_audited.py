# %% [markdown]
# # 05b · The critic, audited
#
# **A small start or an early critic: what made the line turn? And a critic's loss near 0.052 can mean success or a critic that never learnt: how do you tell?** By the end you can read a two-by-two experiment, audit a critic, recognise four bugs by their curves, and argue from evidence whether ACAI is a GAN.
#
# {{header}}
#
# | you will be able to | check |
# |---|---|
# | measure how badly a critic reads mixtures | 05-5 |
# | audit a critic with a fresh one | 05-6 |
# | find a bug by its symptoms, over several seeds | 05-7 |
#
# The thread: a good interpolation (1) is smooth, (2) follows the data, (3) reveals hidden structure. Lab 05a trained for (2). This lab asks how far to believe it.

# %% [markdown] tags=["teacher"]
# **For the teacher.** Minutes for a class; [docs/instructor.md](../../docs/instructor.md#fifty-minutes) says what *shown*, *given*, *read* and *home* mean.
#
# | part | 90 minutes | 50 minutes |
# |---|---|---|
# | which change did it? the two by two | 8 | 6 |
# | two curves, a prediction | 4 | 2 |
# | 05-5 | 8 | 6 |
# | 05-6 | 14 | 14 |
# | the verdict; P and Q | 5 | 4 |
# | the bug hunt, 05-7 | 25 | home |
# | what gave them away | 3 | home |
# | the critic on other autoencoders | 2 | home |
# | MNIST | 4 | 2 |
# | is ACAI a GAN? | 12 | 12 |
# | break it: an audit in a hurry | 2 | 2 |
# | discussion | 3 | 2 |
# | **in all** | **90** | **50** |
#
# - **Stop points.** After 05-6: both audits run up to half a minute each, start them together. After the bug hunt's fourth cell: letters on the board before anybody runs the check. Before *Is ACAI a GAN?*: it needs its minutes, drop MNIST first.
# - **Open or projected:** the strips of the jumping and the turning model; the two curves P and Q; for the hunt the two pictures of curves, side by side.
# - **They leave with:** a number that can mean two things needs an experiment that tells them apart.

# %% [markdown] tags=["slide"]
# # 05b · The critic, audited
#
# A critic's loss near 0.052 can mean triumph or laziness. How do you tell?

# %%
import time

import torch

import acai_lite as al
import acai_course as course

baseline, acai = al.checkpoint("lines-baseline-64"), al.checkpoint("lines-acai-64")
lines = al.load("lines")
recorded = course.recorded("critic-runs")         # short runs from a baseline, three seeds

# %% [markdown]
# ## A model that jumps
#
# Another ACAI, trained on 320,000 lines. Its losses are yours of lab 05a, to the letter. Compare its paths with those of lab 05a's longer run:

# %% [markdown] tags=["slide"]
# ## Same losses. What differs?

# %% tags=["slide"]
films = {"jumps": al.film("lines-acai-64-jump"), "turns": al.film("lines-acai-64")}
al.figures.strips({f"{name}, pair {k + 1}": film.frames[-1, k] for k in (0, 1, 4)
                   for name, film in films.items()},
                  alt="""Three pairs of lines, each as two rows. In the row that jumps, every
frame is a sharp line, and between two neighbouring frames the first line is replaced by the
last. In the row that turns, the line passes through the angles between.""")

# %%
for name, film in films.items():
    score = film.scores[-1]
    print(f"{name}: {film.samples[-1]:,} images   Mean Distance "
          f"{score['mean_distance'] * 1e3:.2f} e-3   Smoothness {score['smoothness']:.2f}")
assert films["jumps"].scores[-1]["smoothness"] > 3 * films["turns"].scores[-1]["smoothness"]

# %% [markdown]
# **A jump is faultless, frame by frame.** Every frame is a line, so Mean Distance praises it, and so does the critic, which sees one picture at a time. Only a measure of the whole *path* catches it: Smoothness.
#
# ## Which change did it?
#
# The two models were trained with different recipes, and two differences are suspects. (The one that jumps also saw more images, so the new runs below see equally many.) It started with initial weights √2 times as large. And its critic was *faded in late*: the critic's weight rose between a tenth and half of the run, when the autoencoder could already reconstruct. To find out which of the two matters, change one at a time: a **two-by-two experiment**, three seeds each, with everything else equal (64,000 images, $\lambda = ½$, one learning rate).
#
# **Predict:** which change, made alone, lowers Smoothness more?

# %% [markdown] tags=["slide"]
# ## Predict: which one, alone, gets further?
#
# - the small start
# - the early critic
# - about equally far
# - neither gets anywhere

# %%
course.predict("05b-which", ["the small start", "the early critic", "about equally far",
                                "neither gets anywhere"])

# %% tags=["slide"]
cells = course.two_by_two()                       # data/results/records/starts.json
course.four_curves()

# %%
names = {"sqrt(2)": "large", "1": "small", "late": "faded in late", "first": "at once"}
smooth, seeds = {}, {}
for (gain, critic), runs in cells.items():
    seeds[gain, critic] = sorted(run["smoothness"] for run in runs)
    smooth[gain, critic] = sum(seeds[gain, critic]) / len(runs)
    wide = sum(run["effective_dimension"] for run in runs) / len(runs)
    print(f"{names[gain]} start, critic {names[critic]:14s} Smoothness "
          f"{', '.join(f'{value:.2f}' for value in seeds[gain, critic])}   dimension {wide:.1f}")
neither = smooth["sqrt(2)", "late"]
gained = {"the small start": neither - smooth["1", "late"],
          "the early critic": neither - smooth["sqrt(2)", "first"]}
more, less = sorted(gained, key=gained.get, reverse=True)
course.reveal("05b-which", "neither gets anywhere" if gained[more] < 0.1 * neither else
                 more if gained[more] > 1.5 * gained[less] else "about equally far",
                 f"mean Smoothness {neither:.2f} with neither, less "
                 f"{gained['the small start']:.2f} by the small start alone, "
                 f"{gained['the early critic']:.2f} by the early critic alone, "
                 f"{neither - smooth['1', 'first']:.2f} by both")
assert more == "the small start" and gained[more] > 2 * gained[less]
assert seeds["1", "late"][-1] < seeds["sqrt(2)", "first"][0]   # no seeds in between
assert seeds["1", "first"][-1] < min(0.2, seeds["1", "late"][0])

# %% [markdown]
# **The small start does most of it, and the early critic completes it.** With a large start the codes wind through many dimensions; an early critic takes away one of them or two. With a small start they lie near a circle even if the critic comes late, and with a critic from the first step they are rounder still: only there does every seed stay below a Smoothness of 0.2.
#
# The usual explanation: a network that starts small learns the strongest component of the data first, then the next. For lines that is the slowest wave, cosine and sine of the angle: a plane circle. A network that starts large has many components at once. We have measured the result, not the mechanism. With three seeds the four groups do not overlap, except the two with a large start. (Other starts and other λ: `docs/recipes.md`.)
#
# Here is every run of that kind that is recorded so far, other starts and other λ included, as a dot (hollow: networks of half the channels). The fewer dimensions the codes use, the smoother the path:

# %%
course.smoothness_by_dimension()

# %% [markdown] tags=["teacher"]
# Let the class fill in the two-by-two on the board from the printed lines, and ask what each row and each column says. The trap is to compare only the two corners that the lab began with: they differ in both settings.

# %% [markdown]
# ## Two curves
#
# Two short runs that go on from a trained baseline (a large start, so the lines do not turn here); only the critic's learning rate differs. In which of them has the autoencoder learnt to hide its mixtures?

# %% [markdown] tags=["slide"]
# ## Predict: which one hides its mixtures?

# %% tags=["slide"]
al.figures.curves(course.two_curves(recorded), xlabel="images seen",
                  ylabel="the critic's loss", marks={"blind to α, 0.052": 5 / 96},
                  alt="""Two curves of the critic's loss over images seen. P falls to about
half of 0.052 and rises again; Q falls slowly to the dotted line of a blind critic, 0.052.""")

# %%
course.predict("05b-two", ["P", "Q", "both", "neither"])

# %% [markdown] tags=["teacher"]
# Q is the usual choice, and well argued: lab 05a said that the loss rises to 0.052. The trap is meant. Ask: "What else would draw curve Q?" A critic that never learnt.

# %% [markdown]
# ## Exercise 05-5 · How badly does it read? (3 lines, 6 minutes)
#
# Take the half of the critic's loss that is about mixtures: encode, mix the codes by `alpha` with `course.mix` (the course's version of 05-2), decode, let the critic guess, and return $\mathrm{mean}[(d(x_\alpha) - \alpha)^2]$. Nothing is trained here: `with torch.no_grad():` saves work.

# %%
def reading_error(model, x, alpha):
    """Mean of (d(x_alpha) - alpha)^2 for images x (B,1,32,32) and alpha (B,)."""
    ### BEGIN SOLUTION
    with torch.no_grad():
        x_alpha = model.decode(course.mix(model.encode(x), alpha))
        return float((model.d(x_alpha) - alpha).square().mean())
    ### END SOLUTION

# %%
reading_error = course.check("05-5", reading_error)

x = lines.test_images[1000:1256]  # (256,1,32,32), for this only
alpha = torch.rand(256, generator=torch.Generator().manual_seed(0)) / 2
blind = float((0.25 - alpha).square().mean())
own = reading_error(acai, x, alpha)
calm = float((0.125 - alpha).square().mean())
print(f"the critic of the long run reads its autoencoder's mixtures with error {own:.4f}")
print(f"always saying 1/4 would give {blind:.4f}; always saying 1/8 {calm:.4f}")

# %% [markdown] tags=["slide"]
# ## The audit
#
# - Freeze the autoencoder
# - Train a **fresh** critic beside it
# - It reads the mixtures? Then the old one was lazy
# - It does not? Then, with this effort, nothing was seen

# %% [markdown]
# Two blind answers to compare with: ¼ is the best one for mixtures alone; ⅛ is the best one in the whole game, where the same critic must answer 0 to unmixed pictures (lab 05a). The long run's critic lies between the two. So: is there nothing left to see, or is it not looking?
#
# ## Exercise 05-6 · The audit (6 lines, 12 minutes)
#
# Freeze the autoencoder and train a **fresh** critic beside it. If a fresh critic learns to read the mixtures, there was something to see, and the old one was lazy.
#
# `al.ACAI(model.base)` puts a new critic on the same autoencoder. Give an optimiser the *critic's* parameters only (Adam, rate 1e-3). For each `x` of `batches`: draw $\alpha$, make `x_hat` and `x_alpha` without gradients, and take one `course.critic_step(fresh, optimiser, x, x_hat, x_alpha, alpha)`. Useful: `course.draw_alpha(len(x))`, `course.mix(z, alpha)`. Return `fresh`.

# %%
def audit(model, batches):
    """The same autoencoder with a fresh critic, trained on the batches x (B,1,32,32)."""
    ### BEGIN SOLUTION
    fresh = al.ACAI(model.base, seed=1)
    optimiser = torch.optim.Adam(fresh.critic.parameters(), lr=1e-3)
    for x in batches:
        alpha = course.draw_alpha(len(x))
        with torch.no_grad():
            z = fresh.encode(x)
            x_hat, x_alpha = fresh.decode(z), fresh.decode(course.mix(z, alpha))
        course.critic_step(fresh, optimiser, x, x_hat, x_alpha, alpha)
    return fresh
    ### END SOLUTION

# %%
audit = course.check("05-6", audit)

def some(count, seed=2):
    stream = lines.batches("train", 16, torch.Generator().manual_seed(seed))
    for _ in course.watched(range(count), 16):       # a bar, as it takes a while
        yield next(stream)[0]

# %% [markdown]
# Two suspects: the autoencoder of the long ACAI run, and the plain baseline with a critic that was never trained. Each audit takes up to half a minute.

# %% [markdown] tags=["slide"]
# ## Two suspects

# %% tags=["slide"]
suspects = {"long ACAI run": acai, "baseline, lazy critic": al.ACAI(baseline)}
steps, verdict = course.pace(smoke=3, lab=300, full=600), {}
for name, model in suspects.items():
    started = time.monotonic()
    torch.manual_seed(0)
    fresh = audit(model, some(steps))
    old, new = reading_error(model, x, alpha), reading_error(fresh, x, alpha)
    verdict[name] = new
    print(f"{name:22s} old critic {old:.4f}   fresh critic {new:.4f}   "
          f"blind {blind:.4f} or {calm:.4f}   ({time.monotonic() - started:.0f} s)")
if course.pace(smoke=False, lab=True, full=True):
    assert verdict["baseline, lazy critic"] < 0.7 * verdict["long ACAI run"], \
        "the fresh critic does not see the baseline's ghosts: what does your audit show it?"

# %% [markdown]
# On the baseline the fresh critic soon reads what the untrained one did not: that one was lazy. On the longer run the same effort gets nowhere: its error stays near that of a constant answer. There the old critic was *not* lazy: a fresh one sees no more than it did. So little is left to see; little, not nothing.
# Mind what an audit can say: *with this much effort, this much was seen.* It never proves that there is nothing.
#
# And the two curves at the top? Run Q had a critic that hardly learnt (a fiftieth of the rate). Its autoencoder was trained against a critic that saw nothing:

# %%
for run, name in (("P", "acai"), ("Q", "lazy"), ("λ = 0", "lambda 0")):
    print(f"{run:6s} Mean Distance {recorded.spread(name, 'mean_distance', 1e3)} e-3   "
          f"critic's loss at the end {recorded.spread(name, 'critic', digits=3)}")
lazy, correct, nobody = (recorded.scores(name, "mean_distance")
                         for name in ("lazy", "acai", "lambda 0"))
hides = [run for run, scores in (("P", correct), ("Q", lazy)) if max(scores) < min(nobody)]
course.reveal("05b-two", {0: "neither", 1: hides and hides[0], 2: "both"}[len(hides)],
                 "by Mean Distance: in every seed below that of every seed with λ = 0")
assert min(lazy) > max(correct)

# %% [markdown] tags=["teacher"]
# Those who chose Q should say what they would ask for next time: a number from outside the game. Ask: "Can an audit prove that nothing is left to see?" No, only that this much effort did not find it.

# %% [markdown]
# ## The bug hunt · Exercise 05-7 (25 minutes)
#
# Four people wrote their own ACAI, and let it train on from a trained baseline (a large start and a late critic, so do not wait for these to turn). Each has one mistake:
#
# - `"leak"`: the critic's backward runs on into the autoencoder, which also receives its gradient;
# - `"target alpha"`: the autoencoder is paid for being read *correctly*, $\lambda\,\mathrm{mean}[(d(x_\alpha) - \alpha)^2]$;
# - `"unfolded"`: $\alpha$ is drawn from 0 to 1;
# - `"pixel sum"`: the reconstruction error is a sum over the 1,024 pixels, the critic's term is not.
#
# Before you look, write down for each: does the critic read *better* or *worse* than in a correct run? Are there ghosts in the end? Then match the runs A to D. Every number is over three seeds: keep only signatures that repeat.

# %% [markdown] tags=["slide"]
# ## The bug hunt: read better, or worse?
#
# - **leak**: the critic's gradient reaches the autoencoder
# - **target alpha**: paid for being read correctly
# - **unfolded**: α from 0 to 1
# - **pixel sum**: one term a sum, the other a mean

# %% [markdown] tags=["slide"]
# ## The critic's error

# %% tags=["slide"]
hunt = {"correct": "acai", "λ = 0": "lambda 0"}
hunt |= course.bug_hunt(recorded)                 # letter: name, do not peek
al.figures.curves({run: recorded.curve(name, "reading_error") for run, name in hunt.items()},
                  xlabel="images seen", ylabel="error of the critic on mixtures",
                  marks={"always ¼: 0.021": 1 / 48}, log=True,
                  alt="""The critic's reading error in a correct run and in the runs A to D,
on a logarithmic axis, and with λ = 0. Run D stays far above all others. Runs A, B and C fall
well below the correct run.""")

# %%
al.figures.curves({run: recorded.curve(name, "reconstruction") for run, name in hunt.items()},
                  xlabel="images seen", ylabel="reconstruction error", log=True,
                  alt="""The reconstruction error of the same six runs, on a logarithmic
axis: one of the buggy runs stays far below the others.""")

# %%
film = al.film("critic-runs")  # seed 0, two pairs of lines
rows = {letter: film.frames[film.samples.index(name), 1] for letter, name in hunt.items()}
al.figures.strips(rows, alt="""One pair of lines, sixteen frames, in the correct run and in
the runs A to D, seed 0: judge by the middle frames who has ghosts, jumps or blur.""")

# %%
for letter, name in hunt.items():
    print(f"{letter:8s} Mean Distance {recorded.spread(name, 'mean_distance', 1e3)} e-3   "
          f"end error {recorded.spread(name, 'end_error', 1e3)} e-3   "
          f"Smoothness {recorded.spread(name, 'smoothness')}")

# %% [markdown] tags=["teacher"]
# Let pairs write their expectation for all four *before* the curves. Everybody finds D; C and A are mixed up: both critics read well. Send them to the early part of the drawing's curve. Ask: "Which bug can hurt while λ is still next to nothing?" Only one that does not go through λ.

# %%
def culprits():
    """{"A": ..., "B": ..., "C": ..., "D": ...}, each one of the four names above"""
    ### BEGIN SOLUTION
    return {"A": "target alpha", "B": "pixel sum", "C": "leak", "D": "unfolded"}
    ### END SOLUTION

# %%
culprits = course.check("05-7", culprits)

# what repeats in all seeds
reading = {name: recorded.scores(name, "reading_error") for name in recorded.runs}
drawing = {name: recorded.scores(name, "reconstruction") for name in recorded.runs}
crisis = {name: recorded.peaks(name, "reconstruction") for name in recorded.runs}
assert min(reading["unfolded"]) > 1 / 12 > max(reading["acai"])
assert max(reading["leak"]) < min(reading["acai"]) and min(crisis["leak"]) > max(crisis["acai"])
assert max(reading["target alpha"]) < min(reading["acai"])
assert max(crisis["target alpha"]) < min(crisis["leak"])
assert max(drawing["pixel sum"]) < min(drawing["acai"])

# %% [markdown]
# <details><summary><b>What gave them away</b> (open this after you have matched them)</summary>
#
# In all three seeds:  *Unfolded* (D): the critic errs more than 1/12, as even the best answer to "$\alpha$ or $1-\alpha$" does. *Pixel sum* (B): the critic's error and the in-betweens end where they end with $\lambda = 0$, since 1,024 times the reconstruction error drowns the critic's term; the drawing is the best of all, and the ghosts stay.
# *Target alpha* (A): the critic reads well, but the reconstruction error stays calm; the ghosts stay because this autoencoder is rewarded for being read correctly. *Leak* (C): the critic reads well, too, but the drawing went through a crisis early on, when $\lambda$ was still next to nothing: a gradient reached the autoencoder that was not its own.
#
# Note what would *not* have found them: each of these runs draws good reconstructions in the end, and the Mean Distances of the four overlap from seed to seed.
#
# </details>
#
# ## The critic on other autoencoders
#
# `al.ACAI(base)` takes any autoencoder and mixes the codes that *its* forward pass made. Here three autoencoders of lab 03, already trained, train on for 7,000 lines, with the critic and, for comparison, with $\lambda = 0$. One seed.

# %%
others = course.recorded("base-runs")
for base in ("vae", "denoising", "dropout"):
    with_critic, control = others.runs[base][0], others.runs[f"{base}, lambda 0"][0]
    print(f"{base:10s} Mean Distance before {with_critic['before'] * 1e3:.2f} e-3   "
          f"λ = 0: {control['mean_distance'] * 1e3:.2f}   "
          f"critic: {with_critic['mean_distance'] * 1e3:.2f}   "
          f"end error {control['end_error'] * 1e3:.1f} and "
          f"{with_critic['end_error'] * 1e3:.1f} e-3")
    assert with_critic["end_error"] > control["end_error"]
short = others.scores("denoising", "mean_distance"), others.scores("vae", "mean_distance")
assert short[0][0] < 0.9 * others.scores("denoising, lambda 0", "mean_distance")[0]
assert short[1][0] > others.scores("vae, lambda 0", "mean_distance")[0]

# %% [markdown]
# On the denoising autoencoder, whose in-betweens are ghosts as the baseline's are, the critic helps at once. On dropout and the VAE, whose frames were mostly lines before, a run as short as this one gains nothing, and the VAE's even loses a little. And all three draw their ends worse for it. What the critic takes away is *ghosts*; where there are few, it has little to do. (One seed, and a short run: a hint, not a result. Lab 10 takes it up.)
#
# ## MNIST
#
# No ruler here: nobody knows the true middle of a 7 and a 0. We look, and compare with the *reconstructions* at the ends.

# %% [markdown] tags=["slide"]
# ## MNIST: no ruler, so look

# %% tags=["slide"]
try:
    digits, source = al.load("mnist"), "MNIST"
except FileNotFoundError as absent:
    digits, source = al.load("digits"), "scikit-learn: coarser than what the models learnt from"
    print(absent)
print("pictures of", source)

pair = {"baseline": al.checkpoint("mnist-baseline-32"), "ACAI": al.checkpoint("mnist-acai-32")}
digits.train_images = None                              # 60,000 pictures less in memory
left, right = digits.test_images[:4], digits.test_images[10:14]
frames = {name: al.interpolate_images(model, left, right, 12) for name, model in pair.items()}
rows = {f"{name}, pair {k + 1}": frames[name][k] for k in range(4) for name in pair}
al.figures.strips(rows, alt="""Four pairs of digits, each as a row of the baseline and a row
of ACAI, twelve frames from one digit to the other.""")

# %% [markdown] tags=["teacher"]
# Cover the labels on the left, if you can, and let the class say which rows are ACAI's. Few are sure. Ask: "What would you have seen had I told you the opposite?" That is why lab 07 measures.

# %% [markdown]
# Move through any pair yourself; choose two classes, and press *New pair*:

# %%
course.InterpolationExplorer(digits, pair, twin="explorers/mnist.html")

# %% [markdown]
# Less dramatic than lines. Digits of similar shape blend well even in the baseline's code; look where the two outlines do not overlap, and ask of each middle frame: is it *a* digit, or two at half strength? (Without MNIST on this machine the pictures above are coarse; those of MNIST are in `data/results/runs/mnist-acai-32.png` and `mnist-baseline-32.png`.) Then ask whether you would have seen the difference without the labels on the left. That is why lab 07 measures what the codes *know*, and why pictures alone decide nothing.
#
# ## Is ACAI a GAN?
#
# Some papers call it one. That depends on the definition, so build one first. Six systems, each with what goes in, what comes out, and what the second network decides:
#
# | system | in | out | the second network decides | usually called a GAN? |
# |---|---|---|---|---|
# | Goodfellow's GAN, 2014 | noise | image | real or generated | yes |
# | conditional GAN | noise and a class | image | real or generated, given the class | yes |
# | CycleGAN | a photograph | a painting | real or generated painting | yes |
# | adversarial autoencoder (lab 04) | image | code and reconstruction | a code, or a draw from the prior | disputed |
# | VAE (lab 03) | image | reconstruction | there is none | no |
# | ACAI | two images | decoded mixture | how far it is mixed | ? |
#
# Write a definition of one sentence that agrees with every *yes* and every *no*. CycleGAN shows that "noise goes in" cannot be part of it. Then apply your sentence to the last row.

# %%
my_definition = ""                                # your sentence, between the quotation marks

# %% [markdown]
# Most definitions name three things: (1) two networks with opposed losses, (2) a second network that compares the distribution of what the first one generates with that of real data, and (3) that the first one is meant to *generate*. Check each of them for ACAI. **(1)** You wrote the two losses: they are opposed. **(2)** What does the critic say about a real line, its reconstruction, and a mixture?

# %% [markdown] tags=["slide"]
# ## Is ACAI a GAN?
#
# Write a definition that fits the GAN of 2014, the conditional GAN and CycleGAN, and excludes the VAE. Then apply it.

# %% [markdown] tags=["slide"]
# ## What the critic says

# %% tags=["slide"]
with torch.no_grad():
    z = acai.encode(x)                                                # (256,16,2,2)
    said = {"real images": acai.d(x), "reconstructions": acai.d(acai.decode(z)),
            "mixtures, α = ½": acai.d(acai.decode((z + z.flip(0)) / 2))}
fresh = audit(al.ACAI(baseline), some(steps))                         # a critic that does see
with torch.no_grad():
    zb = baseline.encode(x)
    saw = {"real images": fresh.d(x), "reconstructions": fresh.d(baseline.decode(zb)),
           "mixtures, α = ½": fresh.d(baseline.decode((zb + zb.flip(0)) / 2))}
for kind in said:
    print(f"{kind:16s} ACAI's critic says {said[kind].mean():.3f}   "
          f"a fresh critic on the baseline {saw[kind].mean():.3f}")

# %% [markdown]
# **(3)** Can it generate? Not every GAN starts from noise (CycleGAN does not), but if ACAI is to invent new lines it needs codes to start from. Try random codes of mean 0 and standard deviation 1, and random codes with the mean and standard deviation of real ones:

# %%
g = torch.Generator().manual_seed(0)
noise = torch.randn(64, *acai.code_shape, generator=g)
with torch.no_grad():
    plain, fitted = acai.decode(noise), acai.decode(noise * z.std(0) + z.mean(0))
    mixed = acai.decode((z[:64] + z[64:128]) / 2)
sets = {"noise": plain, "noise, fitted": fitted, "mixtures": mixed}
for name, images in sets.items():
    print(f"{name:14s} distance to the nearest line "
          f"{al.line_scores(images.view(32, 2, 1, 32, 32)).mean_distance * 1e3:6.2f} e-3")
al.figures.grid(torch.cat([images[:8] for images in sets.values()]), columns=8,
                alt="""Three rows of eight pictures decoded by ACAI: from noise, from noise with
the mean and spread of real codes, and from mixtures of two real codes. The noise gives black or
smudged pictures, hardly ever a line; the mixtures give lines.""")

# %%
far = {k: al.line_scores(v.view(32, 2, 1, 32, 32)).mean_distance for k, v in sets.items()}
assert far["noise"] > 2 * far["mixtures"]       # no prior: noise is no code

# %% [markdown]
# Read the right column first: on the baseline a critic tells mixed from unmixed pictures, and it does not matter whether an unmixed one is real or decoded. That is no comparison of real with generated. Now ACAI's own critic. Its autoencoder hides the mixing, so mixtures and reconstructions get nearly the same answer. What sets them apart from real images is the decoder's style, and the critic has begun to answer *that*. It was not asked to; little else was left to see.
#
# And the last table: noise, even with the mean and standard deviation of real codes, rarely decodes to anything like a line. The codes of lines fill a circle, and noise fills 64 dimensions. ACAI has no **prior**: before you could draw new lines from it, you would have to model where its codes lie.
#
# **A control:** an autoencoder whose critic compares *reconstructions* with real images and never sees a mixture (a least-squares GAN on an autoencoder, from a copy of the authors' code). If its in-betweens were as good as ACAI's, the gain would come from the adversary alone and not from mixing. Three runs of 80,000 lines from scratch, one seed:

# %%
rows = course.zoo_scores()
for name in ("baseline", "lsgan", "acai"):
    score = rows[name]
    print(f"{name:10s} Mean Distance {score['mean_distance'] * 1e3:5.2f} e-3   "
          f"end error {score['end_error']:.4f}")
assert rows["acai"]["mean_distance"] < rows["baseline"]["mean_distance"]
assert rows["lsgan"]["end_error"] > 10 * rows["acai"]["end_error"]

# %% [markdown] tags=["teacher"]
# Take two reasons each way from the class before you say anything, then the six sentences in silence. The control is read too strongly by most: it failed to draw, so it does not show that an adversary alone *cannot* do it. Ask: "What would a fair control have to manage first?"

# %% [markdown]
# The control did not even learn to draw: its end error is near 0.080, the mean image's. A look at the terms says why. Its critic tells the decoder's pictures from real ones almost perfectly, so the autoencoder pays nearly the whole of the adversary's term whatever it draws, and drawing nothing costs only 0.080 more. (In ACAI the critic has to answer at most ½, and a mixture that it cannot tell costs next to nothing.) So at this budget the control shows one thing only: an adversary alone, with the same weight, does not do what ACAI's does. Whether it would with a smaller weight or 200 times the samples is open.
#
# **Your six sentences:** two for the likeness, two against, one on what the control shows and does not show, and your verdict. *(double-click here)*
#
# ## Break it on purpose: an audit in a hurry
#
# Audit the baseline once more, whose ghosts anybody can see, but with ten batches only. **Decide before you run:** what would you conclude from its number alone?

# %%
hasty = reading_error(audit(al.ACAI(baseline), some(10)), x, alpha)
print(f"after 10 batches the fresh critic errs by {hasty:.4f}; "
      f"blind answers give {blind:.4f} or {calm:.4f}")
assert hasty > blind                                                  # "nothing to see here"

# %% [markdown] tags=["teacher"]
# **Discussion**
#
# - *Is ACAI a GAN?* For: two networks, opposed losses, trained together, and the drawing is shaped by a judge. Against: the critic guesses a degree of mixing, not real or made, and noise does not decode to data, so there is no prior to draw from. "It plays a GAN's game without being a generator" is a verdict to accept; so is another one that uses the same evidence.
# - *Why three seeds in the bug hunt?* In one run any of the curves may be high or low by chance. A signature counts if it repeats.
# - *A paper says: our critic cannot tell our mixtures. What do you ask for?* A fresh critic, its effort, and the same effort on a case with known ghosts. The hasty audit shows what the first number is worth alone.
# - *The critic helps some autoencoders and not others. Why?* It removes what gives mixtures away. Where the frames were lines already there is little to remove, and the ends still pay.
#
# **To assess:** the six sentences, by the scheme of assessment 4 of the instructor's page (support, counter-evidence by cell, budget and seeds, wording): today as a draft, after lab 07 for marks.

# %% [markdown] tags=["slide"]
# ## What to take away
#
# - A jump is faultless frame by frame: measure the path
# - Change one thing at a time
# - A loss near 0.052 has two explanations; **a fresh critic** tells them apart
# - Only signatures that repeat over seeds count
# - ACAI borrows the *game* from GANs, not the generator: noise is not a code

# %% [markdown]
# "Nothing to see", says an audit that did not look long enough. An auditor must show first, on a case with known ghosts, that its effort suffices. That is what the baseline was for.
#
# ## What to take away
#
# - A jump is faultless frame by frame. **A measure of the whole path** catches it.
# - Two settings that changed together explain nothing. **Change one at a time**, over seeds.
# - A critic's loss near 0.052 has two explanations. **A fresh critic** tells them apart.
# - Bugs have signatures, but only those that **repeat over seeds** count.
# - ACAI borrows the *game* from GANs, not the *generator*: it has no prior, so noise is not a code.
#
# **At full scale.** The same audit works on every method that claims that its mixtures cannot be told.
#
# **References.** Berthelot, Raffel, Roy and Goodfellow, ICLR 2019 (arXiv 1807.07543), section 3; Goodfellow and others, *Generative Adversarial Nets*, 2014; Mao and others, *Least Squares GANs*, 2017.
#
# {{footer}}
