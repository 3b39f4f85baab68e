# %% [markdown]
# # 01 · A ruler before a model
#
# **Can we score an in-between without trusting our eyes?** An interpolation is a row of in-betweens from one image to another. By the end you have a ruler for interpolations, and you know what it cannot see.
#
# {{header}}
#
# | you will be able to | check |
# |---|---|
# | join two images by a pixel blend, and two lines by a true rotation | 01-1, 01-2 |
# | compute Mean Distance, and say what it cannot see | 01-3 |
# | compute Smoothness, and say what it adds | 01-4 |
# | build a path that fools both scores, and say which third number gives it away | 01-5 |
#
# The course follows one claim: a good interpolation **(1)** is smooth, **(2)** follows the data, and **(3)** reveals hidden structure.
# This lab measures the first two (the second one first), on drawings so simple that the truth is known.

# %% [markdown] tags=["teacher"]
# **For the teacher.** Minutes for a class; [docs/instructor.md](../../docs/instructor.md#fifty-minutes) says what *shown*, *given*, *read* and *home* mean.
#
# | part | 90 minutes | 50 minutes |
# |---|---|---|
# | four paths; why is the last one good? | 6 | 5 |
# | the drawings; 01-1 | 2 shown | 1 given |
# | 01-2 | 3 shown | 1 given |
# | Mean Distance: the idea and the prediction | 6 | 4 |
# | 01-3 | 15 | 15 |
# | two of them tie | 4 | 2 |
# | Smoothness: the idea | 5 | 3 |
# | 01-4 | 15 | 15 |
# | both scores; the ghost | 6 | 2 |
# | 256 pairs; when is a blend good enough? | 6 | home |
# | 01-5, break it | 8 | home |
# | the end error, the long way round | 5 | home |
# | discussion | 8 | 2 |
# | **in all** | **89** | **50** |
#
# - **Stop points.** After 01-3, at the table of distances; after 01-4, at both scores; after 01-5. Whoever is stuck there takes the course's version: the check cell hands it over.
# - **Open or projected:** the four strips of the first picture. Leave them up while they write: every question of this lab is about one of the rows.
# - **They leave with:** a score is a contract. Say what it asks, what it cannot see, and what fools it.

# %% [markdown] tags=["slide"]
# # 01 · A ruler before a model
#
# Can we score an in-between without trusting our eyes?

# %%
import math

import torch

import acai_lite as al
import acai_course as course

# %% [markdown]
# ## Four ways to get from one line to another
#
# Each row goes from the left picture to the right one in sixteen frames. We write $t$ for the place on the way: $t = 0$ is the left image, $t = 1$ the right one.

# %% [markdown] tags=["slide"]
# ## Which row is good, and why?

# %% tags=["slide"]
paths = course.four_paths(math.radians(30), math.radians(150))
al.figures.strips(paths, alt="""Four rows from a line at 30 to one at 150 degrees.
Blend: both lines, faint, in the middle. Jump: first one line, then the other.
Fade: an almost empty image in the middle. Rotation: one line that turns evenly.""")

# %% [markdown] tags=["teacher"]
# Everybody points at the last row. Ask for the *reason*, and refuse "it looks right": "What would a program have to look at, one frame, or two frames beside each other?" Write the two answers on the board; they are the two scores.

# %% [markdown]
# Which row is a *good* interpolation? Most people say the last one, at once. Now say **why**, in a form that a computer could check for ten thousand pictures,
# without you looking at any of them. That is this lab.
#
# ## The drawings
#
# A line starts in the centre of a 32×32 image and points in the direction of an angle: 0 is right, π/2 is up. Background is −1, ink is +1, edges are grey.
# Between a line at 30° and a line at 150° we *know* the true middle: a line at 90°. That is rare. For two faces or two digits nobody knows.

# %%
# each image has the shape (colours, height, width)
x0, x1 = al.draw_lines([math.radians(30), math.radians(150)])
print(tuple(x0.shape), x0.dtype, "from", float(x0.min()), "to", float(x0.max()))

eight = al.draw_lines(torch.arange(8) * math.pi / 4)
al.figures.grid(eight, titles=[f"{45 * k}°" for k in range(8)],
                alt="Lines at 0, 45, ... 315 degrees: they turn counter-clockwise.")

