"""The state of an unfinished run in one file with a checksum (`fit`'s `resume`). Reading one runs no code."""
import hashlib
import io
import json
from pathlib import Path

import torch

from .records import in_one_line, write_whole


def save_state(path, state, identity):
    buffer = io.BytesIO()
    torch.save({"identity": json.dumps(identity, sort_keys=True), "state": state}, buffer)
    buffer.write(hashlib.sha256(buffer.getbuffer()).digest())          # behind the archive: torch's own sums go unread
    write_whole(path, buffer.getvalue())


def load_state(path, identity, device):
    """Read what `save_state` wrote; it must be of the run that `identity` describes. Runs no code."""
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
