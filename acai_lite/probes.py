"""What a code contains: a linear probe and clustering on frozen codes, and controls for
comparison."""
import warnings

import numpy as np
import torch
from torch import Tensor

from .autoencoders import Model
from .data import Images, ImageSet
from .files.progress import watched

Array = Tensor | np.ndarray


@torch.no_grad()
def encode_all(model: Model, images: Tensor | Images | None, batch: int = 100,
               what: str = "codes") -> Tensor:
    """Codes or features of many images (N,*image): (N,d) float32 on the CPU.

    what: "codes", `encode(x)` (VAE: the mean); "features", the input of the paper's probe (VAE: the
    layer before the mean, VQ-VAE: after the codebook, others: the code); "samples", codes with a
    VAE's noise, the same in every call (the paper clusters these; other methods: the code). Raises
    ValueError for another word, no images, or images that the model does not take.
    """
    if what not in ("codes", "features", "samples"):
        raise ValueError(f"what must be 'codes', 'features' or 'samples'; got {what!r}")
    images, parts, weight, noise = _given(images), [], next(model.parameters()), None
    if what == "samples":                      # (N,*code), at once: the batch size does not matter
        random = torch.Generator().manual_seed(0)
        noise = torch.randn(len(images), *model.code_shape, generator=random)
    for start in watched(range(0, len(images), batch), batch):
        x = images[start:start + batch].to(weight)
        if noise is not None:
            part = model.encode(x, noise[start:start + batch].to(weight))
        else:
            part = model.encode(x) if what == "codes" else model.features(x)
        parts.append(part.flatten(1).float().cpu())
    return torch.cat(parts)


@torch.no_grad()
def reconstruction_error(model: Model, images: Tensor | Images | None, batch: int = 100) -> float:
    """Mean squared error between images (N,*image) and reconstructions, over images, pixels,
    colours. Raises ValueError for no images, or images that the model does not take."""
    images, weight, total = _given(images), next(model.parameters()), 0.0
    for start in watched(range(0, len(images), batch), batch):
        x = images[start:start + batch].to(weight)
        total += float((model.decode(model.encode(x)) - x).square().mean()) * len(x)
    return total / len(images)


def _given(images: Tensor | Images | None) -> Tensor | Images:
    if not isinstance(images, Tensor | Images) or not len(images):
        got = tuple(images.shape) if isinstance(images, Tensor | Images) else repr(images)
        raise ValueError("one or more images (N, *image) are needed, such as images.test_images; "
                         f"got {got}")
    return images


