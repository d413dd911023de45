"""A simulator of video platforms behind their real host names, reached through an intercepting proxy.

It imports nothing of the code that it is there to test: signatures and ids are its own. To add a platform, write
`tests/simulator/platforms/<name>/` with a class as `tests.simulator.platforms.Platform` describes it, its world in
`tests/simulator/worlds/`, and list it in `tests.simulator.platforms.all_platforms`.

Pages come with a script that signs what they ask of the API in a browser: `signer.js` makes what `Notary` verifies.
What is told to them alone is a row in the platform's `signed.py`; what goes wrong is a switch of `Signing`.
"""

from tests.simulator.faults import Fault
from tests.simulator.file_rules import FileRules
from tests.simulator.messages import Answer, Request, Seen
from tests.simulator.server import Simulator
from tests.simulator.signing import OPEN, Signing
from tests.simulator.violations import Violation
from tests.simulator.world import Creator, Video, World

__all__ = [
    "OPEN",
    "Answer",
    "Creator",
    "Fault",
    "FileRules",
    "Request",
    "Seen",
    "Signing",
    "Simulator",
    "Video",
    "Violation",
    "World",
]
