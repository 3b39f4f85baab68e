"""What labs read of data/results: short runs over seeds, and the record of the realism index."""
from acai_lite.files.checkout import result_file
from acai_lite.files.records import read_record


class Record:
    """Short runs over seeds, as data/recorders/record_critic.py left them in <name>.json.

    runs: {name: [what each seed's run scored, and its curve]}; samples: images of a run."""

    def __init__(self, name: str):
        content = read_record(result_file("records", f"{name}.json"), ("runs", "samples", "commit"))
        self.runs = {key: list(seeds.values()) for key, seeds in content["runs"].items()}
        self.samples, self.commit = content["samples"], content["commit"]

    def scores(self, name: str, key: str) -> list[float]:
        """One value a seed: mean_distance, smoothness, end_error, or of the curve's last point."""
        return [run[key] if key in run else run["curve"][-1][key] for run in self.runs[name]]

    def spread(self, name: str, key: str, scale: float = 1, digits: int = 2) -> str:
        """Lowest and highest over the seeds, in words; seeds without the score are left out."""
        values = [scale * value for value in self.scores(name, key) if value is not None]
        return f"{min(values):.{digits}f} to {max(values):.{digits}f}"

    def curve(self, name: str, key: str) -> tuple[list[int], list[float]]:
        """(samples, mean over seeds) of what was looked at on the way."""
        rows = list(zip(*(run["curve"] for run in self.runs[name]), strict=True))
        return ([row[0]["samples"] for row in rows],
                [sum(p[key] for p in row) / len(row) for row in rows])

    def peaks(self, name: str, key: str) -> list[float]:
        """The largest value on the way, one a seed."""
        return [max(point[key] for point in run["curve"]) for run in self.runs[name]]


def recorded(name: str) -> Record:
    """The record of that name."""
    return Record(name)


def realism_record() -> dict:
    """realism.json, as data/recorders/record_realism.py left it."""
    return read_record(result_file("records", "realism.json"))
