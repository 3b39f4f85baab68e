"""Lab 07: right answers in unusual ways, and typical wrong ones with the words that they must
hear."""
import copy

import numpy as np
import torch
from acai_course.lab_07 import answers
from torch import nn

import acai_lite as al


def probe(encode, x, labels, test_x, frozen=True, scale="train", eps=1e-3, steps=200, bend=False,
          answer="class", fine=False, source="codes"):
    if source == "pixels":
        encode = torch.flatten
        x, test_x = x.flatten(1), test_x.flatten(1)
        z, test_z = x, test_x
    else:
        with torch.set_grad_enabled(not frozen):
            z, test_z = encode(x).flatten(1), encode(test_x).flatten(1)
    if scale:
        by = {"train": z, "joint": torch.cat([z, test_z])}.get(scale, z).detach()
        own = test_z.detach() if scale == "each" else by
        test_z = (test_z - own.mean(0)) / (own.std(0) + eps)
        z = (z - by.mean(0)) / (by.std(0) + eps)
    layer = nn.Linear(z.shape[1], 4)
    if bend:
        layer = nn.Sequential(nn.Linear(z.shape[1], 32), nn.ReLU(), nn.Linear(32, 4))
    parameters = list(layer.parameters()) + ([encode.__self__.weight] if fine else [])
    optimiser = torch.optim.Adam(parameters, lr=0.05)
    for _ in range(steps):
        if fine or not frozen:
            z = encode(x).flatten(1)
            z = (z - z.mean(0).detach()) / (z.std(0).detach() + eps)
        loss = nn.functional.cross_entropy(layer(z), labels)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
    scores = layer(test_z)
    return scores.argmax(1) if answer == "class" else scores


def probe_once_attached(encode, x, labels, test_x):
    z = encode(x).flatten(1)
    layer = nn.Linear(z.shape[1], 4)
    optimiser = torch.optim.SGD(layer.parameters(), lr=0.1)
    for _ in range(3):
        optimiser.zero_grad()
        nn.functional.cross_entropy(layer(z), labels).backward()
        optimiser.step()
    return layer(encode(test_x).flatten(1)).argmax(1)


def probe_by_sklearn(encode, x, labels, test_x):
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler
    z, test_z = (encode(images).detach().flatten(1).numpy() for images in (x, test_x))
    scaler = StandardScaler().fit(z)
    found = LogisticRegression().fit(scaler.transform(z), labels.numpy())
    return torch.from_numpy(found.predict(scaler.transform(test_z)))


@torch.no_grad()
def probe_by_least_squares(encode, x, labels, test_x):
    z, test_z = (torch.cat([encode(i).flatten(1), torch.ones(len(i), 1)], 1).double()
                 for i in (x, test_x))
    return (test_z @ torch.linalg.pinv(z) @ nn.functional.one_hot(labels).double()).argmax(1)


@torch.no_grad()
def probe_by_gradient(encode, x, labels, test_x):
    """No autograd at all: gradient descent by hand, low and high brought to 0 and 1."""
    z, test_z = encode(x).flatten(1), encode(test_x).flatten(1)
    low, high = z.min(0).values, z.max(0).values
    z, test_z = ((q - low) / (high - low).clamp(min=1e-3) * 4 - 2 for q in (z, test_z))
    weight, bias, target = (torch.zeros(z.shape[1], 4), torch.zeros(4),
                            nn.functional.one_hot(labels, 4).float())
    for _ in range(600):
        error = (z @ weight + bias).softmax(1) - target
        weight, bias = weight - 0.5 * z.T @ error / len(z), bias - 0.5 * error.mean(0)
    return (test_z @ weight + bias).argmax(1)


def by_permutations(clusters, labels):
    from itertools import permutations
    k = int(max(clusters.max(), labels.max())) + 1
    return max(float(np.mean(np.array(p)[clusters.numpy()] == labels.numpy()))
               for p in permutations(range(k)))


def by_cost(clusters, labels):
    from scipy.optimize import linear_sum_assignment
    names, kinds = clusters.unique(), labels.unique()
    table = np.array([[-int(((clusters == c) & (labels == k)).sum()) for k in kinds]
                      for c in names])
    return torch.tensor(-table[linear_sum_assignment(table)].sum() / len(labels))


