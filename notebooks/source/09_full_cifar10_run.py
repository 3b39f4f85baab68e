# %% [markdown]
# # 09 · A full CIFAR-10 run
#
# **What happens where no true in-between exists?** By the end you can take a method to colour images, say what that costs before you pay, tell a blurred drawing from a bad mixture, and defend a conclusion from short runs, or refuse to draw one.
#
# {{header}}
#
# | you will be able to | check |
# |---|---|
# | adapt the networks to colour and depth, and say how much a code squeezes | 09-1 |
# | tell blur from mixture | 09-2 |
# | write a verdict that a reader can weigh | 09-3 |
#
# The thread: a good interpolation (1) is smooth, (2) follows the data, (3) reveals hidden structure. On lines the truth was known. On digits it was not, but everybody has an idea of a digit. Here even that is gone. You need no GPU: the long runs are committed, each with its receipt. What you train yourself is a rehearsal of seconds.

# %% [markdown] tags=["teacher"]
# **For the teacher.** Minutes for a class; the long runs are committed and nobody needs a GPU. "Given" means that the class takes the course's version and reads it.
#
# | part | 90 minutes | 50 minutes |
# |---|---|---|
# | frog to truck | 6 | 5 |
# | 09-1, sizes | 10 | given, 2 |
# | what it costs | 4 | 2 |
# | a rehearsal | 4 | 2 |
# | the card of the long runs | 3 | 2 |
# | four times the numbers, with its prediction | 6 | 4 |
# | what the judge says | 5 | 3 |
# | 09-2, blur or mixture | 15 | 15 |
# | side by side, noise | 3 | 2 |
# | beside the paper, from below | 4 | 2 |
# | the paper's own network | 2 | left out |
# | 09-3, verdict | 15 | at home |
# | images in another range | 4 | 3 |
# | discussion; what a GPU changes is read at home | 9 | 8 |
# | **in all** | 90 | 50 |
#
# **Stop points.** (1) After 09-1: its check is followed by networks that are really built. (2) After 09-2: the verdict quotes its ratios. (3) Before 09-3, whoever is late writes two of the five sentences.
#
# **Open.** The frog and the truck, projected before anybody has read a number. Without CIFAR-10 on the machine the row of photographs is missing and the rehearsal takes tinted digits; fetch the data once and set `ACAI_LITE_DATA` if you can.
#
# **They should leave with:** where no true in-between exists no score measures nearness to it; compare the middle with the *drawn* ends, and say what was not run.

# %% [markdown] tags=["slide"]
# # 09 · A full CIFAR-10 run
#
# **What happens where no true in-between exists?**

# %%
import json
from functools import lru_cache

import torch

import acai_lite as al
import acai_course as course
from acai_lite.recipes import change
from acai_lite.files.checkout import result_file
from acai_lite.runs.tables import PAPER, PAPER_BUDGET, TITLES

record, film = json.loads(result_file("records", "cifar.json").read_text()), al.film("cifar")
names = dict(zip(["baseline", "dropout", "denoising", "vae", "aae", "vqvae", "acai"], TITLES))
title = {run["name"]: f"{names[run['method']]}, {run['code_size']:,}" for run in record["runs"]}
images, source = course.colour_images()
shot = dict(zip(film.samples, film.frames))                  # name: (P,T,3,32,32)
if source == "CIFAR-10":
    x0, x1 = images.test_images[:6], images.test_images[6:12]          # (P,3,32,32)
    shot["pixel blend"] = al.interpolate(x0, x1, 16)

short = {(run["method"], run["code_size"]): run for run in record["runs"] if run["depth"] == 16}
deep = {run["method"]: run for run in record["runs"] if run["depth"] == 64}
three = ("baseline", "denoising", "acai")
assert set(short) == {(method, size) for method in three for size in (256, 1024)}
assert {run["seed"] for run in record["runs"]} == {0}        # one run each, all with seed 0
for run in short.values():
    print(f"{title[run['name']]:16s} depth {run['depth']}, {run['samples']:,} samples, "
          f"seed {run['seed']}, {run['seconds'] / 60:.0f} minutes")

# %% [markdown]
# ## Halfway from a frog to a truck
#
# CIFAR-10 holds 60,000 small colour photographs of ten classes: frogs, trucks, ships, cats and so on. Here is a test image of a frog, one of a truck, and the way from one to the other. The first row mixes pixels; its ends are the photographs themselves. (They are not part of this course: without CIFAR-10 on your disk this row is missing, and everything else is there.) Below it are three methods, with codes of 256 and of 1,024 numbers; their ends are *reconstructions*.
#
# On the right stands what a **judge** says of 256 such paths. As in lab 08 it is a small classifier of images that none of the methods has met. **Confidence** is the mean probability of the class that it names; **distance** is the kernel distance from middle frames to real images (0 is best).

# %% [markdown] tags=["slide"]
# ## Halfway from a frog to a truck

# %% tags=["slide"]
FROG_TO_TRUCK = 5                                            # test images 5 and 11
places = [0, 2, 5, 7, 8, 10, 13, 15]                         # of 16 frames

def marks(scores):
    return f"confidence {scores['confidence']:.2f}, distance {scores['kernel_distance']:.2f}"

rows = {"pixel blend": record["references"]["pixel blend"],
        **{run["name"]: run["paths"] for run in short.values()}}
