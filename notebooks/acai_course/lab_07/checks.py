"""Lab 07: what each check looks for."""
import re

import torch

from acai_lite.autoencoders import Autoencoder
from acai_lite.drawing import draw_lines

from ..checks import Exercise, Off, keyed
from .answers import audit, controls, matched_accuracy, probe
from .checks_probe import try_probe
from .paper import cited_row


def _counts(table):
    """Clusters and labels with these counts (rows: clusters), in a shuffled order."""
    table = torch.tensor(table)
    pairs = torch.nonzero(table).repeat_interleave(table[table > 0], 0)
    pairs = pairs[torch.randperm(len(pairs), generator=torch.Generator().manual_seed(0))]
    return pairs[:, 0].contiguous(), pairs[:, 1].contiguous()


def _try_matched(yours):
    value = float(yours(*_counts([[0, 0, 9], [7, 0, 0], [0, 8, 0]])))
    if value > 1.01:
        raise Off(f"{value:.1f} is no share: divide by the number of images.")
    # the fewest images in a matching: 0 + 0 + 0
    unlike = _counts([[1, 0, 5], [6, 2, 0], [0, 7, 3]])
    if abs(value) < 1e-6 and abs(float(yours(*unlike))) < 1e-6:
        raise Off("your matching keeps as *few* images as it can: it is the largest "
                  "total that counts.")
    if abs(value - 1) > 1e-6:
        raise Off("each cluster here holds one class and no two the same, so that all images "
                  f"count; yours gives {value:.2f}. A cluster's number is only a name: cluster 0 "
                  "need not be class 0.")
    # votes: 24; matched: 9 + 4 + 5 or 10 + 2 + 5
    both = _counts([[10, 4, 0], [9, 2, 0], [0, 0, 5]])
    value = float(yours(*both))
    if abs(value - 24 / 30) < 1e-6:
        raise Off("two clusters took the same class: the matching must be one to one.")
    if abs(value - 17 / 30) < 1e-6:
        raise Off("you gave the largest count its class first, and the rest had to make do: "
                  "another matching keeps more images right. The Hungarian method weighs all of "
                  "them together.")
    for counts, wanted in ((both, 18 / 30), (_counts([[5, 1, 2], [4, 6, 1], [3, 2, 7]]), 18 / 31), (
            _counts([[6, 5, 0, 0], [0, 0, 0, 0], [0, 0, 3, 2], [1, 0, 0, 4]]), 13 / 21)):
        try:
            value = float(yours(*counts))
        except (IndexError, ValueError) as error:
            raise Off(f"a cluster without any image made your function stop ({error}): let the "
                      "table have a row for it."
            ) from None
        if abs(value - wanted) > 1e-6:
            raise Off(f"the best one-to-one matching keeps {wanted:.3f} of these {len(counts[0])} "
                      f"images right; yours says {value:.3f}. Look for two clusters that had "
                      "better swap their classes.")


class _Witness:
    """Stands for a probe: notes what it is asked, and answers as well as such codes would allow."""

    def __init__(self, model, x, labels, test_x, test_labels):
        self.model, self.x, self.labels, self.test_x, self.test_labels = (model, x, labels, test_x,
                                                                          test_labels)
        self.asked = []

    @torch.no_grad()
    def __call__(self, encode, x, labels, test_x):
        code = encode(self.x[:3]).flatten(1)
        if code.shape == (3, 1024) and torch.allclose(code, self.x[:3].flatten(1)):
            kind = "pixels"
        else:
            same = code.shape[1] == self.model.code_size
            kind = ("trained" if same
                    and torch.allclose(code, self.model.encode(self.x[:3]).flatten(1), atol=1e-5)
                    else "untrained" if same else "other")
        place = (x.flatten(1)[:, None] - self.x.flatten(1)[None]).abs().amax(2).argmin(1)
        if any(bool((row == t).all()) for row in x for t in self.test_x[:3]):
            raise Off("there are test images among those that the probe learns from.")
        own = (float((labels == self.labels[place]).float().mean())
               if len(labels) == len(place) else 0.0)
        wrong = {"pixels": 5, "trained": 2, "untrained": 8, "other": 9}[kind] if own > 0.6 else 36
        guess = self.test_labels.clone()
        guess[:wrong] = (guess[:wrong] + 1) % 10
        self.asked.append((kind, own, bool((place != torch.arange(len(place))).any()),
                           1 - wrong / len(guess)))
        return guess


