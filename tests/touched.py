"""What a change touches beside the package: the tests of its labs, and the test files that it
changes.

    python tests/touched.py          runs them; without a change there is nothing to run
    python tests/touched.py --list   only says what it would run

A change is what differs from where this branch left `main` (or $BASE), committed or not.
`make check` ends with this.
"""
import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("tests/course", "tests/mutants", "tests/text")


def git(*words: str) -> list[str]:
    """The lines that git prints; none if it fails."""
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True)
    return done.stdout.splitlines() if done.returncode == 0 else []


def changed() -> list[str]:
    """Paths that differ from the branch's beginning, and new ones that git does not ignore."""
    bases = [os.environ["BASE"]] if os.environ.get("BASE") else ["origin/main", "main"]
    base = next((found[0] for name in bases if (found := git("merge-base", name, "HEAD"))), "HEAD")
    return git("diff", "--name-only", base) + git("ls-files", "--others", "--exclude-standard")


def labs_of(paths: list[str]) -> list[str]:
    """["05a", "05b"] of ["notebooks/acai_course/lab_05/checks.py"]: the labs whose files are among
    these."""
    every = sorted(path.stem.split("_")[0] for path in (ROOT / "notebooks" / "source").glob("*.py"))
    places = [found[1] for path in paths if path.startswith(("notebooks/", "tests/"))
              if (found := re.search(r"/(?:test_)?(?:lab_)?(\d\d[ab]?)(?=[_./])", path))]
    return [lab for lab in every if any(lab.startswith(place) for place in places)]


def arguments(paths: list[str]) -> list[list[str]]:
    """What pytest is asked, one list a run: the labs' tests by name, then whole files."""
    asked, labs = [], labs_of(paths)
    if labs:
        words = [word for lab in labs for word in (f"{lab}_", f"lab_{lab}", f"lab_{lab[:2]}")]
        asked.append(["-k", " or ".join(dict.fromkeys(words)), *FOLDERS])
    files = [path for path in dict.fromkeys(paths)
             if re.fullmatch(r"tests/(?!package/).*/test_\w+\.py", path)]
    files = [path for path in files if (ROOT / path).exists()]
    return asked + ([files] if files else [])


def main() -> int:
    paths = changed()
    print(f"touched labs: {', '.join(labs_of(paths)) or 'none'}", flush=True)
    for asked in arguments(paths):
        print("pytest", *asked, flush=True)
        if "--list" not in sys.argv[1:]:
            done = subprocess.run([sys.executable, "-m", "pytest", "-q", *asked], cwd=ROOT)
            if done.returncode not in (0, 5):                          # 5: nothing was left to run
                return done.returncode
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
