# %% [markdown]
# # 06a · The realism index
#
# **How unusual is this point?** By the end you can put a number on "does this in-between belong to the data?" without knowing the truth, and you have tested that number where the truth is known. Some of the numbers turn out to praise exactly what they should warn of.
#
# {{header}}
#
# | you will be able to | check |
# |---|---|
# | estimate a realism index by counting, and test it by uniformity | 06-1 |
# | compute it without counting for a Gaussian | 06-2 |
# | show the soap bubble, and how an index falls for it | 06-3 |
# | calibrate an index against a known truth, and choose one by its numbers | 06-4, 06-4-2 |
#
# The thread: a good interpolation (1) is smooth, (2) follows the data, (3) reveals hidden structure. Lab 01 measured (2) on lines, where every frame can be compared with 10,000 true ones. This lab is about (2) *where no truth is known*. We stay with lines all the same: only there can we find out whether the new number tells the truth.

# %% [markdown] tags=["teacher"]
# **For the teacher.** Minutes for a class. "Shown" means that you run the cell from this edition and ask for the guess first.
#
# | part | 90 minutes | 50 minutes |
# |---|---|---|
# | blind panel | 7 | 5 |
# | the claim and its definition | 6 | 4 |
# | 06-1, count | 12 | 12 |
# | two clouds, the explorer, the even spread | 6 | 3 |
# | 06-2, the Gaussian | 8 | left out |
# | the centre: predict, run | 3 | 2 |
# | 06-3, the soap bubble | 12 | 12 |
# | the index along a path | 4 | 2 |
# | 06-4, calibrate, with its prediction | 12 | shown, 2 |
# | the whole table | 5 | 2 |
# | 06-4, second part: decide | 6 | 4 |
# | the panel once more | 3 | left out |
# | other coordinates | 3 | left out |
# | discussion | 3 | 2 |
# | **in all** | 90 | 50 |
#
# **Stop points.** (1) After 06-1: everything below calls `index`. (2) After 06-3. (3) Before "The whole table". There whoever is stuck takes the course's version. Where 06-2 is left out its cells are run all the same: the bubble calls `gaussian_index`.
#
# **Open.** The panel on each learner's own screen, and nobody reads it aloud. Project the explorer of two moons and move $z$ with the arrow keys.
#
# **They should leave with:** an index is the share of samples that score no higher; so the choice of the score is everything, and it has to be calibrated before it is trusted.

# %% [markdown] tags=["slide"]
# # 06a · The realism index
#
# **How unusual is this point?**

# %%
import math

import torch
from scipy.stats import spearmanr

import acai_lite as al
import acai_course as course

lines = al.load("lines")

# %% [markdown]
# ## A blind panel
#
# Before any formula, your eye. Here are 24 pictures. Four are real lines. The other twenty are *midpoints*: five autoencoders each encoded two lines, mixed the two codes half and half, and decoded. You have met two of them, the baseline and ACAI. The others are one that was trained on noisy pictures (denoising), a VAE and a VQ-VAE; if you have not done lab 03, three more autoencoders is all you need to know. The two lines of a pair were 60° to 150° apart.
#
# **Which pictures look odd, as if they were not from the data?** Take three minutes at most, and tick them (with the keyboard: Tab to go on, the space bar to tick). Every tick is kept in your passport. Or give their numbers in the call, `judge_panel(pictures, odd=[3, 17])`. To go on without judging, tick none.

# %% [markdown] tags=["slide"]
# ## Which pictures look odd?
#
# - 24 pictures: four real lines, twenty midpoints
# - five autoencoders, four midpoints each
# - three minutes: tick whatever looks as if it were not from the data

# %%
pictures, sources = course.blind_panel(lines)                      # (24,1,32,32), 24 names
course.judge_panel(pictures)

# %% [markdown]
# Done? Then run the next cell: it says what a ruler finds in them. From there on your list stands.

# %%
# each picture as a path of two equal frames, for the ruler of lab 01
distance = al.line_scores(pictures[:, None].expand(-1, 2, -1, -1, -1)).distances[:, 0]  # (24,)
far = distance > 5e-3                                   # two lines 1° apart: 1.4 e-3
chosen = course.judged(sources, far)                 # (24,) bools, or None
course.panel_table(sources, far, {"you": chosen, "the ruler": far})
count = {s: int(sum(f for f, t in zip(far, sources) if t == s)) for s in sources}
assert count["a real line"] == 0 and count["lines-baseline-64"] == 4
assert count["lines-acai-64"] == 0

# %% [markdown] tags=["teacher"]
# **What they will see.** The ruler calls all four midpoints of the baseline far, no real line and none of ACAI's (asserted). Expect false alarms on lines that are drawn softly: the eye takes "soft" for "odd". Ask: *would you tick the same pictures tomorrow, and would your neighbour?* Then what follows has its reason: a number that somebody else can repeat.

