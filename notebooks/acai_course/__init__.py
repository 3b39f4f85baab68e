"""What only the course needs: checks beside the exercises, predictions, the passport, explorers,
what each lab shows.

    import acai_lite as al
    import acai_course as course

Importing it makes the process keep less memory (memory.py), as labs run where
memory is short. What is named here loads when it is first used; acai_lite imports none of it.
"""
import sys
from importlib import import_module

from .memory import give_back_memory, keep_little_memory

NAMES = {                                       # module: what labs take from it
           "board": "class_board", "checks": "check", "doctor": "ready", "equations": "show",
           "explorers": "FilmExplorer InterpolationExplorer",
           "explorers_2d": "CodeMapExplorer RealismExplorer",
           "games": "CriticGame GameCamera GameExplorer", "paces": "pace",
           "passport_page": "passport", "passports": "export_passport import_passport keep_list",
           "player": "Player", "predictions": "predict reveal",
           "records": "realism_record recorded", "lab_00.pictures": "four_machines play_machines",
           "lab_01.pictures": "four_paths", "lab_02.models": "plain_model",
           "lab_02.pictures": "code_curves",
           "lab_03.riddle": "small_starts zoo_names zoo_scores zoo_strips",
           "lab_05a.answers": "critic_step draw_alpha mix",
           "lab_05a.live": "WatchPath score_curves",
           "lab_05a.pictures": "acai_schematic alpha_game",
           "lab_05b.hunt": "bug_hunt four_curves smoothness_by_dimension two_by_two two_curves",
           "lab_06a.panel": "judge_panel judged panel_table",
           "lab_06a.panel_pictures": "blind_panel panel_indices",
           "lab_06a.pictures": "calibration_figure frames_with_numbers three_tools",
           "lab_06b.pictures": "route_map smoothness_by_angle two_moons",
           "lab_07.paper": "slides_letters slides_table", "lab_08.costs": "multiply_adds",
           "lab_09.images": "colour_images sharpness", "lab_10.images": "png_folder two_islands",
           "lab_10.records": "critics_table signal_frames signal_record signal_runs"}
PLACES = {name: f"{__name__}.{module}" for module, names in NAMES.items() for name in names.split()}
PLACES["watched"] = "acai_lite.files.progress"
__all__ = sorted(PLACES)

keep_little_memory()
if shell := sys.modules.get("IPython") and sys.modules["IPython"].get_ipython():
    shell.events.register("post_run_cell", lambda *_: give_back_memory())


def __getattr__(name: str):
    if name not in PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(PLACES[name]), name)
    return found


def __dir__():
    return __all__