def _try_controls(yours):
    x = draw_lines(torch.arange(40.0) / 7)
    test_x, labels, test_labels = (draw_lines(torch.arange(40.0) / 6 + 0.05),
                                   torch.arange(40) * 7 % 10, torch.arange(40) % 10)
    model = Autoencoder(seed=3)
    witness = _Witness(model, x, labels, test_x, test_labels)
    torch.manual_seed(0)
    names = ("raw pixels", "untrained encoder", "shuffled labels")
    result = keyed(yours(witness, model, x.clone(), labels.clone(), test_x.clone(),
                         test_labels.clone()), names)
    fair = [kind for kind, own, _, _ in witness.asked if own > 0.6]
    if not any(own <= 0.6 for _, own, _, _ in witness.asked):
        if any(moved for _, _, moved, _ in witness.asked):
            raise Off("the images moved together with their labels, so that every image still has "
                      "its own: shuffle the labels only.")
        raise Off("shuffled training labels must give about 10%; here the probe always learnt from "
                  "the true ones. Shuffle what it learns from, not what you compare with.")
    if "pixels" not in fair:
        raise Off("nothing was asked of the raw pixels: an encoder that hands back "
                  "the image itself.")
    if "untrained" not in fair:
        raise Off("the untrained encoder is missing: "
                  + ("yours is the trained model's." if "trained" in fair
                     else "build a new one, with codes as long."))
    expected = {"raw pixels": [s for k, own, _, s in witness.asked if k == "pixels" and own > 0.6],
                "untrained encoder": [s for k, own, _, s in witness.asked if k == "untrained"
                                      and own > 0.6],
                "shuffled labels": [s for _, own, _, s in witness.asked if own <= 0.6]}
    for name in names:
        value = float(torch.as_tensor(result[name], dtype=torch.float32).mean())
        if name == "shuffled labels" and value > 0.3:
            raise Off("shuffled training labels must give about 10%; yours give more: test labels "
                      "leaked, or you kept the wrong number.")
        if not any(abs(value - s) < 1e-4 for s in expected[name]):
            raise Off(f"{name}: the probe was right in {expected[name][0]:.0%} of the test images, "
                      f"you say {value:.4g}: the share of the test images whose class it names.")


def _try_audit(yours):
    answer = yours()
    if not isinstance(answer, dict) or set(answer) != {"for", "against", "verdict"}:
        raise Off("return a dictionary with the keys 'for', 'against' and 'verdict'.")
    if not answer["against"]:
        raise Off("no cell cited against. Does ACAI lead in *every* row of the two tables?")
    if not answer["for"]:
        raise Off("no cell cited for: an audit weighs both sides.")
    for cell in answer["for"]:
        _, row, method = cited_row(cell)
        if method != "ACAI" or row["ACAI"] < max(row.values()):
            raise Off(f"{tuple(cell)!r} is no evidence for: ACAI does not lead there, or the cell "
                      "is not ACAI's.")
    cited, against = [cited_row(cell) for cell in answer["against"]], set()
    paths, poor = ({m for k, row, m in cited if (k in ("mean distance", "smoothness")) == lines
                    and (row[m] > row["Baseline"]) == lines} for lines in (True, False))
    for cell, (measure, row, method) in zip(answer["against"], cited, strict=True):
        if row["ACAI"] < max(row.values()) and (method == "ACAI" or row[method] > row["ACAI"]):
            against.add(measure)
        elif method not in paths & poor:
            raise Off(f"{tuple(cell)!r} does not speak against: it is not ahead of ACAI. (A method "
                      "with better paths than the baseline's and yet a poorer reading may be cited "
                      "too, with both of its cells.)")
    missing = {"classifier", "clustering"} - against
    if missing:
        raise Off("the sentence claims two leads, in feature learning and in clustering; no cell "
                  f"that you cite against beats ACAI by the {sorted(missing)[0]} table.")
    words = " ".join(str(answer["verdict"]).split())
    if "is a gan and leads in feature learning and clustering" in words.lower():
        raise Off("that verdict is the sentence itself: write what you would sign.")
    if len(words) < 120:
        raise Off("the verdict is too short to be weighed: some sentences, on the GAN, on both "
                  "leads, on the budget.")
    if not re.search(r"\bGANs?\b|adversarial network", words, re.IGNORECASE):
        raise Off("the sentence makes three claims; your verdict is silent on the first: "
                  "is ACAI a GAN?")
    if not re.search(r"sample|budget|\bruns?\b|rerun|seed", words, re.IGNORECASE):
        raise Off("no budget, no number of runs: a reader cannot weigh this verdict.")


EXERCISES = {
    "07-1": Exercise("a linear probe", probe, try_probe,
                     "print mean and spread of each number of the codes that your layer is trained "
                     "on, and its loss at the first and last step."),
    "07-2": Exercise("clusters and classes", matched_accuracy, _try_matched,
                     "write the table of counts for 6 images, 2 clusters and 2 classes on paper: "
                     "how many assignments are there, and what does each keep?"),
    "07-3": Exercise("controls", controls, _try_controls,
                     "for each of the three, say what the probe may still know: the picture, an "
                     "encoder's shape, or nothing at all. Which answers follow?"),
    "07-4": Exercise("audit of a sentence", audit, _try_audit,
                     "put your finger on ACAI's cell in each row of the two tables, and note the "
                     "rows in which another cell is larger."),
}