# %% [markdown]
# The right column is lab 01's ruler: a picture is *far* if its distance to the nearest of 10,000 lines is more than 5 e-3. **Hits** are the far pictures that you called odd, **false alarms** those that you called odd though the ruler lets them pass. Your column is an index as well, the oldest one: somebody looks. It is often good. It is also slow, nobody else can repeat it, and it changes when you are tired. And the ruler needs a truth to compare with, which digits and faces do not have.
#
# What follows tries to do by *number* what you just did by eye, without the 10,000 lines. Your list is kept: at the end the indices will look at the same 24 pictures.
#
# ## The claim, and its definition
#
# A talk on the subject, after the paper cited below, says about a decoder $\mathrm{decode}(z)$, with codes $z$:
#
# > *We define the realism index on Z as a function ri: Z → [0, 1] such that high values of ri(z) indicate that G(z) is indistinguishable from the elements of X.*
#
# Its $G$ is our `decode`, and its $X$ there is the data set. It then defines, with a density $f$ and a random point that it *also* calls X,
#
# $$\mathrm{ri}(z; f) := p(f(X) \le f(z)) = \int_{\{x : f(x) \le f(z)\}} f(s)\,ds .$$
#
# The integral is the standard one: integrate $f$ over the region in which $f$ is no larger than $f(z)$. (The letter $s$ is the variable of integration; $x$ only describes the region.) One thing the talk leaves out: the two sides are equal only if **$X$ has the density $f$**. So we write
#
# $$\mathrm{ri}(z; f) = P\big(f(X) \le f(z)\big), \qquad X \text{ drawn from } f .$$
#
# In words: **the share of samples that are no likelier than z**. An index of 0.3 says: of a hundred draws from $f$, about thirty have a density as low as this one's, or lower. It is 1 where $f$ is highest and 0 where no sample ever falls. In this lab the letter X means that random point and nothing else.
#
# Notice what the formula does *not* contain: a picture. That a high index "indicates that decode(z) is indistinguishable from the data" is a *claim*, and it depends on the $f$ that you choose. We shall test it.
#
# ## Exercise 06-1 · Count (3 lines, 12 minutes)
#
# A probability can be estimated by counting. Write `index`: it gets a score `f`, a function (N,n) → (N,); `samples` (M,n), drawn beforehand; and points `z` (K,n). It returns the index of each point, (K,).
#
# Useful: comparing a (K,1) column with an (M,) row, `a[:, None]` against `b`, gives all K·M comparisons at once; `.double().mean(1)` turns them into shares.

# %% [markdown] tags=["slide"]
# ## The idea: count
#
# $$\mathrm{ri}(z; f) = P\big(f(X) \le f(z)\big)$$
#
# - $X$ is drawn from $f$
# - the share of samples that are no likelier than $z$
# - no picture stands in the formula

# %%
def index(f, samples, z):
    """ri (K,) of z (K,n): share of samples (M,n) whose score f, (N,n) -> (N,), is <= z's."""
    ### BEGIN SOLUTION
    scores = f(samples)                                               # (M,)
    lower = scores <= f(z)[:, None]                                   # (K,M)
    return lower.double().mean(1)
    ### END SOLUTION

# %%
index = course.check("06-1", index)

# %% [markdown]
# Here is your index on a plane, for a mixture of two clouds, one wide and one narrow. The curve marks index 0.3, so **70% of all samples must lie inside it**, and inside the curve of 0.9 only 10%.

# %% [markdown] tags=["slide"]
# ## Index 0.3: seven draws of ten lie inside

# %% tags=["slide"]
torch.manual_seed(0)
centres, widths = torch.tensor([[-1.2, 0.0], [1.5, 0.6]]), torch.tensor([0.9, 0.35])

def two_clouds(x):
    """density of the mixture, (N,2) -> (N,)"""
    square = (x[:, None] - centres).square().sum(2) / widths.square()        # (N,2)
    return ((-square / 2).exp() / (2 * math.pi * widths.square())).mean(1)

def draw_clouds(count):
    which = torch.randint(2, (count,))
    return centres[which] + widths[which, None] * torch.randn(count, 2)

samples, fresh = draw_clouds(4000), draw_clouds(2000)
grid = torch.cartesian_prod(torch.linspace(-4.2, 3, 90), torch.linspace(-3, 3, 75))
ri = index(two_clouds, samples, grid).view(90, 75)
figure = al.figures.described(5.6, 4, alt="""A plane with two clouds of points, a wide one on
the left and a narrow one on the right. A circle of index 0.3 around each cloud holds most of
its points; a small circle of index 0.9 lies within the narrow cloud only.""")
axes = figure.subplots()
axes.plot(*fresh[:700].T, ".", markersize=2, color="#767676")
axes.contour(grid[::75, 0], grid[:75, 1], ri.T, [0.3, 0.9], colors=["#0072B2", "#D55E00"],
             linestyles=["-", "--"])
axes.set(xlabel="first number", ylabel="second number", aspect="equal",
         title="solid: ri = 0.3, dashed: ri = 0.9")
figure

# %%
at_fresh = index(two_clouds, samples, fresh)                          # (2000,)
for level in (0.3, 0.9):
    print(f"index above {level}: {float((at_fresh > level).double().mean()):.3f} "
          "of 2,000 new draws")
    assert abs(float((at_fresh > level).double().mean()) - (1 - level)) < 0.04
print(f"the density goes up to {float(two_clouds(grid).max()):.2f} here; "
      f"with clouds ten times as narrow: {100 * float(two_clouds(grid).max()):.0f}")

# %% [markdown]
# The last line is why a density is no probability. Its size depends on the units; the index has none.
#
# Drag the point $z$ over a density of another shape, two moons; or choose what moves and use the arrow keys. The hatched region holds every place that is no likelier than $z$, and **the index is the share of draws in it**. Where is the index 1, and where 0?

# %%
upper = math.pi * torch.rand(120)
moons = torch.cat([torch.stack([upper.cos(), upper.sin()], 1),
                   torch.stack([1 - upper.cos(), 0.5 - upper.sin()], 1)]).double()  # (240,2)
course.RealismExplorer({"two moons": (moons, [((0.95, 0.3), (-0.95, 0.3))])},
                          twin="explorers/realism.html")

# %% [markdown]
# (The ends *a* and *b*, and the paths between them, are for lab 06b.)
#
# This is also the best test of an index. **Points that are drawn from f must spread evenly over [0, 1]**: one in ten has an index below 0.1, one in two below 0.5. It must hold for *any* density without flat pieces, in any number of dimensions, which is what makes indices comparable at all. We plot, for each value on the horizontal axis, the share of points whose index lies below it: an even spread is the diagonal.

# %% [markdown] tags=["slide"]
# ## The test: draws spread evenly

# %% tags=["slide"]
def normal(x):
    return -x.square().sum(1) / 2                       # log f, but for a constant: enough

def laplace(x):
    return -x.abs().sum(1)

