"""Lab 03: what each check looks for."""
import torch

from acai_lite.autoencoders import Autoencoder
from acai_lite.drawing import draw_lines
from acai_lite.networks import Architecture

from ..checks import Exercise, Off, images_like
from .answers import card, denoising_loss, straight_through, vae_loss
from .checks_vae import one_number, try_vae
from .riddle import ASKS, IN_BETWEEN, LINE, PAYS, PRICE, STEADY, zoo_scores


class _Glass(Autoencoder):
    """A small autoencoder that remembers what went in and out."""

    def __init__(self):
        super().__init__(Architecture(width=8, depth=4, gain=1.5))
        self.encoded, self.decoded = [], []

    def encode(self, x, noise=None):
        self.encoded.append((x, super().encode(x)))
        return self.encoded[-1][1]

    def decode(self, z):
        self.decoded.append((z, super().decode(z)))
        return self.decoded[-1][1]


def _try_denoising(yours):
    x = draw_lines(torch.arange(40.0))
    given, noises = x.clone(), []
    torch.manual_seed(0)
    for spread in (1.0, 1.0, 0.25):
        model = _Glass()
        loss = one_number(yours(model, x, spread))
        if not torch.equal(x, given):
            raise Off("you changed the images that you were given (+= does): make a new tensor.")
        if not len(model.encoded) == len(model.decoded) > 0:
            raise Off("encode the noisy images with the given model, once, and decode their codes.")
        seen, code, decoded, drawn = (torch.cat(parts).detach() for parts in [
            *zip(*model.encoded, strict=True), *zip(*model.decoded, strict=True)])
        noises.append(seen - x)
        if float(noises[-1].abs().max()) < 1e-6:
            raise Off("the encoder saw the clean image: the noise belongs on what goes in."
                      if torch.equal(code, decoded)
                      else "the noise is on the code; here it belongs on the image.")
        if not torch.equal(code, decoded):
            raise Off("what was decoded is not the code of the noisy image: leave the "
                      "code as it is.")
        value, right, wrong = float(loss), (drawn - x).square(), (drawn - seen).square()
        if abs(value - float(wrong.mean())) < 1e-5 or abs(value - float(wrong.sum())) < 1e-2:
            raise Off("your target changes with the noise: you ask the network to reproduce it.")
        if (abs(value - float(right.sum())) < 1e-2
                or abs(value - float(right.sum()) / len(x)) < 1e-3):
            raise Off("take the mean over images and pixels, not a sum: the learning rate below "
                      "belongs to means.")
        if abs(value - float(right.mean())) > 1e-5:
            raise Off("the loss is not the mean squared difference between the drawing and the "
                      "clean x: what did you do to it after that?")
    first, second, small = noises
    if float((first[0] - first[1]).abs().max()) < 1e-4:
        raise Off("all images of the batch got the same noise: every pixel of every image "
                  "needs its own.")
    if torch.equal(first, second):
        raise Off("two calls made the same noise: draw it anew each time, or the network "
                  "learns it by heart.")
    if float(first.flatten(1).std(1).min()) < 0.1:
        raise Off("one number for a whole image is a change of brightness: every pixel needs "
                  "its own noise.")
    if float((first + x).min()) > -1 - 1e-5 and float((first + x < -1 + 1e-5).float().mean()) > 0.2:
        raise Off("you clipped the noisy image to [-1, 1]: on a black background half of the noise "
                  "is lost. Leave it.")
    ink = x - x.mean()
    if float((first * ink).mean() / ink.square().mean()) < -0.9:
        raise Off("the encoder saw noise and nothing else: the noise comes on top of the image.")
    if abs(float(first.mean())) > 0.05:
        raise Off(f"the mean of your noise is {float(first.mean()):.2f}: it brightens the picture. "
                  "Normal noise has mean 0.")
    ratio = float(small.std() / first.std())
    if abs(ratio - 0.25) > 0.02:
        raise Off("the noise should grow with spread: from 1.0 to 0.25 yours changed by the "
                  f"factor {ratio:.2f}." + (" A spread is a standard deviation, no variance."
                                            if min(abs(ratio - 0.5), abs(ratio - 0.0625)) < 0.02
                                            else " Where does spread enter, and as what?"))
    if abs(float(first.std()) - 1) > 0.03:
        raise Off("with spread 1 the noise should have standard deviation 1; yours has "
                  f"{float(first.std()):.2f}: which numbers does your function draw from?")


def _close(value, limit):
    return 0.85 * limit < value < limit / 0.85  # too near to the line to call either answer wrong


