"""Lab 06a's blind panel: who calls which picture odd, you by eye and later the indices, in one
table."""
import html

from acai_lite.data import levels
from acai_lite.figures import grid

from ..pages import fallback, has_forms, png
from ..passports import keep_list, read, say, stamp

NAME = "06a-panel"


def judge_panel(pictures, odd=None):
    """Show pictures (N,1,32,32), each with a box to tick if it looks odd; every tick is kept in the
    passport.

    Without boxes (any front end): judge_panel(pictures, odd=[3, 17]), numbers from 1; odd=[] if
    none looks odd.
    """
    count = len(pictures)
    if odd is not None:
        wrong = [n for n in odd if type(n) is not int or not 1 <= n <= count]
        say(f"Not kept: {', '.join(map(repr, wrong))}: no number of a picture, which run "
            f"from 1 to {count}." if wrong else _note(odd, count))
    page = grid(pictures, titles=[str(k + 1) for k in range(count)], columns=8,
                alt=f"{count} small pictures, numbered: judge each by eye, line or not.")
    words = (f"{count} pictures: name the odd ones by number in the call, as in "
             "judge_panel(pictures, odd=[3, 17])")
    if not has_forms():
        print(words)
        return
    from IPython.display import display
    display(_form(pictures, words, page._repr_html_()))


def _note(odd, count):
    entry = read()["lists"].get(NAME, {})
    numbers = sorted(float(n) for n in set(odd))
    if "outcome" in entry:
        late = numbers != entry.get("list")
        kept = stamp("lists", NAME, entry | {"late": numbers} if late
                     else {k: v for k, v in entry.items() if k != "late"})
        words = ("after the comparison: your list before it counts" if late
                 else "the list that counts")
    else:
        kept, words = stamp("lists", NAME, entry | {"list": numbers}), "kept"
    words = words if kept else "not kept, as this folder cannot be written"
    return f"You called {len(numbers)} of {count} odd ({words})."


def _form(pictures, words, page):
    from ipywidgets import HTML, Box, Checkbox, VBox
    entry = read()["lists"].get(NAME, {})
    marked = entry.get("late", entry.get("list", []))
    boxes, cells = [], []
    for k, picture in enumerate(levels(pictures[:, 0]), 1):
        boxes.append(Checkbox(value=k in marked, description=f"{k} odd", indent=False,
                              layout={"width": "84px"}))
        shown = HTML(f'<img src="{png(picture)}" alt="picture {k}" width="80" '
                     'style="image-rendering:pixelated">')
        cells.append(VBox([shown, boxes[-1]], layout={"width": "88px"}))
    line = HTML(html.escape(f"{words[:words.index(':')]}: tick those that look odd." if not entry
                            else f"You called {len(marked)} odd before."))

    def ticked(_):
        line.value = html.escape(_note([k for k, box in enumerate(boxes, 1) if box.value],
                                       len(boxes)))

    for box in boxes:
        box.observe(ticked, "value")
    return fallback(VBox([Box(cells, layout={"flex_flow": "row wrap", "max_width": "850px"}),
                          line]), words, page)


def judged(sources, far):
    """Which pictures you called odd, (N,) bools, or None if you have judged none. The passport
    notes your rates.

    sources: N names; far: (N,) bools, whether the ruler finds a picture far from every line.
    """
    entry = read()["lists"].get(NAME, {})
    if "list" not in entry:
        say("You have not judged the pictures yet: the column “you” stays empty. Tick some above, "
            "then run this cell again.")
        return None
    keep_list(NAME, entry["list"], rates(sources, far, _bools(entry["list"], sources)))
    return _bools(entry.get("late", entry["list"]), sources)


def _bools(numbers, sources):
    return [k + 1 in numbers for k in range(len(sources))]


def rates(sources, far, odd):
    """{source: share of its pictures called odd}, then hits (share of far pictures) and false
    alarms (of the others)."""
    groups = {name: [s == name for s in sources] for name in sorted(set(sources))}
    groups |= {"hits": [bool(f) for f in far], "false alarms": [not f for f in far]}
    return {name: sum(bool(o) for o, its in zip(odd, group, strict=True) if its) / sum(group)
            for name, group in groups.items() if any(group)}


def panel_table(sources, far, columns):
    """Print the share of each source's pictures that a judge calls odd, a column a judge.

    columns: {judge: (N,) bools, or None for a judge who has not judged}. Returns
    {judge: its `rates`}.
    """
    found = {judge: rates(sources, far, odd) for judge, odd in columns.items() if odd is not None}
    count = {name: sources.count(name)
             for name in set(sources)} | {"hits": sum(map(bool, far)),
                                          "false alarms": sum(not f for f in far)}
    wide = {judge: max(7, len(judge) + 2) for judge in columns}
    print(f"{'share called odd':19s}" + "".join(f"{judge:>{wide[judge]}s}" for judge in columns))
    for name in rates(sources, far, far):
        print(f"{name.removeprefix('lines-') + f', of {count[name]}':19s}" + "".join(
            f"{f'{found[judge][name]:.0%}' if judge in found else '-':>{wide[judge]}s}"
            for judge in columns))
    return found
