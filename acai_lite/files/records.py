"""Files are written aside and moved into place, so that a crash leaves the old one or the new one, never half of one; what
was measured is one JSON file a result, and whatever is wrong with one is a sentence that names it."""
import json
import math
import os
import tempfile
from contextlib import suppress
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
