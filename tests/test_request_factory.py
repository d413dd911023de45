"""Every request that a spider makes can be written to disk, and is the same however it will be signed."""

import pickle
from pathlib import Path

import pytest
from scrapy.http import Request
from scrapy.utils.request import request_from_dict
from scrapy.utils.test import get_crawler

from scraper.crawling.spider import PlatformSpider
from scraper.jobs.dispatch import dispatch_of, job_of, update
from scraper.jobs.fingerprints import Fingerprinter, stable
from scraper.jobs.job import Job
from scraper.network.headers import dress
from scraper.platform import Endpoint, Extra
from scraper.platform.platform import Platform
from scraper.platform.targets import Target
from tests.cases import CASES, SPIDERS, example_target, seeded
from tests.toys import PLATFORM
from tests.toys import ROUTER as TOY_ROUTER


def crawl(platform: Platform, folder: Path) -> PlatformSpider:
    """Return a spider that stands as in a crawl, before its first request."""
    spider = next(spider for spider in SPIDERS if spider.platforms == (platform,))
    crawler = get_crawler(spider, {"CONFIG_DIR": str(folder)})
    crawler.spider = crawler._create_spider(url=platform.patterns[0].example)
    return crawler.spider


def restored(request: Request, spider: PlatformSpider) -> Request:
    """Return a request as it comes back from a disk queue."""
    return request_from_dict(pickle.loads(pickle.dumps(request.to_dict(spider=spider))), spider=spider)


def requested(platform: Platform) -> list[Endpoint]:
    return [endpoint for endpoint in platform.endpoints if endpoint.routes]


def test_a_page_can_be_kept_on_disk(platform: Platform, tmp_path: Path) -> None:
    spider = crawl(platform, tmp_path)
    first = [Job(router=endpoint.router, target=example_target(endpoint)) for endpoint in requested(platform)]
    for job in (*first, *(job.after("2", 30) for job in first)):
        request = spider.requests.page(job)
        again = restored(request, spider)
        assert (again.url, again.meta, again.cb_kwargs) == (request.url, request.meta, request.cb_kwargs)
        assert again.callback == spider.parse_page and again.errback == spider.parse_failure
        fingerprint = Fingerprinter(spider.crawler).fingerprint
        assert fingerprint(request) == fingerprint(again)


def test_an_extra_request_holds_its_record_on_disk(
    platform: Platform, endpoint: Endpoint, extra: Extra, tmp_path: Path
) -> None:
    spider = crawl(platform, tmp_path)
    case = next(case for case in CASES if case.endpoint is endpoint and case.extras())
    record, step = seeded(case), list(endpoint.extras).index(extra) + 1
    job = Job(router=endpoint.router, target=example_target(endpoint)).extra(step, record)
    request = spider.requests.page(job)
    assert request.url.startswith(extra.url) and dispatch_of(request).signed is extra.signed
    again = job_of(restored(request, spider))
    assert again == job and again.held == record and type(again.held) is type(record)


def test_a_hop_of_a_short_link_can_be_kept_on_disk(platform: Platform, tmp_path: Path) -> None:
    spider = crawl(platform, tmp_path)
    endpoint = platform.endpoints[0]
    job = Job(router=endpoint.router, target=example_target(endpoint), cursor=f"https://{platform.short_hosts[0]}/a")
    request = spider.requests.hop(job)
    assert not dispatch_of(request).signed and not request.dont_filter, "a resumed crawl does not ask again"
    assert spider.requests.hop(job.after(job.cursor, 0)).dont_filter, "a link may lead in a circle"
    assert restored(request, spider).callback == spider.parse_short_link


def test_a_hop_of_a_short_link_bears_no_cookie(platform: Platform, tmp_path: Path) -> None:
    service, name = platform.service, platform.service.login_cookies[0]
    (tmp_path / service.name).mkdir()
    (tmp_path / service.name / "config.yaml").write_text(f"cookie: '{name}=mine'\nheaders: {{Cookie: 'other=mine'}}\n")
    spider = crawl(platform, tmp_path)
    pool, endpoint = spider.pools[service.name], platform.endpoints[0]
    identity, host = pool.choose("list"), service.cookie_domains[0]
    job = Job(router=endpoint.router, target=example_target(endpoint), cursor=f"https://{host}/a")
    hop = spider.requests.hop(job)
    assert b"Cookie" not in dress(hop, identity, pool).headers
    update(hop, sends_cookies=True)
    assert b"mine" in dress(hop, identity, pool).headers[b"Cookie"]


