"""What a code knows: a linear classifier and clustering on frozen codes, and the controls to read them against."""
import warnings

import numpy as np
import torch

from .files.progress import watched


@torch.no_grad()
def encode_all(model, images, batch=100, what="codes"):
    """What a model says of every one of `Images`, or of a tensor (N,C,32,32): (N, d) float32 on the CPU.

    what: "codes", `encode(x)` (VAE: the mean); "features", what the paper's probe reads (VAE: the layer before the mean,
    VQ-VAE: after the codebook, others: the code); "samples", codes with the noise that a VAE draws (the paper clusters
    these; other methods: the code), the same noise in every call. Raises ValueError for another word.
    """
    if what not in ("codes", "features", "samples"):
        raise ValueError(f"what must be 'codes', 'features' or 'samples'; got {what!r}")
    weight = next(model.parameters())
    noise = None
    if what == "samples":                                              # (N,*code), drawn at once: no batch size matters
        noise = torch.randn(len(images), *model.code_shape, generator=torch.Generator().manual_seed(0))
    parts = []
    for start in watched(range(0, len(images), batch), batch):
        x = images[start:start + batch].to(weight)
        if what == "samples":
            part = model.encode(x, noise[start:start + batch].to(weight))
        else:
            part = model.encode(x) if what == "codes" else model.features(x)
        parts.append(part.flatten(1).float().cpu())
    return torch.cat(parts)


@torch.no_grad()
def reconstruction_error(model, images, batch=100):
    """Mean squared error between images and their reconstructions, over images, pixels and colours."""
    weight, total = next(model.parameters()), 0.0
    for start in watched(range(0, len(images), batch), batch):
        x = images[start:start + batch].to(weight)
        total += float((model.decode(model.encode(x)) - x).square().mean()) * len(x)
    return total / len(images)


def linear_probe(codes, labels, test_codes, test_labels):
    """Accuracy in [0, 1] of a converged linear classifier on frozen codes.

    codes (N,d), labels (N,), test_codes (M,d), test_labels (M,): tensors or arrays. Multinomial logistic regression
    (scikit-learn: lbfgs to tol 1e-4, C=1) on codes standardised by the training codes. All training codes are used;
    warns if the optimiser has not converged after 2,000 iterations. Raises ValueError for shapes that do not fit or NaN.
    The paper's own probe is another: trained online, beside the autoencoder (`fit(probe=True)`).
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    train, test = (np.asarray(c, dtype=np.float64).reshape(len(c), -1) for c in (codes, test_codes))
    labels, test_labels = np.asarray(labels), np.asarray(test_labels)
    if train.shape[1] != test.shape[1] or len(train) != len(labels) or len(test) != len(test_labels) or not len(test):
        raise ValueError(f"codes {train.shape} with labels {labels.shape} and test codes {test.shape} with labels "
                         f"{test_labels.shape} do not fit together")
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=1.0, tol=1e-4, max_iter=2000))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        probe.fit(train, labels)
    if any(issubclass(w.category, ConvergenceWarning) for w in caught):
        warnings.warn("the linear probe has not converged: its accuracy is a lower bound", RuntimeWarning, stacklevel=2)
    return float(probe.score(test, test_labels))


def probe_controls(images, seed=0, limit=None):
    """What `linear_probe` says without a trained code, to read its answers against; a dict of accuracies in [0, 1].

    raw_pixels: the pixels themselves. untrained_encoder: codes of a baseline of the paper's sizes for this data set, as
    built with `seed`. shuffled_labels: those codes with the training labels in random order, which is chance. limit:
    number of training images, a random choice; None takes all, as a model's own probe does (60,000: 2.3 GB of memory).
    Raises ValueError for images without labels or without a test split.
    """
    from .recipes import build
    if images.train_labels is None or images.test_labels is None:
        raise ValueError(f"{images.name}: the controls of a probe need training and test images with labels")
    random = torch.Generator().manual_seed(seed)
    chosen = torch.randperm(len(images.train_images), generator=random)[:limit]
    x, labels = images.train_images[chosen], images.train_labels[chosen]
    shuffled = labels[torch.randperm(len(labels), generator=random)]
    model, test = build("baseline", images, seed=seed), (images.test_images, images.test_labels)
    codes, test_codes = encode_all(model, x), encode_all(model, test[0])
    return {"raw_pixels": linear_probe(x.flatten(1), labels, test[0][:].flatten(1), test[1]),
            "untrained_encoder": linear_probe(codes, labels, test_codes, test[1]),
            "shuffled_labels": linear_probe(codes, shuffled, test_codes, test[1])}


def cluster_accuracy(codes, test_codes, test_labels, restarts=50, seed=0):
    """Accuracy in [0, 1] of k-means on frozen codes, each cluster standing for one class (cluster.py of the authors' code).

    codes (N,d), test_codes (M,d), test_labels (M,): tensors or arrays; N >= k, the number of classes in test_labels. Codes
    are whitened by the training codes; k-means, random starts, is fitted on the training codes; test codes go to the
    nearest centre; the clusters are matched with the classes one to one, as well as can be (Hungarian method).
    restarts: how often k-means starts anew, the best fit counts (paper 1,000). Labels are read only to match, but those of
    the test split. The paper clusters `encode_all(..., what="samples")`. Raises ValueError for shapes that do not fit, NaN,
    or fewer training codes than classes.
    """
    from scipy.optimize import linear_sum_assignment
    from sklearn.cluster import KMeans
    train, test = (np.asarray(c).reshape(len(c), -1) for c in (codes, test_codes))
    test_labels = np.asarray(test_labels)
    if train.shape[1] != test.shape[1] or test_labels.shape != (len(test),):
        raise ValueError(f"codes {train.shape} and test codes {test.shape} with labels {test_labels.shape} "
                         "do not fit together")
    if not (np.isfinite(train).all() and np.isfinite(test).all()):
        raise ValueError("codes contain NaN or infinity")
    train, test = _whiten(train, test)
    classes, labels = np.unique(test_labels, return_inverse=True)
    means = KMeans(len(classes), init="random", n_init=restarts, max_iter=1000, random_state=seed).fit(train)
    table = np.zeros((len(classes), len(classes)), dtype=int)          # test images of each cluster (rows) and class
    np.add.at(table, (means.predict(test), labels), 1)
    return float(table[linear_sum_assignment(table, maximize=True)].sum() / len(labels))


def _whiten(train, test):
    """(N,d), (M,d) -> float32: less the training mean, times V / (S + 1e-5) of the thin SVD train = U S V'. Directions in
    which training codes differ by rounding alone are left out: all centres agree there."""
    mean = train.mean(0, dtype=np.float64)
    _, values, rows = np.linalg.svd(train - mean, full_matrices=False)
    real = values >= values[0] * max(train.shape) * 2.2e-16            # numpy's rule for a matrix's rank
    change = rows[real].T / (values[real] + 1e-5)                      # (d,rank)
    return [((codes - mean) @ change).astype(np.float32) for codes in (train, test)]
