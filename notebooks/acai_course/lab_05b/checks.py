"""Lab 05b: what each check looks for."""
import torch

from acai_lite.autoencoders import ACAI, Autoencoder
from acai_lite.drawing import draw_lines
from acai_lite.networks import Architecture

from ..checks import Exercise, Off
from ..lab_05a.answers import mix
from .answers import audit, culprits, reading_error
from .hunt import HUNT


def _small_acai(seed=0):
    return ACAI(Autoencoder(Architecture(width=8, depth=4, gain=1.5)), seed=seed)


def _try_reading_error(yours):
    model, x = _small_acai(), draw_lines(torch.arange(8.0))
    alpha = torch.linspace(0, 0.5, 8)
    model.d = lambda images: torch.full((len(images),), 0.25)
    value = yours(model, x, alpha)
    if value is None or torch.as_tensor(value).numel() != 1:
        raise Off(
            "return one number, the mean over the images; yours is "
            f"{'nothing' if value is None else f'of shape {tuple(torch.as_tensor(value).shape)}'}.")
    value = float(value)
    if abs(value - float((0.25 - alpha).square().mean())) > 1e-6:
        raise Off("a critic that always says ¼ misreads these α by "
                  f"{float((0.25 - alpha).square().mean()):.4f} on average; yours gives "
                  f"{value:.4f}: how is a miss of ¼ counted, and how one of ⅛?")
    seen = []
    model.d = lambda images: seen.append(images) or torch.zeros(len(images))
    yours(model, x, alpha)
    if any(tuple(images.shape[1:]) != (1, 32, 32) for images in seen):
        raise Off(f"the critic was shown {tuple(seen[0].shape)}, no pictures (B,1,32,32): what "
                  "turns a code into one?")
    seen = torch.cat([torch.zeros(0, 1, 32, 32), *seen])               # one by one is fine
    if len(seen) != len(x):
        raise Off(f"the critic should be asked about one picture for each of the {len(x)} images; "
                  f"it was asked about {len(seen)}.")
    with torch.no_grad():
        z = model.encode(x)
        drawn, pixels = (model.decode(z), alpha.view(-1, 1, 1, 1) * x
                         + (1 - alpha.view(-1, 1, 1, 1)) * x.flip(0))
        good = [model.decode(mix(z, alpha)), model.decode(mix(z, 1 - alpha))]
    if torch.allclose(seen, drawn, atol=1e-5) or torch.allclose(seen, x, atol=1e-5):
        raise Off("the critic was shown images that are not mixed: encode, mix the codes, decode.")
    if torch.allclose(seen, pixels, atol=1e-4):
        raise Off("the critic was shown mixed pixels; it judges decoded mixtures of *codes*.")
    if not any(torch.allclose(seen, want, atol=1e-4) for want in good):
        raise Off("the critic was shown another picture: follow one image through your function, "
                  "from x to what d sees.")


def _try_audit(yours):
    model, x = _small_acai(), draw_lines(torch.arange(8.0))
    before = [p.detach().clone() for p in model.parameters()]
    taken = []
    fresh = yours(model, (taken.append(0) or x for _ in range(3)))
    if not isinstance(fresh, ACAI):
        raise Off("return the model with the fresh critic, an al.ACAI around the same autoencoder.")
    base = len(list(model.base.parameters()))
    if any(not torch.equal(p, q) for p, q in zip(list(model.base.parameters()),
                                                 before[:base], strict=True)):
        raise Off("the autoencoder moved: freeze it, or you audit another model. Only the fresh "
                  "critic's parameters belong into the optimiser.")
    if (fresh.critic is model.critic
            or any(not torch.equal(p, q) for p, q in zip(model.parameters(), before, strict=True))):
        raise Off("you went on training the old critic; the audit needs one that starts anew: "
                  "al.ACAI(model.base).")
    if any(not torch.equal(p, q) for p, q in zip(fresh.base.parameters(),
                                                 before[:base], strict=True)):
        raise Off("the fresh critic looks at another autoencoder: give al.ACAI the same "
                  "one, model.base.")
    if len(taken) < 3:
        raise Off(f"you used {len(taken)} of 3 batches: return after the loop, not inside it.")
    untrained = yours(model, []).critic.state_dict()
    if all(torch.equal(v, fresh.critic.state_dict()[k]) for k, v in untrained.items()):
        raise Off("the fresh critic has not learnt anything: for every batch one critic_step, with "
                  "an optimiser of the fresh critic's parameters.")


CLUES = {
    "target alpha": "There the critic reads better and better, while the drawing stays as calm as "
                    "with λ = 0: nobody hides anything. Who gains when the critic is right?",
    "pixel sum": "Its numbers end where those of λ = 0 end: the critic reads, and nobody listens. "
                 "What makes its term so small?",
    "leak": "There the drawing suffers for a while, long before λ is faded in, and in the end the "
            "critic reads very well. Who else is moving the autoencoder?",
    "unfolded": "There the critic errs more than one answer for everything would in the folded "
                "game, however long it trains. What could defeat even a sharp eye?"}


def _try_culprits(yours):
    answer = yours()
    if not isinstance(answer, dict) or set(answer) != set(HUNT):
        raise Off("return a dictionary with the letters A, B, C and D.")
    answer = {letter: " ".join(str(name).lower().replace("_", " ").split())
              for letter, name in answer.items()}
    unknown = sorted(set(answer.values()) - set(HUNT.values()))
    if unknown:
        raise Off(f"there is no bug {unknown[0]!r}: they are "
                  f"{', '.join(map(repr, sorted(HUNT.values())))}.")
    if len(set(answer.values())) < 4:
        raise Off("you named one bug twice: each of the four occurs once.")
    for letter, name in HUNT.items():
        if answer[letter] != name:
            raise Off(f"run {letter} is not {answer[letter]!r}. {CLUES[name]}")


EXERCISES = {
    "05-5": Exercise("reading error", reading_error, _try_reading_error,
                     "replace model.d by a function that stores what it is shown, and look at "
                     "those pictures beside x: what has happened to them?"),
    "05-6": Exercise("audit", audit, _try_audit, "print the sum of all weights of model.base, of "
                     "model.critic and of fresh.critic before and after: which one may change?"),
    "05-7": Exercise("culprits", culprits, _try_culprits,
                     "take one bug and say aloud who earns what by it: is the critic helped, is it "
                     "ignored, or can it not win? Then look at the curves."),
}