torch.manual_seed(1)
tests = {"two clouds": (two_clouds, samples, fresh),
         "normal, 64 dimensions": (normal, torch.randn(4000, 64), torch.randn(2000, 64)),
         "Laplace, 10 dimensions": (laplace, *torch.distributions.Laplace(0., 1.).sample(
             (6000, 10)).split([4000, 2000])),
         "wrong: f / largest f": None}
share, rows = torch.linspace(0, 1, 2000, dtype=torch.float64), {}
for name, test in tests.items():
    values = index(*test) if test else two_clouds(fresh) / two_clouds(grid).max()
    rows[name] = (values.sort().values, share)
    gap = float((rows[name][0] - share).abs().max())
    print(f"{name:24s} largest gap to the diagonal {gap:.3f}")
    assert gap < 0.06 if test else gap > 0.2
al.figures.curves(rows, xlabel="index", ylabel="share of draws below",
                  alt="""Three curves, for three densities, lie on the diagonal: their indices
spread evenly. A fourth, the density divided by its largest value, is far above it.""")

# %% [markdown] tags=["teacher"]
# **What they will see.** Three densities on the diagonal, in two, 64 and ten dimensions; the fourth curve is a density divided by its peak, and far above it. Many write exactly that in 06-1, since it also lies between 0 and 1. Ask: *you are handed an index and its samples, no formula. How do you find out whether it is one?*

# %% [markdown]
# ## Exercise 06-2 · The Gaussian, without counting (2 lines, 8 minutes)
#
# For $N(0, I)$ in $n$ dimensions counting is not needed. Its density falls with the length $|z|$ and knows nothing else, so "no likelier than z" means "**at least as far from the centre as z**". The squared length of a draw, the sum of $n$ squared standard normal numbers, has a law with a name: $\chi^2$ with $n$ degrees of freedom. So
#
# $$\mathrm{ri}(z) = P\big(\chi^2_n \ge |z|^2\big), \qquad \text{for } n = 2 \text{ simply } e^{-|z|^2/2} .$$
#
# Write it for any $n$. The chance that $\chi^2_n$ exceeds $s$ is `torch.special.gammaincc(n / 2, s / 2)` (both must be tensors), or `scipy.stats.chi2.sf(s, n)`.

# %%
def gaussian_index(z):
    """ri (...) of points z (...,n) under N(0, I)."""
    ### BEGIN SOLUTION
    half = torch.tensor(z.shape[-1] / 2, dtype=torch.float64)
    return torch.special.gammaincc(half, z.double().square().sum(-1) / 2)
    ### END SOLUTION

# %%
gaussian_index = course.check("06-2", gaussian_index)

z = torch.randn(4, 2)
exact, counted = torch.as_tensor(gaussian_index(z)), index(normal, torch.randn(20_000, 2), z)
for point, a, b in zip(z, exact, counted):
    error = float((a * (1 - a) / 20_000) ** 0.5)
    print(f"|z| = {float(point.norm()):.2f}   formula {float(a):.4f}   counted {float(b):.4f} "
          f"(standard error {error:.4f})")
    assert abs(float(a - b)) < 5 * error + 1e-3

# %% [markdown]
# Counting M samples errs by $\sqrt{\mathrm{ri}\,(1 - \mathrm{ri})/M}$, its **standard error**: at M = 20,000 never more than 0.004.
#
# **Predict.** We go to 64 dimensions, the size of our codes. What is the index of the very centre, $z = 0$? And before you answer: how many of a million draws do you expect near it?

# %% [markdown] tags=["slide"]
# ## Predict: the centre of $N(0, I)$ in 64 dimensions
#
# - its index: 0, about ½, or 1?
# - of a million draws, how many come near it?

# %%
course.predict("06a-centre", ["0", "about ½", "1"])

# %%
centre = float(torch.as_tensor(gaussian_index(torch.zeros(64))))
torch.manual_seed(0)
lengths = torch.randn(course.pace(smoke=10_000, lab=500_000, full=1_000_000), 64).norm(dim=1)
course.reveal("06a-centre", "0" if centre < 0.25 else "about ½" if centre < 0.75 else "1",
                 f"{centre:.3f}")
print(f"of {len(lengths):,} draws the nearest is {float(lengths.min()):.1f} from the centre; "
      f"the mean length is {float(lengths.mean()):.1f}")
assert centre > 0.999 and float(lengths.min()) > 3

# %% [markdown] tags=["teacher"]
# **Likely guess.** 0, because nothing lives there, or 1, because nothing is likelier. Both reasons are right, and only the second is what this index asks. Let one of each camp speak before you run it. Ask: *what would have to be ranked so that the centre gets 0?* That is 06-3, and somebody usually finds the radius.

# %% [markdown]
# **It is 1**: nothing is likelier than the peak. And *no draw ever comes near it*. Both are true. A density says how many samples fall into a small box, and the box at the centre gets most; but there are so many boxes at a distance of 8, and so few near 0, that all samples are out there. They form a thin shell with nothing inside, a **soap bubble**.
#
# This matters for us, because the middle between two points of a bubble is *inside* it.
#
# ## Exercise 06-3 · The soap bubble (5 lines, 12 minutes)
#
# Write `bubble`: draw `count` pairs from $N(0, I)$ in $n$ dimensions, take the midpoint of each pair, and return two indices of these midpoints, (count,) each:
#
# 1. ranked by the **density**: your `gaussian_index`;
# 2. ranked by the **radius**: how frequent is a point's distance $r = |z|$ from the centre? The density of the radius is, but for a constant, $r^{n-1} e^{-r^2/2}$, so a score is its logarithm $(n - 1) \log r - r^2/2$. It is low for radii that are too large *and* too small. Rank by it with your `index`, among 4,000 draws of $N(0, I)$.