drawn = [name for name in rows if name in shot]
al.figures.strips(torch.stack([shot[name][FROG_TO_TRUCK, places] for name in drawn]),
                  labels=[title.get(name, name) for name in drawn],
                  notes=[marks(rows[name]) for name in drawn],
                  alt="""Rows of eight frames from a frog to a truck. The first row, if CIFAR-10
                  is there, is the pixel blend: it begins and ends with the photographs, and
                  shows both at once in the middle. The others, three methods with codes of 256
                  and of 1,024 numbers, begin and end with what their decoders draw of the two.
                  Each row's confidence and kernel distance stand beside it; a table further
                  down has them, too.""")

# %% [markdown] tags=["teacher"]
# **What they will see.** Soft pictures, and in the middle something that is hard to name. Let everybody write down what the middle *should* show, then read three aloud: they differ. Ask: *which of you is right, and how would we find out?* Nobody, and that is the lab.

# %%
mark = record["references"]["real data"]
blend = record["references"]["pixel blend"]
print(f"judge: right in {record['judge']['accuracy']:.0%} of the test images")
print(f"real images: {marks(mark)}")
for what, best in (("confidence", max), ("kernel_distance", min)):
    first = best(rows, key=lambda name: rows[name][what])
    print(f"best {what.replace('_', ' ')} of the rows above: {title.get(first, first)}")

# %% [markdown]
# Write down, before you read on, what the frame in the middle *should* show. A green lorry? A frog with wheels? Nothing, because there is nothing? There is no right answer, and that is the point of this lab. **No true in-between exists**, so no score can measure how near a path comes to it. What is left?
#
# - **The ends.** They have a truth: the photographs. How well are they drawn?
# - **A judge.** It says whether a frame looks like *something*, or whether frames are like real images as a crowd. It never says whether it is the right thing between *these two*. And the judge errs: look at how often it is right.
# - **The steps.** Are they even, or does the path leap?
# - **A comparison with what anybody can do**: the pixel blend.
#
# ## Exercise 09-1 · Sizes (4 lines, 10 minutes)
#
# From one colour to three, from a narrow network to a wide one: four numbers change, and whoever gets one of them wrong compares things that are not alike. An encoder takes `colours` planes of 32×32 pixels. Its first layer has `depth` channels. It halves the image again and again, until it is `width` pixels wide, and with each halving the channels double. The code that comes out has `code_channels` channels of `width` × `width`.
#
# Return a dictionary:
#
# - `"image"`: how many numbers an image has;
# - `"code"`: how many numbers a code has;
# - `"squeeze"`: how many numbers of the image there are for one of the code;
# - `"widest"`: the channels of the encoder's widest layer, after the last halving.

# %% [markdown] tags=["slide"]
# ## What is left without a truth
#
# - the ends: they have one
# - a judge, with its own mistakes
# - the steps: even, or a leap
# - the pixel blend, which costs nothing

# %%
def sizes(colours, width, code_channels, depth):
    """{"image": ..., "code": ..., "squeeze": ..., "widest": ...}"""
    ### BEGIN SOLUTION
    image = colours * 32 * 32
    code = code_channels * width ** 2
    widest = depth * 32 // width                     # halved k times: 32 / width is 2^k
    return {"image": image, "code": code, "squeeze": image / code, "widest": widest}
    ### END SOLUTION

# %%
sizes = course.check("09-1", sizes)

# %% [markdown]
# Does it agree with networks that are really built? Count channels and numbers in them.

# %%
plans = {"MNIST, 32, the paper's": ("mnist", 32, None),
         "CIFAR-10, 256, ours": ("cifar10", 256, 16),
         "CIFAR-10, 1,024, ours": ("cifar10", 1024, 16),
         "CIFAR-10, 256, the paper's": ("cifar10", 256, None),
         "CIFAR-10, 1,024, the paper's": ("cifar10", 1024, None)}
squeezed = []
for plan, (data, size, depth) in plans.items():
    recipe = change("lab", {"depth": depth}) if depth else "paper"
    model = al.build("baseline", data, size, recipe=recipe)
    x = torch.zeros(1, *model.image_shape)                            # (1,C,32,32)
    channels, width, _ = model.code_shape
    found = sizes(x.shape[1], width, channels, model.config["depth"])
    layers = [m for m in model.encoder if isinstance(m, torch.nn.Conv2d)]
    assert (found["image"], found["code"]) == (x.numel(), model.encode(x).numel())
    assert found["widest"] == max(layer.out_channels for layer in layers)
    squeezed.append(found["squeeze"])
    print(f"{plan:29s} {found['image']:5,} numbers into {found['code']:5,}: "
          f"{squeezed[-1]:2.0f} for one; widest layer {found['widest']:3d} channels")
assert squeezed == [32, 12, 3, 12, 3]

# %% [markdown]
# In the paper's plans a digit is squeezed 32 times, a photograph 12 times with the short code, and only three times with the long one. A long code has less to leave out.
#
# ## What does it cost?
#
# The counter of lab 08, and a question: the paper's network has four times as many channels everywhere. How many times the work is that?

# %%
multiply_adds = course.multiply_adds      # of all convolutions, for one image

@lru_cache
def cost(method, size, depth):
    """{"encoder", "decoder", "step"}: multiply-adds an image; a step goes forward and back"""
    model = al.build(method, "cifar10", size, recipe=change("lab", {"depth": depth}))
    base = model.base if method == "acai" else model
    x = torch.zeros(1, 3, 32, 32)
    there, back = multiply_adds(base.encoder, x), multiply_adds(base.decoder, base.encode(x))
    forward = there + back                           # ACAI decodes twice and asks twice
    if method == "acai":
        forward += back + 2 * multiply_adds(model.critic, x)
    return {"encoder": there, "decoder": back, "step": 3 * forward}   # back: about twice

