"""The checkout that this package belongs to, and its commit."""
import subprocess
from importlib import metadata
from pathlib import Path


def find_checkout() -> Path | None:
    """The first folder with a pyproject.toml and this package, upwards from this file and from the
    current folder; None if the package is installed elsewhere."""
    for start in (Path(__file__).resolve(), Path.cwd().resolve() / "x"):
        for folder in start.parents:
            if (folder / "pyproject.toml").exists() and (folder / "acai_lite").is_dir():
                return folder
    return None


def checkout(what: str = "this") -> Path:
    """Folder of the checkout. what: who needs it, for the error. Raises FileNotFoundError."""
    folder = find_checkout()
    if folder is None:
        raise FileNotFoundError(f"{what} needs a checkout of acai_lite, and there is none above "
                                "this package or the current folder: get one with "
                                f"`git clone {_address()}` and work inside it")
    return folder


def result_file(kind: str, name: str = "") -> Path:
    """Path of a committed result, whether or not it is there. kind: "runs" (one trained model
    each), "records" (comparisons) or "ops" (how the software runs). name: "curve.json" or
    "study/NAME.json"; without it the folder. Raises FileNotFoundError outside a checkout."""
    if kind not in ("runs", "records", "ops"):
        raise ValueError(f"results are of kind runs, records or ops, not {kind!r}")
    return checkout(f"data/results/{kind}/{name}") / "data" / "results" / kind / name


def _address() -> str:
    """The project's address, as pyproject.toml gave it when the package was installed."""
    try:
        urls = metadata.metadata("acai-lite").get_all("Project-URL") or []
        return dict(str(url).split(", ", 1) for url in urls)["Repository"]
    except (metadata.PackageNotFoundError, KeyError, ValueError):
        return "<its address>"


def commit_of_checkout() -> str | None:
    """The commit of the checkout, with "+changes" if tracked files differ from it; None outside."""
    def git(*words: str) -> str:                                       # a kill leaves no lock
        command = ["git", "--no-optional-locks", "-C", str(checkout()), *words]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout
    try:
        changed = git("status", "--porcelain", "-uno").strip()
        return git("rev-parse", "HEAD").strip() + ("+changes" if changed else "")
    except (OSError, subprocess.CalledProcessError):
        return None
