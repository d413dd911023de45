"""What must hold of every platform. A new one is tested by being there."""

import json
import re
import subprocess
import sys
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from scraper.inputs import parameters
from scraper.inputs.arguments import parse
from scraper.inputs.share_text import find
from scraper.inputs.with_argument import NAMES
from scraper.output.resume_command import naming
from scraper.platform import Endpoint, Extra, targets
from scraper.platform.atlas import Atlas
from scraper.platform.platform import Platform
from scraper.platform.targets import UNKNOWN, BareId, Pattern, match
from scraper.responses.exceptions import ArgumentError
from tests.cases import (
    ENDPOINTS,
    PLATFORMS,
    ROOT,
    ROUTER,
    SPIDERS,
    cases_of,
    every_endpoint,
    every_pattern,
    example_context,
    folder_of,
)
from tests.every import every

PURE = ("targets", "endpoints", "parse", "streams", "ids", "sign", "verdicts")
RELATED = {
    "mix": ("in_mix", "mix"), "hashtag": ("uses_hashtag", "hashtag"), "music": ("uses_music", "music"),
    "related": ("related", "video"),
}  # fmt: skip
WORDED = ("search", "hashtag", "topic")  # their ids are words, which may be of any letters
TRULY_VOLATILE = {"wts", "w_rid", "a_bogus", "msToken", "X-Bogus", "X-Gnarly", "_signature"}


def found_in(text: str, platform: Platform) -> list[targets.Target]:
    return list(find(text, platform.patterns, platform.bare_ids, platform.link_hosts))


@every_pattern
def test_an_example_leads_to_its_kind(platform: Platform, pattern: Pattern) -> None:
    target = match(pattern.example, platform.patterns)
    assert target and target.kind == pattern.kind and target.id


@every_pattern
def test_the_first_pattern_that_fits_an_example_is_its_own(platform: Platform, pattern: Pattern) -> None:
    link = targets.parse_link(pattern.example)
    fitting = [other for other in platform.patterns if link and other.match(link, pattern.example)]
    assert fitting[0] is pattern


@every_pattern
def test_an_example_is_known_to_one_platform_only(platform: Platform, pattern: Pattern) -> None:
    assert [platform.name for platform in PLATFORMS if match(pattern.example, platform.patterns)] == [platform.name]


@every_pattern
def test_an_example_is_found_in_a_share_text(platform: Platform, pattern: Pattern) -> None:
    for text in (f"【标题】{pattern.example}，快来看", f"({pattern.example})", pattern.example):
        (target,) = found_in(text, platform)
        assert (target.kind, target.given) == (pattern.kind, pattern.example)


@every_pattern
def test_text_that_is_glued_to_an_example_is_a_part_of_it_only_in_words(platform: Platform, pattern: Pattern) -> None:
    glued, target = "复制打开", match(pattern.example, platform.patterns)
    (glued_target,) = found_in(f"看{pattern.example}{glued}", platform)
    if target and pattern.example.endswith(quote(target.id)) and not target.id.isdigit() and pattern.kind in WORDED:
        assert (glued_target.id, glued_target.given) == (target.id + glued, pattern.example + glued)
    else:
        assert glued_target == target


@every_pattern
def test_an_example_without_its_scheme_is_found(platform: Platform, pattern: Pattern) -> None:
    if not pattern.example.startswith("https:"):
        return  # it opens an app
    (target,) = found_in(pattern.example.partition("://")[2], platform)
    assert target.kind == pattern.kind


def test_a_bare_id_is_found_where_there_is_nothing_else(platform: Platform, bare: BareId) -> None:
    (target,) = found_in(f"  {bare.example} ", platform)
    assert (target.kind, target.given) == (bare.kind, bare.example)
    assert [target.kind for target in found_in(f"{bare.example}, {bare.example}", platform)] == [bare.kind] * 2
    assert [target.kind for target in found_in(f"see {bare.example}", platform)] == [UNKNOWN]


@every_endpoint
def test_a_router_says_platform_surface_and_name(platform: Platform, endpoint: Endpoint) -> None:
    surfaces = "|".join(service.surface for service in platform.services)
    assert re.fullmatch(rf"/api/{platform.name}/(?:{surfaces})/[a-z][a-z0-9_]*", endpoint.router)


@every([row for row in ENDPOINTS if row[1].listing in RELATED], ROUTER)
def test_what_gathers_records_says_how_they_are_related_to_it(platform: Platform, endpoint: Endpoint) -> None:
    relation = endpoint.relation
    assert relation and (relation.kind, relation.record) == RELATED[endpoint.listing]
    target, _ = parameters.target(parameters.example(endpoint), [endpoint], Atlas([platform]))
    assert relation.ident(target).endswith(next(iter(naming(endpoint, target).values())))


def test_names_are_unique(platform: Platform) -> None:
    names = [endpoint.router for endpoint in platform.endpoints]
    assert len(set(names)) == len(names)
    assert platform.router_for_unknown in {endpoint.router for endpoint in platform.endpoints}


def test_at_most_one_endpoint_is_natural_for_a_kind(platform: Platform) -> None:
    kinds = [endpoint.kind for endpoint in platform.endpoints if endpoint.default]
    assert len(set(kinds)) == len(kinds) and "video" in kinds


@every_endpoint
def test_an_endpoint_takes_a_kind_that_can_be_given(platform: Platform, endpoint: Endpoint) -> None:
    kinds = {pattern.kind for pattern in platform.patterns} | {bare_id.kind for bare_id in platform.bare_ids}
    assert endpoint.singleton or endpoint.kind in kinds | {param.kind for param in endpoint.params}
    assert {param.kind for param in endpoint.params if param.kind} <= {endpoint.kind}


