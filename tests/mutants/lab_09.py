"""Lab 09: right answers in unusual ways, and typical wrong ones with the words that they must
hear."""

import acai_course as course
import torch

import acai_lite as al

sharp = course.sharpness


def sizes(image=lambda c: c * 1024, code=lambda w, n: n * w * w, squeeze=lambda i, c: i / c,
          widest=lambda d, w: d * 32 // w):
    return lambda c, w, n, d: {"image": image(c), "code": code(w, n),
                               "squeeze": squeeze(image(c), code(w, n)), "widest": widest(d, w)}


def widest_by_loop(depth, width):
    side = 32
    while side > width:
        side, depth = side // 2, 2 * depth
    return depth


def built(c, w, n, d):
    """Counts in networks that are really built."""
    model = al.Autoencoder(al.Architecture(c, w, d, n))
    x = torch.zeros(1, c, 32, 32)
    layers = [m.out_channels for m in model.encoder if isinstance(m, torch.nn.Conv2d)]
    return {"widest": max(layers), "code": model.encode(x).numel(), "image": x.numel(),
            "squeeze": x.numel() / model.code_size}


def blur(reconstruction=lambda ends, images, frames, mix: sharp(ends) / sharp(images),
         middle=lambda ends, images, frames, mix: sharp(frames[:, frames.shape[1] // 2])
         / sharp(ends),
         exposure=lambda ends, images, frames, mix: sharp(mix) / sharp(ends)):
    def yours(frames, x0, x1):
        ends, images = torch.cat([frames[:, 0], frames[:, -1]]), torch.cat([x0, x1])
        given = ends, images, frames, 0.5 * frames[:, 0] + 0.5 * frames[:, -1]
        return {"reconstruction": reconstruction(*given),
                "middle": middle(*given), "double exposure": exposure(*given)}
    return yours


def blur_in_tensors(frames, x0, x1):
    """By numpy's differences, tensors for numbers."""
    def rough(pictures):
        values = pictures.numpy()
        return torch.tensor((abs(values[..., 1:] - values[..., :-1]).mean()
                             + abs(values[..., 1:, :] - values[..., :-1, :]).mean()) / 2)
    first, last = frames.unbind(1)[0], frames.unbind(1)[-1]
    ends = (rough(first) + rough(last)) / 2
    return {"reconstruction": ends / ((rough(x0) + rough(x1)) / 2),
            "middle": rough(frames[:, len(frames[0]) // 2]) / ends,
            "double exposure": rough(torch.lerp(first, last, 0.5)) / ends}


GOOD = ("Baseline and ACAI were run once each with depth 16, on 100,000 samples. In the middle of "
        "the paths the kernel distance was 0.31 and 0.28, no difference that one seed could carry. "
        "The ends were as soft as the middle frames, so the blur is the decoder's. The paper's "
        "readings are medians of online ones after 16.8 million samples. What a wider network does "
        "we have not run.")
OTHER = ("We trained denoising and the baseline, a single seed, 1e5 samples = 100k samples, on "
         "channels four times fewer than the paper has! Halfway the pixel blend was judged with "
         "confidence 51 % and denoising with 55 %. Much? With one run, nobody can tell. The paper "
         "took 2^24 samples and online probes; nothing here can refute it.")


def without(*words):
    text = GOOD
    for old, new in words:
        assert old in text, old
        text = text.replace(old, new)
    return lambda: text


RIGHT = [("09-1", sizes(widest=widest_by_loop)), ("09-1", built), ("09-2", blur()),
         ("09-2", blur_in_tensors), ("09-3", lambda: GOOD), ("09-3", lambda: OTHER)]


def taught(ends, images, frames, mix):
    return sharp(frames[:, frames.shape[1] // 2]) / sharp(images)


WRONG = [
    ("09-1", sizes(image=lambda c: 1024), "3,072 values, not 1,024"),
    ("09-1", sizes(image=lambda c: c * 32), "each of the 3,072 is a number"),
    ("09-1", sizes(code=lambda w, n: n * w), "4 rows \\*and\\* 4 columns"),
    ("09-1", sizes(code=lambda w, n: n), "channels or places, not numbers"),
    ("09-1", sizes(code=lambda w, n: 3 * n * w * w), "colours are gone"),
    ("09-1", sizes(squeeze=lambda i, c: c / i), "upside down"),
    ("09-1", sizes(squeeze=lambda i, c: 1024 / c), "one colour"),
    ("09-1", sizes(squeeze=lambda i, c: i - c), "how many of them share one"),
    ("09-1", sizes(widest=lambda d, w: 3 * d), "double whenever"),
    ("09-1", sizes(widest=lambda d, w: d * 4), "double whenever"),
    ("09-1", sizes(widest=lambda d, w: d * 2 ** w), "halved three times"),
    ("09-1", sizes(widest=lambda d, w: d), "how many doublings"),
    ("09-1", sizes(widest=lambda d, w: d * 8), "look at 'widest', and use all four"),
    ("09-1", lambda *a: sizes()(3, 4, 16, 64), "look at 'image', and use all four"),
    ("09-1", lambda *a: 3072, "dictionary"),
    ("09-2", blur(middle=taught), "just as blurred: that is reconstruction, not interpolation"),
    ("09-2", blur(reconstruction=lambda ends, images, frames, mix: sharp(images) / sharp(ends)),
     "upside down"),
    ("09-2", blur(reconstruction=lambda ends, images, frames, mix: sharp(ends) / sharp(ends)),
     "with themselves"),
    ("09-2", blur(reconstruction=lambda ends, images, frames, mix: sharp(ends)),
     "half of the sharpness is left"),
    ("09-2", blur(reconstruction=lambda ends, images, frames, mix: sharp(frames[:, 0])
                  / sharp(images)), "two ends"),
    ("09-2", blur(middle=lambda ends, images, frames, mix: sharp(frames[:, 1:-1]) / sharp(ends)),
     "more than the middle"),
    ("09-2", blur(middle=lambda ends, images, frames, mix: sharp(frames) / sharp(ends)),
     "more than the middle"),
    ("09-2", blur(middle=lambda ends, images, frames, mix: sharp(frames[:, 2]) / sharp(ends)),
     "the middle for every T"),
    ("09-2", blur(middle=lambda ends, images, frames, mix: sharp(frames[:, 2])), "stands still"),
    ("09-2",
     blur(exposure=lambda ends, images, frames, mix: sharp(mix) / sharp(images)), "counted again"),
    ("09-2", blur(exposure=lambda ends, images, frames, mix: sharp(
        images.unflatten(0, (2, -1)).mean(0)) / sharp(images)), "mix what the decoder drew"),
    ("09-2", blur(exposure=lambda ends, images, frames, mix: sharp(2 * mix) / sharp(ends)),
     "half and half"),
    ("09-2", lambda *a: 0.5, "dictionary"),
    ("09-3", lambda: "ACAI wins.", "five sentences"),
    ("09-3", without(("100,000 samples", "many images"), ("one seed", "this"),
                     ("were run once each", "were trained")),
     "no budget, no seed count: a reader cannot weigh this"),
    ("09-3", without(("100,000 samples", "many images")), "no budget: after how many"),
    ("09-3", without(("one seed", "this"), ("were run once each", "were trained")),
     "^no seed count"),
    ("09-3", without((" with depth 16", ""), ("wider network", "longer run")), "say its depth"),
    ("09-3", without(("Baseline and ACAI", "ACAI and its critic")), "two methods"),
    ("09-3", without(("0.31 and 0.28", "about the same")), "without a number"),
    ("09-3", without(("In the middle of the paths the", "The"), ("middle frames", "others")),
     "in between"),
    ("09-3", without(("The paper's", "Their")), "beside the paper's"),
    ("09-3", without((" after 16.8 million samples", "")), "how many samples had the paper's"),
    ("09-3", without(("medians of online ones", "higher")), "two readings"),
    ("09-3", lambda: GOOD + " This proves it.", "proves nothing"),
    ("09-3", lambda: GOOD + " Our runs confirm the paper.", "neither confirm nor refute")]
