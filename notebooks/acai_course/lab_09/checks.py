"""Lab 09: what each check looks for."""
import re

import torch

from ..checks import Exercise, Off, keyed, near
from .answers import blur_or_mixture, sizes, verdict
from .images import sharpness


def _try_sizes(yours):
    keys = ("image", "code", "squeeze", "widest")
    result = keyed(yours(3, 4, 16, 64), keys)  # the paper's CIFAR-10, 256 numbers
    if near(result["image"], 1024):
        raise Off("3 colours: 3,072 values, not 1,024.")
    if not near(result["image"], 3072):
        raise Off("32 rows, 32 columns, 3 colours: each of the 3,072 is a number. Yours says "
                  f"{result['image']:,}.")
    if near(result["code"], 16 * 4):
        raise Off("a code of width 4 has 4 rows *and* 4 columns: 16 places with 16 channels each.")
    if near(result["code"], 16):
        raise Off("you counted channels or places, not numbers: every place of the code has a "
                  "number in every channel.")
    if not near(result["code"], 256):
        raise Off("4x4 places with 16 channels each are 256 numbers; yours says "
                  f"{result['code']:,}. (The colours are gone by then: they were mixed into the "
                  "channels by the first layer.)")
    if near(result["squeeze"], 1 / 12):
        raise Off("your squeeze is upside down: how many numbers of the image share one "
                  "number of the code?")
    if near(result["squeeze"], 4):
        raise Off("you squeezed one colour only: all three have to go through the code.")
    if not near(result["squeeze"], 12):
        raise Off(f"3,072 numbers into 256; yours says {float(result['squeeze']):,.2f}: how many "
                  "of them share one?")
    if near(result["widest"], 64 * 3) or near(result["widest"], 64 * 4):
        raise Off("the channels do not grow by `depth` a scale: they double whenever the "
                  "image is halved.")
    if near(result["widest"], 64 * 2 ** 2) or near(result["widest"], 64 * 2 ** 4):
        raise Off("from 32 to 4 the image is halved three times, and after each halving the "
                  "channels are doubled: count the doublings again.")
    if not near(result["widest"], 512):
        raise Off("64 channels are doubled at each halving from 32 down to 4; yours says "
                  f"{result['widest']:,}: how many doublings are there?")
    for arguments in ((1, 4, 2, 16), (3, 4, 64, 16), (3, 2, 16, 8), (1, 8, 4, 32)):
        wanted, result = sizes(*arguments), yours(*arguments)
        wrong = [key for key in keys if not near(result[key], wanted[key])]
        if wrong:
            raise Off(f"right for the paper's CIFAR-10, but not for {arguments[0]} colours, a code "
                      f"of width {arguments[1]} with {arguments[2]} channels and depth "
                      f"{arguments[3]}: look at {wrong[0]!r}, and use all four arguments.")


