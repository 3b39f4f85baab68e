"""The passport shown: what it holds, how often you were right at each confidence, a link to
download it, a button to bring it back."""
import base64
import html

from .pages import fallback, has_forms
from .passports import SURE, as_bytes, bring_back, place, read, say


def right(entry: dict) -> bool | None:
    """Whether the guess made before the answer was right; None where there is no guess or no
    answer."""
    return entry["last"] == entry["outcome"] if {"last", "outcome"} <= set(entry) else None


def show_passport() -> None:
    """Print what the passport holds, and how often you were right at each confidence."""
    content = read()
    if not any(content.values()):
        say(f"The passport is empty so far ({place().name} appears with your first guess or "
            "passed check).")
        return
    for name, entry in sorted(content["guesses"].items()):
        sure = f" ({entry['sure']})" if "sure" in entry else ""
        guess = f"{entry['last']!r}{sure}" if "last" in entry else "none before the answer"
        first = (f", first {entry['first']!r}"
                 if entry.get("first", entry.get("last")) != entry.get("last") else "")
        mark = {True: "✔ ", False: "✘ ", None: "  "}[right(entry)]
        did = f"; it did {entry['outcome']!r}" if right(entry) is False else ""
        print(f"{mark}{entry.get('date', ''):10s}  guess {name:13s} {guess}{first}{did}")
    for name, entry in sorted(content["lists"].items()):
        found = ", ".join(f"{key} {value:.3g}" for key, value in entry.get("outcome", {}).items())
        print(f"  {entry.get('date', ''):10s}  list  {name:13s} "
              f"{found or 'judged, not yet compared'}")
    for name in sorted(content["checks"] | content["tries"]):
        tries = content["tries"].get(name, 0)
        failed = f"{tries} failed {'try' if tries == 1 else 'tries'}" if tries else ""
        passed = "passed" if name in content["checks"] else "not yet passed"
        print(f"  {content['checks'].get(name, ''):10s}  check {name:13s} "
              f"{passed}{failed and ', ' + failed}")
    table = calibration(content)
    if table:
        print("\nhow sure you were, and how often you were right (guesses made before the answer)")
        for sure, (hits, count) in table.items():
            print(f"  {sure:12s} {hits:2d} of {count:2d} right   {hits / count:4.0%}")


def calibration(content: dict) -> dict[str, tuple[int, int]]:
    """{confidence: (right, guesses)} of the guesses made before their answer; old ones said no
    confidence."""
    found = {}
    for sure in (*SURE, None):
        marks = [right(entry) for entry in content["guesses"].values() if entry.get("sure") == sure]
        marks = [mark for mark in marks if mark is not None]
        if marks:
            found[sure or "not said"] = sum(marks), len(marks)
    return found


def passport() -> None:
    """Show the passport, a link that downloads it as it is now, and a button that brings one back
    from a file."""
    show_passport()
    if not has_forms():
        print('course.export_passport("copy.json") writes a copy, '
              'course.import_passport("copy.json") brings it back.')
        return
    from IPython.display import HTML, display
    data = base64.b64encode(as_bytes()).decode()
    display(HTML(f'<a download="passport.json" href="data:application/json;base64,{data}">Download '
                 'the passport</a> ' "as it is now (run this cell again after more work)"))
    display(_upload())


def _upload():
    """A button that brings a passport back, and below it what was done."""
    from ipywidgets import HTML, FileUpload, VBox
    button = FileUpload(accept=".json", multiple=False, description="Bring one back from a file",
                        layout={"width": "max-content"})
    line = HTML("")

    def take(change):
        if change["new"]:
            try:
                done = bring_back(bytes(change["new"][0]["content"]))
            except (ValueError, OSError) as error:
                done = f"Not brought back: {error}."
            line.value = html.escape(done)

    button.observe(take, "value")
    box = VBox([button, line])
    return fallback(box, 'To bring one back from a file: course.import_passport("passport.json")')
