# %% [markdown]
# # 00 · Start here
#
# **What would you call a good in-between?** In twenty minutes you have an opinion on that, you know how the labs work, and whether this machine is ready for them.
#
# {{header}}
#
# | you will be able to | check |
# |---|---|
# | run a cell, record a guess, read what a check says, and mend a function | 00-1 |
# | (bridge, at home) predict the size and the number of parameters of a convolution | 00-2 |
# | (bridge) give every code of a batch its own weight | 00-3 |
# | (bridge) give two players a gradient each, of their own loss only | 00-4 |
#
# A grey box is a **cell**. Click into the next one and press **Shift-Enter**: it runs, and the cursor moves on. The first one takes a few seconds.

# %% [markdown] tags=["teacher"]
# **For the teacher.** Minutes for a class; [docs/instructor.md](../../docs/instructor.md#fifty-minutes) says what *shown*, *given*, *read* and *home* mean.
#
# | part | 90 minutes | 50 minutes |
# |---|---|---|
# | run a cell; predict machine A | 5 | 4 |
# | four machines, two sentences, ranking in pairs | 10 | 8 |
# | 00-1, a check that fails on purpose | 5 | 4 |
# | passport; is this machine ready? | 5 | 5 |
# | break it: a kernel without memory | 5 | 3 |
# | 00-2 | 10 | 10 |
# | 00-3 | 10 | 8 |
# | 00-4 | 20 | home |
# | discussion | 10 | 5 |
# | **in all** | **80** | **47** |
#
# As the opening of week 1 (15 minutes) it is the first four rows, short, and the whole bridge goes home.
#
# - **Stop points.** After the ranking: everybody has a reason, nobody needs the right one. After 00-1: whoever is stuck runs the check cell and goes on with the course's version. After 00-3 in the bridge.
# - **Open or projected:** the slider of the four machines. It runs without a kernel, so show it while the others still start.
# - **They leave with:** an in-between can fail in more than one way, and each way needs its own word.

# %% [markdown] tags=["slide"]
# # 00 · Start here
#
# What would you call a good in-between?

# %%
import math

import torch

import acai_lite as al
import acai_course as course

# %% [markdown]
# ## Four machines
#
# Four machines were given the same two pictures: a line that points to the upper right, and one that points to the left. Each had to draw the pictures in between.
# The slider below moves $t$, the place on the way: $t = 0$ is the first picture, $t = 1$ the second.
#
# **Predict first.** Machine A takes shares of the two pictures, pixel by pixel: at $t = ¼$ a quarter of the second, at $t = ½$ half of each. In the middle it will show: one line at the middle angle, two faint lines, nothing, or one of the ends? Run the cell, choose one, and say how sure you are: both are kept at once, before you see the answer.

# %% [markdown] tags=["slide"]
# ## Guess first
#
# - Two pictures: a line to the upper right, a line to the left
# - Machine A takes shares of both, pixel by pixel
# - Halfway: one line, two faint lines, nothing, or one of the ends?

# %% [markdown] tags=["teacher"]
# Most choose *one line at the middle angle*: they think of the objects, the machine of pixels. Let everybody choose before you touch the slider, and ask aloud: "What does a quarter of a picture look like?"

# %%
course.predict("00-A", ["one line", "two faint lines", "nothing", "one of the ends"])

# %%
machines = course.four_machines(math.radians(40), math.radians(175))
explorer = course.play_machines(machines)
explorer

# %% [markdown]
# Press *Play*, drag on a picture, or click the slider and use the arrow keys. Watch one machine at a time.
#
# Now write two sentences: *what does A do at $t = ½$, and would you call that an in-between?* Double-click on the next line and write there (Shift-Enter when done).

# %% [markdown]
# *(your two sentences)*

# %% [markdown]
# The whole way at a glance, one machine in a row:

# %% [markdown] tags=["slide"]
# ## Four machines

# %% tags=["slide"]
al.figures.strips({f"machine {name}": path for name, path in machines.items()},
                  alt="""Four rows of 17 frames. A: the first line fades out while the second
fades in; halfway both are faint. B: the first line, then suddenly the second. C: one line
that turns. D: one line that turns, blurred all the way between the ends.""")

# %% [markdown] tags=["slide"]
# ## What did A draw?

