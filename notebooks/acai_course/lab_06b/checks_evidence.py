"""Lab 06b: what the check of the evidence looks for."""
from ..checks import Off

MODELS, PATHS = {"baseline": "baseline", "acai": "ACAI",
                 "vae": "VAE"}, ("linear", "spherical", "about the mean", "hop", "realistic")
MEASURES = ("mean distance", "smoothness", "lowest ri", "length", "cost")


def _cell(cell):
    if (not isinstance(cell, tuple | list) or len(cell) != 3
            or not all(isinstance(word, str) for word in cell)):
        raise Off('a cell is (model, path, measure), such as ("ACAI", "spherical", "length"); '
                  f'{cell!r} is not.')
    model, path, measure = (" ".join(word.lower().replace("_", " ").split()) for word in cell)
    measure = {"min ri": "lowest ri"}.get(measure, measure)
    if model not in MODELS or path not in PATHS or measure not in MEASURES:
        raise Off(f"the table has no cell {tuple(cell)!r}. Models: {', '.join(MODELS.values())}; "
                  f"paths: {', '.join(PATHS)}; measures: {', '.join(MEASURES)}.")
    return model, path, measure


def try_evidence(yours):
    cells = yours()
    if not isinstance(cells, tuple | list) or len(cells) != 2:
        raise Off("return two cells of the table, each (model, path, measure).")
    (model, path, measure), (other, route, second) = map(_cell, cells)
    if measure != second:
        raise Off(f"{measure} and {second} are different things: two cells can only be compared "
                  "in one measure.")
    if measure in ("lowest ri", "cost", "length"):
        raise Off(f"{measure} is what the search looked at while it chose its path. That it found "
                  "what it was looking for says nothing of the pictures. Take a measure that it "
                  "has never seen.")
    if measure == "smoothness":
        raise Off("smoothness says how evenly a path turns, not whether its frames are lines: even "
                  "ghosts may turn evenly. The claim is about what the pictures look like.")
    if model != other:
        raise Off("the two cells belong to two codes"
                  + (", and to two routes: two things changed at once." if path != route
                     else ". That one straight line is better than the other is what everybody "
                     "agrees on: the question is whether the code or the line is to blame."
                     if path == "linear" else ". That both have such a path does not say what is "
                     "wrong with the straight one.") + " Change one thing and keep the other.")
    if model != "baseline":
        raise Off("the claim is about the baseline's code: that is where it must be tested.")
    if path == route:
        raise Off("that is one cell, twice.")
    if not {"realistic", "hop"} & {path, route}:
        raise Off("both of these routes have bad frames. They leave the question open: is "
                  "there a good one?")
