# %% [markdown]
# # 05b · The critic, audited
#
# **A critic's loss near 0.052 can mean triumph or laziness. How do you tell?** By the end you can audit a critic, recognise four bugs by their curves, and argue from evidence whether ACAI is a GAN.
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

# %%
import time

import torch

import acai_lite as al

baseline, acai = al.checkpoint("lines-baseline-64"), al.checkpoint("lines-acai-64")
lines = al.load("lines")
recorded = al.course.recorded("critic-runs")         # short runs of lab 05a's cell, three seeds each

# %% [markdown]
# ## Two curves
#
# Two runs of lab 05a's live cell; only the critic's learning rate differs. In which of them has the autoencoder learnt to hide its mixtures?

# %%
def curve(name, key):
    """(samples, mean over seeds) of a quantity that was looked at while the run went on."""
    runs = [run["curve"] for run in recorded["runs"][name].values()]
    samples = [point["samples"] for point in runs[0]]
    return samples, [sum(run[k][key] for run in runs) / len(runs) for k in range(len(samples))]

al.figures.curves({"run P": curve("acai", "critic"), "run Q": curve("lazy", "critic")},
                  xlabel="images seen", ylabel="the critic's loss",
                  marks={"blind to α, 0.052": 5 / 96},
                  alt="""Two curves of the critic's loss over images seen. Both end near the dotted
line of a blind critic, 0.052.""")

# %%
guess = al.course.predict("05b-two", "?", ["P", "Q", "both", "neither"])

# %% [markdown]
# ## Exercise 05-5 · How badly does it read? (3 lines, 6 minutes)
#
# Take the half of the critic's loss that is about mixtures: encode, mix the codes by `alpha` with `al.course.mix` (yours of 05-2), decode, let the critic guess, and return $\mathrm{mean}[(d(x_\alpha) - \alpha)^2]$. Nothing is trained here: `with torch.no_grad():` saves work.

# %%
def reading_error(model, x, alpha):
    """Mean of (d(x_alpha) - alpha)^2 for images x (B,1,32,32) and alpha (B,)."""
    ### BEGIN SOLUTION
    with torch.no_grad():
        x_alpha = model.decode(al.course.mix(model.encode(x), alpha))
        return float((model.d(x_alpha) - alpha).square().mean())
    ### END SOLUTION

# %%
reading_error = al.course.check("05-5", reading_error)

x = lines.test_images[1000:1256]                                      # (256,1,32,32), for this only
alpha = torch.rand(256, generator=torch.Generator().manual_seed(0)) / 2
blind = float((0.25 - alpha).square().mean())
own = reading_error(acai, x, alpha)
print(f"the critic of the long run reads its autoencoder's mixtures with error {own:.4f}; "
      f"always saying 0.25 would give {blind:.4f}")

# %% [markdown]
# No better than blind. So: nothing left to see, or not looking?
#
# ## Exercise 05-6 · The audit (6 lines, 12 minutes)
#
# Freeze the autoencoder and train a **fresh** critic beside it. If a fresh critic learns to read the mixtures, there was something to see, and the old one was lazy.
#
# `al.ACAI(model.base)` puts a new critic on the same autoencoder. Give an optimiser the *critic's* parameters only (Adam, rate 1e-3). For each `x` of `batches`: draw $\alpha$, make `x_hat` and `x_alpha` without gradients, and take one `al.course.critic_step(fresh, optimiser, x, x_hat, x_alpha, alpha)`. Useful: `al.course.draw_alpha(len(x))`, `al.course.mix(z, alpha)`. Return `fresh`.

# %%
def audit(model, batches):
    """The same autoencoder with a fresh critic, trained on the batches x (B,1,32,32)."""
    ### BEGIN SOLUTION
    fresh = al.ACAI(model.base, seed=1)
    optimiser = torch.optim.Adam(fresh.critic.parameters(), lr=1e-3)
    for x in batches:
        alpha = al.course.draw_alpha(len(x))
        with torch.no_grad():
            z = fresh.encode(x)
            x_hat, x_alpha = fresh.decode(z), fresh.decode(al.course.mix(z, alpha))
        al.course.critic_step(fresh, optimiser, x, x_hat, x_alpha, alpha)
    return fresh
    ### END SOLUTION

