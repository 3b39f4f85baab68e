"""Fuzzing of every reader of files: changed copies of valid files, and noise, must be read rightly
or refused in words.

    python tests/faults/fuzz.py --inputs 100000 --seed 0
        (minutes of a core; adds a run to data/results/ops/fuzz.json)
    python tests/faults/fuzz.py --only checkpoint --first 812 --inputs 1 --keep x
        one input again; the file in x/

A crash is anything but ValueError, FileNotFoundError or OSError: another error, a result that
breaks the reader's contract, code that was run, more than SECONDS, or more than GROWTH bytes of
memory.
"""
import argparse
import json
import os
import random
import resource
import shlex
import shutil
import signal
import sys
import tempfile
import time
import warnings
from pathlib import Path

import mutate
import numpy as np
import torch
from readers import READERS, traps

from acai_lite.files.checkout import commit_of_checkout, result_file
from acai_lite.files.records import write_whole

OUT = result_file("ops", "fuzz.json")
SECONDS, GROWTH = 20, 400 * 2 ** 20


class TimeUp(BaseException):
    pass


def _time_up(number, frame):
    raise TimeUp(f"more than {SECONDS} s")


def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def fuzz(name, inputs, seed=0, first=0, keep=None, tell=None):
    """Feed inputs number `first` and on to a reader: ({"read": n, "refused": n}, [what crashed, one
    line each])."""
    counts, crashes = {"read": 0, "refused": 0}, []
    home = Path(tempfile.mkdtemp(prefix="fuzz-",
                                 dir="/dev/shm" if os.access("/dev/shm", os.W_OK) else None))
    folder, trap, before = home / "data", home / "executed", os.environ.get("ACAI_LITE_DATA")
    folder.mkdir()
    os.environ["ACAI_LITE_DATA"] = str(folder)
    alarm = signal.signal(signal.SIGALRM, _time_up)
    try:
        reader = READERS[name](folder, np.random.default_rng(0))
        for path in reader.files:
            reader.read(path)                                          # the valid files are read
        foreign, paths, top = traps(trap), list(reader.files), peak()
        for k in range(first, first + inputs):
            chance = random.Random(f"{seed} {name} {k}")
            path = chance.choice(paths)
            content = chance.choice(foreign) if chance.random() < 0.02 else mutate.mutate(
                reader.files[path], chance, reader.inside.get(path.suffix))
            path.write_bytes(content)
            why = None
            signal.alarm(SECONDS)
            try:
                reader.read(path)
                counts["read"] += 1
            except (ValueError, OSError) as error:
                counts["refused"] += 1
                why = (None if str(error).strip() and len(str(error)) < 2000
                       else f"words: {str(error)[:80]!r}")
            except BaseException as error:  # a panic of Rust is no Exception
                if isinstance(error, KeyboardInterrupt):
                    raise
                why = f"{type(error).__name__}: {' '.join(str(error).split())[:160]}"
            finally:
                signal.alarm(0)
            if trap.exists():
                why = "code was run"
                trap.unlink()
            if peak() > top + GROWTH:
                why = f"{(peak() - top) / 2 ** 20:.0f} MiB more memory; {why}"
            top = max(top, peak())
            if why:
                crashes.append(f"{name} {k} ({path.name}): {why}")
                if tell:
                    tell(crashes[-1])
                if keep:
                    Path(keep).mkdir(parents=True, exist_ok=True)
                    (Path(keep) / f"{name}-{seed}-{k}-{path.name}").write_bytes(content)
            path.write_bytes(reader.files[path])
            for other in set(folder.rglob("*")) - set(paths):  # what a reader wrote is not kept
                if other.is_file():
                    other.unlink()
    finally:
        signal.signal(signal.SIGALRM, alarm)
        shutil.rmtree(home, ignore_errors=True)
        os.environ.pop("ACAI_LITE_DATA")
        if before is not None:
            os.environ["ACAI_LITE_DATA"] = before
    return counts, crashes


def main(words):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=10_000,
                        help="in all, shared among the readers by their weights")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", nargs="*", choices=READERS, default=list(READERS))
    parser.add_argument("--first", type=int, default=0,
                        help="number of the first input of each reader")
    parser.add_argument("--keep", help="folder for the inputs that crashed")
    parser.add_argument("--out", type=Path, default=OUT,
                        help="the runs so far; with --keep nothing is written there")
    args = parser.parse_args(words)
    torch.set_num_threads(1)
    warnings.simplefilter("ignore")
    commit, began = commit_of_checkout(), time.monotonic()
    size = (int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            if sys.platform == "linux" else 0)
    if size:
        resource.setrlimit(resource.RLIMIT_AS, (size + 4 * 2 ** 30, resource.RLIM_INFINITY))
    total, found, crashes = sum(READERS[name].weight for name in args.only), {}, []
    print(f"{'reader':14s} {'inputs':>8s} {'read':>8s} {'refused':>8s} {'crashed':>8s} "
          f"{'seconds':>8s}", flush=True)
    for name in args.only:
        share, start = -(-args.inputs * READERS[name].weight // total), time.monotonic()
        counts, crashed = fuzz(name, share, args.seed, args.first,
                               args.keep, lambda text: print(text, flush=True))
        found[name] = {"inputs": share, **counts, "crashes": len(crashed)}
        crashes += crashed
        print(f"{name:14s} {share:8,d} {counts['read']:8,d} {counts['refused']:8,d} "
              f"{len(crashed):8,d} {time.monotonic() - start:8.0f}", flush=True)
    if not args.keep:
        record = json.loads(args.out.read_text()) if args.out.exists() else {"runs": []}
        record["runs"].append({
            "inputs": sum(row["inputs"] for row in found.values()), "readers": found,
            "crashes": crashes, "seed": args.seed, "first": args.first, "commit": commit,
            "command": shlex.join(["python", "tests/faults/fuzz.py", *words]), "seconds": round(
                time.monotonic() - began), "date": time.strftime("%Y-%m-%d", time.gmtime())})
        write_whole(args.out, (json.dumps(record, indent=1) + "\n").encode())
    return int(bool(crashes))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
