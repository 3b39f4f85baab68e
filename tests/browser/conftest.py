"""A real JupyterLab and a real Chromium, the system's: Playwright downloads none. Without it these
tests are skipped."""
import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# errors of Notebook 7's own, of any notebook opened in it
NOTEBOOK_7 = ("Command 'filebrowser:open-path' not registered",
              "Cannot read properties of undefined (reading 'schema')")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]


def pytest_collection_modifyitems(items):
    for item in items:
        if ROOT / "tests" / "browser" in item.path.parents:
            item.add_marker(pytest.mark.long)


@contextmanager
def chromium_browser():
    api = pytest.importorskip("playwright.sync_api",
                              reason="playwright is not installed: pip install -e '.[test]'")
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("no Chromium on this machine (Debian and Ubuntu: apt install chromium)")
    with api.sync_playwright() as play:
        browser = play.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def chromium():
    with chromium_browser() as browser:
        yield browser


@pytest.fixture
def open_page(chromium):
    """open_page(address, **context options) -> page; fails at the end if the page's console had an
    error, but for those that have `expected` in them."""
    contexts, errors = [], []

    def open_it(address, expected=None, **options):
        contexts.append(chromium.new_context(**{"viewport": {"width": 1100, "height": 1000}}
                                             | options))
        page = contexts[-1].new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", lambda message: errors.append(message.text) if message.type == "error"
                and not (expected and expected in message.text) else None)
        page.goto(address)
        return page

    yield open_it
    for context in contexts:
        context.close()
    assert not [text for text in errors if not any(its in text for its in NOTEBOOK_7)]


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    with jupyterlab(tmp_path_factory.mktemp("jupyter")) as lab:
        yield lab


@pytest.fixture
def run_cells(server, open_page):
    """run_cells(name, wait_for, *cells) -> the page of a notebook of these cells, run until
    `wait_for` is there. front: "lab", or "notebook" for Notebook 7."""
    def open_it(name, wait_for, *cells, front="lab"):
        page = open_page(server.url(server.notebook(f"{name}.ipynb", *cells), front))
        server.run_all(page, wait_for, timeout=400)
        return page
    yield open_it
    server.stop_kernels()


@contextmanager
def jupyterlab(home):
    """A JupyterLab on loopback, with settings of its own in `home`."""
    folder = home / "work"
    folder.mkdir()
    settings = home / "data" / "lab" / "settings"
    settings.mkdir(parents=True)
    (settings / "overrides.json").write_text(
        json.dumps({"@jupyterlab/apputils-extension:notification": {
            "fetchNews": "false", "checkForUpdates": False}}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = dict(os.environ, JUPYTER_CONFIG_DIR=str(home / "config"),
                       JUPYTER_DATA_DIR=str(home / "data"), JUPYTER_RUNTIME_DIR=str(home / "run"),
                       JUPYTERLAB_SETTINGS_DIR=str(home / "user"),
                       PYTHONPATH=f"{ROOT}{os.pathsep}{ROOT / 'notebooks'}", OMP_NUM_THREADS="1",
                       ACAI_LITE_PACE="smoke", ACAI_LITE_PASSPORT=str(home / "passport.json"),
                       ACAI_LITE_DATA=os.environ.get("ACAI_LITE_DATA", str(ROOT / "data")))
    with open(home / "log", "w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--allow-root", "--no-browser", "--ip=127.0.0.1",
             f"--port={port}", "--IdentityProvider.token=", "--ServerApp.disable_check_xsrf=True",
             f"--ServerApp.root_dir={folder}", f"--LabApp.app_settings_dir={settings}"],
            env=environment, stdout=log, stderr=log, cwd=folder)
    address = f"http://127.0.0.1:{port}"
    for _ in range(120):
        try:
            urllib.request.urlopen(f"{address}/api")
            break
        except OSError:
            time.sleep(0.5)
    yield Lab(address, folder)
    process.terminate()
    process.wait(20)


class Lab:
    def __init__(self, address, folder):
        self.address, self.folder, self.opened = address, folder, 0

    def notebook(self, name, *cells):
        """Write a notebook of these code cells; returns its name."""
        import nbformat
        book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
        book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3 (ipykernel)",
                                       "language": "python"}
        nbformat.write(book, self.folder / name)
        return name

    def url(self, name, front="lab"):
        self.opened += 1
        return (f"{self.address}/notebooks/{name}" if front == "notebook" else
                f"{self.address}/lab/workspaces/w{self.opened}/tree/{name}?reset")

    def run_all(self, page, wait_for, timeout=120):
        """Run the opened notebook until `wait_for` is there."""
        page.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]',
                               state="attached", timeout=90_000)
        page.wait_for_timeout(1500)
        for _ in range(4):  # "Run All" right after opening may be lost
            page.click('.lm-MenuBar-itemLabel:text-is("Run")')
            page.click('li[data-command="runmenu:run-all"]')
            try:
                return page.wait_for_selector(wait_for, timeout=timeout * 250)
            except Exception as late:
                error = late
        raise error

    def stop_kernels(self):
        for kernel in json.load(urllib.request.urlopen(f"{self.address}/api/kernels")):
            urllib.request.urlopen(urllib.request.Request(
                f"{self.address}/api/kernels/{kernel['id']}", method="DELETE"))