for depth in (16, 64):
    for method in ("baseline", "acai"):
        work = cost(method, 256, depth)
        print(f"depth {depth}, {method:8s} encoder {work['encoder'] / 1e6:5.1f}, decoder "
              f"{work['decoder'] / 1e6:5.1f}, a training step {work['step'] / 1e6:6.0f} "
              "million multiply-adds an image")
times = cost("acai", 256, 64)["step"] / cost("acai", 256, 16)["step"]
print(f"four times the channels: {times:.1f} times the work")
assert 14 < times < 16.5
for run in record["runs"]:                           # the receipts counted the same
    work = cost(run["method"], run["code_size"], run["depth"])
    assert run["multiply_adds"] == {part: work[part] for part in ("encoder", "decoder")}

# %% [markdown] tags=["teacher"]
# **Likely answer.** "Four times the channels, four times the work." A convolution joins every channel that comes in with every one that goes out, so it is about sixteen times (asserted). Ask: *and twice the height and width?* Four times: places are not joined with all places.

# %% [markdown]
# **About sixteen times**, not four: a convolution joins every channel that comes in with every one that goes out, and both have become four times as many. That is why our runs have a quarter of the paper's depth. It is a compromise, and it has to stand beside every number below.
#
# ## A rehearsal
#
# Before you pay for a long run, rehearse it with a small one: does it start, does the loss fall, how long will the real thing take? Depth 8, both methods, less than a minute. (Without CIFAR-10 on the disk the rehearsal takes small digits in six colours.)

# %%
print("images of", source)
small = change("lab", {"depth": 8})
samples = course.pace(smoke=64, lab=4_000, full=20_000)
own, rate = {}, {}
for method in ("baseline", "acai"):
    own[method] = al.build(method, images, 256, recipe=small, seed=0)
    history = al.fit(own[method], images, samples=samples, recipe=small, seed=0)
    rate[method] = history.samples / history.seconds
    error = al.reconstruction_error(own[method], images.test_images[:500])
    print(f"{method:8s} {history.samples:,} samples, {rate[method]:.0f} a second; error "
          f"{error:.3f}, the mean image's {images.test_images[:500].var(0).mean():.3f}")

# %% [markdown]
# Now the estimate, from your rate and the counted work. It is a rough one: narrow layers keep a processor busy less well than wide ones, and yours may not be the processor that ran the committed runs.

# %%
for method in ("baseline", "acai"):
    run, paper = short[method, 256], cost(method, 256, 64)["step"]
    per_second = rate[method] * cost(method, 256, 8)["step"]          # multiply-adds, here
    ours = run["samples"] * cost(method, 256, 16)["step"] / per_second
    print(f"{method}: our run, estimated for this machine: {ours / 60:.0f} minutes "
          f"(its receipt, perhaps from another: {run['seconds'] / 60:.0f});\n"
          "   the paper's network, for the paper's samples: "
          f"{PAPER_BUDGET * paper / per_second / 86400:.0f} days")

# %% [markdown]
# ## The card of the long runs
#
# Lab 08 asked for a card before the run: hypothesis, methods, samples, seeds, measure, end. This is what the receipts say of ours.

# %%
run = short["acai", 256]
print("methods:  " + ", ".join(three) + "; codes of 256 and 1,024 numbers")
budgets = sorted({r["samples"] for r in short.values()})
print(f"samples:  {' or '.join(f'{samples:,}' for samples in budgets)} each, "
      f"{budgets[-1] / PAPER_BUDGET:.1%} of the paper's")
print(f"seeds:    {sorted({r['seed'] for r in short.values()})}")
print(f"depth:    {run['depth']}; the paper's: 64")
print(f"recipe:   {run['recipe']}; ACAI's settings that differ: {json.dumps(run['changed'])}")
print("measures: error of reconstructions; converged classifier; the judge's path scores; all "
      "read once, on test images")
assert all(r["samples"] < PAPER_BUDGET / 50 and r["depth"] < 64 for r in short.values())

# %% [markdown]
# Which line of your own card in 08-2 does it break? **The seeds.** One run has no spread. So from here on a small difference between two methods is worth nothing, and nobody can say how small is small. Where three runs of a kind agree (three methods, say, that all do the same when their codes grow), that is worth a little more.
#
# ## Four times the numbers
#
# A code of 1,024 numbers instead of 256, all else alike. **Predict:** what does it help most? Three things can be missing, and each has a zero:
#
# - **reconstruction**: the error on test images;
# - **classifier**: the share of test images that the converged classifier gets *wrong*;
# - **in-betweens**: the kernel distance of middle frames to real images.
#
# Helped "most" is where the largest *share* of what was missing is gone; "all alike" if the three shares, averaged over the methods, lie within ten points.

# %% [markdown] tags=["slide"]
# ## Predict: a code four times as long
#
# 256 numbers, then 1,024. What does it help most?
#
# - reconstruction, classifier, in-betweens
# - or all alike?

# %%
course.predict("09-long", ["reconstruction", "classifier", "in-betweens", "all alike"])

# %% [markdown] tags=["slide"]
# ## The share of what was missing that is gone

# %% tags=["slide"]
missing = {"reconstruction": lambda run: run["reconstruction_error"],
           "classifier": lambda run: 1 - run["probe_accuracy"],
           "in-betweens": lambda run: run["paths"]["kernel_distance"]}
gone = {what: [] for what in missing}
for method in three:
    for what, of in missing.items():
        before, after = of(short[method, 256]), of(short[method, 1024])
        gone[what].append(1 - after / before)
        print(f"{names[method]:10s} {what:15s} {before:.4f} -> {after:.4f}   "
              f"{gone[what][-1]:+.0%} of it gone")
