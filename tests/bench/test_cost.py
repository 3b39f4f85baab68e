"""What a learner waits for: importing the package, the first picture of lab 01, and its memory.
Quoted as paired figures."""
import json
import re
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "notebooks" / "solutions" / "01_a_ruler_before_a_model.ipynb"


def seconds(code):
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", code], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def test_importing_costs_no_more_than_torch_and_a_fifth():
    """Processor seconds in pairs, after a warm-up each; the median ratio counts."""
    ours, torchs = "import acai_lite", "import torch"
    seconds(ours), seconds(torchs)
    ratios = [seconds(ours) / seconds(torchs) for _ in range(5)]
    assert statistics.median(ratios) <= 1.2, ratios


@pytest.mark.parametrize("module", ["torchvision", "sklearn", "matplotlib", "IPython", "scipy",
                                    "ipywidgets", "safetensors"])
def test_importing_leaves_heavy_packages_alone(module):
    code = (f"import sys, torch; had = {module!r} in sys.modules; import acai_lite; print(had, "
            f"{module!r} in sys.modules)")
    run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert run.stdout.strip() in ("False False", "True True")


def test_the_first_picture_of_lab_01_comes_within_15_seconds():
    """Run All from a fresh kernel; files are in the disk cache after one import."""
    seconds("import acai_lite.figures")
    waited = first_picture()
    assert waited < 15 or first_picture() < 15  # a second try for a machine that was busy


def first_picture():
    book, started = nbformat.read(LAB, 4), time.monotonic()
    client = NotebookClient(book, timeout=120, kernel_name="python3")
    with client.setup_kernel():
        for place, cell in enumerate(book.cells):
            if cell.cell_type == "code":
                client.execute_cell(cell, place)
                if any("text/html" in output.get("data", {}) for output in cell.outputs):
                    break
    assert "<img" in cell.outputs[0]["data"]["text/html"]
    return time.monotonic() - started


def test_lab_01_needs_at_most_450_mb_more_than_torch():
    """Peak memory of the lab's code run as one script, minus that of a bare `import torch`, both in
    fresh processes."""
    code = "\n".join(cell.source
                     for cell in nbformat.read(LAB, 4).cells if cell.cell_type == "code")
    peak = ("\nimport json, resource; "
            "print(json.dumps(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss))")

    def megabytes(script):
        run = subprocess.run([sys.executable, "-c", script + peak], check=True, capture_output=True,
                             text=True)
        return json.loads(run.stdout.splitlines()[-1]) / (1024 if sys.platform != "darwin"
                                                          else 2 ** 20)

    assert megabytes(code) - megabytes("import torch") <= 450


def test_scoring_256_paths_takes_twice_its_matrix_product_and_250_mb_on_one_core():
    """The first call, dictionary included, beside the product of all frames with the dictionary
    alone, in processor seconds of one thread; memory above the frames themselves."""
    code = """
import json, resource, time, torch, acai_lite as al
torch.set_num_threads(1)
frames = torch.randn(256, 16, 1, 32, 32)
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
before, started = peak(), time.process_time()
al.line_scores(frames)
took, more = time.process_time() - started, peak() - before
rows, dictionary = torch.randn(256, 1024).double(), torch.randn(10_000, 1024).double()
started = time.process_time()
for _ in range(16):
    rows @ dictionary.T
print(json.dumps([took / (time.process_time() - started), more]))"""
    runs = [subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
            for _ in range(2)]
    took, memory = (min(both)
                    for both in zip(*(json.loads(run.stdout) for run in runs), strict=True))
    assert took <= 2 and memory / (1024 if sys.platform != "darwin" else 2 ** 20) <= 250


def test_scores_leave_no_memory_behind():
    """What a kernel density and 256 decoded paths took is given back, and neither takes much
    meanwhile."""
    if sys.platform != "linux":
        pytest.skip("asks Linux how much memory is held now")
    code = """
import json, resource, torch, acai_lite as al, acai_course
held = lambda: int(open("/proc/self/statm").read().split()[1]) * resource.getpagesize() / 2 ** 20
peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2 ** 10
model = al.build("baseline", "lines")
def work(codes, places):
    al.RealismIndex(al.fit_density(codes, "kernel").log_prob, codes)
    al.decode_path(model, torch.randn(places, 16, 16, 2, 2))
work(torch.randn(20, 64), 4)                                           # libraries set themselves up
before = held(), peak()
work(torch.randn(4000, 64), 64)
print(json.dumps([held() - before[0], peak() - before[1]]))"""
    # on a busy machine the system takes pages away, and gives them back while we look
    for _ in range(3):
        run = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True,
                             text=True)
        left, most = json.loads(run.stdout)
        if left <= 25 and most <= 100:
            break
    assert left <= 25 and most <= 100, (left, most)


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(),
                    reason="reads the peak as Linux keeps it")
@pytest.mark.parametrize(("name", "title"), [("mnist", "MNIST"), ("cifar10", "CIFAR-10")])
def test_what_torchvisions_readers_take_is_what_the_data_page_says(name, title):
    code = f"""
import json, acai_lite as al, torchvision.datasets
def now(key):
    return int(open("/proc/self/status").read().split(key + ":")[1].split()[0]) / 2 ** 10
open("/proc/self/clear_refs", "w").write("5")                        # the peak is counted from here
before = now("VmRSS")
try:
    images = al.load("{name}")
    own = sum(len(part) * part[:1].numel()
              for part in (images.train_images, images.test_images)) / 2 ** 20
    print(json.dumps([now("VmHWM") - before, own]))
except FileNotFoundError:
    print("[]")"""
    runs = [json.loads(subprocess.run([sys.executable, "-c", code], check=True, capture_output=True,
                                      text=True).stdout) for _ in range(2)]
    if not runs[0]:
        pytest.skip(f"{name} is not there: python -m acai_lite data fetch {name}")
    took, own = map(max, zip(*runs, strict=True))  # a busy system takes pages away meanwhile
    said, of = map(int, re.search(rf"{title} (\d+)(?: MB)? for (\d+)",
                                  (ROOT / "data" / "README.md").read_text()).groups())
    assert abs(own - of) < 1 and 0.8 * said <= took <= 1.1 * said, (own, took)


def memory(lab):
    """Peak of Run All in a kernel, at the pace of the environment, minus that of `import torch`: as
    a lab's header says."""
    from measure import run
    bare = run([nbformat.v4.new_code_cell("import torch")])[1]
    return run(nbformat.read(ROOT / "notebooks" / "solutions" / f"{lab}.ipynb", 4).cells)[1] - bare


def test_lab_06a_needs_at_most_450_mb_at_pace_smoke(monkeypatch):
    """Its last map compares 6,400 points with 20,000 samples at any pace: all at once that takes 1
    GB."""
    monkeypatch.setenv("ACAI_LITE_PACE", "smoke")
    assert memory("06a_the_realism_index") <= 450


@pytest.mark.long
@pytest.mark.parametrize("lab", ["02_autoencoders", "05a_the_critic", "06a_the_realism_index"])
def test_a_training_lab_needs_at_most_450_mb(lab):
    assert memory(lab) <= 450
