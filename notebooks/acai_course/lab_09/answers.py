"""Lab 09: the course's versions of what learners write there."""
import math

import torch

from acai_lite.files.checkout import result_file
from acai_lite.files.records import read_record

from .images import sharpness


def sizes(colours, width, code_channels, depth):
    """Numbers in an image and in a code, how many times smaller the code is, channels of the
    encoder's widest layer."""
    image, code = colours * 32 * 32, code_channels * width * width
    return {"image": image, "code": code, "squeeze": image / code,
            "widest": depth * 2 ** round(math.log2(32 / width))}


def blur_or_mixture(frames, x0, x1):
    """frames (K,T,C,32,32) decoded between images x0, x1 (K,C,32,32) -> three ratios of sharpness:
    the drawn ends to the images, the middle frames to the drawn ends, and the drawn ends mixed half
    and half in pixels to the drawn ends."""
    ends = frames[:, [0, -1]]
    return {"reconstruction": sharpness(ends) / sharpness(torch.stack([x0, x1])),
            "middle": sharpness(frames[:, frames.shape[1] // 2]) / sharpness(ends),
            "double exposure": sharpness(ends.mean(1)) / sharpness(ends)}


def verdict():
    record = read_record(result_file("records", "cifar.json"))
    baseline, acai = (next(r for r in record["runs"] if (r["method"], r["code_size"], r["depth"])
                           == (method, 256, 16)) for method in ("baseline", "acai"))
    judged = "{:.2f} and {:.2f}".format(*(r["paths"]["kernel_distance"] for r in (baseline, acai)))
    read = "{:.1%} and {:.1%}".format(*(r["probe_accuracy"] for r in (baseline, acai)))
    return f"""Baseline and ACAI, codes of 256 numbers and depth {acai['depth']} (the paper's is
    64), were trained once each, with one seed, on {acai['samples']:,} samples. Their middle frames
    are at a kernel distance of {judged} from real images, where the pixel blend of the two images
    has {record['references']['pixel blend']['kernel_distance']:.2f}. The converged classifier reads
    {read} of the test images from their codes. Without a second seed nobody knows how far a rerun
    would land, so a small difference means nothing. The paper's readings are online ones after 16.8
    million samples, and ours neither confirm nor refute them."""
