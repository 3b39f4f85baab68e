"""The checkout that this package belongs to, and its commit."""
import subprocess
from pathlib import Path


def checkout():
    """Folder of the checkout: the first one with a pyproject.toml, walking up from this file and then from here."""
    for start in (Path(__file__).resolve(), Path.cwd().resolve() / "x"):
        for folder in start.parents:
            if (folder / "pyproject.toml").exists() and (folder / "acai_lite").is_dir():
                return folder
    raise FileNotFoundError("no checkout of acai_lite found above this package or the current folder: "
                            "set ACAI_LITE_DATA to a folder for the data, or work inside the checkout")


def commit_of_checkout():
    """The commit of the checkout, with "+changes" if tracked files differ from it; None outside a checkout."""
    try:
        def git(*words):
            return subprocess.run(["git", "--no-optional-locks", "-C", str(checkout()), *words],  # a kill leaves no lock
                                  capture_output=True, text=True, check=True).stdout
        return git("rev-parse", "HEAD").strip() + ("+changes" if git("status", "--porcelain", "-uno").strip() else "")
    except (OSError, subprocess.CalledProcessError):
        return None