def table_of(clusters, labels):
    return np.histogram2d(clusters.numpy(), labels.numpy(), bins=[np.arange(11) - 0.5] * 2)[0]


def fewest(clusters, labels):
    from scipy.optimize import linear_sum_assignment
    table = table_of(clusters, labels)
    return table[linear_sum_assignment(table)].sum() / len(labels)


def greedy(clusters, labels):
    table, kept = table_of(clusters, labels), 0
    for _ in range(10):
        i, k = np.unravel_index(table.argmax(), table.shape)
        kept += max(table[i, k], 0)
        table[i], table[:, k] = -1, -1
    return kept / len(labels)


def controls(probe, model, x, labels, test_x, test_labels, pixels=True, new=True, shuffle="train",
             keys=None, leak=False, measure=None, fixed=None):
    def right(guess, truth=None):
        return float(((guess == (test_labels if truth is None else truth)).float()).mean())
    order = torch.randperm(len(labels))
    net = al.build("baseline", "mnist", seed=5) if new else model
    result = {"raw pixels": right(probe(nn.Flatten() if pixels else net.encode, x, labels, test_x)),
              "untrained encoder": right(probe(net.encode, x, labels, test_x))}
    if shuffle == "train":
        result["shuffled labels"] = right(probe(net.encode, x, labels[order], test_x))
    elif shuffle == "both":
        result["shuffled labels"] = right(probe(net.encode, x[order], labels[order], test_x))
    elif shuffle == "test":
        result["shuffled labels"] = right(probe(net.encode, x, labels, test_x), test_labels[order])
    elif shuffle == "leak":
        result["shuffled labels"] = right(probe(net.encode, torch.cat([x, test_x]),
                                                torch.cat([labels] * 2), test_x))
    elif shuffle == "late":
        probe(net.encode, x, labels[order], test_x)
        result["shuffled labels"] = right(probe(net.encode, x, labels, test_x))
    if measure:
        result["raw pixels"] = measure(result["raw pixels"])
    return {k: v for k, v in result.items() if keys is None or k in keys}


def controls_random_labels(probe, model, x, labels, test_x, test_labels):
    torch.manual_seed(3)
    new = copy.deepcopy(model)
    for p in new.parameters():
        nn.init.normal_(p, std=0.1)
    asks = {"shuffled labels": (model.encode, torch.randint(10, labels.shape)), "raw pixels": (
        lambda q: q.flatten(1), labels), "untrained encoder": (new.encode, labels)}
    return {k: (probe(e, x, y, test_x) == test_labels).double().mean()
            for k, (e, y) in asks.items()}


FAIR = answers.audit()


def audit(**changed):
    return lambda: {**FAIR, **changed}


RIGHT = [("07-1", probe), ("07-1", probe_by_sklearn), ("07-1", probe_by_least_squares),
         ("07-1", probe_by_gradient),
         ("07-2", by_permutations), ("07-2", by_cost),
         ("07-3", controls), ("07-3", controls_random_labels),
         ("07-4", audit(against=[["clustering", "MNIST", 256, "ACAI", 96.17],
                                 ("Classifier", "CIFAR-10", 256, "acai", 52.77)])),
         ("07-4", audit(**{"for": [("smoothness", "lines", 64, "ACAI", 0.1)]},
                        against=[*FAIR["against"][:2], ("mean distance", "lines", 64, "VAE", 1.21),
                                 ("clustering", "mnist", 32, "VAE", 75.74)]))]


def with_wrong(**named):
    return lambda *a: probe(*a, **named)


def control(**named):
    return lambda *a: controls(*a, **named)


