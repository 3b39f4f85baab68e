"""What only the course needs: checks beside the exercises, guesses, films, the pace of a lab, the doctor. The core imports
none of it. Importing it makes the process keep less memory (files/threads.py): labs run where memory is short."""
import sys

from acai_lite.files.progress import watched
from acai_lite.files.threads import give_back_memory, keep_little_memory

from .beyond import png_folder, signal_frames, signal_record, signal_runs, two_islands
from .board import class_board
from .budgets import multiply_adds
from .checks import check
from .codes import slides_table
from .colour import colour_images, sharpness
from .critic import alpha_game, bug_hunt, critic_step, draw_alpha, mix, recorded, two_curves
from .doctor import main as ready
from .explorers import FilmExplorer, InterpolationExplorer
from .explorers_2d import CodeMapExplorer, CriticGame, GameCamera, GameExplorer, RealismExplorer
from .lab_00 import four_machines, play_machines
from .lab_01 import four_paths
from .lab_02 import plain_model
from .lab_10 import critics_table
from .pace import pace
from .panel import judge_panel, judged, panel_table
from .passport import count_try, export_passport, import_passport, keep_list
from .passport_page import passport, show_passport
from .player import Player
from .predictions import predict, reveal
from .realism import blind_panel, calibration_figure, frames_with_numbers, panel_indices, realism_record, three_tools
from .routes import route_map, two_moons
from .schematic import acai_schematic
from .show import show
from .zoo import zoo_names, zoo_scores, zoo_strips

__all__ = ["CodeMapExplorer", "CriticGame", "FilmExplorer", "GameCamera", "GameExplorer", "InterpolationExplorer",
           "Player", "RealismExplorer", "acai_schematic", "alpha_game", "blind_panel", "bug_hunt", "calibration_figure",
           "check", "class_board", "colour_images", "count_try", "critic_step", "critics_table", "draw_alpha",
           "export_passport", "four_machines", "four_paths", "frames_with_numbers", "import_passport", "judge_panel",
           "judged", "keep_list", "mix", "multiply_adds", "pace", "panel_indices", "panel_table", "passport", "plain_model",
           "play_machines", "png_folder", "predict", "ready", "realism_record", "recorded", "reveal", "route_map",
           "sharpness", "show", "show_passport", "signal_frames", "signal_record", "signal_runs", "slides_table",
           "three_tools", "two_curves", "two_islands", "two_moons", "watched", "zoo_names", "zoo_scores", "zoo_strips"]

keep_little_memory()
if shell := sys.modules.get("IPython") and sys.modules["IPython"].get_ipython():
    shell.events.register("post_run_cell", lambda *_: give_back_memory())
