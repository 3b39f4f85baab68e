"""Reading what was measured: one JSON file a result. Whatever is wrong with a file is one sentence that names it."""
import json
import math
from pathlib import Path

MOST = 32 * 2 ** 20                             # bytes; more is no record of ours


def in_one_line(error):
    """What an error says, in one short line; the name of its kind if it says nothing."""
    return " ".join(str(error).split())[:300] or type(error).__name__


def finite(value):
    """Whether all numbers in a value read from JSON are finite."""
    if isinstance(value, (dict, list)):
        return all(map(finite, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, int | float) or math.isfinite(value) and abs(value) < 1e300


def read_record(path, keys=(), remedy="delete it, and run its command again, or restore it with git"):
    """The dict in a JSON file. Raises FileNotFoundError, or ValueError, naming the file, if it is damaged or lacks one of
    `keys`, as a file of another version of acai_lite may."""
    path = Path(path)
    try:
        if path.stat().st_size > MOST:
            raise ValueError(f"it has more than {MOST:,} bytes")
        found = json.loads(path.read_bytes().decode())
        if not isinstance(found, dict) or not finite(found):
            raise ValueError("not a dict of finite numbers")
    except FileNotFoundError:
        raise
    except (OSError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"{path} is damaged ({in_one_line(error)}): {remedy}") from error
    lacking = [key for key in keys if key not in found]
    if lacking:
        raise ValueError(f"{path} is of another version of acai_lite (it lacks {', '.join(lacking)}): {remedy}")
    return found
