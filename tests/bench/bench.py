"""What things cost, side by side and in one run: our training step and a plain port's, data,
scores, imports, growth.

    make bench
        prints tables and writes data/results/ops/bench.json (minutes)
    python tests/bench/bench.py --peer FILE
        times a downloaded port, too (peer.py says which; none is shipped)
    python tests/bench/bench.py --device cuda --rounds 4
        on a GPU: plain, fast and k runs at once (gpu.py)
    python tests/bench/bench.py step import --rounds 3  some parts only, quickly; writes nothing

Contestants take turns, round by round, so that a machine that slows down slows all of them;
medians, and the median of the ratios round by round, are what counts. `busy`: processor seconds of
this process for a second of wall clock, near 2 with two threads on two quiet processors.
Multiply-adds are counted by torch.utils.flop_counter.
"""
import argparse
import json
import os
import platform
import shlex
import statistics
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path

import torch

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(Path(__file__).parent), str(ROOT / "examples")]


import acai_lite as al  # noqa: E402
from acai_lite.fast import FastRun, has_bf16  # noqa: E402
from acai_lite.files.checkout import commit_of_checkout, result_file  # noqa: E402
from acai_lite.files.records import write_whole  # noqa: E402
from acai_lite.training import Run  # noqa: E402


def turns(contestants, rounds):
    """{name: seconds of each round} of {name: function}, in turns after one warm-up each; and
    processor seconds a second."""
    for work in contestants.values():
        work()
    taken, busy = {name: [] for name in contestants}, []
    for _ in range(rounds):
        for name, work in contestants.items():
            started, used = time.perf_counter(), time.process_time()
            work()
            taken[name].append(time.perf_counter() - started)
            busy.append((time.process_time() - used) / taken[name][-1])
    return taken, round(statistics.median(busy), 2)


def ratio(one, other):
    """How many times as long as `other` `one` takes: the median over the rounds."""
    return round(statistics.median(a / b for a, b in zip(one, other, strict=True)), 2)


def multiply_adds(step, samples):
    """Millions of multiply-adds a sample of one call."""
    from torch.utils.flop_counter import FlopCounterMode
    with FlopCounterMode(display=False) as counter:
        step()
    return round(counter.get_total_flops() / 2e6 / samples, 1)


def our_step(images, batch, depth, code_size, fast, device="cpu", precision="float32"):
    """A function that does one training step of ACAI, data included, as `fit` does it on a
    processor."""
    recipe = replace(al.RECIPES["paper"], batch_size=batch, depth=depth)
    model = al.build("acai", images, code_size, recipe).to(device,
                                                           memory_format=torch.channels_last)
    kind = partial(FastRun, precision=precision) if fast else Run
    run, shown = kind(model, None, recipe), images.on(device)
    stream = (x for k in range(10 ** 6)
              for x, _ in shown.batches("train", batch, torch.Generator().manual_seed(k)))

    def step():
        run.advance(next(stream).to(device, memory_format=torch.channels_last), None, 10 ** 6, 0)
    return step


def plain_port(scales, depth, code_channels, colours):
    """A function x -> losses: the step of examples/acai_in_one_file.py at the paper's settings."""
    import acai_in_one_file as port
    model = port.ACAI(scales, depth, code_channels, colours)
    adams = port.optimisers(model, 1e-4)
    return lambda x: port.train_step(model, adams, x, torch.rand(len(x)) / 2)


