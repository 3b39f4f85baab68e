"""Checkpoints with receipts: float16 safetensors that carry the model's config and where every
number came from.

A model of more than 2 MiB keeps its critic in a file of its own beside it. Reading one runs no
code.
"""
import hashlib
import json
import math
import platform
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from .autoencoders import Model
from .files.checkout import checkout, commit_of_checkout
from .files.records import blamed, finite, in_one_line, write_whole
from .files.validation import plain
from .training import History
from .zoo import from_config, method_name

FORMAT = "acai_lite 1"
LIMIT = 2 * 2 ** 20                             # bytes of weights in one file, for a repository
CRITIC = ".critic.safetensors"
SCORES = ("probe_accuracy", "online_probe_accuracy", "cluster_accuracy", "mean_distance",
          "smoothness", "end_error", "effective_dimension", "top_two_share", "reconstruction_error")


def save_checkpoint(model: Model, path: str | Path, receipt: dict[str, Any],
                    own_class: bool = False) -> None:
    """Save a model's weights as float16, with its config and `receipt` (a JSON-able dict) inside.

    own_class: save a model of your own class, too, which `checkpoint` can only load into such a
    model. Raises TypeError if the receipt is no dict or does not fit into JSON, ValueError if a
    weight is not finite in float16 or `checkpoint` would not build this model, OSError if the
    folder cannot be written.
    """
    from safetensors.torch import save
    if not isinstance(receipt, dict):
        raise TypeError(f"receipt must be a dict; got {type(receipt).__name__}")
    if not own_class and (strange := _strange(model)):
        raise ValueError(f"checkpoint() would not build this model, because of {strange}: save it "
                         "with own_class=True, and load it with checkpoint(path, model=...)")
    weights = {name: tensor.detach().cpu().half().contiguous()
               for name, tensor in model.state_dict().items()}
    bad = [name for name, tensor in weights.items() if not tensor.isfinite().all()]
    if bad:
        raise ValueError(f"weights that float16 cannot hold: {', '.join(bad)}; nothing was written")
    notes = {"format": FORMAT, "config": json.dumps(model.config),
             "receipt": json.dumps(receipt, default=_for_json)}
    if own_class:
        notes["class"] = type(model).__qualname__
    critic = {name: tensor for name, tensor in weights.items() if name.startswith("critic.")}
    if critic and sum(tensor.nbytes for tensor in weights.values()) > LIMIT:
        beside = save(critic, metadata={"format": FORMAT})
        notes["critic"] = hashlib.sha256(beside).hexdigest()
        write_whole(Path(path).with_suffix(CRITIC), beside)             # first: the other names it
        weights = {name: tensor for name, tensor in weights.items() if name not in critic}
    write_whole(path, save(weights, metadata=notes))


def checkpoint(name: str | Path, model: Model | None = None) -> Model:
    """Load a checkpoint: a name such as "mnist-acai-32" from data/checkpoints of the checkout, or a
    path to a file. model: load its weights into this one, whatever its class is.

    Returns the model in eval mode, float32, with its `.receipt`. Raises FileNotFoundError, listing
    what is there, or ValueError if the file is damaged, of another kind, or of a class that only
    `model` can bring.
    """
    path = checkpoint_path(name)
    says = (f"{path} is damaged or no checkpoint of acai_lite ({{why}}): restore it with git, or "
            "train it again")
    with blamed(path, says):
        notes, weights = _read(path)
    if model is None and "class" in notes:
        raise ValueError(f"{path} holds a model of your own class {notes['class']}: load it with "
                         "checkpoint(path, model=...), a model of that class")
    with blamed(path, says):
        if "critic" in notes:
            beside = path.with_suffix(CRITIC)
            if hashlib.sha256(beside.read_bytes()).hexdigest() != notes["critic"]:
                raise ValueError(f"its critic, {beside.name}, is of another run")
            weights |= _read(beside)[1]
        config, receipt = json.loads(notes["config"]), json.loads(notes["receipt"])
        if not isinstance(receipt, dict) or not finite(config) or not all(
                tensor.isfinite().all() for tensor in weights.values()):
            raise ValueError("a weight or setting that is not finite, or a receipt that is no dict")
        if model is None:
            with torch.device("meta"):          # costs nothing, whatever size the config claims
                claimed = from_config(config).state_dict()
        else:
            claimed = model.state_dict()
        if {k: t.shape for k, t in claimed.items()} != {k: t.shape for k, t in weights.items()}:
            raise ValueError("its weights have other names or shapes than "
                             f"{'its config says' if model is None else 'those of the model'}")
        model = model or from_config(config)
        model.load_state_dict(weights)
        model.receipt = receipt
    return model.eval()