# %%
def bubble(n, count):
    """Midpoints of count pairs of draws: ri (count,) by density, ri (count,) by radius."""
    ### BEGIN SOLUTION
    z = (torch.randn(count, n) + torch.randn(count, n)) / 2           # (count,n)

    def radius_score(x):
        r = x.norm(dim=1)
        return (n - 1) * r.log() - r.square() / 2

    return gaussian_index(z), index(radius_score, torch.randn(4000, n), z)
    ### END SOLUTION

# %%
bubble = course.check("06-3", bubble)

torch.manual_seed(0)
sizes, medians, typical = [2, 4, 8, 16, 32, 64, 128, 256], [], []
for n in sizes:
    medians.append([float(torch.as_tensor(ri).median()) for ri in bubble(n, 400)])
    z = torch.full((n,), 0.5 ** 0.5)                    # a midpoint of typical length, n / 2
    typical.append([float(torch.as_tensor(gaussian_index(z))),
                    float(al.radial_realism(z, torch.zeros(n), torch.eye(n)))])
print("           half of the midpoints exceed    at |z|² = n/2 exactly, by formula")
print("      n        density      radius            density      radius")
for n, yours, exact in zip(sizes, medians, typical):
    print(f"{n:7d}       {yours[0]:.5f}     {yours[1]:.5f}            {exact[0]:.5f}     "
          f"{exact[1]:.5f}")
exact = dict(zip(sizes, typical))
for n, by_density, by_radius in ((2, 0.6065, 1), (16, 0.949, 0.117), (64, 0.9997, 0.0006)):
    assert abs(exact[n][0] - by_density) < 1e-3 and abs(exact[n][1] - by_radius) < 1e-3
assert medians[-1][0] > 0.999 and medians[-1][1] < 0.001

# %% [markdown] tags=["slide"]
# ## One midpoint, two verdicts
#
# Ranked by density it is ordinary; ranked by radius nobody is there.

# %% tags=["slide"]
figure = al.figures.described(10, 3.4, alt="""Left: in 64 dimensions the lengths of draws form
a narrow hill around 8, those of midpoints one around 5.7, and the two hardly overlap.
Right: over n from 2 to 256, the density index of a midpoint rises from 0.6 to 1, the radius
index falls from 1 to 0.""")
left, right = figure.subplots(1, 2)
torch.manual_seed(0)
draws = torch.randn(10_000, 64)
for name, points, style in (("draws", draws, dict(color="#0072B2")),
                            ("midpoints", (draws[::2] + draws[1::2]) / 2,
                             dict(color="#D55E00", linestyle="--"))):
    left.hist(points.norm(dim=1).numpy(), 50, density=True, histtype="step", linewidth=2,
              label=name, **style)
left.set(xlabel="distance from the centre (spreads of one number), 64 dimensions",
         ylabel="share of points a spread", xlim=(0, 11))
right.plot(sizes, [d for d, _ in typical], "o-", color="#0072B2", label="ranked by density")
right.plot(sizes, [r for _, r in typical], "s--", color="#D55E00", label="ranked by radius")
right.set(xscale="log", xlabel="dimensions n", ylabel="index of a midpoint")
right.set_xticks(sizes, [str(n) for n in sizes])
right.minorticks_off()
for axes in (left, right):
    axes.legend(frameon=False)
figure.tight_layout()
figure

# %% [markdown]
# (At n = 2 the typical length happens to be the most frequent radius of all, hence the 1; midpoints vary around it, so half of them still score below 0.6.) The same midpoint, in 64 dimensions: **0.9997 by the density, 0.0006 by the radius.** Both are realism indices in the sense of the definition; only what is ranked differs. The first praises the hole in the bubble above 99.97% of all samples, though hardly any sample lives there. The second says: nobody here.
#
# So the definition alone decides nothing. The paper's summary names the soap bubble as a case where better paths help. *How* its index deals with the bubble we do not know: we could not check it, and the plain density above certainly does not.
#
# Which of the two is right about *pictures*? The codes of our autoencoders are no draws of $N(0, I)$ (nobody asked them to be, except in the VAE), and a picture inside the bubble may look fine. So: look, then measure.
#
# ## The index along a path
#
# A Gaussian is fitted to 4,000 training codes: their mean and covariance. (An autoencoder like ours has no density of its own: one has to be fitted. `al.mean_and_cov` adds a millionth of the mean variance in every direction: the codes of lines are nearly flat, and without it the covariance could not be inverted.) `al.gaussian_realism` is your formula for any mean and covariance. Below each frame: its index, and its true distance to the nearest line in units of e-3.

# %%
course.show(al.gaussian_realism)

# %% [markdown] tags=["slide"]
# ## The index praises the ghost

# %% tags=["slide"]
baseline = al.checkpoint("lines-baseline-64")
acai = al.checkpoint("lines-acai-64")                                 # of lab 05a
pairs, many, some = course.pace(smoke=(8, 400, 200), lab=(64, 4000, 2000),
                                   full=(256, 4000, 2000))
x0, x1 = lines.test_images[:pairs], lines.test_images[256:256 + pairs]     # (K,1,32,32)
real = lines.test_images[512:512 + some]                              # of no path

@torch.no_grad()
def walk(model):
    """Straight paths of 16 codes (K,16,64), frames, true distances (K,16), codes to fit to."""
    codes = al.interpolate(model.encode(x0), model.encode(x1), 16)    # (K,16,16,2,2)
    frames = al.decode_path(model, codes)                             # (K,16,1,32,32)
    return (codes.flatten(2), frames, al.line_scores(frames).distances,
            al.encode_all(model, lines.train_images[:many]))          # (many,64)

walked = {"baseline": walk(baseline), "ACAI": walk(acai)}
gaussian, rows, pair = {}, {}, 5
for name, (z, frames, distance, train) in walked.items():
    gaussian[name] = al.gaussian_realism(z, *al.mean_and_cov(train))  # (K,16)
    rows[name] = (frames[pair], {
        "Gaussian index": [f"{v:.2f}" for v in gaussian[name][pair].tolist()],
        "distance, e-3": [f"{1e3 * v:.1f}" for v in distance[pair].tolist()]})