def _paths(first, last, middle, steps=5, copies=1):
    """Two rough images, and a path whose ends and middle are drawn with that much contrast
    (the rest is noise)."""
    g = torch.Generator().manual_seed(0)
    x0, x1, other = (torch.randint(2, (1, 3, 32, 32), generator=g) * 1.6 - 0.8 for _ in range(3))
    frames = 0.5 * torch.randn(1, steps, 3, 32, 32, generator=g)
    frames[:, 0], frames[:, -1], frames[:, steps // 2] = first * x0, last * x1, middle * other
    return [part.repeat(copies, *[1] * (part.ndim - 1)) for part in (frames, x0, x1)]


def _try_blur(yours):
    keys = ("reconstruction", "middle", "double exposure")
    x = _paths(1, 1, 1)[1]
    still = 0.5 * x[:, None].repeat(1, 5, 1, 1, 1)  # a blurred picture that stands still
    result = keyed(yours(still, x.clone(), x.clone()), keys)
    if near(result["reconstruction"], 2):
        raise Off("your ratio is upside down: what is left of the sharpness, so the drawn ends "
                  "divided by the images.")
    if near(result["reconstruction"], 1):
        raise Off("you compared the drawn ends with themselves: set them against the "
                  "images that went in.")
    if not near(result["reconstruction"], 0.5):
        raise Off("the ends here are drawn with half of the contrast, so half of the sharpness is "
                  f"left; yours says {float(result['reconstruction']):.3f}. Which two sharpnesses "
                  "do you compare?")
    if near(result["middle"], 0.5):
        raise Off("your end frames are just as blurred: that is reconstruction, not interpolation. "
                  "Compare the middle with what the decoder drew of the ends.")
    if not near(result["middle"], 1):
        raise Off("this path stands still, its middle is as sharp as its ends, so the ratio is 1; "
                  f"yours says {float(result['middle']):.3f}. A ratio of what to what?")
    if near(result["double exposure"], 0.5):
        raise Off("compare the double exposure with the drawn ends, too, or the decoder's blur is "
                  "counted again.")
    frames, x0, x1 = _paths(0.9, 0.3, 0.5)
    ends, wanted = frames[:, [0, -1]], blur_or_mixture(frames, x0, x1)
    result, images = yours(frames.clone(), x0.clone(), x1.clone()), sharpness(torch.stack([x0, x1]))
    if any(near(result["reconstruction"], sharpness(frames[:, k]) / s) for k in (0, -1)
           for s in (images, sharpness(x0), sharpness(x1))):
        raise Off("a path has two ends: you looked at one of them.")
    if near(result["middle"], sharpness(frames[:, 1:-1]) / sharpness(ends)) or \
            near(result["middle"], sharpness(frames) / sharpness(ends)):
        raise Off("you took more than the middle: the frames near the ends are nearly the ends. "
                  "Which frame lies half-way?")
    if near(result["double exposure"], sharpness((x0 + x1) / 2) / images) or \
            near(result["double exposure"], sharpness((x0 + x1) / 2) / sharpness(ends)):
        raise Off("a double exposure of the two *images* is what pixels give; the question is what "
                  "a mixture of the two *drawings* would look like: mix what the decoder drew.")
    if near(result["double exposure"], sharpness(ends.sum(1)) / sharpness(ends)):
        raise Off("half and half: you added the two drawings, so the picture has "
                  "twice the contrast.")
    for arguments in ((frames, x0, x1), _paths(0.4, 0.8, 0.7, steps=9),
                      _paths(0.9, 0.3, 0.5, copies=3)):
        result, wanted = yours(*(part.clone() for part in arguments)), blur_or_mixture(*arguments)
        for key in keys:
            if not near(result[key], wanted[key]):
                raise Off(f"{key!r}: for {len(arguments[0])} path(s) of {arguments[0].shape[1]} "
                          f"frames it is {wanted[key]:.3f}, yours says {float(result[key]):.3f}. "
                          "Is it one ratio of two sharpnesses, each over all paths, and is the "
                          "middle the middle for every T?")


def _try_verdict(yours):
    words = " ".join(str(yours()).split())
    low = words.lower()
    sentences = len(re.findall(r"[.!?](?:\s|$)", words))
    if len(words) < 250 or sentences < 4:
        raise Off("five sentences: what was run, what came out, how sure it is, how it stands to "
                  "the paper, what is open.")
    # without the paper's budget
    ours = re.sub(r"(16[.,]8 million|16,777,216|2\^24|2\*\*24)( samples)?", "", low)
    budget = re.search(r"\d[\d,. ]*(000|k\b|million)?[^.]{0,30}samples|samples[^.]{0,40}\d", ours)
    seeds = re.search(r"\bseeds?\b|\b(one|single|1) (run|training)\b|\breruns?\b|\bruns? (each|a "
                      r"method|per)|run once", low)
    if not budget and not seeds:
        raise Off("no budget, no seed count: a reader cannot weigh this.")
    if not budget:
        raise Off("no budget: after how many samples were these numbers read?")
    if not seeds:
        raise Off("no seed count: how many runs stand behind each number? With one, nobody knows "
                  "how far a rerun would land.")
    if not re.search(r"depth|channels|narrow|width|smaller network|quarter", low):
        raise Off("our network is not the paper's: say its depth beside its numbers.")
    if len(re.findall(r"baseline|denois|acai|pixel blend", low)) < 2 or \
            len(set(re.findall(r"baseline|denois|acai|pixel blend", low))) < 2:
        raise Off("a number of one method alone says nothing: set two methods, or a method and the "
                  "pixel blend, side by side.")
    if not re.search(r"\d+ ?(%|per cent|points)|(?<![\d.])(?!16\.8)\d+\.\d", low):
        raise Off("a verdict without a number that was measured: which one carries "
                  "your conclusion?")
    if not re.search(r"middle|half ?way|in-between|between two|\bpaths?\b|interpolat", low):
        raise Off("the question was what happens in between; your verdict only speaks of codes and "
                  "reconstructions.")
    if "paper" not in low:
        raise Off("set your number beside the paper's, with both budgets.")
    if not re.search(r"16[.,]8|16,777,216|2\^24|2\*\*24|million", low):
        raise Off("how many samples had the paper's runs? Without its budget the two cannot be "
                  "set side by side.")
    if not re.search(r"online|converged|median", low):
        raise Off("two readings are in that table, online and converged: say which of "
                  "them you compare.")
    if re.search(r"\bprove[sdn]?\b|\bproof\b", low):
        raise Off("one run a method proves nothing: say what was seen, and in how many runs.")
    claim = r"\b(confirm|refut|reproduc|disprov|contradict)"
    if (re.search(claim, low)
            and not re.search(rf"\b(not|nor|neither|cannot|no|nothing|can't)\b[^.]*?{claim}", low)):
        raise Off("a run with a small part of the paper's budget and a narrower network can "
                  "neither confirm nor refute its table: say where the orders agree and "
                  "where they differ.")


EXERCISES = {
    "09-1": Exercise("sizes", sizes, _try_sizes,
                     "build al.Autoencoder with these four sizes, print model.encoder, and follow "
                     "one image: what is halved, what is doubled, how often?"),
    "09-2": Exercise("blur or mixture?", blur_or_mixture, _try_blur,
                     "show the four pictures that your ratios speak of, an image, its drawing, the "
                     "middle, the double exposure, and name both sides of each ratio."),
    "09-3": Exercise("verdict", verdict, _try_verdict, "strike out every sentence that would be "
                     "just as true of any other run: which numbers of *this* run are left?"),
}
