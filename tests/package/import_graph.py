"""Who imports whom in acai_lite, read from its source files: imports inside functions and under
TYPE_CHECKING count.

    python tests/package/import_graph.py        prints the table; returns 1 if a rule is broken
"""
import ast
import sys
from collections.abc import Iterator
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[2] / "acai_lite"
FILES = ("checkout records validation threads progress downloads packed folders arrays "
         "catalogue states")
TRAINING = "drawing data networks autoencoders recipes training"        # the core that trains ACAI
CORE = f"{TRAINING} together zoo fast gans interpolation realistic_paths realism densities lines " \
       "waves image_paths probes checkpoints figures"
RUNS = "films study tables command_line"
ORDER = [*(f"files.{name}" for name in FILES.split()), *CORE.split(),
         *(f"runs.{name}" for name in RUNS.split())]
EXCEPTED = ("__init__", "__main__")             # may import anything


def modules(package: Path = PACKAGE) -> dict[str, Path]:
    """{"files.records": its path}, in the order above; files without a place in it come last."""
    found = {".".join(path.relative_to(package).with_suffix("").parts): path
             for path in package.rglob("*.py") if path.stem not in EXCEPTED}
    return {name: found[name] for name in [*(name for name in ORDER if name in found),
                                           *sorted(set(found) - set(ORDER))]}


def imported(path: Path, package: Path = PACKAGE) -> Iterator[str]:
    """Absolute names that a file imports, such as "torch.nn" and "acai_lite.data.load"."""
    here = [package.name, *path.relative_to(package).with_suffix("").parts]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = here[:-node.level] if node.level else []
            base = [*base, node.module] if node.module else base
            yield from (".".join([*base, alias.name]) for alias in node.names)
        elif isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            if ast.unparse(node.func).split(".")[-1] in ("import_module", "__import__"):
                yield str(node.args[0].value)


def graph(package: Path = PACKAGE) -> dict[str, list[str]]:
    """{module: the modules of the package that it imports, one entry an import}.

    A name that `__init__` offers counts as the module that `__init__` has it from;
    `import acai_lite` counts as "__init__", which is below everything.
    """
    known, top, offered = modules(package), package.name, {}
    for name in imported(package / "__init__.py", package):
        if name.startswith(f"{top}."):
            offered[name.split(".")[-1]] = name.split(".")[1:]

    def module(name: str) -> str:
        parts = name.split(".")[1:]
        if parts and parts[0] in offered and parts[0] not in known:
            parts = offered[parts[0]]
        longest = (".".join(parts[:k]) for k in range(len(parts), 0, -1))
        return next((name for name in longest if name in known), "__init__")

    return {one: [module(name) for name in imported(path, package) if name.split(".")[0] == top]
            for one, path in known.items()}


def circles(imports: dict[str, list[str]]) -> list[list[str]]:
    """Groups of modules that import each other, directly or through others."""
    reached = {}
    for one in imports:
        found, todo = set(), list(imports[one])
        while todo:
            if (other := todo.pop()) not in found:
                found.add(other)
                todo += imports.get(other, [])
        reached[one] = found
    groups = {tuple(other for other in imports if other in reached[one] and one in reached[other])
              for one in imports}
    return sorted(list(group) for group in groups if group)


def violations(package: Path = PACKAGE) -> dict[str, list[str]]:
    """{rule: where it is broken, a line each}: every list should be empty."""
    imports, places = graph(package), {name: k for k, name in enumerate(ORDER)}
    arrows = [(one, other) for one, others in imports.items() for other in others]
    last = len(ORDER)
    return {"imports of acai_course": [
                path.relative_to(package).as_posix() for path in sorted(package.rglob("*.py"))
                for name in imported(path, package) if name.split(".")[0] == "acai_course"],
            "imports from files/ into the core": [
                f"{one} -> {other}" for one, other in arrows
                if one.startswith("files.") and not other.startswith("files.")],
            "circles": [" <-> ".join(group) for group in circles(imports)],
            "upward arrows": [f"{one} -> {other}" for one, other in arrows
                              if places.get(one, last) <= places.get(other, last)],
            "files without a place in the order": [name for name in imports if name not in places]}


def main() -> int:
    """Print lines and imports of each file, then the rules that are broken."""
    lines = {path: len(path.read_text(encoding="utf-8").splitlines())
             for path in PACKAGE.rglob("*.py")}
    paths, found = modules(), violations()
    print(f"{'file':26s} {'lines':>6s}  imports")
    for name, names in graph().items():
        print(f"{name:26s} {lines[paths[name]]:6,d}  {', '.join(dict.fromkeys(names))}")
    training = sum(lines[paths[name]] for name in TRAINING.split())
    excepted = sum(count for path, count in lines.items() if path.stem in EXCEPTED)
    print(f"{' and '.join(EXCEPTED):26s} {excepted:6,d}")
    print(f"{'in all':26s} {sum(lines.values()):6,d}")
    print(f"{'the core that trains ACAI':26s} {training:6,d}  {TRAINING}\n")
    for rule, places in found.items():
        print(f"{rule}: {len(places)}" + "".join(f"\n    {place}" for place in places))
    return int(any(found.values()))


if __name__ == "__main__":
    sys.exit(main())