def linear_probe(codes: Array, labels: Array | None, test_codes: Array,
                 test_labels: Array | None) -> float:
    """Accuracy in [0, 1] of a converged linear classifier on frozen codes.

    codes (N,*code), labels (N,), test_codes (M,*code), test_labels (M,). Multinomial logistic
    regression (scikit-learn: lbfgs to tol 1e-4, C=1) on all codes, standardised by the training
    codes; warns if it has not converged after 2,000 iterations. The paper's own probe is another
    one, trained online beside the autoencoder (`fit(probe=True)`). Raises ValueError for shapes
    that do not fit, no labels, one class, or NaN.
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    train, test, (given, true) = _checked(codes, test_codes, labels, test_labels)
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, tol=1e-4, max_iter=2000))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        probe.fit(train.astype(np.float64), given)
    if any(issubclass(w.category, ConvergenceWarning) for w in caught):
        warnings.warn("the linear probe has not converged: its accuracy is a lower bound",
                      RuntimeWarning, stacklevel=2)
    return float(probe.score(test.astype(np.float64), true))


def probe_controls(images: ImageSet, seed: int = 0, limit: int | None = None) -> dict[str, float]:
    """Accuracies in [0, 1] of `linear_probe` without a trained code, for comparison.

    raw_pixels: on the pixels. untrained_encoder: on codes of a baseline of the paper's sizes, as
    built with `seed`. shuffled_labels: on those codes with the training labels in random order,
    which is chance. limit: number of training images, a random choice; None takes all, as a model's
    own probe does (60,000: 2.3 GB of memory). Raises ValueError for images without labels or test
    split.
    """
    from .zoo import build
    if images.train_labels is None or images.test_images is None or images.test_labels is None:
        raise ValueError(f"{images.name}: the controls of a probe need training and test images "
                         "with labels")
    random = torch.Generator().manual_seed(seed)
    chosen = torch.randperm(len(images.train_images), generator=random)[:limit]
    x, labels = images.train_images[chosen], images.train_labels[chosen]
    test, test_labels = images.test_images, images.test_labels
    shuffled = labels[torch.randperm(len(labels), generator=random)]
    model = build("baseline", images, seed=seed)
    codes, test_codes = encode_all(model, x), encode_all(model, test)
    return {"raw_pixels": linear_probe(x.flatten(1), labels, test[:].flatten(1), test_labels),
            "untrained_encoder": linear_probe(codes, labels, test_codes, test_labels),
            "shuffled_labels": linear_probe(codes, shuffled, test_codes, test_labels)}


def cluster_accuracy(codes: Array, test_codes: Array, test_labels: Array | None,
                     restarts: int = 50, seed: int = 0) -> float:
    """Accuracy in [0, 1] of k-means on frozen codes, each cluster standing for one class
    (cluster.py of the authors' code).

    codes (N,*code), test_codes (M,*code), test_labels (M,) of k classes, 2 <= k <= N. Codes are
    whitened by the training codes, on which k-means is fitted, from `restarts` random starts (paper
    1,000), of which the best fit counts. Test codes go to the nearest centre, and clusters are
    matched with classes one to one, as well as possible (Hungarian method): labels serve the
    matching only, but they are the test split's. The paper clusters `encode_all(...,
    what="samples")`. Raises ValueError for shapes that do not fit, no labels, one class, NaN, or
    too few codes.
    """
    from scipy.optimize import linear_sum_assignment
    from sklearn.cluster import KMeans
    train, test, (true,) = _checked(codes, test_codes, test_labels)
    if not (np.isfinite(train).all() and np.isfinite(test).all()):
        raise ValueError("codes contain NaN or infinity")
    train, test = _whiten(train, test)
    classes, labels = np.unique(true, return_inverse=True)
    means = KMeans(len(classes), init="random", n_init=restarts, max_iter=1000, random_state=seed)
    means.fit(train)
    table = np.zeros((len(classes), len(classes)), dtype=int)    # test images by cluster and class
    np.add.at(table, (means.predict(test), labels), 1)
    return float(table[linear_sum_assignment(table, maximize=True)].sum() / len(labels))


def _checked(codes, test_codes, *labels):
    """Codes (N,d), test codes (M,d) and labels, the last of them (M,), as arrays that fit."""
    if any(given is None for given in labels):
        raise ValueError("there are no labels: this score needs a data set with classes")
    train, test, *labels = (a.detach().cpu().numpy() if torch.is_tensor(a) else np.asarray(a)
                            for a in (codes, test_codes, *labels))
    train, test = train.reshape(len(train), -1), test.reshape(len(test), -1)
    shapes = [(len(train),), (len(test),)][-len(labels):]
    if train.shape[1] != test.shape[1] or not len(test) or [a.shape for a in labels] != shapes:
        raise ValueError(f"codes {train.shape} and test codes {test.shape} with labels "
                         f"{' and '.join(str(a.shape) for a in labels)} do not fit together")
    if len(np.unique(labels[0])) < 2:
        raise ValueError("the labels are of one class: this score needs two or more")
    return train, test, labels


def _whiten(train, test):
    """(N,d), (M,d) -> float32: less the training mean, times V / (S + 1e-5) of the thin SVD train =
    U S V', without directions in which training codes differ by rounding alone: all centres agree
    there."""
    mean = train.mean(0, dtype=np.float64)
    _, values, rows = np.linalg.svd(train - mean, full_matrices=False)
    real = values >= values[0] * max(train.shape) * 2.2e-16       # numpy's rule for a matrix's rank
    change = rows[real].T / (values[real] + 1e-5)                      # (d,rank)
    return [((codes - mean) @ change).astype(np.float32) for codes in (train, test)]