# %% [markdown]
# ## Exercise 01-1 · Pixel blend (2 lines, 6 minutes)
#
# The oldest in-between there is: every pixel goes straight from its left value to its right value,
#
# $$x_t = (1 - t)\, x_0 + t\, x_1 .$$
#
# Write `blend`. It gets two images of shape (1,32,32) and the number of frames, and returns all frames, both ends included, as one tensor of shape (T,1,32,32).
# Useful: `torch.linspace(0, 1, steps)` and `.view(-1, 1, 1, 1)`.
#
# As in lab 00, the next cell checks it. Change yours, and run *both* cells again.

# %%
def blend(x0, x1, steps):
    """Frames (T,1,32,32) from x0 to x1, each (1,32,32)."""
    ### BEGIN SOLUTION
    t = torch.linspace(0, 1, steps).view(-1, 1, 1, 1)    # (T,1,1,1): one weight a frame
    return (1 - t) * x0 + t * x1
    ### END SOLUTION

# %%
blend = course.check("01-1", blend)
al.figures.strips({"pixel blend": blend(x0, x1, 16)},
                  alt="The blend in 16 frames: both lines are visible in the middle.")

# %% [markdown]
# ## Exercise 01-2 · Rotation (4 lines, 12 minutes)
#
# The true in-between turns the line. Write `rotation`: it gets two angles in radians and returns `steps` evenly spaced angles, both ends included, as a tensor of shape (T,).
#
# Mind the way round: a line can turn left or right, and one of the two is shorter. Try it on paper first: from 350° to 10°, how far is it?
# Useful: `%` works on negative numbers, too: `(-0.3) % (2 * math.pi)` is 5.98, the same direction a full turn on. The angles you return may pass 2π or fall below 0.

# %%
def rotation(angle0, angle1, steps):
    """Angles (T,) in radians from angle0 to angle1, evenly, the short way round."""
    ### BEGIN SOLUTION
    # between -pi and pi: the short way
    turn = (angle1 - angle0 + math.pi) % (2 * math.pi) - math.pi
    return angle0 + torch.linspace(0, 1, steps, dtype=torch.float64) * turn
    ### END SOLUTION

# %%
rotation = course.check("01-2", rotation)
turning = al.draw_lines(rotation(math.radians(350), math.radians(10), 16))
al.figures.strips({"350° to 10°": turning},
                  alt="The rotation from 350 to 10 degrees: a line that turns by 20 degrees.")

# %% [markdown] tags=["slide"]
# ## Mean Distance: is every frame a line?
#
# $$\mathrm{dist}(y) = \min_k \left[ 1 - \frac{\langle y, D_k \rangle}{\lVert y \rVert \, \lVert D_k \rVert} \right]$$
#
# The nearest of many lines; the mean over all frames. Smaller is better.

# %% [markdown]
# ## Mean Distance: is every frame a line?
#
# The first half of "good": each frame, on its own, should look like a piece of data. Here the data are lines, so we ask how far a frame is from the *nearest* line.
# Write $y$ for a frame with its 1,024 pixels in a row, and $D_k$ for the line at angle $2\pi k / 10{,}000$, also in a row. The **cosine distance** is
#
# $$\mathrm{dist}(y) = \min_k \left[\, 1 - \frac{\langle y, D_k \rangle}{\lVert y \rVert \, \lVert D_k \rVert} \,\right] .$$
#
# It is 0 if $y$ is a line, and it does not change when $y$ is multiplied by a positive number. **Mean Distance** is its mean over all frames; smaller is better. Since most pixels are background, the numbers are small: here are four, for scale.

# %%
def cosine_distance(a, b):
    return 1 - float(torch.cosine_similarity(a.flatten().double(), b.flatten().double(), dim=0))

for degrees in (1, 5, 90):
    other = al.draw_lines([math.radians(30 + degrees)])[0]
    print(f"two lines {degrees:2d}° apart: {cosine_distance(x0, other) * 1e3:5.1f} e-3")
empty = -torch.ones(1, 32, 32)
print(f"a line and an empty image: {cosine_distance(x0, empty) * 1e3:5.1f} e-3")

# %% [markdown]
# Turn the line by a tenth of a degree at a time. How far does each drawing lie from the next?

# %%
turn = torch.arange(3600, dtype=torch.float64) * (2 * math.pi / 3600)
flat = torch.nn.functional.normalize(al.draw_lines(turn).flatten(1).double())    # (3600,1024)
gaps = (1 - (flat * flat.roll(-1, 0)).sum(1)) * 1e3                   # to the next line
al.figures.curves({"to the next line, 0.1° on": (torch.rad2deg(turn).tolist(), gaps.tolist())},
                  xlabel="angle of the line (degrees)", ylabel="distance × 1000",
                  alt="""The distance between neighbouring drawings against the angle: close to
                   0 nearly everywhere, with two tall spikes of about 50, at 135 and 315
                   degrees, and two small ones at 45 and 225 degrees.""")

