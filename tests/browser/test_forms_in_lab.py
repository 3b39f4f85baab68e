"""In a real JupyterLab: the prediction's form, the panel's boxes, the passport's download and its
way back."""
import json

ASK = """import torch, acai_lite as al, acai_course as course
course.predict("02-browser", ["a half", "a tenth"])"""
PANEL = ("""course.judge_panel(torch.rand(4, 1, 32, 32, """
         """generator=torch.Generator().manual_seed(0)) * 2 - 1)""")
FORM = ".widget-radio, .widget-upload"


def wait_for(page, words):
    page.wait_for_function(
        "words => document.querySelector('.jp-Notebook').innerText.includes(words)", arg=words)


def test_a_guess_a_panel_and_the_answer(run_cells, server):
    page = run_cells("ask", FORM, ASK, PANEL, "print('all ran')")
    wait_for(page, "Choose one of each; both are kept at once.")
    groups = page.locator(".widget-radio")
    groups.nth(0).locator("input").nth(0).focus()
    page.keyboard.press("Space")                                       # the keyboard is enough
    wait_for(page, "Now say how sure you are.")
    groups.nth(1).get_by_text("certain", exact=True).click()
    wait_for(page, "Kept: 'a half' (certain).")
    boxes = page.locator(".widget-checkbox input")
    assert boxes.count() == 4
    boxes.nth(1).click()
    boxes.nth(3).click()
    wait_for(page, "You called 2 of 4 odd (kept).")
    passport = server.folder.parent / "passport.json"
    kept = json.loads(passport.read_text())
    assert (kept["guesses"]["02-browser"]["last"] == "a half"
            and kept["guesses"]["02-browser"]["sure"] == "certain")
    assert [2.0, 4.0] in [entry["list"] for entry in kept["lists"].values()]


def test_the_answer_stands_beside_the_guess_and_a_passport_comes_back(run_cells, server, tmp_path):
    other = {"guesses": {}, "checks": {"01-1": "2026-01-01"}}
    (tmp_path / "other.json").write_text(json.dumps(other))
    page = run_cells(
        "answer", FORM, "import acai_lite as al, acai_course as course\n"
        "course.predict('02-answer', ['a half', 'a tenth'], guess='a tenth', sure='a guess')\n"
        "course.reveal('02-answer', 'a half', '0.51')", "course.passport()")
    wait_for(page, "You said 'a tenth' (a guess). It did: 'a half', 0.51.")
    with page.expect_download() as download:
        page.click("a[download='passport.json']")
    assert (json.loads(download.value.path().read_text())["guesses"]["02-answer"]["outcome"]
            == "a half")
    with page.expect_file_chooser() as chooser:
        page.click(".widget-upload")
    chooser.value.set_files(tmp_path / "other.json")
    wait_for(page, "Brought back")
    assert json.loads(
        (server.folder.parent / "passport.json").read_text())["checks"]["01-1"] == "2026-01-01"
