"""Default folders for files: in the project, or else in the user's own directories.

The project is the closest folder with a `scrapy.cfg`, from the working directory upwards, as for Scrapy itself. The
installed package usually runs outside a project; then configuration and state are kept per user.
"""

from importlib.resources import files
from pathlib import Path
from typing import cast

from platformdirs import user_config_path, user_state_path
from scrapy.utils.conf import closest_scrapy_cfg

_APP = "short-video-scraper"
EXAMPLES = cast(Path, files("scraper")).parent / "config"  # of an egg, it is a path in the archive
"""The example configuration of each service, in a checkout, in the installed package and in an egg."""


def project() -> Path | None:
    """Return the folder of the project that contains the working directory, or None."""
    cfg = closest_scrapy_cfg()
    return Path(cfg).parent.absolute() if cfg else None


def config_dir() -> Path:
    """Return the default CONFIG_DIR: the project's, else the user's."""
    root = project()
    return root / "config" if root else user_config_path(_APP)


def output_dir() -> Path:
    """Return the default OUTPUT_DIR: the project's, else one in the working directory."""
    return (project() or Path.cwd()) / "output"


def state_dir() -> Path:
    """Return the default STATE_DIR: the project's, else the user's."""
    root = project()
    return root / "state" if root else user_state_path(_APP)