def _try_card(yours):
    answer = yours()
    if not isinstance(answer, dict) or set(answer) != set(card()):
        raise Off(f"a card is a dictionary with the five keys {', '.join(card())}.")
    name, scores = answer["method"], zoo_scores()
    if name not in ASKS:
        raise Off(f"no card for {name!r}: choose one of {', '.join(ASKS)}.")
    for key, options in (("asks", ASKS.values()), ("pays", PAYS),
                         ("in_between", IN_BETWEEN.values())):
        if answer[key] not in options:
            raise Off(f"“{key}” must be one of: {'; '.join(options)}.")
    if answer["asks"] != ASKS[name]:
        owner = next(other for other, words in ASKS.items() if words == answer["asks"])
        raise Off(f"{answer['asks']!r} is what the loss of {owner!r} asks, not that of {name!r}.")
    mine, base = scores[name], scores["baseline"]["end_error"]
    near, steady = mine["mean_distance"] < LINE, mine["smoothness"] < STEADY
    says_near, says_steady = next(k for k, v in IN_BETWEEN.items() if v == answer["in_between"])
    if says_steady != steady and not _close(mine["smoothness"], STEADY):
        raise Off(f"your card says {answer['in_between']}, which is "
                  f"{'' if says_steady else 'not '}smooth; your method's Smoothness is "
                  f"{mine['smoothness']:.2f}.")
    if says_near != near and not _close(mine["mean_distance"], LINE):
        raise Off(f"your card says {answer['in_between']}: frames that are "
                  f"{'' if says_near else 'no '}lines; your method's Mean Distance is "
                  f"{mine['mean_distance'] * 1e3:.2f} e-3.")
    worse = mine["end_error"] / base
    if (answer["pays"] == PAYS[0]) != (worse > PRICE) and not _close(worse, PRICE):
        raise Off(f"your card says that your method pays: {answer['pays']}; its end error is "
                  f"{worse:.1f} times the baseline's.")
    if not isinstance(answer["because"], str) or len(answer["because"].split()) < 5:
        raise Off("“because” is the sentence that you would say to a neighbour: five "
                  "words at least.")


def _try_straight_through(yours):
    codebook = torch.tensor([[1.5, 0.0], [0.0, 0.6], [3.0, 3.0], [-2.0, -1.0], [0.9, 0.9]])
    e = torch.tensor([[1.0, 0.1], [0.0, 0.1], [2.0, 2.2], [-1.0, -0.4],
                      [0.55, 0.6], [-3.0, 2.0]]).requires_grad_()
    result = yours(e, codebook)
    if torch.is_tensor(result) and not result.is_floating_point():
        raise Off("you returned the numbers of the codewords: look the codewords themselves up.")
    images_like(result, (6, 2), "your function")
    distance, inner = torch.cdist(e, codebook).detach(), (e @ codebook.T).detach()
    got, want = result.detach(), codebook[distance.argmin(1)]
    if torch.allclose(got, e.detach()):
        raise Off("you returned e itself: nothing was replaced by a codeword.")
    for index, words in (
            (distance.argmax(1), "those are the codewords farthest away."),
            (inner.argmax(1), "those are the codewords with the largest product with e, and long "
             "ones win: take distances."),
            ((inner / codebook.norm(dim=1)).argmax(1), "those are the codewords in the most "
             "similar direction: lengths count, take distances."),
            (torch.cdist(e, codebook, p=1).argmin(1),
             "those are nearest by absolute differences: take squares."),
            (distance.mean(0).argmin().expand(6),
             "all rows got one codeword, but each has a nearest one of its own.")):
        if (torch.allclose(got, codebook[index], atol=1e-5)
                and not torch.equal(codebook[index], want)):
            raise Off(words)
    if not torch.allclose(got, want, atol=1e-5):
        raise Off("going forward, every row must be exactly its nearest codeword, no other and no "
                  "mixture of several.")
    weight = torch.randn(6, 2, generator=torch.Generator().manual_seed(0))
    found = (torch.autograd.grad((result * weight).sum(), e, allow_unused=True)[0]
             if result.requires_grad else None)
    if found is None or float(found.abs().max()) < 1e-7:
        raise Off("the encoder's gradient is exactly 0: argmin is flat, so copy the "
                  "gradient past it.")
    if not torch.allclose(found, weight, atol=1e-5):
        raise Off("going back, e must get the very gradient that the codeword got, as if nothing "
                  "had been replaced; yours is changed on the way.")


EXERCISES = {
    "03-1": Exercise("denoising", denoising_loss, _try_denoising,
                     "show three pictures side by side: what you encode, what is drawn, what it is "
                     "compared with. Which of them may have grain?"),
    "03-2": Exercise("the loss of a VAE", vae_loss, try_vae, "take a code of one number with mean "
                     "0 and log_variance 0: what must the KL be, and what does your line give?"),
    "03-3": Exercise("the card", card, _try_card, "print your method's scores, as the lab shows, "
                     "and the baseline's, and hold the limits that the lab names beside them."),
    "03-4": Exercise("nearest codeword", straight_through, _try_straight_through,
                     "take one row, e = (0.9, 0.1), and two codewords, (1, 0) and (0, 1): print "
                     "what comes out, then e.grad after .sum().backward()."),
}
