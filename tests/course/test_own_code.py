"""Labs run what learners write: no given cell repeats the package, every checked loss trains
something, and `show`."""
import ast
import html
import re
from functools import lru_cache
from importlib import import_module
from operator import attrgetter
from pathlib import Path

import acai_course as course
import jupytext
import pytest
from acai_course.equations import EQUATIONS

import acai_lite as al

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "notebooks" / "source").glob("*.py"))
SOLUTION = re.compile(r"### BEGIN SOLUTION.*?### END SOLUTION", re.DOTALL)
RUN, SMALL = 4, 12  # logical lines that make a copy; a body of fewer parts is nobody's idea

# exercise: the loss, or the step with a loss, that the learner writes there
LOSSES = {"02-2": "train_step", "03-1": "denoising_loss", "03-2": "vae_loss", "04-1": "gan_losses",
          "04-2": "gan_step", "04-4": "aae_losses", "05-3": "critic_step", "05-4": "acai_losses",
          "06-5": "path_cost", "10-1": "with_critic"}
JUDGES = {"06-6": "honest_cost"}                # these measure a result; nothing is trained by them
# runs without `losses=` after such an exercise: what trains there is no loss that the learner wrote
OTHERS = {"03": ["model, lines, samples=course.pace(smoke=160, lab=3200, full=6400)"],  # dropout
          "04": ["squares, ring"],  # least squares: read in the lab, not written
          "10": ["model, lines, samples=64, recipe='lab', quiet=True"]}  # a project's first cell


def code(path, solutions=True):
    cells = [c.source for c in jupytext.read(path).cells if c.cell_type == "code"]
    return [cell if solutions else SOLUTION.sub("pass", cell) for cell in cells]


# --- no copies ------------------------------------------------------------------------------------

def blank(node):
    """One logical line with all names and texts blanked: lines that differ in names and comments
    only become equal."""
    if isinstance(node, ast.Name | ast.arg):
        return "_"
    if isinstance(node, ast.Constant):
        return "'s'" if isinstance(node.value, str) else repr(node.value)
    own = {"ctx", "name", "type_comment", "type_params"}
    own |= set() if isinstance(node, ast.Lambda | ast.IfExp) else {"body", "orelse", "finalbody"}
    parts = []
    for field, value in ast.iter_fields(node):
        if field not in own and value is not None:
            values = value if isinstance(value, list) else [value]
            parts.append(field + "=" + ",".join(blank(v) if isinstance(v, ast.AST)
                                                else str(v) for v in values))
    return f"{type(node).__name__}({';'.join(parts)})"


def logical(statements):
    """Blanked lines in the order of reading, blocks flattened; imports and docstrings are left
    out."""
    for line in statements:
        text = isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant)
        if not isinstance(line, ast.Import | ast.ImportFrom) and not text:
            yield blank(line)
            for block in ("body", "orelse", "finalbody"):
                yield from logical(getattr(line, block, []))


def runs(tree):
    lines = list(logical(tree.body))
    return [tuple(lines[k:k + RUN]) for k in range(len(lines) - RUN + 1)]


def blocks(tree):
    """{blanked lines: where} of every block of any function; tiny ones are left out."""
    found = {}
    for function in (n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)):
        for node in ast.walk(function):
            for block in (getattr(node, "body", None), getattr(node, "orelse", None)):
                if (isinstance(block, list)
                        and sum(1 for line in block for _ in ast.walk(line)) >= SMALL):
                    found.setdefault(tuple(logical(block)), function.name)
    return found


@lru_cache
def package():
    every, lines = {}, {}
    for path in sorted([*(ROOT / "acai_lite").rglob("*.py"),
                        *(ROOT / "notebooks" / "acai_course").rglob("*.py")]):
        tree = ast.parse(path.read_text())
        every |= {key: f"{path.relative_to(ROOT)}, {name}" for key, name in blocks(tree).items()}
        lines |= {run: str(path.relative_to(ROOT)) for run in runs(tree)}
    return every, lines


def copies(cells):
    """What of the cells stands in the package, too."""
    every, lines = package()
    found = []
    for cell in cells:
        tree = ast.parse(cell)
        bodies = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef)]
        found += [f"{f.name} is {every[key]}"
                  for f in bodies if (key := tuple(logical(f.body))) in every]
        found += [f"{RUN} lines of {lines[run]}: {cell[:60]!r}"
                  for run in runs(tree) if run in lines]
    return found


@pytest.mark.wording
@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_no_given_cell_repeats_the_package(source):
    assert copies(code(source, solutions=False)) == []


@pytest.mark.wording
def test_the_search_finds_a_copy_with_other_names_and_comments():
    given = (
        "def mixed(a, part):\n    '''Mine.'''\n    p = part.view(-1, 1, 1, 1)      # one each\n"
        "    return p * a + (1 - p) * a.flip(0)\n")
    assert copies([given]) == ["mixed is notebooks/acai_course/lab_05a/answers.py, mix"]
    assert copies([given.replace("1 - p", "2 - p")]) == []
    step = "loss_g, loss_d = f(d(x), d(g(z)))\na.zero_grad()\nb.zero_grad()\n" \
           "loss_g.backward(inputs=list(g.parameters()), retain_graph=True)\n"
    assert len(copies([step])) == 1 and copies([step.replace("b.zero_grad()\n", "")]) == []


# --- their code runs ------------------------------------------------------------------------------