mean = {what: sum(shares) / 3 for what, shares in gone.items()}
answer = max(mean, key=mean.get)
if max(mean.values()) - min(mean.values()) < 0.1:
    answer = "all alike"
order = [max(gone, key=lambda what: gone[what][k]) for k in range(3)]
course.reveal("09-long", answer, "on average in these runs: "
                 + ", ".join(f"{what} {share:+.0%}" for what, share in mean.items()))
print("most helped in each method: "
      + ", ".join(f"{names[m]}: {what}" for m, what in zip(three, order)))
for what, shares in gone.items():
    agree = len({share > 0 for share in shares}) == 1
    print(f"{what}: {'the same sign' if agree else 'not even the same sign'} in all three")

# %% [markdown] tags=["teacher"]
# **Likely guess.** Reconstruction: a longer code can hold more. The cell compares shares of three different things, so do not stop at what it names; nothing in a longer code asks its in-betweens to be better, and one seed is no reason to rank them. Ask: *on which sign do all three methods agree, and would another scale print another winner?*

# %% [markdown]
# Be careful with the word "most". A share of an error, a share of wrong answers and a share of a distance have nothing in common but that 0 is best; another choice of scale may print another winner. A minus sign means that the longer code made it *worse*. The signs, and whether three methods agree on them, are safer ground than the sizes.
#
# It should not surprise anybody if the three do not move together. Each asks for something else. A longer code *must* be able to draw at least as well: it can hold more. A linear layer has four times as many numbers to read. But nothing in a longer code asks its in-betweens to be better; a code that comes nearer to a copy of the pixels may even come nearer to mixing pixels.
#
# The paper has the middle one of the three, for all its methods: the online classifier, after 16.8 million samples, at depth 64.

# %%
def paper_row(size):
    """{method: accuracy} of the paper's online classifier on CIFAR-10, in per cent"""
    texts = PAPER["online classifier, %"]["cifar10", size].split()
    return {t: float(text.split("±")[0]) for t, text in zip(TITLES, texts)}

helped = {}
for t in TITLES:
    before, after = 100 - paper_row(256)[t], 100 - paper_row(1024)[t]
    helped[t] = 1 - after / before
    print(f"paper, {t:10s} wrong {before:.2f}% -> {after:.2f}%   {helped[t]:+.0%} of it gone")
assert [t for t in TITLES if helped[t] < 0] == ["VQ-VAE"]
assert sorted(helped, key=helped.get)[-2:] == ["Denoising", "ACAI"]

# %% [markdown]
# In the paper the longer code helps the classifier of six methods, ACAI's and denoising's most, and the VQ-VAE's falls apart (16.22±12.44: look at that ±). "A longer code helps" is a sentence about a method and a measure, not about codes.
#
# ## What the judge says of the paths
#
# The whole table now: 256 paths of 16 frames, the same for all. **Step ratio** is the largest step over the mean one, as the judge sees it (1 is even); **changes** is how often the class that it names changes on the way.

# %% [markdown] tags=["slide"]
# ## 256 paths, one judge

# %% tags=["slide"]
columns = {"confidence": "confidence", "kernel_distance": "distance",
           "step_ratio": "step ratio", "class_changes": "changes"}
print(f"{'':18s}" + "".join(f"{head:>12s}" for head in columns.values()))
for name, scores in {"real data": mark, **rows}.items():
    print(f"{title.get(name, name):18s}" + "".join(f"{scores[key]:12.2f}" for key in columns))
print(f"judge: right in {record['judge']['accuracy']:.0%} of the test images; "
      f"{record['pairs']} pairs, {record['frames']} frames")

better = {"confidence": 1, "kernel_distance": -1, "step_ratio": -1}
for key, sign in better.items():
    ahead = [title[n] for n in rows if n in title and sign * (rows[n][key] - blend[key]) > 0]
    print(f"{columns[key]}: better than the pixel blend: {', '.join(ahead) or 'none'}")
for size in (256, 1024):
    first = {key: max(three, key=lambda m: sign * short[m, size]["paths"][key])
             for key, sign in better.items()}
    print(f"codes of {size:,}: best " + ", ".join(f"{columns[k]}: {names[m]}"
                                                 for k, m in first.items()))
assert record["judge"]["accuracy"] < 0.9             # a judge that is often wrong
for size in (256, 1024):
    far, uneven = ({m: short[m, size]["paths"][key] for m in three}
                   for key in ("kernel_distance", "step_ratio"))
    assert far["acai"] < 0.75 * min(far["baseline"], far["denoising"])
    assert min(far.values()) > blend["kernel_distance"]
    assert max(uneven, key=uneven.get) == "acai"

# %% [markdown] tags=["teacher"]
# **What they will see.** At both lengths ACAI's middles are clearly the nearest to real images of the three, its steps the least even, and the pixel blend nearer than all of them (asserted). The last one hurts. Ask: *what does the blend have that the three cannot have?* Photographs at its ends; that leads to 09-2.

