"""One zip for a class without a network: labs, explorers, book, package, checkpoints, and the list
of wheels.

    python notebooks/tools/pack.py [FILE]       default runs/class/acai_lite.zip

It holds what git tracks, without the tests, and the book if `make book` has made it. START.txt says
what to do with it; `wheels.txt` names the installed version of every package that the labs need:
the zip brings no wheels, as they differ from system to system.
"""
import re
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
WANTED = ("acai_lite/", "notebooks/", "data/", "docs/", "README.md", "LICENSE", "pyproject.toml",
          "environment.yml")
BOOK = ROOT / "runs" / "book" / "html"
START = """acai_lite, without a network

Once, where there is a network: fetch the wheels for this kind of computer and put the folder beside
this file.

    python -m pip download -r wheels.txt -d wheels

On each computer, with Python {version} and no network:

    python -m venv .venv
    .venv/bin/python -m pip install --no-index --find-links wheels -r wheels.txt
    .venv/bin/python start.py

(On Windows .venv\\Scripts\\python instead of .venv/bin/python.) start.py opens JupyterLab on the
first lab. The explorers in notebooks/explorers and the book need a browser only. MNIST,
Fashion-MNIST and CIFAR-10 are not in here: where a lab finds none it goes on with scikit-learn's
digits, and says so; data/README.md says where to put them.
"""
LAUNCH = '''"""Open JupyterLab on the first lab, with the package of this folder."""
import os
import subprocess
import sys
from pathlib import Path

here = Path(__file__).resolve().parent
paths = [str(here), str(here / "notebooks"), *filter(None, [os.environ.get("PYTHONPATH")])]
sys.exit(subprocess.call([sys.executable, "-m", "jupyterlab", "notebooks/00_start_here.ipynb",
                          *sys.argv[1:]], cwd=here,
                         env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)}))
'''


def wheels():
    """'name==version' of every installed package that the labs need, dependencies of dependencies
    included, sorted."""
    found, waiting = {}, ["acai-lite"]
    while waiting:
        name = re.sub(r"[-_.]+", "-", re.match(r"[\w.-]+", waiting.pop())[0]).lower()
        if name in found:
            continue
        try:
            package = distribution(name)
        except ModuleNotFoundError:  # for another system or another Python
            continue
        found[name] = package.version.split("+")[0]
        waiting += [need for need in package.requires or ()
                    if "extra ==" not in need
                    or name == "acai-lite" and re.search("extra == .course", need)]
    del found["acai-lite"]
    return [f"{name}=={version}" for name, version in sorted(found.items())]


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True,
                            check=True).stdout
    return [name for name in listed.split("\0")
            if name.startswith(WANTED) and (ROOT / name).is_file()]


def main(target):
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in tracked():
            archive.write(ROOT / name, f"acai_lite/{name}")
        for path in sorted(BOOK.rglob("*")) if BOOK.is_dir() else ():
            if path.is_file():
                archive.write(path, f"acai_lite/book/{path.relative_to(BOOK)}")
        archive.writestr("acai_lite/wheels.txt", "\n".join(wheels()) + "\n")
        archive.writestr("acai_lite/START.txt",
                         START.format(version=".".join(map(str, sys.version_info[:2]))))
        archive.writestr("acai_lite/start.py", LAUNCH)
    book = "with the book" if BOOK.is_dir() else "without the book (make book)"
    print(f"wrote {target}: {target.stat().st_size / 2 ** 20:.1f} MiB, {book}")
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if len(sys.argv) > 1
                  else ROOT / "runs" / "class" / "acai_lite.zip"))