def trains(cells, name):
    """What trains by `name`: `al.fit(..., losses=...)` with it or with a function that calls it, or
    a loop that uses it."""
    tree = ast.parse("\n".join(cells))
    functions = [f for f in ast.walk(tree) if isinstance(f, ast.FunctionDef)]
    using, grown = {name}, True
    while grown:
        more = {f.name for f in functions if f.name not in using and names(f) & using}
        using, grown = using | more, bool(more)
    found = [call for call in fits(tree)
             if any(k.arg == "losses" and names(k.value) & using for k in call.keywords)]
    for loop in (n for n in ast.walk(tree) if isinstance(n, ast.For) and names(n) & using):
        moves = any(word in ast.unparse(loop) for word in ("autograd.grad", ".backward(", ".step("))
        found += [loop] if moves or name.endswith("_step") else []
    return found


def fits(tree):
    return [n for n in ast.walk(tree)
            if isinstance(n, ast.Call) and ast.unparse(n.func) == "al.fit"]


def names(node):
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def lab_of(exercise):
    (found,) = (p for p in SOURCES if any(f'course.check("{exercise}"' in cell for cell in code(p)))
    return found


@pytest.mark.parametrize("exercise", LOSSES)
def test_a_loss_that_is_checked_trains_something(exercise):
    cells = code(lab_of(exercise), solutions=False)
    place = next(k for k, cell in enumerate(cells) if f'check("{exercise}"' in cell)
    assert f'{LOSSES[exercise]} = course.check("{exercise}", {LOSSES[exercise]})' in cells[place]
    assert trains(cells[place:], LOSSES[exercise]), ("the learner's loss is checked, and then "
                                                     "nothing is trained by it")


def test_the_search_for_training_is_not_fooled():
    fit = "def my(m, x, out, ramp):\n    return {'a': loss(x)}\nal.fit(model, data, losses=my)"
    assert trains([fit], "loss") and not trains([fit.replace(", losses=my", "")], "loss")
    assert (not trains(["for x in data:\n    print(loss(x))"], "loss")
            and not trains(["loss(x)"], "loss"))


@pytest.mark.wording
def test_no_exercise_that_is_a_loss_is_forgotten():
    every = {match for path in SOURCES
             for match in re.findall(r'(\w+) = course\.check\("([\d-]+)"', path.read_text())}
    named = {exercise: name for name, exercise in every if re.search("loss|step|cost|critic", name)}
    assert named == LOSSES | JUDGES


@pytest.mark.wording
@pytest.mark.parametrize("source", SOURCES, ids=lambda p: p.stem)
def test_after_the_exercise_no_run_goes_by_the_package_s_loss_instead(source):
    cells = code(source)
    places = [k for k, cell in enumerate(cells)
              for exercise in LOSSES if f'check("{exercise}"' in cell]
    for call in fits(ast.parse("\n".join(cells[min(places):]))) if places else ():
        text = ", ".join(ast.unparse(a) for a in [*call.args, *call.keywords])
        if not any(k.arg == "losses" for k in call.keywords):
            assert any(text.startswith(other) for other in OTHERS.get(source.stem[:2], [])), text


# --- show -----------------------------------------------------------------------------------------

def shown():
    calls = [n for path in SOURCES for cell in code(path)
             for n in ast.walk(ast.parse(cell)) if isinstance(n, ast.Call)]
    return {ast.unparse(n.args[0]) for n in calls if ast.unparse(n.func) == "course.show"}


@pytest.mark.parametrize("what", sorted(shown()))
def test_show_prints_the_source_beside_its_equation(what):
    box = course.show(eval(what, {"al": al, "course": course}))
    lines = (ROOT / box.file).read_text().splitlines()[box.first - 1:box.last]
    assert [line.strip() for line in lines] == [line.strip() for line in box.source.splitlines()]
    assert "def " in box.source
    text, page = repr(box), box._repr_html_()
    assert box.words in text and box.source in text and "\\" not in box.words
    assert (f"$${html.escape(box.equation, quote=False)}$$" in page
            and html.escape(box.source) in page)
    assert ('tabindex="0"' in page and "overflow:auto" in page
            and f'aria-label="source of {box.name}"' in page)


@pytest.mark.wording
def test_show_has_no_equation_that_nobody_sees_and_three_labs_show_what_they_taught():
    seen = [course.show(eval(what, {"al": al, "course": course})) for what in shown()]
    assert {(box.equation, box.words) for box in seen} == set(EQUATIONS.values())
    for lab, what in (("01", "smoothness_of"), ("05a", "ACAI.losses"),
                      ("06a", "RealismIndex.__call__")):
        (path,) = (p for p in SOURCES if p.stem.startswith(lab))
        assert f"{what})" in path.read_text()


@pytest.mark.parametrize("what", [sum, 3, ast.parse, "line_scores"])
def test_show_takes_what_is_in_the_package_only(what):
    with pytest.raises(TypeError, match="acai_lite"):
        course.show(what)


def test_show_goes_by_the_function_and_not_by_its_name():
    def namesake(places):
        return places

    namesake.__module__, namesake.__qualname__ = "acai_lite.waves", "smoothness_of"
    for function in (namesake, al.waves._nearest):
        with pytest.raises(ValueError, match="no equation is known for acai_lite.waves."):
            course.show(function)


def test_an_equation_belongs_to_something_that_is_there():
    for place in EQUATIONS:
        module = re.match(r"[a-z0-9_.]+(?=\.)", place)[0]  # a class begins with a capital letter
        name = place.removeprefix(f"{module}.")
        found = attrgetter(name)(import_module(module))
        assert (found.__module__, found.__qualname__) == (module, name)


def test_show_without_an_equation_says_so():
    with pytest.raises(ValueError, match="no equation is known for acai_lite.*fit"):
        course.show(al.fit)