# %% [markdown]
# With both code lengths ACAI's middle frames are clearly the nearest to real images of the three, and its steps the least even: what you saw on MNIST, in colour. And not one of the three comes as near as the pixel blend.
#
# Three questions before you believe a row:
#
# 1. **Who judges?** The judge is wrong on many *real* photographs. Its confidence in a frame that shows nothing is worth less still.
# 2. **Better than what?** "Real data" is the mark that no path can be asked to beat, and the pixel blend is what costs nothing. A method that the judge likes no better than the blend has, for this judge, bought nothing between its ends. But the blend has an advantage: its ends are photographs, and those of the others are drawings. Is a low score then the fault of the *mixing*, or was the *drawing* blurred to begin with?
# 3. **Do the columns agree?** Where one method has the best of one and another the best of the next, there is no winner, only a choice.
#
# The second question is one that you can answer.
#
# ## Exercise 09-2 · Blur or mixture? (4 lines, 15 minutes)
#
# A middle frame looks soft. Two suspects: the decoder draws *everything* softly, ends included; or the path mixes two pictures. Compare with the wrong thing, and you punish one for what the other did.
#
# A crude measure of detail is **sharpness**: the mean absolute difference between neighbouring pixels. It is given, as `sharpness`. Return three ratios, each over all the pictures together:
#
# - `"reconstruction"`: sharpness of the two drawn *ends* of the paths, divided by that of the images `x0`, `x1`: what the decoder leaves;
# - `"middle"`: sharpness of the middle frames (frame `T // 2`), divided by that of the *drawn ends*: what the path leaves;
# - `"double exposure"`: the two drawn ends of each path, mixed half and half in pixels; its sharpness, divided by that of the drawn ends: what would be left if the middle frame were just both drawings at once.

# %% [markdown] tags=["slide"]
# ## Blur, or mixture?
#
# - drawn ends / photographs: what the decoder leaves
# - middle / *drawn* ends: what the path leaves
# - double exposure / drawn ends: the suspect

# %%
sharpness = course.sharpness                      # images (...,H,W) -> a number; shown below