WRONG = [
    ("07-1", with_wrong(fine=True), "the encoder changed: you measured fine-tuning"),
    ("07-1", with_wrong(frozen=False), "a gradient reached the encoder"),
    ("07-1", probe_once_attached, "backward ran on into the encoder: freeze it"),
    ("07-1", with_wrong(scale="each"), "the scaling must come from the training codes alone"),
    ("07-1", with_wrong(scale="joint"), "the scaling must come from the training codes alone"),
    ("07-1", with_wrong(eps=0), "its spread is 0, and you divided by it"),
    ("07-1", with_wrong(scale=None), "has the layer learnt"),
    ("07-1", with_wrong(steps=0), "enough steps"),
    ("07-1", with_wrong(source="pixels"), "codes and not pixels"),
    ("07-1", with_wrong(bend=True), "is there a bend in it"),
    ("07-1", with_wrong(answer="scores"), "return one class for every test image, not its scores"),
    ("07-1", lambda e, x, y, t: torch.zeros(len(t), dtype=torch.long),
     "has the layer learnt at all"),
    ("07-1", lambda e, x, y, t: None, "returned nothing"),
    ("07-2", lambda c, y: float((c == y).float().mean()), "only a name"),
    ("07-2", lambda c, y: table_of(c, y).max(1).sum() / len(y),
     "two clusters took the same class: the matching must"),
    ("07-2", fewest, "as .few. images"),
    ("07-2", greedy, "another matching keeps more"),
    ("07-2", lambda c, y: answers.matched_accuracy(c, y) * len(y), "is no share"),
    ("07-2", lambda c, y: table_of(c, y).max(0).sum() / len(y), "had better swap"),
    ("07-3", control(pixels=False), "nothing was asked of the raw pixels"),
    ("07-3", control(new=False), "yours is the trained model's"),
    ("07-3", control(shuffle="both"), "the images moved together with their labels"),
    ("07-3", control(shuffle="test"), "not what you compare with"),
    ("07-3", control(shuffle="leak"), "test images among those that the probe learns from"),
    ("07-3", control(shuffle="late"), "yours give more: test labels leaked"),
    ("07-3", control(keys=("raw pixels",)), "return a dictionary with the keys"),
    ("07-3", control(measure=lambda a: 100 * a), "the share of the test images"),
    ("07-3", control(measure=lambda a: 1 - a), "raw pixels: the probe was right in"),
    ("07-4", audit(against=[]), "no cell cited against"),
    ("07-4", audit(**{"for": []}), "no cell cited for"),
    ("07-4", audit(against=FAIR["against"][:1]),
     "no cell that you cite against beats ACAI by the clustering table"),
    ("07-4", audit(against=FAIR["against"][1:2]), "beats ACAI by the classifier table"),
    ("07-4", audit(against=[*FAIR["against"], ("classifier", "svhn", 32, "VAE", 29.58)]),
     "does not speak against"),
    ("07-4", audit(against=[("smoothness", "lines", 64, "VQ-VAE", 0.77)]),
     "does not speak against"),
    ("07-4", audit(against=[*FAIR["against"][:2], ("smoothness", "lines", 64, "AAE", 0.14)]),
     "both of its cells"),
    ("07-4", audit(against=[*FAIR["against"][:2], ("classifier", "mnist", 32, "AAE", 70.74)]),
     "both of its cells"),
    ("07-4", audit(**{"for": [("classifier", "cifar10", 256, "ACAI", 52.77)]}),
     "is no evidence for"),
    ("07-4", audit(**{"for": [("classifier", "mnist", 256, "VAE", 98.74)]}), "is no evidence for"),
    ("07-4", audit(against=[("clustering", "mnist", 256, "VQ-VAE", 97.8)]),
     "not what the table says"),
    ("07-4", audit(against=[("clustering", "cifar10", 256, "Denoising", 20.0)]), "have no cell"),
    ("07-4", audit(against=[("clustering", "svhn", 32, "Dropout", 21.42)]),
     "not read in the source"),
    ("07-4", audit(against=["CIFAR-10, denoising"]), "a cell is"),
    ("07-4", audit(verdict="No."), "too short"),
    ("07-4", audit(verdict="ACAI is a GAN and leads in feature learning and clustering. " * 3),
     "the sentence itself"),
    ("07-4", audit(verdict="It leads in most of the rows, but not in all of them, as we see. " * 3),
     "is ACAI a GAN"),
    ("07-4", audit(verdict="It is no GAN. It leads in most of the rows, but not "
                           "in all of them. " * 3), "no budget"),
    ("07-4", lambda: ["for"], "the keys 'for', 'against'"),
]