course.frames_with_numbers(rows, alt="""Two paths of 16 frames with two numbers below each.
Baseline: the middle frames show two faint lines; there the distance to a line is largest, and
the index is 1.00, while that of the left end, a clear line, is next to nothing. ACAI: one line
in every frame, which turns; the index is 1.00 everywhere but near the right end.""")

# %%
for name, (z, frames, distance, train) in walked.items():
    middle, end = gaussian[name][:, 7:9].mean(), gaussian[name][:, [0, -1]].mean()
    print(f"{name:9s} mean index: middle frames {middle:.2f}, end frames {end:.2f};   mean "
          f"distance: middle {1e3 * distance[:, 7:9].mean():.1f} e-3, "
          f"ends {1e3 * distance[:, [0, -1]].mean():.1f} e-3")
    assert middle > end

# %% [markdown] tags=["teacher"]
# **What they will see.** For both models the index is higher in the middle than at the ends, over all pairs (asserted), and the baseline's middle frames are ghosts. Most first suspect a mistake in the formula. Ask: *is the index wrong, or did it answer another question than ours?*

# %% [markdown]
# **The index praises the ghost.** It is highest where the baseline draws two faint lines, and lowest at the ends, which are drawn best. This is no accident of one pair: a straight path between two codes leads through the inside of the cloud, and there a Gaussian density is high, whatever the decoder makes of it. On ACAI's path, where every frame is nearly a line, it knows no difference but one: it doubts the right end.
#
# ## Calibrate before you trust
#
# One pair is an anecdote, and there are many indices to choose from. On lines we know the true distance of every frame, so we can *score the indices*: does the index fall when the distance grows?
#
# **Rank correlation** does that in one number. Sort all frames by the index, sort them by the distance, and correlate the two *ranks*: +1 if the orders agree, 0 if they have nothing in common, −1 if one is the other reversed. Only the order counts, as it does for an index. We correlate with *minus* the distance, so that +1 is good.
#
# Two more words will be needed. A **kernel density** puts a small bump on each training code and adds them up: high near codes that exist. **PCA** finds the few directions in which a cloud spreads most, and describes each point by its place along these.

# %%
course.three_tools()

# %% [markdown]
# ## Exercise 06-4 · Calibrate (4 lines and a decision, 18 minutes)
#
# Write `calibrate`: it gets an index and the true distance of all frames of K paths, (K,T) each, and returns Spearman's rank correlation of the index with minus the distance, over all frames of all paths together. You may use `spearmanr(a, b).statistic`, imported above, or rank by hand.

# %%
def calibrate(ri, distance):
    """Rank correlation, one number, of an index (K,T) with minus the true distance (K,T)."""
    ### BEGIN SOLUTION
    a = ri.flatten().numpy()                                          # (K*T,)
    b = -distance.flatten().numpy()
    return float(spearmanr(a, b).statistic)
    ### END SOLUTION

# %%
calibrate = course.check("06-4", calibrate)

# %% [markdown]
# Now five candidates. The first three rank *codes*, the fourth ranks the *decoded picture*:
#
# - **Gaussian** density of the training codes, as above; **radius** of the same Gaussian; **kernel** density of the training codes (the width of the bumps is the one that makes held-out codes likeliest).
# - **reconstruction**: let the baseline encode and redraw the picture, and take minus the error, $f(x) = -\mathrm{mean}[(\mathrm{decode}(\mathrm{encode}(x)) - x)^2]$. It has learnt to redraw lines and nothing else. This $f$ is a *score*, not a density, and it is ranked against 2,000 real test lines that belong to no path.
# - **nearness to an end**: $|t - ½|$. It never looks at anything. Frames near the ends are better, and it knows that much. It is our **control**: whatever does no better than this knows nothing about the picture.
#
# `al.RealismIndex(f, samples)` is your counting with the samples sorted beforehand:

# %%
course.show(al.RealismIndex.__call__)

# %% [markdown]
# **Predict:** which one ranks the *baseline's* frames best?

# %% [markdown] tags=["slide"]
# ## Predict: which index knows a ghost?
#
# - of the code: Gaussian, radius, kernel
# - of the picture: reconstruction
# - a control that looks at nothing: nearness to an end

# %%
course.predict("06a-index", ["Gaussian", "radius", "kernel", "reconstruction",
                                "nearness to an end"])

# %% [markdown]
# This cell takes about a quarter of a minute.

# %%
def redrawn(x):
    """(N,1,32,32) -> (N,): minus the error of the baseline's drawing of x"""
    return -(baseline.decode(baseline.encode(x)) - x).square().flatten(1).mean(1)

inner, table, kept = slice(4, 12), {}, {}
t_only = (torch.linspace(0, 1, 16) - 0.5).abs()                       # (16,)
on_pictures = al.RealismIndex(redrawn, real)
for name, model in (("baseline", baseline), ("ACAI", acai)):
    z, frames, distance, train = walked[name]
    mean, cov = al.mean_and_cov(train)
    kernel = al.fit_density(train, "kernel")
    kept[name] = {"Gaussian": gaussian[name], "radius": al.radial_realism(z, mean, cov),
                  "kernel": al.RealismIndex(kernel.log_prob, al.encode_all(model, real))(z),
                  "reconstruction": on_pictures(frames),
                  "nearness to an end": t_only.expand_as(distance)}
    print(f"{name}: {len(distance)} paths       all frames   the inner half")
    for which, ri in kept[name].items():
        table[name, which] = (calibrate(ri, distance), calibrate(ri[:, inner],
                                                                 distance[:, inner]))
        print("    {:20s}      {:+.2f}        {:+.2f}".format(which, *table[name, which]))
