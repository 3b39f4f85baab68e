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
from contextlib import suppress
from pathlib import Path

import torch

from ..zoo import from_config, method_name
from .downloads import checkout
from .records import finite, in_one_line

FORMAT = "acai_lite 1"
LIMIT = 2 * 2 ** 20                             # bytes of weights in one file, so that a repository can hold them
CRITIC = ".critic.safetensors"


def write_whole(path, content):
    """Write bytes to `path`, all or nothing. Raises OSError, naming the folder or the file, if that is impossible."""
    path = Path(path)
    handle, aside = _aside(path)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(OSError):                                        # some drives know no permissions
            os.chmod(aside, 0o644)
        os.replace(aside, path)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(aside)
        if not isinstance(error, OSError):
            raise
        raise OSError(error.errno, f"cannot write {path} ({error.strerror or error}); what was there before is as it was: "
                      "make room, or choose another folder") from error


def check_writable(path):
    """Raises OSError, naming the folder, if no file can be made where `path` will be."""
    handle, aside = _aside(Path(path))
    os.close(handle)
    os.unlink(aside)


def _aside(path):
    """A new file beside `path`: (handle, name)."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise OSError(error.errno, f"cannot write into {path.parent}: {error.strerror}; choose a folder you may write to"
                      ) from error


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
    from safetensors import safe_open
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
        config, receipt = json.loads(notes["config"]), json.loads(notes["receipt"])
        if not isinstance(receipt, dict) or not finite(config) or not all(w.isfinite().all() for w in weights.values()):
            raise ValueError("a weight or a setting that is not finite, or a receipt that is no dict")
        with torch.device("meta"):                                     # costs nothing, whatever size the config claims
            claimed = {key: tensor.shape for key, tensor in from_config(config).state_dict().items()}
        if claimed != {key: tensor.shape for key, tensor in weights.items()}:
            raise ValueError("its weights have other names or shapes than its config says")
        model = from_config(config)
        model.load_state_dict(weights)
        model.receipt = receipt
    except Exception as error:                                         # a config can claim anything
        raise ValueError(f"{path} is damaged or no checkpoint of acai_lite ({in_one_line(error)}): "
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
            "settings": history.recipe, "config": model.config,
            "machine": platform.machine() + (f", {torch.cuda.get_device_name()}" if history.device == "cuda" else ""),
            "versions": {"python": platform.python_version(), "torch": torch.__version__},
            "commit": commit_of_checkout(), "command": command, "date": time.strftime("%Y-%m-%d", time.gmtime())}


def commit_of_checkout():
    """The commit of the checkout, with "+changes" if tracked files differ from it; None outside a checkout."""
    try:
        def git(*words):
            return subprocess.run(["git", "--no-optional-locks", "-C", str(checkout()), *words],  # a kill leaves no lock
                                  capture_output=True, text=True, check=True).stdout
        return git("rev-parse", "HEAD").strip() + ("+changes" if git("status", "--porcelain", "-uno").strip() else "")
    except (OSError, subprocess.CalledProcessError):
        return None


# --- the state of an unfinished run (fit's `resume`) --------------------------------------------------------------------

def save_state(path, state, identity):
    import io
    buffer = io.BytesIO()
    torch.save({"identity": json.dumps(identity, sort_keys=True), "state": state}, buffer)
    buffer.write(hashlib.sha256(buffer.getbuffer()).digest())          # behind the archive: torch's own sums go unread
    write_whole(path, buffer.getvalue())


def load_state(path, identity, device):
    """Read what `save_state` wrote; it must be of the run that `identity` describes. Runs no code."""
    import io
    try:
        content = Path(path).read_bytes()
        if hashlib.sha256(content[:-32]).digest() != content[-32:]:
            raise ValueError("its checksum is wrong")
        saved = torch.load(io.BytesIO(content[:-32]), map_location=device, weights_only=True)
        theirs, state = dict(json.loads(saved["identity"])), saved["state"]
    except Exception as error:                                         # torch raises many kinds for a bad file
        raise ValueError(f"{path} is damaged or no saved run ({in_one_line(error)[:80]}): delete it to start "
                         "anew") from error
    mine = json.loads(json.dumps(identity))
    other = [f"{key} {theirs.get(key)!r} (here {mine[key]!r})" for key in mine if theirs.get(key) != mine[key]]
    if other:
        raise ValueError(f"{path} keeps a run with other settings: {'; '.join(other)}; give another path, or delete it")
    return state


def go_on(run, path, identity, device):
    """Put a run where `save_state` left it. Raises ValueError, and leaves the model as it was, if that cannot be."""
    state, before = load_state(path, identity, device), {k: t.clone() for k, t in run.model.state_dict().items()}
    try:
        run.restore(state)
    except Exception as error:                                         # a state can lack anything
        run.model.load_state_dict(before)
        raise ValueError(f"{path} is of another version of acai_lite ({in_one_line(error)[:80]}): delete it to start "
                         "anew") from error


