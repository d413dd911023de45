"""A simulator of video platforms behind their real host names, reached through an intercepting proxy."""

from tests.simulator.faults import Fault
from tests.simulator.messages import Answer, Request, Seen
from tests.simulator.server import Simulator
from tests.simulator.world import Creator, Video, World

__all__ = ["Answer", "Creator", "Fault", "Request", "Seen", "Simulator", "Video", "World"]
