"""The state of an unfinished run in one file with a checksum (`fit`'s `resume`). Reading one runs
no code."""
import hashlib
import io
import json
from pathlib import Path
from typing import Any

import torch

from .records import blamed, in_one_line, write_whole


def save_state(path: str | Path, state: dict[str, Any], identity: dict[str, Any]) -> None:
    """Write the state of the run that `identity` describes, JSON-able, all or nothing. Raises
    OSError."""
    buffer = io.BytesIO()
    torch.save({"identity": json.dumps(identity, sort_keys=True), "state": state}, buffer)
    buffer.write(hashlib.sha256(buffer.getbuffer()).digest())          # torch's own sums go unread
    write_whole(path, buffer.getvalue())


def load_state(path: str | Path, identity: dict[str, Any], device: torch.device | str
               ) -> dict[str, Any]:
    """Read what `save_state` wrote; it must be of the run that `identity` describes. Runs no code.
    Raises ValueError, naming the file, if it is damaged or of another run."""
    with blamed(path, f"{path} is damaged or no saved run ({{why}}): delete it to start anew"):
        content = Path(path).read_bytes()
        if hashlib.sha256(content[:-32]).digest() != content[-32:]:
            raise ValueError("its checksum is wrong")
        saved = torch.load(io.BytesIO(content[:-32]), map_location=device, weights_only=True)
        theirs, state = dict(json.loads(saved["identity"])), saved["state"]
    mine = json.loads(json.dumps(identity))
    other = [f"{key} {theirs.get(key)!r} (here {mine[key]!r})" for key in mine
             if theirs.get(key) != mine[key]]
    if other:
        raise ValueError(f"{path} keeps a run with other settings: {'; '.join(other)}; give "
                         "another path, or delete it")
    return state


def go_on(run: Any, path: str | Path, identity: dict[str, Any], device: torch.device | str
          ) -> dict[str, Any]:
    """Put `run`, which has a model and restore(state), where `save_state` left it; returns the
    points and seconds of its history. Raises ValueError, and leaves the model as it was, if that
    cannot be."""
    state = load_state(path, identity, device)
    before = {name: tensor.clone() for name, tensor in run.model.state_dict().items()}
    try:
        run.restore(state)
        return {"points": state["points"], "seconds": state["seconds"]}
    except Exception as error:                                         # a state can lack anything
        run.model.load_state_dict(before)
        raise ValueError(f"{path} is of another version of acai_lite ({in_one_line(error)[:80]}): "
                         "delete it to start anew") from error
