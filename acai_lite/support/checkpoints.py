"""Checkpoints with receipts: float16 safetensors that carry the model's config and where every number came from.

Files are written aside and moved into place, so that a crash leaves the old file or the new one, never half of one.
A model of more than 2 MiB keeps its critic in a file of its own beside it. Reading one runs no code.
"""
import hashlib
import json
import math
import os
import platform
import subprocess
import tempfile
import time
from pathlib import Path

import torch

from ..zoo import from_config, method_name
from .downloads import checkout

FORMAT = "acai_lite 1"
LIMIT = 2 * 2 ** 20                             # bytes of weights in one file, so that a repository can hold them
CRITIC = ".critic.safetensors"


def write_whole(path, content):
    """Write bytes to `path`, all or nothing. Raises OSError, naming the folder, if that is impossible."""
    path = Path(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise OSError(f"cannot write into {path.parent}: {error.strerror}; choose a folder you may write to") from error
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(aside, 0o644)
        os.replace(aside, path)
    except BaseException:
        Path(aside).unlink(missing_ok=True)
        raise


def save_checkpoint(model, path, receipt):
    """Save a model's weights as float16, with its config and `receipt` (a JSON-able dict) inside.

    Raises TypeError if the receipt is no dict, ValueError if a weight is not finite in float16, OSError if the folder
    cannot be written.
    """
    from safetensors.torch import save
    if not isinstance(receipt, dict):
        raise TypeError(f"receipt must be a dict; got {type(receipt).__name__}")
    weights = {name: tensor.detach().cpu().half().contiguous() for name, tensor in model.state_dict().items()}
    bad = [name for name, tensor in weights.items() if not tensor.isfinite().all()]
    if bad:
        raise ValueError(f"weights that float16 cannot hold: {', '.join(bad)}; nothing was written")
    notes = {"format": FORMAT, "config": json.dumps(model.config), "receipt": json.dumps(receipt)}
    critic = {name: tensor for name, tensor in weights.items() if name.startswith("critic.")}
    if critic and sum(tensor.nbytes for tensor in weights.values()) > LIMIT:
        beside = save(critic, metadata={"format": FORMAT})             # written first: the model's file names its content
        notes["critic"] = hashlib.sha256(beside).hexdigest()
        write_whole(Path(path).with_suffix(CRITIC), beside)
        weights = {name: tensor for name, tensor in weights.items() if name not in critic}
    write_whole(path, save(weights, metadata=notes))


def checkpoint(name):
    """Load a checkpoint: a name such as "mnist-acai-32" from data/checkpoints of the checkout, or a path to a file.

    Returns the model in eval mode, float32, with its `.receipt`. Raises FileNotFoundError, listing what is there, or
    ValueError if the file is damaged or of another kind.
    """
    from safetensors import SafetensorError, safe_open
    path = Path(name)
    if path.suffix != ".safetensors":
        folder = checkout() / "data" / "checkpoints"
        path = folder / f"{name}.safetensors"
        if not path.exists():
            there = ", ".join(sorted(p.stem for p in folder.glob("*.safetensors") if not p.name.endswith(CRITIC))) or "none"
            raise FileNotFoundError(f"no checkpoint {str(name)!r}; there are: {there}")
    elif not path.exists():
        raise FileNotFoundError(f"no checkpoint file {path}")

    def read(path):
        with safe_open(path, framework="pt") as file:
            notes = file.metadata() or {}
            if notes.get("format") != FORMAT:
                raise ValueError(f"format {notes.get('format')!r}, not {FORMAT!r}")
            return notes, {key: file.get_tensor(key).float() for key in file.keys()}

    try:
        notes, weights = read(path)
        if "critic" in notes:
            beside = path.with_suffix(CRITIC)
            if hashlib.sha256(beside.read_bytes()).hexdigest() != notes["critic"]:
                raise ValueError(f"its critic, {beside.name}, is of another run")
            weights |= read(beside)[1]
        model = from_config(json.loads(notes["config"]))
        model.load_state_dict(weights)
        model.receipt = json.loads(notes["receipt"])
    except (SafetensorError, ValueError, KeyError, TypeError, RuntimeError, OSError) as error:
        raise ValueError(f"{path} is damaged or no checkpoint of acai_lite ({str(error).splitlines()[0]}): "
                         "restore it with git, or train it again") from error
    return model.eval()


def make_receipt(model, dataset, history, scores, command):
    """The record of one run: what was trained, what it scored, on what, by which code. `scores`: any of the results below;
    one that was not measured stays None."""
    result = dict.fromkeys(("probe_accuracy", "online_probe_accuracy", "cluster_accuracy", "mean_distance", "smoothness",
                            "end_error", "reconstruction_error"))
    if set(scores) - set(result):
        raise ValueError(f"unknown scores: {', '.join(sorted(set(scores) - set(result)))}")
    measured = {name: value if math.isfinite(value) else None for name, value in scores.items()}     # JSON has no NaN
    return {"method": method_name(model.config), "dataset": dataset, "code_size": model.code_size,
            "recipe": history.recipe["name"], "seed": history.seed, "samples": history.samples, **result, **measured,
            "seconds": round(history.seconds, 1), "device": history.device, "threads": history.threads,
            "settings": history.recipe, "config": model.config, "machine": platform.machine(),
            "versions": {"python": platform.python_version(), "torch": torch.__version__},
            "commit": commit_of_checkout(), "command": command, "date": time.strftime("%Y-%m-%d", time.gmtime())}


def commit_of_checkout():
    """The commit of the checkout, with "+changes" if tracked files differ from it; None outside a checkout."""
    try:
        def git(*words):
            return subprocess.run(["git", "-C", str(checkout()), *words], capture_output=True, text=True, check=True).stdout
        return git("rev-parse", "HEAD").strip() + ("+changes" if git("status", "--porcelain", "-uno").strip() else "")
    except (OSError, subprocess.CalledProcessError):
        return None


# --- the state of an unfinished run (fit's `resume`) --------------------------------------------------------------------

def save_state(path, state, identity):
    import io
    buffer = io.BytesIO()
    torch.save({"identity": json.dumps(identity, sort_keys=True), "state": state}, buffer)
    write_whole(path, buffer.getvalue())


def load_state(path, identity, device):
    """Read what `save_state` wrote; it must be of the run that `identity` describes."""
    try:
        saved = torch.load(path, map_location=device, weights_only=True)
        theirs, state = json.loads(saved["identity"]), saved["state"]
    except Exception as error:                                         # torch raises many kinds for a bad file
        raise ValueError(f"{path} is damaged or no saved run ({str(error).splitlines()[0][:80]}): delete it to start "
                         "anew") from error
    mine = json.loads(json.dumps(identity))
    other = [f"{key} {theirs.get(key)!r} (here {mine[key]!r})" for key in mine if theirs.get(key) != mine[key]]
    if other:
        raise ValueError(f"{path} keeps a run with other settings: {'; '.join(other)}; give another path, or delete it")
    return state


