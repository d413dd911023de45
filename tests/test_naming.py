"""From a target back to the parameters that name it."""

import shlex

import pytest

from scraper import parameters
from scraper.endpoint import Endpoint
from scraper.naming import command, naming
from scraper.platform import Atlas, Platform
from scraper.targets import Target


def test_what_each_parameter_names_is_named_by_it(platform: Platform, endpoint: Endpoint) -> None:
    atlas = Atlas([platform], "")
    for group in parameters.alternatives(endpoint):
        for param in group:
            same = {each.name for each in group}
            others = {name: text for name, text in parameters.example(endpoint).items() if name not in same}
            target, _ = parameters.target({**others, param.name: param.example}, [endpoint], atlas)
            again, _ = parameters.target(naming(endpoint, target), [endpoint], atlas)
            assert again.key == target.key


@pytest.mark.suits(when=lambda endpoint: endpoint.cursor and parameters.example(endpoint))
def test_a_command_goes_on_from_a_cursor(platform: Platform, endpoint: Endpoint) -> None:
    starts = next((param for param in endpoint.params if param.cursor), None)
    target, _ = parameters.target(parameters.example(endpoint), [endpoint], Atlas([platform], ""))
    cursor = starts.read(starts.example) if starts else "no cursor of its own"
    words = shlex.split(command(endpoint, target, cursor or ""))
    if starts is None:
        assert words == [], "nothing that cannot be given is proposed"
        return
    assert words[:5] == ["scrapy", "crawl", platform.name, "-a", f"router={endpoint.name}"]
    given = dict(word.split("=", 1) for word in words[4::2])
    assert not cursor or given[starts.name] == cursor


def test_a_target_that_no_parameter_reads_is_not_named(platform: Platform) -> None:
    endpoint = next(each for each in platform.endpoints if parameters.example(each))
    assert naming(endpoint, Target(endpoint.kind, "\x00", "?")) == {}
    assert command(endpoint, Target(endpoint.kind, "\x00", "?"), "") == ""