# %%
audit = al.course.check("05-6", audit)

def some(count, seed=2):
    stream = lines.batches("train", 16, torch.Generator().manual_seed(seed))
    for _ in range(count):
        yield next(stream)[0]

# %% [markdown]
# Two suspects: the autoencoder of the long ACAI run, and the plain baseline with a critic that was never trained. Each audit takes about a quarter of a minute.

# %%
suspects = {"long ACAI run": acai, "baseline, lazy critic": al.ACAI(baseline)}
steps, verdict = al.course.pace(smoke=3, lab=150, full=400), {}
for name, model in suspects.items():
    started = time.monotonic()
    torch.manual_seed(0)
    verdict[name] = reading_error(model, x, alpha), reading_error(audit(model, some(steps)), x, alpha)
    print(f"{name:22s} old critic {verdict[name][0]:.4f}   fresh critic {verdict[name][1]:.4f}   "
          f"blind {blind:.4f}   ({time.monotonic() - started:.0f} s)")
if al.course.pace(smoke=False, lab=True, full=True):
    assert verdict["baseline, lazy critic"][1] < 0.5 * blind          # there was plenty to see
    assert verdict["long ACAI run"][1] > 1.5 * verdict["baseline, lazy critic"][1]

# %% [markdown]
# AUDIT_TEXT
#
# ## The bug hunt · Exercise 05-7 (25 minutes)
#
# Four people wrote their own ACAI. Each has one mistake:
#
# - `"leak"`: the critic's backward runs on into the autoencoder, which also receives its gradient;
# - `"target alpha"`: the autoencoder is paid for being read *correctly*, $\lambda\,\mathrm{mean}[(d(x_\alpha) - \alpha)^2]$;
# - `"unfolded"`: $\alpha$ is drawn from 0 to 1;
# - `"pixel sum"`: the reconstruction error is a sum over the 1,024 pixels, the critic's term is not.
#
# Before you look, write down for each: does the critic read *better* or *worse* than in a correct run? Are there ghosts in the end? Then match the runs A to D. Every number is over three seeds: keep only signatures that repeat.

# %%
hunt = al.course.bug_hunt(recorded)                                   # {"A": a run's name, ...}, in an order of its own
al.figures.curves({"correct": curve("acai", "reading_error"),
                   **{f"run {letter}": curve(name, "reading_error") for letter, name in hunt.items()}},
                  xlabel="images seen", ylabel="error of the critic on mixtures",
                  marks={"always ¼: 0.021": 1 / 48, "always ½, alpha to 1: 0.083": 1 / 12},
                  alt="""The critic's reading error in a correct run and in the runs A to D. One run
lies far above all others, at 0.083; one or two fall well below the correct run.""")

# %%
al.figures.curves({"correct": curve("acai", "reconstruction"),
                   **{f"run {letter}": curve(name, "reconstruction") for letter, name in hunt.items()}},
                  xlabel="images seen", ylabel="reconstruction error", log=True,
                  alt="""The reconstruction error of the same five runs, on a logarithmic axis: one of
the buggy runs stays far below the others.""")

# %%
film = al.film("critic-runs")                                         # seed 0, two pairs of lines
rows = {"correct": film.frames[film.samples.index("acai")][1]}
rows |= {f"run {letter}": film.frames[film.samples.index(name)][1] for letter, name in hunt.items()}
al.figures.strips(rows, alt="""One pair of lines, sixteen frames, in the correct run and in the runs A
to D, seed 0: judge by the middle frames who has ghosts, leaps or blur.""")

# %%
def spread(name, key, scale=1.0):
    values = [run[key] * scale for run in recorded["runs"][name].values()]
    return f"{min(values):.2f} to {max(values):.2f}"