def blur_or_mixture(frames, x0, x1):
    """frames (K,T,C,32,32), images x0, x1 (K,C,32,32) -> three ratios of sharpness"""
    ### BEGIN SOLUTION
    left, right = frames[:, 0], frames[:, -1]                         # drawn, not photographed
    drawn = sharpness(torch.stack([left, right]))
    return {"reconstruction": drawn / sharpness(torch.stack([x0, x1])),
            "middle": sharpness(frames[:, frames.shape[1] // 2]) / drawn,
            "double exposure": sharpness((left + right) / 2) / drawn}
    ### END SOLUTION

# %%
blur_or_mixture = course.check("09-2", blur_or_mixture)
course.show(course.sharpness)

# %% [markdown]
# Your function, on the six pairs of the film, and on your own rehearsal. Beside it stands, where the receipts have it, the same for all 256 pairs.

# %%
if source != "CIFAR-10":
    best = min(short.values(), key=lambda run: run["reconstruction_error"])["name"]
    x0, x1 = shot[best][:, 0], shot[best][:, -1]                      # (P,3,32,32)
    print(f"The photographs are not here: in ends/images the ends drawn by {title[best]} "
          "stand for them.")
found = {name: blur_or_mixture(shot[name], x0, x1) for name in drawn}
some = images.test_images[:12]
for method, model in own.items():
    frames = al.interpolate_images(model, some[:6], some[6:], 16)
    found[f"{names[method]}, rehearsal"] = blur_or_mixture(frames, some[:6], some[6:])

real = record["sharpness_of_images"]
receipts = {r["name"]: (r["sharpness"]["ends"] / real,
                        r["sharpness"]["middle"] / r["sharpness"]["ends"])
            for r in record["runs"]}
print(f"{'':21s}{'ends/images':>13s}{'middle/ends':>13s}{'exposure/ends':>15s}   256 pairs")
for name, ratios in found.items():
    print(f"{title.get(name, name):21s}{ratios['reconstruction']:13.2f}{ratios['middle']:13.2f}"
          f"{ratios['double exposure']:15.2f}   "
          + ("  ".join(f"{ratio:.2f}" for ratio in receipts.get(name, ())) or "-"))

# %%
for name in title:
    if name in drawn:
        a, b, c = (found[name][key] for key in ("reconstruction", "middle", "double exposure"))
        worse = "the decoder" if a < b else "the path"
        like = "like a" if abs(b - c) < 0.05 else "sharper than a" if b > c else "softer than a"
        print(f"{title[name]:16s} loses more in {worse}; its middle is {like} double exposure")
for (method, size), run in short.items():                             # 256 pairs
    kept = run["sharpness"]["middle"] / run["sharpness"]["ends"]
    assert 0.4 < run["sharpness"]["ends"] / real < 0.6
    assert kept > 0.95 if method == "acai" else 0.7 < kept < 0.9
if source == "CIFAR-10":                                              # its ends are the images
    assert abs(found["pixel blend"]["reconstruction"] - 1) < 1e-6
    assert abs(found["pixel blend"]["middle"] - found["pixel blend"]["double exposure"]) < 0.05

# %% [markdown]
# How to read it. If `ends/images` is low, the drawings were soft before anything was mixed: **blur**, and no critic of in-betweens is to blame. If `middle/ends` is low, detail is lost *on the way*. And a double exposure loses some detail by itself, since edges of two pictures stand where the other is even, at half of their contrast. So a middle frame that is about as sharp as the double exposure *may* be one, and one that is clearly sharper is not.
#
# In the receipts the answer is the same for both code lengths. All three lose about half of the photographs' sharpness in the *drawing*. On the way, the baseline and denoising lose another fifth, as much as a double exposure does. **ACAI's middle frames are as sharp as its ends.** So what a critic can mend it has mended, and the blur that is left is no fault of the path.
#
# Now look for yourself: the same frames, side by side. Does the middle look like the double exposure beside it?

# %% [markdown] tags=["slide"]
# ## Does the middle look like both drawn at once?

# %% tags=["slide"]
shown, heads, photo = [], [], "photo" if source == "CIFAR-10" else f"by {title[best]}"
for name in (short[method, 256]["name"] for method in three):
    path = shot[name][FROG_TO_TRUCK]                                  # (T,3,32,32)
    shown += [x0[FROG_TO_TRUCK], path[0], path[8], (path[0] + path[-1]) / 2, path[-1],
              x1[FROG_TO_TRUCK]]
    heads += [photo, title[name], "middle", "both drawn", "end", photo]
al.figures.grid(torch.stack(shown), columns=6, titles=heads,
                alt="""Three rows, one for each method with codes of 256 numbers. In each: the
                photograph of the frog (or, without CIFAR-10, the best drawing of it), the frog
                as drawn, the middle frame, a double exposure of the two drawings, the truck as
                drawn, the truck's photograph.""")

# %% [markdown] tags=["teacher"]
# **What they will see.** In the receipts all three lose about half of the sharpness in the drawing; only ACAI's middle keeps that of its ends (asserted). The eye is less sure on one pair. Ask: *whom would you send for repair, the decoder or the critic?*

# %% [markdown]
# One warning about the measure, as always. What is the sharpest picture of all?

# %% [markdown] tags=["slide"]
# ## The sharpest picture of all

# %% tags=["slide"]
noise = torch.rand(6, 3, 32, 32, generator=torch.Generator().manual_seed(0)) * 2 - 1
print(f"sharpness of noise {sharpness(noise):.2f}, of photographs {sharpness(x0):.2f}")
assert sharpness(noise) > 2 * sharpness(x0)

# %% [markdown]
# **Noise.** Sharpness sees detail, not sense: a critic that teaches a decoder to add grain would raise it. It can acquit (a middle as sharp as its ends was not blurred on the way) but it cannot praise.
#
# ## Beside the paper
#
# Two budgets, two depths, two readings. The paper's numbers are *online* readings: the median of the last 20 evaluations, with ± over reruns, after 16,777,216 samples at depth 64. Ours come from one run each at depth 16, with the budget of the card above. Our *online* classifier learnt beside the model as well, but was read on the test images once, at the end. The *converged* one is lab 07's, and stands in a row of its own. What nobody has run says so.

# %%
def our_row(size, key):
    """texts for the seven columns"""
    return [f"{100 * short[method, size][key]:.2f}" if (method, size) in short else "not run"
            for method in names]

print(f"{'':27s}" + "".join(f"{t:>12s}" for t in TITLES))
for size in (256, 1024):
    budgets = ", ".join(sorted({f"{short[m, size]['samples']:,}" for m in three}))
    table = {f"ours, {size}, online": our_row(size, "online_probe_accuracy"),
             f"ours, {size}, converged": our_row(size, "probe_accuracy"),
             f"paper, {size}, online": PAPER["online classifier, %"]["cifar10", size].split()}
    for head, texts in table.items():
        print(f"{head:27s}" + "".join(f"{text:>12s}" for text in texts))
    print(f"   (ours: {budgets} samples, depth 16, 1 run; paper: {PAPER_BUDGET:,} samples, "
          "depth 64)")

for size in (256, 1024):
    ours = {names[m]: 100 * short[m, size]["online_probe_accuracy"] for m in three}
    theirs = paper_row(size)
    pairs = [(a, b) for a in ours for b in ours if theirs[a] > theirs[b]]
    same = [(a, b) for a, b in pairs if ours[a] > ours[b]]
    print(f"codes of {size:,}: the paper's order is "
          f"{' > '.join(sorted(ours, key=theirs.get)[::-1])}; ours agrees in {len(same)} of "
          f"{len(pairs)} pairs")
assert all("not run" in our_row(size, "probe_accuracy") for size in (256, 1024))
for size in (256, 1024):
    assert max(three, key=lambda m: short[m, size]["probe_accuracy"]) == "baseline"

# %% [markdown]
# Whoever hoped that better in-betweens come with a better code: not here, not yet. At this budget the baseline's converged reading is the best of the three with both code lengths, by little, in one run each. In the paper ACAI is ahead of the baseline in both, after about 280 times as many samples.

# %% [markdown]
# And from below, as lab 07 taught: what does a converged classifier read *without* a trained code? Mind the number of images it may learn from: the two have to be alike.

# %%
controls = record["controls"]
print(f"raw pixels {controls['raw_pixels']:.1%}, untrained encoder "
      f"{controls['untrained_encoder']:.1%}, both from {controls['training_images']:,} images")
floor = max(controls["raw_pixels"], controls["untrained_encoder"])
for (method, size), run in short.items():
    few = run["probe_accuracy_of_few"]               # the same codes, as many images
    print(f"{title[run['name']]:16s} from as many images {few:.1%}, "
          f"{100 * (few - floor):+.1f} points to the better control; from all 50,000 "
          f"{run['probe_accuracy']:.1%}")
spread = (0.25 / 10_000) ** 0.5
print(f"other test images alone would move each by about {100 * spread:.1f} points")

# %% [markdown] tags=["teacher"]
# **What to say if somebody is disappointed.** The baseline's converged reading is the best of the three at both lengths (asserted): better in-betweens did not bring better codes here. It is one seed and a small part of the paper's budget. Ask: *which single run would you pay for next?*

# %% [markdown]
# ## The paper's own network, for a few samples
#
# Two runs had the paper's depth of 64, with codes of 256 numbers, and paid for it in samples. (The paper's own network, not its own training: the recipe is ours.)

# %%
for method, run in deep.items():
    wide, narrow = (r["samples"] * cost(method, 256, r["depth"])["step"]
                    for r in (run, short[method, 256]))
    print(f"{names[method]}, depth {run['depth']}: {run['samples']:,} samples in "
          f"{run['seconds'] / 60:.0f} minutes, {wide / narrow:.1f} times the work of depth 16\n"
          f"   error {run['reconstruction_error']:.4f}, converged {run['probe_accuracy']:.1%}, "
          f"{marks(run['paths'])}")
    other = short[method, 256]
    print(f"   depth {other['depth']}, {other['samples']:,} samples: error "
          f"{other['reconstruction_error']:.4f}, converged {other['probe_accuracy']:.1%}, "
          f"{marks(other['paths'])}")
assert all(run["samples"] < short[method, 256]["samples"] for method, run in deep.items())

# %%
wide = torch.stack([shot[run["name"]][FROG_TO_TRUCK, places] for run in deep.values()])
al.figures.strips(wide,
                  labels=[f"{names[method]}, depth {run['depth']}"
                          for method, run in deep.items()],
                  notes=[f"{run['samples']:,} samples" for run in deep.values()],
                  alt="""Two rows of eight frames from the frog to the truck, by the baseline
                  and by ACAI with networks of the paper's depth, after few samples.""")

# %% [markdown]
# It is tempting to read the two blocks as "wide against narrow". They are not: **depth and budget changed together**, so no difference between them has a cause that this table can name. Within one block, same depth, same samples, you may set ACAI beside the baseline, one run each. What would answer the question? Depth 16 stopped at the few samples of depth 64, or depth 64 for as many samples as depth 16. Both are **not run**.
#
# ## Exercise 09-3 · Verdict (5 sentences, 15 minutes)
#
# What happens where no true in-between exists? Defend what these runs show, in five sentences for somebody who has not seen them:
#
# what was run (methods, samples, seeds, depth); what came out *between* the ends, with a number; what your 09-2 says about blur; how it stands to the paper (its budget, its reading); and what you do not know.

# %%
def verdict():
    """five sentences"""
    ### BEGIN SOLUTION
    base, acai = short["baseline", 256], short["acai", 256]
    ratios = found[acai["name"]]
    return f"""We trained a baseline and ACAI, codes of 256 numbers, once each (seed 0), on
        {acai["samples"]:,} samples, at depth {acai["depth"]}, a quarter of the paper's.
        Halfway between two images the kernel distance to real images is
        {acai["paths"]["kernel_distance"]:.2f} for ACAI, {base["paths"]["kernel_distance"]:.2f}
        for the baseline and {blend["kernel_distance"]:.2f} for the pixel blend, by a judge
        that is right in {record["judge"]["accuracy"]:.0%} of real images. ACAI's drawn ends
        keep {ratios["reconstruction"]:.0%} of the photographs' sharpness, and its middle
        frames {ratios["middle"]:.0%} of the ends', so the first loss is the decoder's and
        only the second the path's. Its online classifier reads
        {acai["online_probe_accuracy"]:.1%} where the paper's, after 16.8 million samples at
        depth 64, reads {paper_row(256)["ACAI"]}%; these two were not made alike, and ours
        neither confirms nor refutes it. With one seed we do not know how far a rerun would
        land, and whether any frame is the right one in between nobody can know."""
    ### END SOLUTION

# %%
verdict = course.check("09-3", verdict)
print(" ".join(verdict().split()))

# %% [markdown]
# ## Break it: images in [0, 1]
#
# Many programs hold images in [0, 1] instead of [−1, 1]. The change looks harmless: the same pictures, the same network, and $\lambda = 0.5$ as in the paper. **Predict:** as which $\lambda$ does it act then?

# %% [markdown] tags=["slide"]
# ## Predict: images in [0, 1]
#
# The same pictures, the same network, $\lambda = 0.5$ as in the paper. As which $\lambda$ does it act?
#
# - 0.125, 0.25, 0.5, 1, or 2?

# %%
course.predict("09-lambda", ["0.125", "0.25", "0.5 as before", "1", "2"])

# %% [markdown] tags=["slide"]
# ## Nothing crashes, no shape is wrong

# %% tags=["slide"]
acai = own["acai"]
x = images.test_images[:16]
random = torch.Generator().manual_seed(0)
weights = acai.players()["autoencoder"]

def loss(lam, low):
    """the autoencoder's loss; squared errors measured on the scale from `low` to 1"""
    random.manual_seed(0)                            # the same alphas every time
    out = acai.run(x, **acai.draw(x, random))
    scale = (1 - low) / 2                            # 1 for [-1, 1], 1/2 for [0, 1]
    squared = (scale * (out.x_hat - x)).square().mean()
    return squared, squared + lam * out.d_alpha.square().mean()

def direction(lam, low):
    """where the weights go: the gradient, divided by its length"""
    gradient = torch.autograd.grad(loss(lam, low)[1], weights)
    gradient = torch.cat([part.flatten() for part in gradient]).double()
    return gradient / gradient.norm()

squared = {low: loss(0.5, low)[0].item() for low in (-1, 0)}
print(f"squared error: {squared[-1]:.4f} in [-1, 1], {squared[0]:.4f} in [0, 1], "
      f"{squared[-1] / squared[0]:.2f} times smaller")
assert abs(squared[-1] / squared[0] - 4) < 1e-3
apart = {lam: (direction(0.5, 0) - direction(lam, -1)).norm().item()
         for lam in (0.125, 0.25, 0.5, 1, 2, 4)}
for lam, distance in apart.items():
    print(f"from where lambda 0.5 goes in [0, 1] to where lambda {lam} goes in [-1, 1]: "
          f"{distance:.6f}")
nearest = min(apart, key=apart.get)
course.reveal("09-lambda", "0.5 as before" if nearest == 0.5 else f"{nearest}",
                 f"{apart[nearest]:.6f} away, the nearest of those tried")
assert nearest == 2 and apart[2] < 1e-3

# %% [markdown] tags=["teacher"]
# **Likely guess.** "As before", or 1, as the range is half as wide. Errors are squared, so it acts like 2, to the last digit that was tried (asserted). Ask: *where have you met this mistake before?* A sum in place of a mean, in lab 03; it comes back in 10-1.

# %% [markdown]
# **2.** Errors are halved, squared errors quartered, and the critic's guess of $\alpha$ does not care about the scale of the pixels. So the penalty weighs four times as much against the reconstruction, and the steps go exactly where $\lambda = 2$ would send them. (That the whole loss is four times smaller does not help: Adam divides that out.) Nothing crashes, no shape is wrong, and the paper's $\lambda = 0.5$ stands in the code. What it does to CIFAR-10's pictures nobody here has measured: not run. The other way to the same mistake you know from lab 03: a *sum* over 3,072 values instead of their mean.
#
# ## What a GPU changes
#
# Not the science: the time. What has to be done can be counted; how fast a certain card does it can only be measured. Count:

# %%
for method in ("baseline", "acai"):
    step = cost(method, 256, 64)["step"]
    run = deep[method]
    seconds = run["seconds"] / run["samples"]
    print(f"{method:8s} {PAPER_BUDGET:,} samples x {step / 1e9:.2f} billion = "
          f"{PAPER_BUDGET * step / 1e15:.0f} million billion multiply-adds;\n"
          f"   one processor thread, {seconds * 1000:.0f} ms a sample in our run: "
          f"{PAPER_BUDGET * seconds / 86400:.0f} days")

card = json.loads(result_file("ops", "bench_gpu.json").read_text())
print(f"ACAI's step on {card['device']}, samples a second, and the paper's budget then:")
for network, rates in card["samples_a_second"].items():
    for way, rate in rates.items():
        print(f"   {network}, {way}: {rate:,.0f}, {PAPER_BUDGET / rate / 60:.0f} minutes")

table = al.table(result_file("runs"))
for row in table.rows:
    if row["data"] == "cifar10" and row["measure"] == "online classifier, %":
        print(f"{row['code size']:5d} {row['whose']:6s} {row['budget']}: "
              + "  ".join(f"{t} {row[t]}" for t in TITLES))

# %% [markdown] tags=["teacher"]
# **Discussion.**
#
# 1. *A judge calls a frame halfway "horse", with confidence. What have you learnt?* That the frame resembles horses in this judge's eyes; and it errs on many real photographs. Nothing about whether a horse belongs between frog and truck.
# 2. *The pixel blend is nearer to real images than every method. Is interpolation in codes pointless?* By this judge and at this budget nothing was gained. The blend has photographs at its ends, the methods have drawings, so part of the gap is reconstruction; 09-2 separates the two.
# 3. *The wide networks saw fewer samples and read otherwise. Why may you not say "wide is worse"?* Two things changed at once. One more run of either kind would decide; it is not run.
# 4. *Could a method cheat on sharpness?* Yes, by adding grain; noise is the sharpest picture of all. So the measure can acquit a path and never praise it.
#
# **Assess.** 09-3 with another pair of methods or the other code length, marked like "Claim audit" (number 4 in docs/instructor.md): support, counter-evidence by cell, budget and seeds, the wording that they would sign.

# %% [markdown] tags=["slide"]
# ## Take away
#
# - no truth, no nearness: ends, judge, steps, blend
# - compare the middle with the *drawn* ends
# - no cause where two things changed at once
# - "not run" is a result, too

# %% [markdown]
# (Billion: $10^9$.) If a cell of *ours* says "not run", nobody has run the paper's CIFAR-10 at the paper's budget with this program. The runs of this lab are not in that table: another depth, another budget. To make it:
#
# ```
# python -m acai_lite study --paper --fast --device cuda --minutes 9
# ```
#
# It works through the paper's table, stops after nine minutes, and goes on where it stood when you give it again. (MNIST first, CIFAR-10 after it.) The samples and the time in its progress line give the rate of *your* card; `budget` of 08-1 tells you the rest. Look again at the rates of the one card that was measured. Without recording, a network with 16 times the multiplications takes no longer: the card waits for Python to ask. *Recorded*, the step is asked for once and played again ([docs/speed.md](../docs/speed.md)). Three things to expect: batches of 64 do not keep a large card busy, so do not divide by the number on its data sheet; the order of additions differs, so the same seed gives other digits; and whoever can try many settings will, so the card of 08-2 matters more, not less.
#
# ## What to take away
#
# - **Where no true in-between exists, no score measures nearness to it.** What is left are the ends, a judge with its own mistakes, the evenness of the steps, and the pixel blend to compare with.
# - **Compare the middle with the drawn ends.** What the ends have lost already is reconstruction, and only the rest belongs to the path.
# - **Short runs can be honest:** budget, seeds, depth and reading beside every number, "not run" where nothing was run, and no cause named where two things changed at once.
#
# **At full scale.** The command above; then more seeds. Lab 10 leaves these data sets: other images, other autoencoders, data that are not images at all.
#
# **References.** Berthelot, Raffel, Roy and Goodfellow, ICLR 2019 (arXiv 1807.07543), sections 3 and 4; Krizhevsky, *Learning multiple layers of features from tiny images*, 2009; Binkowski, Sutherland, Arbel and Gretton, *Demystifying MMD GANs*, ICLR 2018 (arXiv 1801.01401), for the kernel distance.
#
# {{footer}}