# %%
breaks = [round(float(k) / 10) for k in gaps.topk(2).indices]
print("the drawing breaks at", " and ".join(f"{b}°" for b in sorted(breaks)))
assert sorted(breaks) == [135, 315] and gaps.topk(3).values[2] < 5 < 50 < gaps.topk(2).values[1]

# %% [markdown]
# Nearly everywhere the drawing changes continuously: the lines form a closed curve in the space of images. But the drawing routine, which is the paper's, treats flat and steep lines differently, and at 135° and 315° the two halves do not meet: the drawing jumps as far as a line that turns by about 10°. A path across one of these angles cannot be perfectly smooth in pixels.

# %% [markdown]
# **Predict before you run.** Which path will have the best (smallest) Mean Distance: the blend, the fade, the jump or the rotation? Or will two of them tie? Run the cell and choose.

# %% [markdown] tags=["slide"]
# ## Predict
#
# Which path has the smallest Mean Distance: blend, fade, jump, rotation? Or do two tie?

# %% [markdown] tags=["teacher"]
# Most choose the rotation alone: they have just agreed that it is the best, and expect a score to agree with them. Ask one who chose the tie: "Show me one frame of the jump that is not a line."

# %%
course.predict("01-distance", ["blend", "fade", "jump", "rotation", "blend and jump",
                                  "jump and rotation"])

# %% [markdown]
# ## Exercise 01-3 · Mean Distance (5 lines, 15 minutes)
#
# Write `mean_distance`. It gets the frames of one path, (T,1,32,32), and all lines to compare with, (N,1,32,32). It returns one number.
# Useful: `.flatten(1)` puts pixels in a row, `@` and `.T` give all products at once, `.norm(dim=1)` is a length per row (`keepdim=True` keeps it a column), `.max(dim=1).values` is the largest per row.

# %%
def mean_distance(frames, lines):
    """Mean over frames (T,1,32,32) of the distance to the nearest of lines (N,1,32,32)."""
    ### BEGIN SOLUTION
    y = frames.flatten(1).double()                               # (T,1024)
    d = lines.flatten(1).double()                                # (N,1024)
    cosine = (y @ d.T) / (y.norm(dim=1, keepdim=True) * d.norm(dim=1))    # (T,N)
    return (1 - cosine.max(dim=1).values).mean()         # nearest = largest cosine
    ### END SOLUTION

# %%
mean_distance = course.check("01-3", mean_distance)

# %% [markdown] tags=["slide"]
# ## The answer

# %% tags=["slide"]
# a dictionary of lines to look frames up in; 2,000 are enough here
dictionary = al.draw_lines(torch.arange(2000) * (2 * math.pi / 2000))
distance = {name: float(mean_distance(y, dictionary)) for name, y in paths.items()}
for name, value in distance.items():
    print(f"{name:14s} Mean Distance {value * 1e3:6.2f} e-3")
best = [name for name, value in distance.items() if value < min(distance.values()) + 1e-6]
short = {"pixel blend": "blend", "fade to black": "fade"}
print()
course.reveal("01-distance", " and ".join(short.get(name, name) for name in best),
                 f"with {min(distance.values()) * 1e3:.2f} e-3")

# jump and rotation draw nothing but lines
assert distance["jump"] < 1e-5 and distance["rotation"] < 1e-5
assert distance["fade to black"] > distance["pixel blend"] > 1e-3

# %% [markdown]
# **Two of them tie**, at zero but for rounding (with a line every 0.18°, the nearest one is never quite the same). Every frame of the jump *is* a line, so it scores as well as the rotation. This ruler reads frames one by one; it cannot see how they follow each other.
# The blend fails: two faint lines at once are no line. The fade is worse still, because an empty image is far from any line.
#
# ## Smoothness: do the frames follow each other?
#
# For every frame, take the angle $\theta_n$ of its nearest line. A smooth path turns by equal steps. **Smoothness** compares the *largest* step with the whole turn:
#
# $$S = \frac{\max_n |\theta_{n+1} - \theta_n|}{|\theta_T - \theta_1|} - \frac{1}{T-1} .$$
#
# With T frames there are T − 1 steps, and if all are equal, each is $1/(T-1)$ of the turn: then S = 0, which is perfect.
# Smaller is smoother, whatever the name suggests, and a path that goes there and back can score above 1.
#
# One catch: angles live on a circle. From 359° to 1° is a step of 2°, not of 358°. Such wraps have to be undone first: 350°, 355°, 0°, 5° becomes 350°, 355°, 360°, 365°.
#
# **Decide before you go on:** what does the jump score with 16 frames? All of its turn happens in one step …