def test_what_is_volatile_makes_no_other_request(platform: Platform, tmp_path: Path) -> None:
    spider = crawl(platform, tmp_path)
    fingerprint = Fingerprinter(spider.crawler).fingerprint
    for endpoint in requested(platform):
        request = spider.requests.page(Job(router=endpoint.router, target=example_target(endpoint)))
        join = "&" if "?" in request.url else "?"
        signed = request.url + join + "&".join(f"{name}=7" for name in sorted(platform.volatile))
        other = request.replace(url=f"{request.url}{join}another=1")
        same = fingerprint(request.replace(url=signed))
        assert same == fingerprint(request) != fingerprint(other), endpoint.router


def test_a_signature_is_volatile(platform: Platform) -> None:
    session = platform.service.session()
    session.keys = "a" * 32
    url = "https://site.test/a?b=1&c=2"
    for now in (1700000000, 1800000000):
        assert stable(session.sign(url, now), platform.volatile) == url


def test_two_walks_of_a_list_are_two_requests(platform: Platform, tmp_path: Path) -> None:
    spider = crawl(platform, tmp_path)
    fingerprint = Fingerprinter(spider.crawler).fingerprint
    for endpoint in platform.endpoints:
        if endpoint.pagination:
            first = Job(router=endpoint.router, target=example_target(endpoint), input=1)
            second = Job(router=endpoint.router, target=example_target(endpoint), input=2)
            pages = spider.requests.page(first), spider.requests.page(second)
            assert fingerprint(pages[0]) != fingerprint(pages[1]), endpoint.router


@pytest.fixture
def toy(tmp_path: Path) -> PlatformSpider:
    spider = type("ToySpider", (PlatformSpider,), {"name": "toy", "platforms": (PLATFORM,)})
    crawler = get_crawler(spider, {"CONFIG_DIR": str(tmp_path)})
    crawler.spider = crawler._create_spider(url="v1", count="30")
    return crawler.spider


def test_a_form_is_posted_with_its_cursor_in_it(toy: PlatformSpider) -> None:
    ask = toy.arguments.ask
    job = Job(router=f"{TOY_ROUTER}/fetch_own_likes", target=Target("own likes", "own", "x", (), "toy"), ask=ask)
    first, second = toy.requests.page(job), toy.requests.page(job.after("40", 30))
    assert (first.method, first.url, first.body) == ("POST", "https://api.toy.test/likes?aid=1", b"count=30&cursor=0")
    assert (second.url, second.body) == (first.url, b"count=30&cursor=40")
    assert dispatch_of(first).headers["Content-Type"] == "application/x-www-form-urlencoded"
    again = restored(second, toy)
    assert (again.method, again.body) == ("POST", second.body)
    fingerprint = Fingerprinter(toy.crawler).fingerprint
    assert fingerprint(first) != fingerprint(second) == fingerprint(again)
    assert fingerprint(second) != fingerprint(second.replace(body=b"count=30&cursor=60"))


def test_a_form_goes_on_the_wire_as_it_is(toy: PlatformSpider) -> None:
    job = Job(router=f"{TOY_ROUTER}/fetch_own_likes", target=Target("own likes", "own", "x", (), "toy"))
    request, pool = toy.requests.page(job), next(iter(toy.pools.values()))
    dressed = dress(request, pool.choose("list"), pool)
    assert (dressed.method, dressed.body) == ("POST", request.body)
    assert dressed.headers["Content-Type"] == b"application/x-www-form-urlencoded"


def test_a_cursor_that_is_given_again_is_asked_for_again(toy: PlatformSpider) -> None:
    job = Job(router=f"{TOY_ROUTER}/fetch_popular", target=Target("popular list", "popular", "x", (), "toy"))
    pages = [toy.requests.page(next_job) for next_job in (job.after("20", 20), job.after("20", 20).after("20", 40))]
    fingerprint = Fingerprinter(toy.crawler).fingerprint
    assert pages[0].url == pages[1].url and fingerprint(pages[0]) != fingerprint(pages[1])


def test_what_goes_first(toy: PlatformSpider) -> None:
    first = Job(router=f"{TOY_ROUTER}/fetch_popular", target=Target("popular list", "popular", "x", (), "toy"))
    later, led = first.after("20", 20), Job(router=first.router, target=first.target, depth=1)
    deeper = Job(router=first.router, target=first.target, depth=2)
    jobs = (first, later, led, led.after("20", 20), deeper)
    priorities = [toy.requests.page(job).priority for job in jobs]
    assert priorities == sorted(set(priorities)), "pages of a list, then what they led to, deeper ones first"
