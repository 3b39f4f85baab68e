"""What only the course needs: checks beside the exercises, guesses, films, the pace of a lab, the doctor. The core imports
none of it."""
from .checks import check
from .codes import slides_table
from .critic import alpha_game, bug_hunt, critic_step, draw_alpha, mix, recorded, two_curves
from .doctor import main as ready
from .lab_00 import four_machines, play_machines
from .lab_01 import four_paths
from .lab_02 import plain_model
from .pace import pace
from .passport import predict, show_passport
from .player import Player
from .schematic import acai_schematic
from .zoo import zoo_names, zoo_scores, zoo_strips

__all__ = ["Player", "acai_schematic", "alpha_game", "bug_hunt", "check", "critic_step", "draw_alpha", "four_machines",
           "four_paths", "mix", "pace", "plain_model", "play_machines", "predict", "ready", "recorded", "show_passport",
           "slides_table", "two_curves", "zoo_names", "zoo_scores", "zoo_strips"]
