"""Files are written aside and moved into place, so that a crash leaves the old one or the new one,
never half of one. A result is one JSON file; an error in one is a sentence that names it."""
import hashlib
import json
import math
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

MOST = 32 * 2 ** 20                             # bytes; more is no record of ours


def in_one_line(error: BaseException) -> str:
    """What an error says, in one short line; the name of its kind if it says nothing."""
    return " ".join(str(error).split())[:300] or type(error).__name__


def finite(value: Any) -> bool:
    """Whether all numbers in a value read from JSON are finite."""
    if isinstance(value, (dict, list)):
        return all(map(finite, value.values() if isinstance(value, dict) else value))
    return not isinstance(value, int | float) or math.isfinite(value) and abs(value) < 1e300


@contextmanager
def blamed(path: str | Path, says: str, but: tuple[type[Exception], ...] = ()
           ) -> Iterator[None]:
    """What goes wrong in the block is the file's fault: ValueError, `says`, with {why} in it. But
    what the machine lacks, permission or memory or a drive that works, is not: OSError and
    MemoryError keep their kind and name the file. but: kinds of errors that pass as they are."""
    try:
        yield
    except but:
        raise
    except Exception as error:                                         # readers raise many kinds
        if isinstance(error, MemoryError) or "allocate" in str(error):
            raise MemoryError(f"there is too little memory to read {path}; nothing is said about "
                              "the file") from error
        gone = isinstance(error, FileNotFoundError) and str(error.filename) != str(path)
        # Pillow's and zlib's have no number; what should be beside the file is its own fault
        if isinstance(error, OSError) and error.errno and not gone:
            raise type(error)(error.errno, f"cannot read {error.filename or path}: "
                              f"{error.strerror}") from error
        raise ValueError(says.replace("{why}", in_one_line(error))) from error


def damaged(path: str | Path, why: str, is_what: str = "damaged") -> ValueError:
    return ValueError(f"{path} is {is_what} ({why}): delete it, and run its command again, or "
                      "restore it with git")


def read_record(path: str | Path, keys: Sequence[str] = ()) -> dict[str, Any]:
    """The dict in a JSON file. Raises FileNotFoundError, or ValueError, naming the file, if it is
    damaged or lacks one of `keys`, as a file of another version of acai_lite may."""
    path = Path(path)
    with blamed(path, str(damaged(path, "{why}"))):
        if path.stat().st_size > MOST:
            raise ValueError(f"it has more than {MOST:,} bytes")
        found = json.loads(path.read_bytes().decode("utf-8-sig"))      # some editors begin so
        if not isinstance(found, dict) or not finite(found):
            raise ValueError("not a dict of finite numbers")
    lacking = [key for key in keys if key not in found]
    if lacking:
        raise damaged(path, f"it lacks {', '.join(lacking)}", "of another version of acai_lite")
    return found


def check_kinds(path: str | Path, found: Mapping[str, Any], kinds: Mapping[str, Any]) -> None:
    """Raises ValueError, naming the file, unless every value that is there is of its kind, {key:
    kind}, a type or types as `isinstance` takes them."""
    wrong = [key for key in kinds if key in found and not isinstance(found[key], kinds[key])]
    if wrong:
        raise damaged(path, f"a value of another kind: {', '.join(wrong)}")


def write_whole(path: str | Path, content: bytes) -> None:
    """Write bytes to `path`, all or nothing. Raises OSError, naming the folder or the file, if that
    is impossible."""
    path = Path(path)
    handle, aside = _aside(path)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(OSError):                                        # some drives have none
            os.chmod(aside, 0o644)
        os.replace(aside, path)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(aside)
        if not isinstance(error, OSError):
            raise
        raise OSError(error.errno, f"cannot write {path} ({error.strerror or error}); what was "
                      "there before is as it was: make room, or choose another folder") from error


def digest_of_file(path: str | Path) -> str:
    """Sixteen digits of a file's content."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:16]


def check_writable(path: str | Path) -> None:
    """Raises OSError, naming the folder, if no file can be made where `path` will be."""
    handle, aside = _aside(Path(path))
    os.close(handle)
    os.unlink(aside)


def _aside(path: Path) -> tuple[int, str]:
    """A new file beside `path`: (handle, name)."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise OSError(error.errno, f"cannot write into {path.parent}: {error.strerror}; choose a "
                      "folder you may write to") from error
