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


def damaged(path, why, is_what="damaged"):
    return ValueError(f"{path} is {is_what} ({why}): delete it, and run its command again, or restore it with git")


def read_record(path, keys=()):
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
        raise damaged(path, in_one_line(error)) from error
    lacking = [key for key in keys if key not in found]
    if lacking:
        raise damaged(path, f"it lacks {', '.join(lacking)}", "of another version of acai_lite")
    return found


def check_kinds(path, found, kinds):
    """Raises ValueError, naming the file, unless every value that is there is of its kind, {key: kind}."""
    wrong = [key for key, kind in kinds.items() if key in found and not isinstance(found[key], kind)]
    if wrong:
        raise damaged(path, f"a value of another kind: {', '.join(wrong)}")