# %% tags=["slide"]
# ink of A's middle picture, 0 to 1, where the first line was and where the second one will be
first, middle, last = (machines["A"][[0, 8, 16]] + 1) / 2             # (1,32,32) each
left = [float(middle[end > 0.9].mean()) for end in (first, last)]
course.reveal("00-A", "two faint lines" if min(left) > 0.3 and max(left) < 0.7 else
                 "nothing" if max(left) < 0.3 else
                 "one of the ends" if max(left) > 0.9 else "one line",
                 f"with {left[0]:.2f} and {left[1]:.2f} of the ink of the two ends")

# %% [markdown]
# A shows **two faint lines**: a double exposure.
#
# Rank the machines, the best first, and give a reason for each step of your ranking, to a neighbour or on paper. There is no right answer yet, only reasons. Three reasons have a name, and the course follows them:
#
# 1. the way should be **smooth**: no sudden change. (Which machine fails?)
# 2. it should **follow the data**: each picture could be a drawing of one line. (Which machines fail?)
# 3. it should **reveal hidden structure**: what differs between the ends, here an angle, is what changes on the way.
#
# Lab 01 turns the first two into numbers. Lab 02 builds a machine that learns, an autoencoder, and asks which of the four it resembles. Lab 05 trains a critic that makes it a better one.

# %% [markdown] tags=["slide"]
# ## Three words for a good way
#
# 1. **smooth**: no sudden change
# 2. **follows the data**: each picture could be a drawing
# 3. **reveals structure**: what differs is what changes

# %% [markdown] tags=["teacher"]
# They agree on C and quarrel about the last place: B jumps, but each of its pictures is faultless; A and D draw what nobody would draw. Do not settle it. Ask: "Which of the three words does your last place break?" The answers come back in lab 01, where two of the words become numbers.

# %%
# which one is the worst? There is no right answer: look at it again after lab 01
course.predict("00-worst", ["A", "B", "C", "D"])

# %% [markdown]
# ## Exercise 00-1 · Mend a function (1 line, 2 minutes)
#
# The labs ask you to write short functions. The cell after yours **checks** it: not how it is written but what it does. If something is off, it names the idea that is off, not the answer, and the lab goes on with the course's version. Nothing breaks. If it finds something again, it adds an experiment to try.
#
# This one has a mistake. Run both cells, read what the check says, mend the function, and run *both* cells again.

# %% [markdown] tags=["slide"]
# ## A check names the idea, not the answer
#
# - Write a short function, run the next cell
# - Something off? It says which idea
# - A second try gets an experiment
# - Stuck? The lab goes on with the course's version

# %%
def middle(x0, x1):
    """The image halfway between two: each pixel is the mean of the two pixels there."""
    ### BEGIN SOLUTION instead of: return x0 + x1 / 2
    return (x0 + x1) / 2
    ### END SOLUTION

# %%
middle = course.check("00-1", middle)

# %% [markdown] tags=["slide"]
# ## What A and C do

# %% tags=["slide"]
x0, x1 = machines["A"][0], machines["A"][-1]                          # (1,32,32) each
assert torch.allclose(middle(x0, x1), machines["A"][8], atol=1e-6)    # that is what A does
assert torch.equal(machines["B"][8], x0)                              # B waits, then jumps
truth = al.draw_lines([math.radians((40 + 175) / 2)])[0]
assert torch.allclose(machines["C"][8], truth, atol=1e-5)             # C: the middle angle
print("A's middle picture is the mean of the two ends; C's is the line at the middle angle.")

# %% [markdown]
# ## A plot of your own
#
# The explorer above is a widget. Python can read where its slider is (`explorer.t`), move it (`explorer.t = 0.5`), and listen to it. The function below draws a bar chart: how bright is the brightest pixel of each picture? The last line links the chart to the explorer. Run the cell and move either slider. **Which machines lose their white on the way, and which failure does this chart not see?**

# %%
import ipywidgets
from IPython.display import display

def brightest(t):
    figure = al.figures.described(4, 1.8, alt="Bars: each machine's brightest pixel, 0 to 1.")
    levels = [float(path[round(16 * t)].max() + 1) / 2 for path in machines.values()]
    figure.subplots(subplot_kw={"ylim": (0, 1.05)}).bar(list(machines), levels)
    display(figure)

ipywidgets.VBox([explorer, ipywidgets.interactive_output(brightest, {"t": explorer})])

# %%
darkest = {name: float(path.amax((1, 2, 3)).min() + 1) / 2 for name, path in machines.items()}
assert darkest["B"] == darkest["C"] == 1 and max(darkest["A"], darkest["D"]) < 0.6

# %% [markdown]
# A and D lose it: A is down to half in the middle, D is out of focus all the way. B and C stay white, so this chart does not see that B jumps. One number catches one kind of failure; lab 01 makes two.