# %% [markdown] tags=["slide"]
# ## Smoothness: do the frames follow each other?
#
# $$S = \frac{\max_n |\theta_{n+1} - \theta_n|}{|\theta_T - \theta_1|} - \frac{1}{T-1}$$
#
# Largest step beside the whole turn. Equal steps give 0. What does a jump score?

# %% [markdown] tags=["teacher"]
# Let them work out the jump with 16 frames on paper before anybody writes code: one step of fifteen is the whole turn. Many say "0, it hardly ever moves", which is the *mean* step. Ask: "Why the largest step and not the average?" Every path that goes one way has the same average.

# %% [markdown]
# ## Exercise 01-4 · Smoothness (4 lines, 15 minutes)
#
# Write `smoothness`. It gets the angles (T,) of one path, in radians between 0 and 2π, and returns one number.
# Useful: `.diff()` gives the steps. To undo wraps, use `numpy.unwrap` (adds full turns until no step exceeds π; put its result into `torch.tensor(…)`), or the trick of exercise 01-2 on every step.

# %%
def smoothness(angles):
    """Largest step / whole turn - 1 / (T - 1), for angles (T,) in radians."""
    ### BEGIN SOLUTION
    # each step the short way: that undoes the wraps
    steps = (angles.diff() + math.pi) % (2 * math.pi) - math.pi
    return steps.abs().max() / steps.sum().abs() - 1 / (len(angles) - 1)
    ### END SOLUTION

# %%
smoothness = course.check("01-4", smoothness)

# %% [markdown] tags=["slide"]
# ## Both scores

# %% tags=["slide"]
for name, frames in paths.items():
    scores = al.line_scores(frames[None])    # the package's ruler; [None]: one path
    mine = float(smoothness(scores.angles[0]))
    print(f"{name:14s} Mean Distance {scores.mean_distance * 1e3:8.4f} e-3   "
          f"Smoothness {scores.smoothness:.4f}   yours {mine:.4f}")
    assert abs(mine - scores.smoothness) < 1e-6

# the jump: all of the turn in one of 15 steps
assert abs(al.line_scores(paths["jump"][None]).smoothness - (1 - 1 / 15)) < 1e-6

# %% [markdown]
# `al.line_scores` is the package's version of what you wrote: its Smoothness is yours to the last digit, its Mean Distance differs a little, as its dictionary has 10,000 lines. Here is what it computes. The first is yours, for many paths at once; the second is the distance to the nearest line, for many images at once (`al.line_scores` takes a faster way to the same numbers). (Click into the box, or reach it with Tab; arrow keys scroll it.)

# %%
course.show(al.lines.smoothness_of)

# %%
course.show(al.lines.nearest_line)

# %% [markdown]
# The jump scores 1 − 1/15 = 0.9333. Now jump and rotation are told apart. Is Smoothness enough on its own, then? Here is a line that turns evenly, with a second, fainter line always at a right angle to it:

# %% [markdown] tags=["slide"]
# ## Smooth, and no frame is a line

# %% tags=["slide"]
turn = rotation(math.radians(30), math.radians(150), 16)
ghost = torch.maximum(al.draw_lines(turn), -1 + 0.6 * (al.draw_lines(turn + math.pi / 2) + 1))
haunted = al.line_scores(ghost[None])
print(f"with a ghost   Mean Distance {haunted.mean_distance * 1e3:8.4f} e-3   "
      f"Smoothness {haunted.smoothness:.4f}")
assert haunted.smoothness < 0.01 and haunted.mean_distance > 0.01
al.figures.strips({"with a ghost": ghost},
                  alt="A line turns evenly; a fainter line stands at a right angle to it.")

# %% [markdown] tags=["teacher"]
# The class sees a line that turns evenly with a fainter one across it: Smoothness near 0, Mean Distance poor. Some say that the ghost should spoil the angle. Ask: "Which line is the nearest to such a frame?" The strong one, in every frame.

# %% [markdown]
# Perfectly smooth, and no frame is a line. **No single score is enough.**
#
# ## One pair is an anecdote
#
# Lines 120° apart are one case. The paper that this course builds up to (Berthelot and others, 2019; they call their method ACAI, you will build it in lab 05) scores 256 random pairs, and so do we. (`course.pace` picks a smaller number when the notebook is only being tested.)