for letter, name in {"correct": "acai", "λ = 0": "lambda 0", **hunt}.items():
    print(f"{letter:8s} Mean Distance {spread(name, 'mean_distance', 1e3)} e-3   "
          f"end error {spread(name, 'end_error', 1e3)} e-3   Smoothness {spread(name, 'smoothness')}")

# %%
def culprits():
    """{"A": one of "leak", "target alpha", "unfolded", "pixel sum", "B": ..., "C": ..., "D": ...}"""
    ### BEGIN SOLUTION
    return dict(hunt)
    ### END SOLUTION

# %%
culprits = al.course.check("05-7", culprits)
print(", ".join(f"{letter}: {name}" for letter, name in hunt.items()) if culprits() == hunt else "")

# %% [markdown]
# HUNT_TEXT
#
# ## MNIST
#
# No ruler here: nobody knows the true middle of a 7 and a 0. We look, and compare with the *reconstructions* at the ends.

# %%
try:
    digits, source = al.load("mnist"), "MNIST"
except FileNotFoundError as absent:
    digits, source = al.load("digits"), "scikit-learn's digits, coarser than what the models were trained on"
    print(absent)
print("pictures from", source)

pair = {"baseline": al.checkpoint("mnist-baseline-32"), "ACAI": al.checkpoint("mnist-acai-32")}
left, right = digits.test_images[:4], digits.test_images[10:14]
rows = {f"{name}, pair {k + 1}": al.interpolate_images(model, left[k:k + 1], right[k:k + 1], 12)[0]
        for k in range(4) for name, model in pair.items()}
al.figures.strips(rows, alt="""Four pairs of digits, each as a row of the baseline and a row of ACAI,
twelve frames from one digit to the other.""")

# %% [markdown]
# MNIST_TEXT
#
# ## Is ACAI a GAN?
#
# Some write so. Gather evidence, then write six sentences. A generative adversarial network has (1) two opposed players, (2) a judge that tells *real* pictures from *made* ones, and (3) a source of new pictures: noise from a known distribution goes in, a picture comes out.
#
# **(1)** You wrote the two losses: they are opposed. **(2)** What does the critic say about a real line, its reconstruction, and a mixture?

# %%
with torch.no_grad():
    z = acai.encode(x)
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
# **(3)** Put noise in. Codes of mean 0 and spread 1, and codes with the mean and spread of real codes:

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
the mean and spread of real codes, and from mixtures of two real codes. Only the last are lines.""")

# %%
far = {k: al.line_scores(v.view(32, 2, 1, 32, 32)).mean_distance for k, v in sets.items()}
assert far["noise"] > 2 * far["mixtures"]       # no prior: noise is no code

# %% [markdown]
# **(4)** A control is still missing: an autoencoder whose critic compares *reconstructions* with real images, and never sees a mixture (the paper's code has one, LSGAN-AE). If its in-betweens were as good as ACAI's, the realism would come from the adversary alone and not from mixing. Its row will stand here as soon as it is measured; until then this question is open.
#
# **Your six sentences:** two for the likeness, two against, one on what the missing control would show, and your verdict. *(double-click here)*
#
# ## Break it on purpose
#
# Change `gamma` in the audit: `al.ACAI(model.base, gamma=1.0)` shows the critic real images as the only "unmixed" ones. Run the last section again: what does the fresh critic now say about *reconstructions*?
#
# ## What to take away
#
# - A critic's loss near 0.052 has two explanations. **A fresh critic** tells them apart.
# - Bugs have signatures, but only those that **repeat over seeds** count.
# - ACAI borrows the *game* from GANs, not the *generator*: it has no prior, so noise is not a code.
#
# **At full scale.** The same audit works on every method that claims that its mixtures cannot be told.
#
# **References.** Berthelot, Raffel, Roy and Goodfellow, ICLR 2019 (arXiv 1807.07543), section 3; Goodfellow and others, *Generative Adversarial Nets*, 2014; Mao and others, *Least Squares GANs*, 2017.
#
# {{footer}}
