"""In a real JupyterLab: the stop button in the middle of training, a restarted kernel, a tab closed
and opened again."""
from test_labs_in_lab import moves

MAKE = """import acai_course as course, acai_lite as al
digits = al.load("digits")
model = al.build("acai", digits, recipe="lab")
print("made", flush=True)"""
TRAIN = """history = al.fit(model, digits, {samples}, recipe="lab", resume="{state}", device="cpu",
                 on_report=lambda point: print("at", point["samples"], flush=True))
print("ended", history.samples, history.interrupted)"""
AT = '.jp-OutputArea-output:has-text("at ")'
USE = "print('usable', tuple(model.encode(digits.test_images[:2]).shape), len(history.points) > 0)"


def said(page, text, timeout=240_000):
    page.wait_for_function("text => [...document.querySelectorAll('.jp-OutputArea-output')].some("
                           "box => box.textContent.includes(text))", arg=text, timeout=timeout)


def command(page, menu, name):
    page.click(f'.lm-MenuBar-itemLabel:text-is("{menu}")')
    page.click(f'li[data-command="{name}"]')


def output(page, cell):
    return page.locator(".jp-CodeCell").nth(cell).locator(
        ".jp-OutputArea-output").all_text_contents()


def test_the_stop_button_in_the_middle_of_training(run_cells):
    page = run_cells("stop", AT, MAKE, TRAIN.format(samples=320_000, state="stop.state"), USE)
    page.click('[data-command="notebook:interrupt-kernel"], '
               'jp-button[title^="Interrupt the kernel"]')
    said(page, "ended ")
    said(page, "usable (2, 2, 4, 4) True")  # the next cell, which was waiting, has run
    ended = " ".join(output(page, 1)).split("ended ")[1]
    assert ended.split()[1] == "True" and 0 < int(ended.split()[0]) < 320_000
    assert ("stopped in" in " ".join(output(page, 1))
            and "Traceback" not in page.inner_text(".jp-Notebook"))
    page.locator(".jp-CodeCell").nth(1).locator(".cm-content").click()
    page.keyboard.press("Control+Enter")  # the same cell again: it goes on, and stops again
    page.wait_for_function(
        "() => { const said = [...document.querySelectorAll('.jp-CodeCell')][1].querySelector("
        "'.jp-Cell-outputArea').textContent; return said.includes('at ') && "
        "!said.includes('ended') }")
    page.click('[data-command="notebook:interrupt-kernel"], '
               'jp-button[title^="Interrupt the kernel"]')
    said(page, "ended ")
    assert int(" ".join(output(page, 1)).split("ended ")[1].split()[0]) > int(ended.split()[0])


def test_a_restarted_kernel_goes_on(run_cells, server):
    page = run_cells("restart", AT, MAKE, TRAIN.format(samples=8_000, state="restart.state"), USE)
    for _ in range(300):
        if (server.folder / "restart.state").exists():
            break
        page.wait_for_timeout(200)
    command(page, "Kernel", "kernelmenu:restart-and-clear")
    page.click('.jp-Dialog button:has-text("Restart")')
    page.wait_for_function("() => !document.querySelector('.jp-OutputArea-output')")
    server.run_all(page, '.jp-OutputArea-output:has-text("ended 8000 False")', timeout=400)
    first = " ".join(output(page, 1)).split("at ")[1].split()[0]
    assert int(first) > 8_000 // 100                                  # not from the beginning
    said(page, "usable (2, 2, 4, 4) True")


def test_a_tab_that_is_closed_and_opened_again(run_cells, server, open_page):
    page = run_cells("tab", AT, MAKE, "print('at once', flush=True)\n"
                     + TRAIN.format(samples=6_400, state="tab.state"),
                     "course.InterpolationExplorer(digits, {'ACAI': model})", USE)
    page.keyboard.press("Control+s")
    page.close()                                                       # in the middle of training
    again = open_page(server.url("tab.ipynb"))
    again.wait_for_selector('.jp-Notebook-ExecutionIndicator[data-status="idle"]', state="attached",
                            timeout=240_000)
    again.locator(".jp-CodeCell").nth(3).locator(".cm-content").click()
    again.keyboard.press("Control+Enter")
    said(again, "usable (2, 2, 4, 4) True")  # the kernel went on without a browser
    again.locator(".jp-CodeCell").nth(2).locator(".cm-content").click()
    again.keyboard.press("Control+Enter")
    again.wait_for_selector(".acai-explorer canvas", timeout=120_000)
    again.wait_for_timeout(1500)
    again.keyboard.press("Control+s")
    again.wait_for_timeout(1500)
    again.close()
    third = open_page(server.url("tab.ipynb"))  # and the explorer that was saved lives, too
    third.wait_for_selector(".acai-explorer canvas", timeout=120_000)
    assert moves(third.locator(".acai-explorer"))