def _strange(model: Model) -> str:
    """What keeps `from_config` from building this model again, in words; "" if nothing does."""
    try:
        with torch.device("meta"):
            twin = from_config(model.config)
    except Exception as error:
        return in_one_line(error)
    kinds, ours = ({name: type(part) for name, part in one.named_modules()}
                   for one in (model, twin))
    other = [kind.__qualname__ for name, kind in kinds.items() if ours.get(name) is not kind]
    if other or kinds.keys() != ours.keys():
        return f"its {other[0] if other else 'missing parts'}"
    shapes = ({name: tensor.shape for name, tensor in one.state_dict().items()}
              for one in (model, twin))
    return "" if next(shapes) == next(shapes) else "its weights, which have other shapes"


def _for_json(value: Any) -> Any:
    """NumPy's and torch's numbers as Python's own."""
    found = plain(value)
    if found is value:
        raise TypeError("a receipt holds texts, numbers, lists and dicts; got "
                        f"{type(value).__name__}")
    return found


def checkpoint_path(name: str | Path) -> Path:
    """The file of a checkpoint, given its name or path. Raises FileNotFoundError, listing what is
    there."""
    path = Path(name)
    if path.suffix != ".safetensors":
        folder = checkout(f"the checkpoint {str(name)!r}") / "data" / "checkpoints"
        path = folder / f"{name}.safetensors"
        if not path.exists():
            files = [p for p in folder.glob("*.safetensors") if not p.name.endswith(CRITIC)]
            there = ", ".join(sorted(p.stem for p in files)) or "none"
            raise FileNotFoundError(f"no checkpoint {str(name)!r}; there are: {there}")
    elif not path.exists():
        raise FileNotFoundError(f"no checkpoint file {path}")
    return path


def _read(path: Path) -> tuple[dict[str, str], dict[str, Tensor]]:
    """The notes and the weights (float32) in a file of ours."""
    from safetensors import safe_open
    with safe_open(path, framework="pt") as file:
        notes = file.metadata() or {}
        if notes.get("format") != FORMAT:
            raise ValueError(f"format {notes.get('format')!r}, not {FORMAT!r}")
        return notes, {key: file.get_tensor(key).float() for key in file.keys()}


def make_receipt(model: Model, dataset: str, history: History, scores: Mapping[str, float],
                 command: str) -> dict[str, Any]:
    """The record of one run: what was trained, what it scored, on what, by which code.

    scores: any of SCORES; one that was not measured is None in the receipt, as is NaN or infinity.
    The size of the images is in it if it is not 32. Raises ValueError for an unknown score.
    """
    if set(scores) - set(SCORES):
        raise ValueError(f"unknown scores: {', '.join(sorted(set(scores) - set(SCORES)))}")
    measured = {name: float(value) if math.isfinite(value) else None
                for name, value in scores.items()}
    size, machine = model.image_shape[-1], platform.machine()
    if history.device == "cuda":
        machine += f", {torch.cuda.get_device_name()}"
    return {"method": method_name(model.config), "dataset": dataset, "code_size": model.code_size,
            **({"size": size} if size != 32 else {}),
            "recipe": history.recipe["name"], "seed": history.seed, "samples": history.samples,
            **dict.fromkeys(SCORES), **measured, "seconds": round(history.seconds, 1),
            "device": history.device, "threads": history.threads, "precision": history.precision,
            "settings": history.recipe, "config": model.config, "machine": machine,
            "versions": {"python": platform.python_version(), "torch": torch.__version__},
            "commit": commit_of_checkout(), "command": command,
            "date": time.strftime("%Y-%m-%d", time.gmtime())}