# %%
pairs = course.pace(smoke=16, lab=256, full=256)
seed = torch.Generator().manual_seed(0)
angles = 2 * math.pi * torch.rand(pairs, 2, dtype=torch.float64, generator=seed)
all_pairs = [course.four_paths(a, b) for a, b in angles.tolist()]
together = {name: torch.stack([four[name] for four in all_pairs]) for name in paths}

table = {name: al.line_scores(frames) for name, frames in together.items()}  # (K,T,1,32,32)
for name, scores in table.items():
    print(f"{name:14s} Mean Distance {scores.mean_distance * 1e3:8.4f} e-3   "
          f"Smoothness {scores.smoothness:.4f}")

assert table["pixel blend"].mean_distance > 100 * table["rotation"].mean_distance
if course.pace(smoke=False, lab=True, full=True):
    assert abs(table["pixel blend"].mean_distance - 6e-3) < 1e-3
    assert abs(table["pixel blend"].smoothness - 0.9) < 0.05
assert abs(table["jump"].smoothness - (1 - 1 / 15)) < 1e-3
assert table["rotation"].smoothness < 0.01

# %% [markdown]
# Keep the blend's row in mind: about 6 e-3 and 0.9. In the next lab an autoencoder, a network that squeezes an image into a few numbers and draws it again, will have to beat it. *That is not a given.*
#
# ## When is a blend good enough?
#
# **Decide before you run:** for two lines only 5° apart, is the blend's Mean Distance about the same as above, a little smaller, or much smaller?

# %% [markdown] tags=["slide"]
# ## A double exposure needs distance

# %% tags=["slide"]
degrees = [2, 5, 10, 20, 40, 60, 90, 120, 150, 180]
starts = torch.linspace(0, 2 * math.pi, course.pace(smoke=5, lab=25, full=97))[:-1]
curve = []
for gap in degrees:
    x, y = al.draw_lines(starts), al.draw_lines(starts + math.radians(gap))
    scores = al.line_scores(torch.stack([blend(a, b, 16) for a, b in zip(x, y)]))
    curve.append(scores.mean_distance * 1e3)
    print(f"{gap:4d}° apart   Mean Distance {curve[-1]:.2f} e-3   "
          f"Smoothness {scores.smoothness:.2f}")

assert curve[degrees.index(5)] < curve[degrees.index(180)] / 3    # close lines blend well
al.figures.curves({"pixel blend": (degrees, curve)},
                  xlabel="angle between the two ends (degrees)", ylabel="Mean Distance × 1000",
                  alt="""Mean Distance of a blend against the angle between its ends:
near zero at 2 degrees, it rises steeply up to about 20 degrees and is nearly flat beyond.""")

# %% [markdown]
# Much smaller: at 5° the blend is about as far from a line as two lines 1° apart are from each other; beyond 40° the angle makes little difference. **A double exposure needs distance**: lines that overlap blend into something that is still nearly a line.
#
# ## Break it on purpose · Exercise 01-5 (2 lines, 8 minutes)
#
# A score is a contract, and contracts have loopholes. Write `cheat`: a path of `steps` frames that gets (almost) 0 in **both** scores, and is a useless interpolation from x0 to x1.
# Hint: what is the smallest step that a path can make? (If *no* path moves, Smoothness is undefined, `nan`. One still path among 256 that move counts as 0.)

# %% [markdown] tags=["slide"]
# ## Break it: 0 in both scores
#
# - A useless path with two perfect scores
# - What is the smallest step that a path can make?
# - Which third number gives it away?

# %%
def cheat(x0, x1, steps):
    """Frames (T,1,32,32) with perfect scores that do not join x0 (1,32,32) and x1."""
    ### BEGIN SOLUTION
    return x0.expand(steps, 1, 32, 32)    # the same valid line in every frame
    ### END SOLUTION

# %%
cheat = course.check("01-5", cheat)

# %% [markdown]
# Why does it work? If yours stands still, it has no turn to divide by. The authors' code leaves such paths out of the sum but counts them in the number of paths, so they count as 0, a perfect score.
#
# What gives the cheat away is a third number, the **end error**: the mean squared difference, per pixel, between the end frames and the images that should be there. Below, one of the cheat's 256 paths is an honest one, so that its Smoothness is defined.

# %% [markdown] tags=["slide"]
# ## The end error gives it away

