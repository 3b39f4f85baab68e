"""Lab 06a: what the check of the decision looks for."""
import math
from contextlib import suppress

from ..checks import Off
from ..records import realism_record


def try_decision(yours):
    answer, table = yours(), realism_record()["calibration"]
    if not isinstance(answer, dict) or not {"index", "model", "number"} <= set(answer):
        raise Off('return a dictionary with the keys "index", "model" and "number".')
    name, model, number = answer["index"], answer["model"], answer["number"]
    if name not in table["lines-baseline-64"]:
        raise Off(f"there is no index {name!r} in the table. It has: "
                  f"{', '.join(table['lines-baseline-64'])}.")
    if model not in table:
        raise Off(f"there is no model {model!r} in the table. It has: {', '.join(table)}.")
    # numpy's and torch's numbers are numbers, too
    with suppress(TypeError, ValueError, RuntimeError):
        number = math.nan if isinstance(number, bool | str) else float(number)
    if not isinstance(number, float) or math.isnan(number):
        raise Off("you chose by the picture; which number supports it?")
    value, low, high = table[model][name]["inner"]
    if abs(number - value) > 0.006:
        other = "all frames" if abs(number - table[model][name]["all"][0]) < 0.006 else None
        whose = [n for n, row in table[model].items() if abs(number - row["inner"][0]) < 0.006]
        if abs(number + value) < 0.006:
            raise Off("the size is right and the sign is not: a minus means that the index praises "
                      "what is far from a line.")
        raise Off(f"you chose by the picture; which number supports it? {number:+.2f} is not what "
                  f"{name!r} has on the inner frames of {model}."
                  + (" It is that of all frames, where knowing t already helps." if other
                     else f" It belongs to {whose[0]!r}." if whose else ""))
    if name == "nearness to an end":
        raise Off("that is the control: it never looks at a frame, it only knows t. An index "
                  "has to beat it.")
    weakest = min(table, key=lambda m: table[m][name]["inner"][0])
    if table[weakest][name]["inner"][0] < 0:
        raise Off(f"the number is right, and yet on {weakest} this index has a minus: it ranks the "
                  "wrong way round there, and praises what is far from a line. How would you know, "
                  "on data without truth, which case you are in?")
    if value > table[weakest][name]["inner"][0] + 0.006:
        raise Off(f"the number is right, but it is not the weakest one of {name!r}. An index for "
                  "data without truth must be judged by the model that suits it least.")
    control = table[model]["nearness to an end"]["inner"]
    if low <= control[2]:
        raise Off(f"on {model} the interval of this index, {low:+.2f} to {high:+.2f}, is not above "
                  f"that of the control which only knows t, {control[1]:+.2f} to "
                  f"{control[2]:+.2f}: the number supports no trust.")