@every([row for row in ENDPOINTS if not row[1].singleton], ROUTER)
def test_an_endpoint_that_needs_a_target_says_so(platform: Platform, endpoint: Endpoint) -> None:
    with pytest.raises(ArgumentError, match="nothing to crawl"):
        parse({"router": endpoint.router}, Atlas([platform]))


@every([row for row in ENDPOINTS if row[1].singleton], ROUTER)
def test_an_endpoint_that_needs_no_target_is_asked_for_by_its_router(platform: Platform, endpoint: Endpoint) -> None:
    assert [other.router for other in platform.endpoints if other.kind == endpoint.kind] == [endpoint.router]
    assert all(param.optional or not param.kind for param in endpoint.params)
    (target,) = parse({"router": endpoint.router}, Atlas([platform])).named
    assert (target.kind, target.id) == (endpoint.kind, endpoint.singleton)


@every_endpoint
def test_an_older_name_leads_to_one_thing(platform: Platform, endpoint: Endpoint) -> None:
    names = [name for endpoint in platform.endpoints for name in (endpoint.name, endpoint.router)]
    assert not set(endpoint.aliases) & set(names)
    params = [name for param in endpoint.params for name in (param.name, *param.aliases)]
    assert len(set(params)) == len(params)


@every_endpoint
def test_the_example_of_a_parameter_is_accepted(platform: Platform, endpoint: Endpoint) -> None:
    for param in endpoint.params:
        assert param.read(param.example) is not None, param.name
        assert param.read(f" {param.example} ") == param.read(param.example), param.name
        assert param.read("\x00") is None or param.cursor, param.name
    assert len({param.name for param in endpoint.params}) == len(endpoint.params)


@every_endpoint
def test_an_endpoint_is_on_a_host_of_its_service(platform: Platform, endpoint: Endpoint) -> None:
    for source in (*endpoint.routes, *endpoint.extras):
        url = source.url if isinstance(source.url, str) else source.url(example_context(endpoint))
        if getattr(source, "from_cdn", False):
            assert not url or platform.cdn.allows(url)
            continue
        parts, named = urlsplit(url), getattr(source, "service", "")
        service = next((service for service in platform.services if service.name == named), platform.service)
        assert (parts.scheme, parts.hostname in service.hosts, parts.query) == ("https", True, "")


@every_endpoint
def test_an_endpoint_has_an_example_to_read(platform: Platform, endpoint: Endpoint) -> None:
    kind = "*.response.*" if endpoint.routes else "*.ask.json"
    assert list(folder_of(endpoint).glob(kind)), f"save an answer in {folder_of(endpoint).relative_to(ROOT)}"


@every_endpoint
def test_what_has_several_records_in_one_answer_is_a_list(platform: Platform, endpoint: Endpoint) -> None:
    """HTTP calls answer a list as items, and anything else as its one record."""
    read = [json.loads(case.expected.read_text("utf-8")) for case in cases_of(platform, endpoint)]
    most = max(len(reading.get("records", [])) for reading in read)
    assert (most <= 1 or endpoint.is_list) and (most > 1 or not endpoint.several)


def test_every_fixture_belongs_to_an_endpoint(platform: Platform) -> None:
    folders = {folder_of(endpoint) for endpoint in platform.endpoints}
    for surface in {folder.parent for folder in folders}:
        assert {path for path in surface.iterdir() if path.is_dir()} <= folders


def test_an_extra_request_has_an_example_to_read(platform: Platform, endpoint: Endpoint, extra: Extra) -> None:
    shared = [endpoint for endpoint in platform.endpoints if extra.url in {other.url for other in endpoint.extras}]
    assert any(list(folder_of(endpoint).glob(f"*.{extra.name}.response.json")) for endpoint in shared)


@every_endpoint
def test_a_url_is_stable_and_unsigned(platform: Platform, endpoint: Endpoint) -> None:
    for sort, cursor in (("hot", ""), ("time", "2")):
        context = example_context(endpoint, {"sort": sort})
        for place in range(len(endpoint.routes)):
            url = endpoint.url_for(context, cursor, place)
            assert url == endpoint.url_for(context, cursor, place)
            assert url.isascii() and " " not in url
            assert not {name for name, _ in parse_qsl(urlsplit(url).query)} & TRULY_VOLATILE


@every_endpoint
def test_a_referer_is_a_page_of_the_platform(platform: Platform, endpoint: Endpoint) -> None:
    for source in (*endpoint.routes, *endpoint.extras):
        if source.referer:
            host = urlsplit(source.referer(example_context(endpoint).target)).hostname or ""
            assert any(host == domain or host.endswith(f".{domain}") for domain in platform.service.cookie_domains)


@every_endpoint
def test_what_leads_on_is_of_a_known_kind(platform: Platform, endpoint: Endpoint) -> None:
    if endpoint.follow:
        assert endpoint.follow.record in {endpoint.record for endpoint in platform.endpoints}
        known = {endpoint.follow.name for endpoint in platform.endpoints if endpoint.follow}
        assert set(endpoint.follow.implies) <= known <= set(NAMES)


def test_what_parses_does_not_crawl() -> None:
    """Pure modules can be imported, and so tested and reused, without Scrapy or a reactor."""
    packages = sorted({spider.__module__.rpartition(".")[0] for spider in SPIDERS})
    modules = [
        f"{package}.{name}"
        for package in packages
        for name in PURE
        if (ROOT / package.replace(".", "/") / f"{name}.py").exists()
    ]
    assert len(modules) >= 5
    code = f"import sys, {', '.join(modules)}; sys.exit(bool({{'scrapy', 'twisted'}} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