# %% [markdown]
# ## Your passport, and this machine
#
# Guesses, how sure you were of them, and checks are kept in a small file, `passport.json`, beside this notebook. It stays on this machine, and nobody marks it; it is there so that at the end you can see where your hunches were right, and whether you knew when they were.
# On Binder nothing is kept when you leave. Download the passport with the link below before you go, and bring it back with the button when you return.

# %%
course.passport()

# %% [markdown]
# The next cell asks whether this machine is ready: every line should begin with `ok` or `note`. It trains a small network for a few seconds to see how fast it is.

# %%
problems = course.ready()

# %% [markdown] tags=["teacher"]
# A `note` is no fault: mostly it says that a data set is not here or that the machine is slow. Only a line that begins with neither `ok` nor `note` needs you. Those machines pair up with a neighbour's for today.

# %% [markdown]
# ## Break it on purpose
#
# In the menu choose **Kernel → Shut Down Kernel**, then move the slider above. It still works: the pictures travelled with the page. Now try to run the cell with the slider again: it starts a new Python, which has forgotten `al`, and stops with a `NameError`.
# Python remembers what was run, not what is written. **Run → Run All Cells** runs a notebook from the top, and it is always safe in this course.
#
# ## The bridge (at home, 40 minutes)
#
# Three small tools that labs 02 to 05 use without explaining them. If one of them is new to you, better here than there.
#
# ### Exercise 00-2 · What does a convolution weigh? (2 lines, 10 minutes)
#
# A **convolution** `nn.Conv2d(inputs, outputs, kernel, padding)` slides a window of `kernel` × `kernel` pixels over the image, at steps of one pixel, after adding `padding` rows and columns at every edge. For each *output* channel it has one kernel for *each input* channel, and one number (the bias) to add.
#
# Without looking: how high is the output for an input of `height` rows, and how many numbers does the layer learn?

# %% [markdown] tags=["slide"]
# ## The bridge
#
# - What does a convolution weigh?
# - A weight for each code of a batch
# - Two players, each with the gradient of its own loss

# %%
def conv_facts(height, inputs, outputs, kernel, padding):
    """(height of the output, number of parameters)"""
    ### BEGIN SOLUTION
    new_height = height + 2 * padding - kernel + 1
    return new_height, inputs * outputs * kernel ** 2 + outputs
    ### END SOLUTION

# %%
conv_facts = course.check("00-2", conv_facts)
layer = torch.nn.Conv2d(16, 32, 3, padding=1)
counted = sum(p.numel() for p in layer.parameters())
print("Conv2d(16, 32, 3, padding=1) on 32 rows:", conv_facts(32, 16, 32, 3, 1))
height = layer(torch.zeros(1, 16, 32, 32)).shape[-1]
assert tuple(conv_facts(32, 16, 32, 3, 1)) == (height, counted)

# %% [markdown]
# ### Exercise 00-3 · A weight for each code (1 line, 8 minutes)
#
# A *code* is a small block of numbers that stands for an image (lab 02 makes them). A batch of codes has the shape (B,C,H,W): batch, channels, height, width. Give code number $k$ of the batch the weight `weights[k]`.
# When shapes differ, PyTorch lines them up *from the right*. Think which axis a plain `codes * weights` would weigh.

# %%
def weigh(codes, weights):
    """codes (B,C,H,W), weights (B,) -> (B,C,H,W), each code times its own weight."""
    ### BEGIN SOLUTION
    return codes * weights.view(-1, 1, 1, 1)
    ### END SOLUTION

# %% [markdown] tags=["slide"]
# ## Shapes line up from the right

# %% tags=["slide"]
weigh = course.check("00-3", weigh)
codes, weights = torch.ones(32, 1, 32, 32), torch.arange(32.0)
plain = codes * weights                                               # no error, and wrong
print("number 5 of the batch holds", sorted(set(weigh(codes, weights)[5].flatten().tolist())),
      "after weigh, and", len(set(plain[5].flatten().tolist())), "different numbers after *")
assert torch.equal(weigh(codes, weights)[5], torch.full((1, 32, 32), 5.0))
assert len(set(plain[5].flatten().tolist())) == 32