follows = spearmanr(kept["baseline"]["radius"].flatten(), t_only.repeat(pairs)).statistic
print(f"the radius index and the control rank the baseline's frames alike: {follows:+.2f}")
bad = {name: (walked[name][2] > 5e-3).double().sum(1).mean() for name in walked}
print(f"frames of 16 that are far from a line: baseline {bad['baseline']:.1f}, "
      f"ACAI {bad['ACAI']:.1f}")
best = max(kept["baseline"], key=lambda which: table["baseline", which][0])
course.reveal("06a-index", best, "by all of the baseline's frames")
if course.pace(smoke=False, lab=True, full=True):
    control = table["baseline", "nearness to an end"]
    assert table["baseline", "Gaussian"][0] < -0.5 and table["baseline", "Gaussian"][1] < -0.2
    for which in ("radius", "kernel"):
        assert table["baseline", which][0] < control[0]
    assert best == "reconstruction" and table["baseline", best][1] > control[1]
    assert table["ACAI", "reconstruction"][1] > 0.4 > 0.3 > table["ACAI", "Gaussian"][1]
    assert table["ACAI", "kernel"][1] < 0.3
    assert bad["ACAI"] < 1 < bad["baseline"] and follows > 0.6

# %% [markdown] tags=["teacher"]
# **Likely guess.** The kernel, because it knows where codes are. It does no better here than the control, which never looks at a picture; reconstruction is ahead of both (asserted at pace `lab`). Ask: *how can something that looks at nothing have a good number in the first column, and why not in the second?*

# %% [markdown]
# Read the *baseline* first. The Gaussian density has **the wrong sign**: this is the soap bubble again, with a price. Ranking the radius turns the sign round, but it does no better than the control, which has seen nothing at all. On a straight path the radius follows the place $t$ closely, and says little more. The kernel density is no better. That is why the second column leaves out the four frames at either end: it asks whether an index knows more than "ends are good".
#
# Then *ACAI*, the longer run of lab 05a. Its frames are nearly all good: on average less than one in sixteen is far from a line. Which of them are a little better or worse the indices on codes do not know. The one that looks at the picture does.
#
# How sure are these numbers? Frames of a path resemble each other, so 64 paths are 64 cases, not 1,024. `al.rank_agreement` computes your number and an interval: it draws whole paths again and again, with replacement (a **bootstrap**), and reports where 95% of the results fall.

# %%
for name in ("baseline", "ACAI"):
    distance = walked[name][2]
    for which in ("Gaussian", "reconstruction", "nearness to an end"):
        found = al.rank_agreement(kept[name][which][:, inner], distance[:, inner], 200)
        print(f"{name:9s} {which:20s} inner half {found.correlation:+.2f}, "
              f"95% interval {found.low:+.2f} to {found.high:+.2f}")
        assert abs(found.correlation - table[name, which][1]) < 1e-3

# %% [markdown]
# ## The whole table
#
# The same with 256 paths of each of the five models from the panel, and more candidates, recorded beforehand. In addition to the above:
#
# - **mixture**: ten Gaussians fitted to the training codes;
# - **ACAI's critic** (lab 05a): $f = -d(\mathrm{decode}(z))$, high where the critic sees no mixture. A score, not a density. It says where a frame stands among *ACAI's reconstructions of test lines*, in the critic's opinion. With other samples it would be another index, so always say which;
# - **GAN's discriminator**: the same with a discriminator that was trained for a short while to tell real lines from a generator's (lab 04);
# - **PCA features, untrained features, baseline's features**: a Gaussian again, but fitted to *features of pictures*: the first 32 principal directions of the pixels, or the codes that an untrained encoder, or the baseline's, gives to the decoded frame.
#
# All indices of pictures here are **this course's own proposals**. The paper has an index for generators without a prior, built after a measure called FID; we could not verify its formula, so do not take ours for it. Everything that was tried is in the record, good or bad.

# %%
record = course.realism_record()                     # data/results/records/realism.json
recorded = record["calibration"]
short = [model.split("-")[1] for model in recorded]
print(f"{record['pairs']} paths each; all frames / the inner half")
print(" " * 21 + "".join(f"{model:>12s}" for model in short))
for which in recorded["lines-baseline-64"]:
    cells = [f"{row[which]['all'][0]:+.2f}/{row[which]['inner'][0]:+.2f}"
             for row in recorded.values()]
    print(f"{which:21s}" + "".join(f"{cell:>12s}" for cell in cells))

lowest, above, wrong = {}, {}, {}
print("\nthe inner half, by intervals: models of 5 on which an index is")
for which in recorded["lines-baseline-64"]:
    inside = [row[which]["inner"] for row in recorded.values()]       # (value, low, high) each
    controls = [row["nearness to an end"]["inner"] for row in recorded.values()]
    lowest[which] = min(value for value, _, _ in inside)
    above[which] = sum(low > c[2] for (_, low, _), c in zip(inside, controls))
    wrong[which] = sum(high < 0 for _, _, high in inside)
    print(f"{which:21s} above the control {above[which]}, below zero {wrong[which]}")
assert max(lowest, key=lowest.get) == "reconstruction" and lowest["reconstruction"] > 0.5
for which in ("Gaussian", "radius", "mixture", "kernel"):
    assert above[which] <= 1                            # no index on codes is trustworthy
assert wrong["Gaussian"] == 3 and wrong["PCA features"] == above["reconstruction"] == 5
assert above["untrained features"] == 4 and above["GAN's discriminator"] == 2
base, own = recorded["lines-baseline-64"], recorded["lines-acai-64"]
assert own["ACAI's critic"]["inner"][1] > own["nearness to an end"]["inner"][2]
said = [model for model in recorded if recorded[model]["ACAI's critic"]["all"] != [0, 0, 0]]
assert said == ["lines-acai-64", "lines-vae-64"]    # elsewhere it is 0 for every frame
assert base["radius"]["all"][0] < base["nearness to an end"]["all"][0]
assert base["PCA features"]["inner"][2] < -0.5

