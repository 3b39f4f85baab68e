"""Lab 05b: which of two changes made the line turn, four recorded runs with a bug each, and two
curves that ask which critic learns."""
from acai_lite.figures import COLOURS, DescribedFigure, described
from acai_lite.files.checkout import result_file
from acai_lite.files.records import read_record

# lab 05b's runs and their bugs
HUNT = {"A": "target alpha", "B": "pixel sum", "C": "leak", "D": "unfolded"}
STARTS, CRITICS = {"sqrt(2)": "√2", "1": "1"}, {"late": "faded in", "first": "from the first step"}


def bug_hunt(record):
    """{letter: name of a run in the record}, for the curves of lab 05b."""
    return {letter: name for letter, name in HUNT.items() if name in record.runs}


def two_curves(record):
    """Lab 05b's riddle: the critic's loss in two runs, one of them with a critic that hardly
    learns."""
    return {"run P": record.curve("acai", "critic"), "run Q": record.curve("lazy", "critic")}


def start_runs() -> dict:
    """starts.json, as data/recorders/record_starts.py left it."""
    return read_record(result_file("records", "starts.json"))


def two_by_two() -> dict[tuple[str, str], list[dict]]:
    """{(size of the start, when the critic comes in): its recorded runs at the paper's lambda, one
    a seed}."""
    return {(gain, critic): [run for run in start_runs()["runs"] if (
        run["gain"], run["critic"], run["lambda"], run.get("depth", 16)) == (
            gain, critic, 0.5, 16)]
        for gain in STARTS for critic in CRITICS}


def four_curves() -> DescribedFigure:
    """The codes of all lines in the four cells (seed 0), each in its first two principal
    components."""
    figure = described(7.4, 7.6, """Four panels: the codes of lines at all angles in their first
two principal components, for each combination of start and critic.""")
    panels = figure.subplots(2, 2)
    for axes, ((gain, critic), runs) in zip(panels.flat, two_by_two().items(), strict=True):
        run = next(run for run in runs if run["seed"] == 0)
        places = [*run["plane"], run["plane"][0]]
        axes.plot(*zip(*places, strict=True), "-o", markersize=2.5, linewidth=0.8,
                  color=COLOURS[0])
        axes.set_title(f"start {STARTS[gain]}, critic {CRITICS[critic]}\n"
                       f"dimension {run['effective_dimension']:.1f}, "
                       f"Smoothness {run['smoothness']:.2f}", fontsize=10)
        axes.set(aspect="equal", xticks=[], yticks=[])
    figure.tight_layout()
    return figure


STUCK = 0.05                    # end error of a run that decodes every line to the mean image


def smoothness_by_dimension(runs: list[dict] | None = None) -> DescribedFigure:
    """Smoothness against the effective dimension of the codes, one dot a run that left the mean
    image; None: every recorded run."""
    figure = described(6.4, 4, """Smoothness against the effective dimension of the codes of
lines, one dot for each recorded run: the nearer to 2, the dimension of a plane circle, the
smoother the straight paths.""")
    axes, seen = figure.subplots(), set()
    for run in start_runs()["runs"] if runs is None else runs:
        if None in (run["smoothness"], run["effective_dimension"]) or run["end_error"] > STUCK:
            continue
        name = f"start {STARTS.get(run['gain'], run['gain'])}, critic {CRITICS[run['critic']]}"
        axes.plot(run["effective_dimension"], run["smoothness"],
                  "o" if run["critic"] == "late" else "^", markersize=7,
                  color=COLOURS[["sqrt(2)", "1", "0.8"].index(run["gain"])],
                  fillstyle="full" if run.get("depth", 16) == 16 else "none",
                  label=None if name in seen else name)
        seen.add(name)
    axes.axvline(2, color="#666666", linestyle=":", linewidth=1)
    axes.annotate(" plane circle", (2, 0.97), xycoords=("data", "axes fraction"), va="top",
                  fontsize=9)
    axes.set(xlabel="effective dimension of the codes of lines", ylabel="Smoothness")
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.25)
    axes.set_xlim(left=1.4)
    axes.legend(frameon=False, fontsize=9, title="hollow: half the channels", title_fontsize=9)
    figure.tight_layout()
    return figure