# %% [markdown]
# ### Exercise 00-4 · Two players, two gradients (3 lines, 20 minutes)
#
# Two numbers play a game. Player $a$ wants to be near $b$ and lowers $(a - b)^2$. Player $b$ wants to get away, but not too far out, and lowers $0.1\,b^2 - (a - b)^2$.
# Each moves *itself* downhill on *its own* loss. Return the two slopes: that of $a$'s loss for $a$, and that of $b$'s loss for $b$.
#
# Useful: `torch.autograd.grad(loss, tensor)` gives back a tuple with the gradient of `loss` for `tensor`, and leaves everything else alone. A loss that shares steps with one you have used already needs `retain_graph=True` in the earlier call.

# %% [markdown] tags=["slide"]
# ## Two players, two losses
#
# $$L_a = (a - b)^2, \qquad L_b = 0.1\, b^2 - (a - b)^2$$

# %%
def own_gradients(a, b):
    """(slope of a's loss for a, slope of b's loss for b); a, b scalars that want gradients"""
    ### BEGIN SOLUTION
    loss_a, loss_b = (a - b) ** 2, 0.1 * b ** 2 - (a - b) ** 2
    gradient_a, = torch.autograd.grad(loss_a, a, retain_graph=True)
    gradient_b, = torch.autograd.grad(loss_b, b)
    return gradient_a, gradient_b
    ### END SOLUTION

# %% tags=["slide"]
own_gradients = course.check("00-4", own_gradients)
a, b = (torch.tensor(v, requires_grad=True) for v in (1.0, 3.0))
slopes = [float(torch.as_tensor(g).detach()) for g in own_gradients(a, b)]
print("a = 1, b = 3: slopes", *(round(slope, 2) for slope in slopes))

total = (a - b) ** 2 + 0.1 * b ** 2 - (a - b) ** 2     # one loss for both, instead
slope_of_total = float(torch.autograd.grad(total, a)[0])
print("with both losses added up, a's slope is", slope_of_total)
assert abs(slopes[0] + 4) < 1e-6 and slope_of_total == 0

# %% [markdown] tags=["teacher"]
# Most expect that adding the losses and one `backward` is the same as two gradients: it is so in all that they have trained before. Ask: "What is left of the sum for $a$?" Nothing, the two terms cancel. Come back to this cell in lab 04.

# %% [markdown] tags=["teacher"]
# **Discussion**
#
# - *Is A's middle picture an in-between?* It is the middle of the pixels, and no drawing of a line. "Between" needs a "between what": pixels, angles, or what the picture shows.
# - *Which failure would you forgive in a film, which in a medical image?* In a film a jump may pass as a cut; in an image somebody decides by, a ghost is a thing that is not there. No ranking holds for all uses.
# - *C is best. Why is that cheating?* It was told that lines have an angle. The course asks whether a network finds that out by itself.
# - *Why is a guess with a wrong outcome worth keeping?* It shows which picture of the matter to replace. A guess made afterwards is always right and teaches nothing.
#
# **To assess:** nothing is marked here. See that each passport holds a guess and 00-1, and collect the passports for the class board (`python -m acai_course board FOLDER`). Assessment 1 of the instructor's page follows lab 01.

# %% [markdown] tags=["slide"]
# ## What to take away
#
# - Two pictures at once, a sudden change, or no picture of the kind: in-betweens fail in different ways
# - Guess first, then run
# - Two players need two losses and two gradients

# %% [markdown]
# With the losses added, $a$ feels nothing at all: what one loss wants the other forbids. Two players need two losses and two gradients. Labs 04 and 05 are made of that.
#
# ## What to take away
#
# - An in-between can fail in different ways: it can be **two pictures at once** (A), a **sudden change** (B), or something that is **no picture of the kind** (D, and A again).
# - A check tells you which *idea* is off. The lab goes on in any case.
# - Your guess comes first, then the run. The passport remembers both, and how sure you were.
#
# **Where this leads.** Two paths, from one line to another and from a 2 to a 7: mixed pixel by pixel, by an autoencoder, and by ACAI. You will train the third in lab 05a.
#
# ![Two paths that go there and back, from one line to another and from a 2 to a 7. Mixed pixel by pixel, both pictures show at once; an autoencoder shows a broken picture in the middle; ACAI turns the line, and reshapes the 2 into the 7.](../docs/moving/paths.gif)
#
# **At full scale.** Nothing here changes: photographs fail in the same ways, but nobody can draw the true middle of two photographs. That is why the course begins with lines.
#
# **References.** The question and its first answers: Berthelot, Raffel, Roy and Goodfellow, *Understanding and Improving Interpolation in Autoencoders via an Adversarial Regularizer*, ICLR 2019 (arXiv 1807.07543), sections 1 and 3.
#
# {{footer}}
