"""A class at once: one Jupyter server, N kernels, each runs lab 01 and then 05a from one shared,
read-only data folder.

    python tests/load/class_load.py [N] [T]
        default 8; writes it into data/results/ops/load.json, under N

T: OMP_NUM_THREADS of every kernel, as the one who starts the server may set it; left out: as many
as processors.

All start together. For each learner: seconds to the first picture and for both labs, cells that
failed; at the end memory and threads of every kernel, and what `doctor` had predicted. Smoke pace,
on purpose: it asks whether anything breaks when thirty people press Run All, and how much memory is
held, not how well anybody's model learns.
"""
import asyncio
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from pathlib import Path

import nbformat
import psutil
from acai_course.doctor import kernel_memory
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

from acai_lite import available_cpus
from acai_lite.files.checkout import commit_of_checkout, result_file
from acai_lite.files.downloads import data_folder
from acai_lite.files.records import write_whole

ROOT = Path(__file__).resolve().parents[2]
RECORDS = result_file("ops", "load.json")
LABS = ("01_a_ruler_before_a_model", "05a_the_critic")
PORT, TOKEN = 18765, uuid.uuid4().hex


async def ask(path, method="GET", body=None):
    request = HTTPRequest(f"http://127.0.0.1:{PORT}{path}", method=method,
                          headers={"Authorization": f"token {TOKEN}"},
                          body=json.dumps(body) if body is not None else None, request_timeout=120)
    answer = await AsyncHTTPClient(force_instance=True).fetch(request)
    return json.loads(answer.body or b"null")


async def execute(socket, code):
    """Run one cell; returns (error or None, whether it showed a picture)."""
    number, picture, error = uuid.uuid4().hex, False, None
    header = {"msg_id": number, "msg_type": "execute_request", "username": "", "session": number,
              "version": "5.3"}
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False,
               "stop_on_error": False}
    await socket.write_message(json.dumps({"header": header, "parent_header": {}, "metadata": {},
                                           "content": content, "channel": "shell", "buffers": []}))
    while True:
        text = await socket.read_message()
        if text is None:
            return "the kernel is gone", picture
        if isinstance(text, bytes):                                    # a widget's buffers
            continue
        message = json.loads(text)
        if message["parent_header"].get("msg_id") != number:
            continue
        kind, content = message["msg_type"], message["content"]
        picture = picture or any(key in content.get("data", {})
                                 for key in ("image/png", "text/html"))
        if kind == "error":
            error = f"{content['ename']}: {content['evalue']}"
        if kind == "status" and content["execution_state"] == "idle":
            return error, picture


async def learner(cells, start):
    """One learner's session, from the request for a kernel on."""
    kernel = await ask("/api/kernels", "POST", {"name": "python3", "path": "notebooks/solutions"})
    address = f"ws://127.0.0.1:{PORT}/api/kernels/{kernel['id']}/channels?token={TOKEN}"
    socket, first, failed = await websocket_connect(address, max_message_size=2 ** 28), None, []
    for code in cells:
        error, picture = await execute(socket, code)
        if error:
            failed.append(error)
        if picture and first is None:
            first = time.monotonic() - start
    return {"kernel": kernel["id"], "first_picture_s": first, "labs_s": time.monotonic() - start,
            "failed": failed}


async def together(count):
    books = [nbformat.read(ROOT / "notebooks" / "solutions" / f"{lab}.ipynb", 4) for lab in LABS]
    cells = [cell.source for book in books for cell in book.cells if cell.cell_type == "code"]
    for _ in range(120):
        try:
            await ask("/api/status")
            break
        except OSError:
            await asyncio.sleep(0.5)
    start = time.monotonic()
    return await asyncio.gather(*(learner(cells, start) for _ in range(count)))


def kernels_of(server):
    """[(own bytes, bytes in all, threads)] of the kernels of a server, as the system counts
    them."""
    found = []
    for process in psutil.Process(server.pid).children(recursive=True):
        if "ipykernel_launcher" in " ".join(process.cmdline()):
            memory = process.memory_full_info()
            found.append((memory.uss, memory.rss, process.num_threads()))
    return found


def main(count, threads=None):
    commit, (own, shared) = commit_of_checkout(), kernel_memory()
    with tempfile.TemporaryDirectory() as home:
        shelf = Path(home) / "data"  # the class's copy: nobody may write in it
        if data_folder().joinpath("MNIST").is_dir():
            shutil.copytree(data_folder() / "MNIST", shelf / "MNIST")
        shelf.mkdir(exist_ok=True)
        shelf.chmod(0o555)
        environment = os.environ | {
            "ACAI_LITE_PACE": "smoke", "ACAI_LITE_DATA": str(shelf),
            "PYTHONPATH": str(ROOT), "ACAI_LITE_PASSPORT": str(Path(home) / "passport.json"),
            "JUPYTER_CONFIG_DIR": home, "JUPYTER_DATA_DIR": home, "JUPYTER_RUNTIME_DIR": home}
        environment |= {"OMP_NUM_THREADS": str(threads)} if threads else {}
        options = [f"--port={PORT}", "--ip=127.0.0.1", "--no-browser", "--allow-root",
                   f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={ROOT}",
                   "--ServerApp.allow_remote_access=False", "--ServerApp.log_level=ERROR"]
        server = subprocess.Popen([sys.executable, "-m", "jupyter_server", *options],
                                  env=environment)
        try:
            learners, memory = asyncio.run(together(count)), kernels_of(server)
        finally:
            server.terminate()
            server.wait(30)
            shelf.chmod(0o755)
    firsts, labs = ([row[key] for row in learners] for key in ("first_picture_s", "labs_s"))
    failed = [error for row in learners for error in row["failed"]]
    record = {
        "learners": count, "labs": LABS, "pace": "smoke", "failed_cells": failed,
        "first_picture_s": {"p50": statistics.median(firsts),
                            "p95": sorted(firsts)[-(-95 * count // 100) - 1]},
        "labs_s": {"p50": statistics.median(labs), "p95": sorted(labs)[-(-95 * count // 100) - 1]},
        "kernel_mb": {"own": round(statistics.median(row[0] for row in memory) / 2 ** 20),
                      "most": round(max(row[0] for row in memory) / 2 ** 20),
                      "predicted": round(own * 1024), "shared_predicted": round(shared * 1024)},
        "threads": max(row[2] for row in memory), "cpus": available_cpus(),
        "machine": platform.machine(), "commit": commit,
        "command": f"python tests/load/class_load.py {count}" + f" {threads}" * bool(threads),
        "date": time.strftime("%Y-%m-%d", time.gmtime())}
    kept = json.loads(RECORDS.read_text()) if RECORDS.exists() else {}
    kept = dict(sorted((kept | {str(count): record}).items(), key=lambda item: int(item[0])))
    write_whole(RECORDS, (json.dumps(kept, indent=1) + "\n").encode())
    print(json.dumps(record, indent=1))
    return int(bool(failed) or len(memory) != count)


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:] or ["8"])))
