""".ci/run: it takes the data sets that are there, needs none, and ends in `make test`."""
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAY = 'if [ $1 = test ]; then echo "data: ${ACAI_LITE_DATA-none} $(ls ${ACAI_LITE_DATA-.})"; fi'


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
@pytest.mark.parametrize(("restore", "given", "found"), [
    (None, False, "none"), (None, True, "mine"), ("touch $2/there", True, "mine"),
    ("touch $2/there", False, "restored"), ("exit 3", False, "none")])
def test_ci_run_takes_the_data_that_are_there(tmp_path, restore, given, found):
    """With stand-ins for make, Python and ruff. restore: the script beside the checkout; given:
    whether ACAI_LITE_DATA is set."""
    files = {"bin/make": SAY, "checkout/.ci/run": (ROOT / ".ci" / "run").read_text("utf-8"),
             "checkout/.venv/bin/python": 'if [ "$1" != -m ]; then bash "$@"; fi',
             "checkout/.venv/bin/ruff": "true"}
    if restore:
        files["shared/tools/restore_datasets.py"] = f'set -- x "$1"; {restore}'
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text if text.startswith("#!") else f"#!/usr/bin/env bash\n{text}\n")
        path.chmod(0o755)
    setting = {name: value for name, value in os.environ.items() if name != "ACAI_LITE_DATA"}
    setting |= {"PATH": f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}",
                "TMPDIR": str(tmp_path)}
    if given:
        (tmp_path / "mine").mkdir()
        setting["ACAI_LITE_DATA"] = str(tmp_path / "mine")
    command = [tmp_path / "checkout" / ".ci" / "run"]
    done = subprocess.run(command, env=setting, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    (said,) = re.findall("^data: (.*)$", done.stdout, re.MULTILINE)    # `make test` ran, once
    if found == "restored":
        assert "acai-lite-data." in said and said.endswith(" there")
        assert not Path(said.split()[0]).exists()                      # taken away at the end
    else:
        assert said.split()[:1] == [found if found == "none" else str(tmp_path / found)]
