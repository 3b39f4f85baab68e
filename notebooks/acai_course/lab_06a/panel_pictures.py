"""Lab 06a: the pictures of the blind panel, and the indices of the codes that they were decoded
from."""
import torch

from acai_lite.checkpoints import checkpoint
from acai_lite.densities import fit_density, mean_and_cov
from acai_lite.interpolation import decode_path, interpolate
from acai_lite.lines import line_scores
from acai_lite.probes import encode_all
from acai_lite.realism import RealismIndex, gaussian_realism, radial_realism

PANEL = ["lines-baseline-64", "lines-acai-64", "lines-denoising-64", "lines-vae-64",
         "lines-vqvae-256"]


@torch.no_grad()
def _panel(images, each=4, first=3000):
    """(source, its pictures (each,1,32,32), their codes (each,Z), whose codes these are) for real
    lines and every model."""
    some = images.test_images[first:first + 160].unflatten(0, (80, 2))           # 80 pairs
    angles = line_scores(some).angles.diff(dim=1)[:, 0].rad2deg().abs()
    apart = torch.minimum(angles, 360 - angles)
    pairs = some[(apart > 60) & (apart < 150)]
    models, real = {name: checkpoint(name)
                    for name in PANEL}, images.test_images[first - each:first]
    found = [("a real line", real, models[PANEL[0]].encode(real).flatten(1), models[PANEL[0]])]
    # other pairs for every model: no twins in the panel
    for k, (name, model) in enumerate(models.items()):
        x0, x1 = pairs[k * each:(k + 1) * each].unbind(1)
        codes = interpolate(model.encode(x0), model.encode(x1), 3)[:, 1:2]
        found.append((name, decode_path(model, codes)[:, 0], codes.flatten(1), model))
    return found


def _shuffled(count):
    return torch.randperm(count, generator=torch.Generator().manual_seed(6)).tolist()


def blind_panel(images):
    """(pictures (24,1,32,32), sources): midpoints decoded by the five committed autoencoders of
    lines, and as many real lines as each of them gave, all shuffled. The two ends of a midpoint are
    lines 60 to 150 degrees apart."""
    found = _panel(images)
    pictures = torch.cat([part for _, part, *_ in found])
    sources = [name for name, part, *_ in found for _ in part]
    order = _shuffled(len(sources))
    return pictures[order], [sources[k] for k in order]


def panel_indices(images, many=2000, some=1000):
    """{"Gaussian", "radius", "kernel": (24,)}: indices of the codes that the panel's pictures were
    decoded from.

    Each among codes of its own model: a Gaussian and its radius of `many` training codes, a kernel
    density of half of them, ranked against `some` test codes. A real line has the baseline's code.
    """
    fitted, parts = {}, []
    for _, _, z, model in _panel(images):
        if model not in fitted:
            train = encode_all(model, images.train_images[:many])
            real = encode_all(model, images.test_images[512:512 + some])
            kernel = fit_density(train[:many // 2], "kernel")
            fitted[model] = *mean_and_cov(train), RealismIndex(kernel.log_prob, real)
        mean, cov, kernel = fitted[model]
        parts.append({"Gaussian": gaussian_realism(z, mean, cov),
                      "radius": radial_realism(z, mean, cov), "kernel": kernel(z)})
    order = _shuffled(sum(len(part["kernel"]) for part in parts))
    return {name: torch.cat([part[name] for part in parts])[order] for name in parts[0]}