# %% [markdown] tags=["slide"]
# ## Calibrated on five models
#
# Grey: the control. Right is good.

# %% tags=["slide"]
course.calibration_figure(recorded)

# %% [markdown]
# Why are the PCA features so badly wrong? One more number helps: how far are frames from the *mean picture* of all lines, the centre of any Gaussian in pixel space?

# %%
mean_picture = lines.train_images[:many].mean(0)                      # (1,32,32)
away = (walked["baseline"][1] - mean_picture).square().mean((2, 3, 4))        # (K,16)
print(f"mean squared difference from the mean picture: baseline's end frames "
      f"{away[:, [0, -1]].mean():.4f}, its middle frames {away[:, 7:9].mean():.4f}")
assert away[:, 7:9].mean() < 0.8 * away[:, [0, -1]].mean()

# %% [markdown]
# What to see in table and figure, inner frames:
#
# - The **indices of codes** (Gaussian, radius, mixture, kernel) beat the control on one of the five models at most, and the Gaussian has the wrong sign on three.
# - **ACAI's critic** helps on ACAI's own frames, and on the VAE's. On the other three models its index is 0 for *every* frame, endpoints too: it finds all of them more mixed than anything that ACAI's decoder draws. A critic knows what gives *its own* decoder's mixtures away, and no more.
# - **An index of the decoded picture** fares best, but *which features* makes all the difference. PCA of pixels is fooled worse than anything else: two faint lines lie nearer to the mean picture than one bright line does (the number below the figure). That is the soap bubble once more, in pixels.
# - Even an **untrained encoder** is useful as an observer here: above the control on four models, level with it on the baseline. (Random features again: lab 07 asks what they know.) The **GAN's discriminator** is above the control on two models, and knows nothing on ACAI.
# - **Reconstruction** is the only one that is high on all five. A fair objection: on the first model the judge judges its own drawings. On the other four it does not.
#
# And the limits: one data set of very simple pictures, one training run a model, and candidates chosen by us. On other data you would have to start again, which is the reason to know *how*.
#
# ## Exercise 06-4, second part · Decide
#
# You get a model of unknown pictures: no ruler, no truth. **Which index would you trust, and which number supports it?** An index for data without truth has to be judged by the model that suits it *least*. Return the index, the name of the model (as in `recorded`) on which its correlation over the *inner* frames is lowest, and that correlation. `look` shows what you need for one index; more than one answer can be defended.

# %%
def look(which):
    for model, row in recorded.items():
        (c, low, high), (_, a, b) = row[which]["inner"], row["nearness to an end"]["inner"]
        print(f"{which}, {model:20s} {c:+.2f} ({low:+.2f} to {high:+.2f})   "
              f"control {a:+.2f} to {b:+.2f}")

look("radius")

# %%
def decision():
    """{"index": ..., "model": ..., "number": ...}"""
    ### BEGIN SOLUTION
    return {"index": "reconstruction", "model": "lines-acai-64", "number": 0.53}
    ### END SOLUTION

# %%
yours = decision
decision = course.check("06-4-2", decision)
if decision is yours:
    print(decision())

# %% [markdown]
# Back to the panel of the beginning. The indices look at the same 24 pictures, each beside your eye. The three of codes look at the code that was decoded, among training codes of its own model (a real line has the baseline's). The control has nothing to say here: all midpoints have the same $t$. An index calls a picture odd if it is below 0.05, so of a hundred *real* lines it would wrongly flag about five. Any other `al.RealismIndex` can get a column, too.

# %%
ri = course.panel_indices(lines, *course.pace(smoke=(400, 200), lab=(2000, 1000),
                                                    full=(4000, 2000)))
ri["reconstruction"] = on_pictures(pictures)                          # (24,) each
odd = {which: index < 0.05 for which, index in ri.items()}
found = course.panel_table(sources, far, {"you": chosen, **odd})
flags = odd["reconstruction"]
if course.pace(smoke=False, lab=True, full=True):
    assert bool(flags[far].all()) and int((flags & ~far).sum()) > 0
    assert found["Gaussian"]["hits"] < 0.1
    assert min(found[which]["false alarms"] for which in ("radius", "kernel")) > 0.5

# %% [markdown] tags=["teacher"]
# **What they will see.** Reconstruction flags every far picture and some good ones as well; the Gaussian finds almost nothing; radius and kernel flag more than half of the good ones (asserted at pace `lab`). Ask: *whose column would you rather have in a factory that throws away what is flagged?*

# %% [markdown]
# Compare the last two rows with yours: hits should be high, false alarms low. The **Gaussian**, which praised the ghosts above, lets every one of them pass. **Radius** and **kernel** find most midpoints odd, good ones too: they see that a code lies in the middle, not what is drawn from it. **Reconstruction** flags every picture that the ruler calls far, and some more that the ruler lets pass: decoded lines, a little softer than real ones. It was ranked among *real* lines, and compared with these nearly everything decoded is unusual. We have calibrated the **order** of frames, not the size of the number. "Below 0.05" is a threshold for real lines, and no border between good and bad.
#
# The index under each frame, along any path. Look for a pair on which it disagrees with the distance above it:

# %%
course.InterpolationExplorer(lines, {"baseline": baseline, "ACAI": acai},
                                measures={"realism": on_pictures},
                                twin="explorers/lines.html")

# %% [markdown]
# ## Break it on purpose: other coordinates
#
# Take $N(0, I)$ on a plane, and imagine a decoder that draws a picture for every point. Now store the *first number as its exponential*: $y = (e^{z_0}, z_1)$, and let the new decoder take the logarithm first. Every picture is drawn exactly as before, with exactly the same chance. Only the *names* of the points have changed.
#
# A density must change with them. Where $e^{z_0}$ stretches the axis, the same samples are spread over more room, so the density is divided by the stretch: $f_y(y) = f(z) / e^{z_0}$. **Decide:** will the index of a picture stay the same?

