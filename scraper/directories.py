"""Where files are kept by default: in the project, or in the user's own directories.

A project is the closest folder upwards from the working directory that holds a `scrapy.cfg`, as for Scrapy itself.
Outside of one, which is how the installed package is usually run, configuration and state belong to the user.
"""

from pathlib import Path

from platformdirs import user_config_path, user_state_path
from scrapy.utils.conf import closest_scrapy_cfg

_APP = "short-video-scraper"
EXAMPLES = Path(__file__).parents[1] / "config"
"""The example configuration of each service, in a checkout as well as in the installed package."""


def project() -> Path | None:
    """Return the folder of the project that the working directory is in, or None outside of one."""
    found = closest_scrapy_cfg()
    return Path(found).parent.absolute() if found else None


def config_dir() -> Path:
    """Return the default CONFIG_DIR: the project's, else the user's."""
    root = project()
    return root / "config" if root else user_config_path(_APP)


def output_dir() -> Path:
    """Return the default OUTPUT_DIR: the project's, else below the working directory."""
    return (project() or Path.cwd()) / "output"


def state_dir() -> Path:
    """Return the default STATE_DIR: the project's, else the user's."""
    root = project()
    return root / "state" if root else user_state_path(_APP)