def port_step(images, batch, depth, code_size, make):
    """A function that does one step of a port, fed as ports commonly are: by a DataLoader."""
    from torch.utils.data import DataLoader, TensorDataset
    loader = DataLoader(TensorDataset(images.train_images[:]), batch, shuffle=True, drop_last=True)
    move, stream = make(3, depth, code_size // 16, images.train_images.shape[1]), endless(loader)
    return lambda: move(*next(stream))


def endless(loader):
    while True:
        yield from loader


def colour_images(count=512):
    """Noise of CIFAR-10's shape: how long a step takes does not depend on what the images show."""
    pixels = torch.randint(256, (count, 3, 32, 32),
                           generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    return al.ImageSet("colour noise", pixels)


def step(rounds, peer=None):
    """ACAI's training step, batch 64: samples a second, and the share of the machine's own
    matrix-product rate."""
    rows = []
    for label, images, depth, code, threads in (
            ("depth 16, 1 colour", al.load("digits"), 16, 32, 2),
            ("depth 16, 1 colour", al.load("digits"), 16, 32, 1),
            ("depth 64, 3 colours", colour_images(), 64, 256, 2)):
        torch.set_num_threads(threads)
        side = torch.randn(1536, 1536)
        contestants = {"plain port": port_step(images, 64, depth, code, plain_port),
                       "ours, plain": our_step(images, 64, depth, code, fast=False),
                       "ours, fast": our_step(images, 64, depth, code, fast=True)}
        if has_bf16(torch.device("cpu")):
            contestants["ours, fast, bf16"] = our_step(images, 64, depth, code, fast=True,
                                                       precision="bf16")
        if peer:
            from peer import Peer
            contestants["peer"] = port_step(images, 64, depth, code,
                                            lambda *sizes: Peer(peer, *sizes).step)
        counted = {name: multiply_adds(work, 64) for name, work in contestants.items()}
        contestants["matrix product"] = lambda side=side: [side @ side for _ in range(8)]
        taken, busy = turns(contestants, rounds if depth == 16 else max(2, rounds // 2))
        product = 8 * 1536 ** 3 / min(taken.pop("matrix product")) / 1e9  # the best it has shown
        for name, seconds in taken.items():
            rate = 64 / statistics.median(seconds)
            rows.append({"network": label, "threads": threads, "step": name,
                         "samples_a_second": round(rate, 1), "times_the_port": ratio(
                             taken["plain port"], seconds), "million_multiply_adds": counted[name],
                         "share_of_matrix_products": round(rate * counted[name] / 1e3 / product, 2),
                         "matrix_products_gmac": round(product, 1), "busy": busy})
    torch.set_num_threads(al.available_cpus())
    return rows


def data(rounds):
    """Drawing 100 batches of 64 from memory, and the same through torch's DataLoader."""
    from torch.utils.data import DataLoader, Dataset
    images = al.load("digits")

    class OneByOne(Dataset):
        def __len__(self):
            return len(images.train_images)

        def __getitem__(self, k):
            return images.train_images[k], int(images.train_labels[k])

    def ours():
        for k in range(5):
            for _ in images.batches("train", 64, torch.Generator().manual_seed(k)):
                pass

    def loader():
        for _ in range(5):
            for _ in DataLoader(OneByOne(), 64, shuffle=True, drop_last=True):
                pass
    taken, _ = turns({"ours": ours, "DataLoader": loader}, rounds)
    count = 5 * (len(images.train_images) // 64)
    return [{"batches of 64": name,
             "ms_a_batch": round(statistics.median(seconds) / count * 1e3, 3),
             "times_ours": ratio(seconds, taken["ours"])} for name, seconds in taken.items()]


def scores(rounds):
    """`line_scores` of 64 paths of 16 frames beside a loop over the frames; the realism index of
    10,000 points."""
    frames = al.load("lines").test_images[:1024].view(64, 16, 1, 32, 32)
    angles = torch.arange(10_000) * (2 * torch.pi / 10_000)
    dictionary = torch.nn.functional.normalize(al.draw_lines(angles).flatten(1), dim=1)

    def loop():
        return [float((1 - dictionary @ (frame.flatten() / frame.norm())).min()) for path in frames
                for frame in path]
    codes = torch.randn(100_000, 64, generator=torch.Generator().manual_seed(0))
    density = al.fit_density(codes, "gaussian")
    index = al.RealismIndex(density.log_prob, codes)
    taken, _ = turns({"line_scores, 1,024 frames": lambda: al.line_scores(frames),
                      "a loop over the frames": loop,
                      "realism index, 10,000 points": lambda: index(codes[:10_000])}, rounds)
    return [{"what": name, "ms": round(statistics.median(seconds) * 1e3, 1)}
            for name, seconds in taken.items()]


def explorer(rounds):
    """The explorer of the labs: everything that is worked out before it appears."""
    import acai_course as course  # here: the course changes how memory is given back
    lines = al.load("lines")
    models = {name: al.checkpoint(f"lines-{name.lower()}-64")
              for name in ("baseline", "VAE", "ACAI")}
    make = {"interpolation explorer, "
            "4 rows, 5 pairs": lambda: course.InterpolationExplorer(lines, models).page()}
    taken, _ = turns(make, rounds)
    return [{"what": name, "seconds": round(statistics.median(seconds), 2)}
            for name, seconds in taken.items()]


def imports(rounds):
    """A fresh process that imports, in turns; and the first picture of lab 01 in a fresh kernel."""
    from test_cost import first_picture
    python = {name: (lambda name=name: subprocess.run(
        [sys.executable, "-c", f"import {name}"], check=True)) for name in ("torch", "acai_lite")}
    taken, _ = turns(python, rounds)
    rows = [{"what": f"import {name}", "seconds": round(statistics.median(seconds), 2),
             "times_torch": ratio(seconds, taken["torch"])} for name, seconds in taken.items()]
    pictures = [first_picture() for _ in range(2)]
    return [*rows, {"what": "first picture of lab 01, from a fresh kernel",
                    "seconds": round(min(pictures), 1)}]


def growth(rounds):
    """The fast step, one thread, when one thing grows; then threads, and two processes at once."""
    digits, rows = al.load("digits"), []

    def measured(what, value, contestants, per):
        taken, busy = turns(contestants, max(2, rounds // 3))
        for name, seconds in taken.items():
            rows.append({"grows": what, "to": value if len(taken) == 1 else name,
                         "samples_a_second": round(per / statistics.median(seconds), 1),
                         "busy": busy})
    torch.set_num_threads(1)
    for batch in (8, 16, 64, 256):
        measured("batch", batch, {"": our_step(digits, batch, 16, 32, True)}, batch)
    for depth in (8, 16, 32, 64):
        measured("depth", depth, {"": our_step(digits, 16, depth, 32, True)}, 16)
    for code in (32, 64, 256):
        measured("code", code, {"": our_step(digits, 16, 16, code, True)}, 16)
    for samples in (800, 1600):
        model = al.build("acai", digits)
        measured("samples of one fit", samples, {"": lambda samples=samples, model=model: al.fit(
            model, digits, samples, "lab", probe=False, device="cpu", quiet=True, fast=True)},
                 samples)
    for threads in (1, 2):
        torch.set_num_threads(threads)
        measured("threads, batch 64", threads, {"": our_step(digits, 64, 16, 32, True)}, 64)
    code = ("import torch, acai_lite as al; torch.set_num_threads(1); d = al.load('digits');"
            "m = al.build('acai', d); fit = dict(probe=False, device='cpu', quiet=True, fast=True);"
            "print(al.fit(m, d, 4800, 'lab', **fit).seconds)")
    for count in (1, 2):
        processes = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE,
                                      text=True) for _ in range(count)]
        seconds = [float(process.communicate()[0]) for process in processes]
        rows.append({"grows": "processes, one thread each", "to": count,
                     "samples_a_second": round(sum(4800 / s for s in seconds), 1), "busy": None})
    torch.set_num_threads(al.available_cpus())
    return rows


def kept(rounds):
    """ACAI on digits, 4,800 samples, recipe lab, three seeds each way: what the fast step does to
    the scores."""
    digits, rows = al.load("digits"), []
    torch.set_num_threads(1)
    for name, fast in (("plain", False), ("fast", True)):
        found = []
        for seed in range(3):
            model = al.build("acai", digits, recipe="lab", seed=seed)
            history = al.fit(model, digits, 4_800,
                             "lab", seed=seed, device="cpu", quiet=True, fast=fast)
            found.append((history.points[-1]["probe_accuracy"],
                          al.reconstruction_error(model, digits.test_images)))
        rows.append({"step": name, "probe_accuracy": [round(a, 4) for a, _ in found],
                     "reconstruction_error": [round(e, 5) for _, e in found]})
    torch.set_num_threads(al.available_cpus())
    return rows


PARTS = {"step": step, "data": data, "scores": scores, "import": imports, "growth": growth,
         "kept": kept, "explorer": explorer}    # last: the course changes how memory is given back


def machine():
    """What the figures were taken on, as far as the system says."""
    names = [row.split(":", 1)[1].strip() for row in (Path("/proc/cpuinfo").read_text().splitlines()
             if Path("/proc/cpuinfo").exists() else []) if row.startswith("model name")]
    return {"processor": names[0] if names else platform.processor(), "cpus": al.available_cpus(),
            "machine": platform.machine(), "torch": torch.__version__,
            "vectors": torch.backends.cpu.get_cpu_capability(),
            "bf16": has_bf16(torch.device("cpu")),
            "load_before": [round(v, 1) for v in os.getloadavg()]}


def show(rows):
    """The rows as a table of text."""
    heads = list(rows[0])
    cells = [heads, *[[str(row.get(head, "")) for head in heads] for row in rows]]
    widths = [max(len(row[k]) for row in cells) for k in range(len(heads))]
    print("\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
                    for row in cells) + "\n", flush=True)


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="all of them if left out")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--peer", type=Path, help="a downloaded port to time beside ours")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--compile", action="store_true", help="on a GPU: time torch.compile, too")
    args = parser.parse_args(arguments)
    if args.device == "cuda":
        import gpu
        return gpu.main(args.rounds, compile_too=args.compile)
    found = machine()
    for part in args.parts or PARTS:
        found[part] = (PARTS[part](args.rounds, args.peer) if part == "step"
                       else PARTS[part](args.rounds))
        print(f"{part}: {PARTS[part].__doc__}")
        show(found[part])
    found |= {"rounds": args.rounds, "load_after": [round(v, 1) for v in os.getloadavg()],
              "commit": commit_of_checkout(),
              "command": shlex.join(["python", "tests/bench/bench.py",
                                     *(sys.argv[1:] if arguments is None else arguments)]),
              "date": time.strftime("%Y-%m-%d", time.gmtime())}
    if not args.parts:
        write_whole(result_file("ops", "bench.json"), (json.dumps(found, indent=1) + "\n").encode())
    return found


if __name__ == "__main__":
    main()