# %% tags=["slide"]
ends = al.draw_lines(angles.flatten()).view(pairs, 2, 1, 1, 32, 32)
# a network that fails to train draws the mean of all images, whatever it is given
mean_image = al.draw_lines(torch.arange(1000) * (2 * math.pi / 1000)).mean(0)
suspects = {"rotation": together["rotation"],
            "pixel blend": together["pixel blend"],
            "cheat": torch.stack([cheat(a[0], b[0], 16) for a, b in ends]),
            "mean image everywhere": mean_image.expand(pairs, 16, 1, 32, 32)}

suspects["cheat"][-1] = together["rotation"][-1]

end_error = {}
for name, frames in suspects.items():
    scores = al.line_scores(frames)
    end_error[name] = float((frames[:, [0, -1]] - ends[:, :, 0]).square().mean())
    print(f"{name:22s} Mean Distance {scores.mean_distance * 1e3:8.4f} e-3   "
          f"Smoothness {scores.smoothness:7.4f}   end error {end_error[name]:.4f}")
    if name == "cheat":
        assert scores.mean_distance < 1e-5 and scores.smoothness < 0.05

assert end_error["rotation"] < 1e-6 < 0.01 < end_error["cheat"]
assert table["rotation"].mean_distance < 1e-5

# %% [markdown]
# The last row is what a network draws that failed to learn: one picture for everything (`nan`: no path moved). Mean Distance catches it. The cheat is caught by the end error alone, so we **always print it beside the two scores.**
#
# And one blind spot remains, that none of the three sees: the *long way round*. A line that turns by 340° instead of 20° is made of lines, turns evenly, and joins both ends.

# %% [markdown] tags=["teacher"]
# Before the last cell, ask who would notice a line that turns by 340° instead of 20°. Most trust the three numbers by now. All three miss it: somebody has to look at a strip.

# %%
start, stop = math.radians(350), math.radians(10)
# from 350° down to 10°, through 180°
long_way = al.draw_lines(torch.linspace(start, stop, 16, dtype=torch.float64))
scores = al.line_scores(long_way[None])
print(f"the long way round: Mean Distance {scores.mean_distance * 1e3:.4f} e-3   "
      f"Smoothness {scores.smoothness:.4f}")
assert scores.mean_distance < 1e-5 and scores.smoothness < 0.01
al.figures.strips({"the long way": long_way},
                  alt="From 350 to 10 degrees the long way: the line turns by 340 degrees.")

# %% [markdown] tags=["teacher"]
# **Discussion**
#
# - *Is Mean Distance bad because a jump fools it?* No: it answers another question, frame by frame. A score is bad if one does not know what it leaves out; a second score covers that.
# - *Why 256 pairs and not the strip on the projector?* One pair is chosen, by luck or by taste. Close ends blend well and far ends do not, so a single pair can tell either story.
# - *Faces instead of lines: which of the two scores survives?* Neither, as they stand: both look frames up among all lines, and nobody has all faces. Smoothness needs an angle, too. Lab 06 looks for what can be asked instead.
# - *Who will read a model's score and optimise it?* The model, in training. Whatever loophole is left will be found, as in 01-5; the end error closes one, the long way round stays open.
#
# **To assess:** assessment 1 of the instructor's page, *strips and scores*, 10 minutes at the start of the next session. The fourth strip, the long way round, is the one that separates.

# %% [markdown] tags=["slide"]
# ## What to take away
#
# - **Mean Distance**: is every frame a piece of data? Blind to a jump
# - **Smoothness**: are the steps even? Blind to what the frames are
# - The **end error** stands beside them, and somebody looks at a strip

# %% [markdown]
# ## What to take away
#
# - **Mean Distance** asks whether every frame is a piece of data; it cannot tell a jump from a turn. **Smoothness** asks whether the steps are even; it cannot tell whether the frames are any good. You need both.
# - Both can be fooled, so the **end error** stands beside them, and someone should look at a strip.
# - A **pixel blend** scores about 6 e-3: the double exposure is the level that every model of this course has to beat.
#
# **At full scale.** Nothing changes: this is the protocol of the ACAI paper, 256 pairs of 16 frames against 10,000 lines. What does change is the data: for digits and photographs no true in-between is known, and lab 06 looks for a ruler that works there.
#
# **References.** Berthelot, Raffel, Roy and Goodfellow, *Understanding and Improving Interpolation in Autoencoders via an Adversarial Regularizer*, ICLR 2019 (arXiv 1807.07543): the line benchmark and both scores.
#
# {{footer}}
