"""What only the course needs: checks beside the exercises, guesses, films, the pace of a lab, the doctor. The core imports
none of it."""
import sys

import torch

if not torch.cuda.is_available():               # torch.optim and torchvision load torch's compiler, and that loads triton,
    sys.modules.setdefault("triton", None)      # for GPUs, if it is installed: 75 MB. PyTorch for CPUs comes without it

from ..support.progress import watched
from ..support.threads import give_back_memory
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
from .pace import pace
from .passport import predict, show_passport
from .player import Player
from .realism import blind_panel, calibration_figure, frames_with_numbers, realism_record, three_tools
from .routes import route_map, two_moons
from .schematic import acai_schematic
from .zoo import zoo_names, zoo_scores, zoo_strips

if shell := sys.modules.get("IPython") and sys.modules["IPython"].get_ipython():
    shell.events.register("post_run_cell", lambda *_: give_back_memory())

__all__ = ["CodeMapExplorer", "CriticGame", "FilmExplorer", "GameCamera", "GameExplorer", "InterpolationExplorer",
           "Player", "RealismExplorer", "acai_schematic", "alpha_game", "blind_panel", "bug_hunt",
           "calibration_figure", "check", "colour_images", "critic_step", "draw_alpha", "four_machines", "four_paths",
           "frames_with_numbers", "mix", "pace", "plain_model", "play_machines", "predict", "ready", "realism_record",
           "recorded", "route_map", "sharpness", "show_passport", "slides_table", "three_tools", "two_curves", "two_moons",
           "watched", "zoo_names", "zoo_scores", "zoo_strips"]