# %% [markdown] tags=["slide"]
# ## Break it: rename the codes
#
# Same pictures, same chances, other coordinates.

# %% tags=["slide"]
def in_z(x):
    return -x.square().sum(1) / 2                       # log f, but for a constant

def in_y(y):                                            # the same cloud, by its new names
    z = torch.stack([y[:, 0].log(), y[:, 1]], 1)
    return in_z(z) - z[:, 0]

def rename(z):
    return torch.stack([z[:, 0].exp(), z[:, 1]], 1)

torch.manual_seed(0)
samples = torch.randn(20_000, 2)
points = torch.tensor([[0., 0.], [-1., 0.], [1., 0.], [0., 1.5]])
before, after = index(in_z, samples, points), index(in_y, rename(samples), rename(points))
for point, a, b in zip(points, before, after):
    print(f"the picture at z = ({point[0]:+.1f}, {point[1]:+.1f})   "
          f"index by z {float(a):.2f}   index by y {float(b):.2f}")
bent = index(lambda x: in_z(x).exp(), samples, points)  # an increasing change of f instead
assert float((bent - before).abs().max()) < 1e-3
assert before.argmax() == 0 and after.argmax() == 1
assert float((after - before).abs().max()) > 0.3

grid = torch.cartesian_prod(torch.linspace(-4, 3, 80), torch.linspace(-3, 3, 80))
figure = al.figures.described(8, 3.7, alt="""Two maps of one plane with the same sample points
and circles of equal index. Left, by z: around the centre of the points. Right, by y: around a
place one unit to the left of it, and wider.""")
parts = grid.split(100)            # 6,400 points x 20,000 samples at once: 1 GB
by_z = [index(in_z, samples, part) for part in parts]
by_y = [index(in_y, rename(samples), rename(part)) for part in parts]
maps = {"index by z": torch.cat(by_z), "index by y, at the same pictures": torch.cat(by_y)}
for axes, (title, ri) in zip(figure.subplots(1, 2), maps.items()):
    axes.plot(*samples[:400].T, ".", markersize=2, color="#767676")
    curves = axes.contour(grid[::80, 0], grid[:80, 1], ri.view(80, 80).T, [0.1, 0.5, 0.9],
                          colors="#0072B2")
    axes.clabel(curves, fontsize=9)
    axes.set(title=title, xlabel="z, first number", ylabel="z, second number", aspect="equal",
             xlim=(-4, 3), ylim=(-3, 3))
figure.tight_layout()
figure

# %% [markdown] tags=["teacher"]
# **Discussion.**
#
# 1. *"ri = 0.95, so the picture is real with a chance of 95 in a hundred." What is wrong?* The index ranks a point among samples by one score. It says nothing about real against not real, and another score gives another number for the same picture.
# 2. *The midpoint of two draws in 64 dimensions has an index near 1. Why, and should it?* It is denser there than almost anywhere, so by the definition yes. Almost no draw lies there, so for our purpose no: rank the radius, or better the picture.
# 3. *Why choose an index by the model that suits it least?* On unknown data you do not know which case you are in. An index that is good on four models and wrong on the fifth will be used on the fifth some day.
# 4. *Nobody knows the true in-between of two digits. Is calibration on lines worth anything there?* It shows which ideas fail even in an easy world, and that is a lot. It does not show that the survivor works on digits; a blind panel is the nearest thing to a ruler.
#
# **Assess.** "Realism by hand" (number 3 in docs/instructor.md): with the radius, the dimension and the change of $f$ altered. Question 2 above is its last part; do not print the answer on a slide before.

# %% [markdown] tags=["slide"]
# ## Take away
#
# - ri: the share of samples that score no higher
# - the choice of the score is everything
# - calibrate before you trust, against a control
# - rank the picture, not its code

# %% [markdown]
# **It does not.** A different picture is now the most realistic one. Changing $f$ by an increasing function changes nothing, as you saw in 06-1. Changing the *coordinates of the code* changes the index, although no picture has changed, and an autoencoder's coordinates are an accident of its training. A score of the *decoded picture* does not have this problem: if you rename the codes, and the decoder with them, the pictures stay, and so does every score of a picture. (It does depend on the coordinates of the picture. A score of pixels changes if you rescale the pixels, but all models share those.)
#
# ## What ri does not mean
#
# 1. **It is no probability that a picture is real.** It says how a point stands among samples, by the score that you chose. 0.9997 in the hole of the bubble is a correct value of the index.
# 2. **It is no quality of the picture**, and no property of the picture alone: other coordinates, another $f$ or other samples give another number. Two indices cannot be compared unless all three are named.
#
# ## What to take away
#
# - A realism index is **the share of samples that score no higher**. Test one by uniformity: points drawn from $f$ must spread evenly.
# - The definition works for any score, so **the choice of the score is everything**. A density is highest in the middle of the soap bubble, where nothing lives; on the baseline's paths it praised the ghosts.
# - **Calibrate before you trust**: on data whose truth you know, against a control that knows nothing, with an interval.
#
# **At full scale.** The counting does not change: 2,000 samples give an index with a standard error of at most 0.011, for codes of any size. What does not carry over is the *calibration*: it was done on lines. For digits there is no distance to compare with; what one has is a choice that held elsewhere, and a picture to look at. Lab 06b lets an index steer the path.
#
# **References.** Struski, Tabor, Podolak, Nowak and Maziarz, *Realism Index: Interpolation in Generative Models With Arbitrary Prior*, 2019 (arXiv 1904.03445, version 1; under the same number later versions are titled *Feature-Based Interpolation and Geodesics in the Latent Spaces of Generative Models*, by Struski, Sadowski, Danel, Tabor and Podolak, IEEE TNNLS 2023). The definition is quoted from a talk; the soap bubble numbers, the image indices and the calibration are this course's.
#
# {{footer}}
