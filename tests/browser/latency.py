"""From key press to picture in a real JupyterLab: the explorer with four methods, beside
interact + matplotlib, in one run.

    make bench
        prints a table and writes data/results/ops/explorers.json (minutes; needs Chromium)

A key press is timed in the page, until the first animation frame that shows other pixels. 40 single
presses, then 45 at 30 a second; twelve new pairs; memory of the kernel before and after the
explorer.
"""
import json
import os
import platform
import statistics
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent)]

from acai_lite.files.checkout import commit_of_checkout, result_file  # noqa: E402
from acai_lite.files.records import write_whole  # noqa: E402

FOUR = """
import torch, acai_course as course, acai_lite as al
torch.set_num_threads(1)
lines = al.load("lines")
models = {name: al.checkpoint(f"lines-{name.lower()}-64") for name in ("baseline", "VAE", "ACAI")}
def resident():
    rows = open("/proc/self/status")
    return next(int(row.split()[1]) // 1024 for row in rows if row.startswith("VmRSS"))
bare = resident()"""
EXPLORER = """course.InterpolationExplorer(lines, models, paths=("linear", "spherical"))"""
MEMORY = """print("added", resident() - bare, "MB")"""
INTERACT = """
%matplotlib inline
import ipywidgets, matplotlib.pyplot as plt
x0, x1 = lines.test_images[:1], lines.test_images[1:2]
@ipywidgets.interact(k=ipywidgets.IntSlider(value=0, min=0, max=40, continuous_update=True))
def show(k):
    with torch.no_grad():
        z = [(1 - k / 40) * m.encode(x0) + k / 40 * m.encode(x1) for m in models.values()]
        rows = [(1 - k / 40) * x0 + k / 40 * x1, *(m.decode(c) for m, c in zip(models.values(), z))]
    figure, axes = plt.subplots(1, 4, figsize=(8, 2))
    for place, row in zip(axes, rows):
        place.imshow(row[0, 0], cmap="gray"); place.axis("off")
    plt.show()"""
# The explorer's last canvas is looked at pixel by pixel, the matplotlib picture by its address.
WATCH = """() => {
  const canvas = [...document.querySelectorAll(".acai-explorer .grid canvas")].pop();
  const look = canvas ? () => canvas.getContext("2d").getImageData(0, 0, 32, 32).data
      .reduce((h, v) => (h * 31 + v) | 0, 0)
    : () => document.querySelector(".widget-output img, .jp-OutputArea-output img")?.src ?? last;
  let last = look();
  window.seen = []; window.pressed = [];
  window.addEventListener("keydown", () => window.pressed.push(performance.now()), true);
  const each = () => {
    const now = look();
    if (now !== last) { last = now; window.seen.push(performance.now()); }
    requestAnimationFrame(each);
  };
  requestAnimationFrame(each);
}"""
PAIR = """count => new Promise(done => {
  const box = document.querySelector(".acai-explorer"), start = performance.now();
  const pair = [...box.querySelectorAll("select")].find(s => s.labels[0].textContent === "pair");
  const each = () => pair.options.length > count
    ? requestAnimationFrame(() => done(performance.now() - start)) : requestAnimationFrame(each);
  [...box.querySelectorAll("button")].find(b => b.textContent === "New pair").click();
  requestAnimationFrame(each); })"""


def keys(page, slider, forth="ArrowRight", back="ArrowLeft"):
    """{median, p95 of single presses in ms, frames shown of 45 at 30 a second}"""
    slider.focus()
    slider.press("Home")
    page.wait_for_timeout(500)
    page.evaluate(WATCH)
    waits = []
    for _ in range(40):
        page.evaluate("window.pressed = []; window.seen = []")
        slider.press(forth)
        page.wait_for_function("window.seen.length > 0", timeout=5000)
        pressed, seen = page.evaluate("[window.pressed[0], window.seen[0]]")
        waits.append(seen - pressed)
        page.wait_for_timeout(60)
    page.evaluate("window.seen = []")
    start = time.monotonic()
    for k in range(45):                                                # there and back again
        time.sleep(max(0, start + k / 30 - time.monotonic()))
        page.keyboard.press(back if k < 40 else forth)
    rate = 45 / (time.monotonic() - start)
    page.wait_for_timeout(1000)
    waits.sort()
    return {"median_ms": round(statistics.median(waits), 1), "p95_ms": round(waits[37], 1),
            "presses_a_second": round(rate, 1), "shown_of_45": page.evaluate("window.seen.length")}


@contextmanager
def opened(lab, browser, name, *cells, wait_for):
    page = browser.new_page(viewport={"width": 1100, "height": 1000})
    page.goto(lab.url(lab.notebook(name, *cells)))
    lab.run_all(page, wait_for)
    yield page
    page.close()
    lab.stop_kernels()


def measure(lab, browser):
    found = {}
    with opened(lab, browser, "explorer.ipynb", FOUR, EXPLORER, MEMORY,
                wait_for=".acai-explorer .grid canvas") as page:
        page.wait_for_selector(".acai-explorer button:not([disabled]):text-is('New pair')")
        found["explorer"] = keys(page, page.get_by_role("slider", name="place on the way"))
        pairs = sorted(page.evaluate(PAIR, 5 + k) for k in range(12))
        found["new_pair"] = {"median_ms": round(statistics.median(pairs)),
                             "slowest_of_12_ms": round(pairs[-1])}
        found["memory_added_mb"] = int(page.locator(".jp-OutputArea pre:has-text('added')")
                                       .inner_text().split()[1])
    image = ".widget-output img, .jp-OutputArea-output img"
    with opened(lab, browser, "interact.ipynb", FOUR, INTERACT, wait_for=image) as page:
        found["interact + matplotlib"] = keys(page,
                                              page.locator(".jp-OutputArea [role=slider]").first)
    return found


def main():
    from conftest import chromium_browser, jupyterlab

    with (tempfile.TemporaryDirectory() as home, jupyterlab(Path(home)) as lab,
          chromium_browser() as browser):
        found = measure(lab, browser)
    found |= {"load": [round(v, 1) for v in os.getloadavg()], "cpus": os.cpu_count(),
              "machine": platform.machine(), "commit": commit_of_checkout(),
              "command": "make bench", "date": time.strftime("%Y-%m-%d", time.gmtime())}
    write_whole(result_file("ops", "explorers.json"), (json.dumps(found, indent=1) + "\n").encode())
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
