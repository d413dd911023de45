"""Query parameters that every request to Douyin's web API carries.

`common` is constant, which keeps URLs stable. `describe` is added when a request is sent, since it must match the
identity's user agent. Only Douyin's own page adds tokens and signatures.
"""

from collections.abc import Mapping
from typing import Any

from scraper.identities import user_agents

AID = 6383
_SYSTEMS = {"Mac OS": "Mac", "iOS": "Mac"}


def common(version: str = "29.1.0") -> dict[str, Any]:
    """Return the constant parameters.

    :param version: of the web client; old versions get no live photos
    """
    major, minor, patch = version.split(".")
    return {
        "device_platform": "webapp",
        "aid": AID,
        "channel": "channel_pc_web",
        "update_version_code": 170400,
        "pc_client_type": 1,
        "version_code": f"{major}{int(minor):02}{int(patch):02}",
        "version_name": version,
        "cookie_enabled": "true",
        "screen_width": 1536,
        "screen_height": 864,
        "browser_language": "zh-CN",
        "browser_online": "true",
        "cpu_core_num": 16,
        "device_memory": 8,
        "platform": "PC",
        "downlink": 10,
        "effective_type": "4g",
        "round_trip_time": 200,
    }


def describe(user_agent: str) -> Mapping[str, Any]:
    """Return the parameters that describe the browser.

    >>> found = describe("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/139.0.0.0 Safari/537.36")
    >>> found["browser_name"], found["browser_version"], found["os_name"], found["pc_libra_divert"]
    ('Chrome', '139.0.0.0', 'Windows', 'Windows')
    """
    agent = user_agents.read(user_agent)
    return {
        "pc_libra_divert": _SYSTEMS.get(agent.system, agent.system),
        "browser_platform": agent.platform,
        "browser_name": agent.name,
        "browser_version": agent.version,
        "engine_name": agent.engine,
        "engine_version": agent.version,
        "os_name": agent.system,
        "os_version": agent.system_version,
    }
