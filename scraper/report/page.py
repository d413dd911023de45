"""Render the facts as one HTML page that loads nothing."""

from collections import Counter
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any, NamedTuple

from jinja2 import Environment

from scraper.ledger.list_end import ListEnd
from scraper.ledger.stops import Stop
from scraper.report.charts import Chart, columns, grouped, lines, over_time
from scraper.report.facts import Facts
from scraper.responses.outcomes import Outcome

_MOST_LISTS, _MOST_REASONS, _MOST_TEXT, _MOST_LANGUAGES = 100, 40, 120, 10
_WORDS = {
    Stop.END: "complete",
    Stop.OVERLAP: "complete: it met what an earlier run has",
    Stop.DATE_LIMIT: "complete up to your date",
    Stop.ITEM_LIMIT: "stopped at your limit",
    Stop.PLATFORM_CAP: "the platform shows no more of it",
    Stop.LOGIN_REQUIRED: "a login is needed for more",
    Stop.PRIVATE: "private",
    Stop.TARGET_GONE: "does not exist any more",
    Stop.CHALLENGE: "stopped by a captcha or a refused signature",
    Stop.RATE_LIMITED: "stopped by a rate limit",
    Stop.CURSOR_STALLED: "the platform sent no further pages",
    Stop.UPSTREAM_CHANGED: "an answer had an unknown format",
    Stop.INTERRUPTED: "interrupted",
    Stop.BUDGET: "stopped at the limit for the whole run",
    Stop.OUTPUT_FAILED: "the output could not be written",
    Stop.BUG: "an error in the program",
}
_PLURALS = {"video": "posts", "author": "creators", "hashtag": "hashtags", "danmaku": "danmaku", "music": "sounds"}
_SINGULARS = {"video": "post", "author": "creator"}


class Figure(NamedTuple):
    """A number at the top of the page."""

    number: str
    name: str


class Outcomes(NamedTuple):
    """A row of the table of routers."""

    router: str
    records: int
    failures: str


def render(facts: Facts, title: str, sources: list[str], bad_lines: int) -> str:
    """Return the page.

    :param title: its heading
    :param sources: the names of what was read
    :param bad_lines: lines of feeds that are no envelopes
    """
    # Everything that a platform or a user wrote is escaped.
    environment = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    now = datetime.now(UTC).astimezone(facts.zone)
    environment.filters.update(grouped=grouped, link=_link, short=_short, stop=_stop_words, date=_Dates(facts).date)
    template = files("scraper.report").joinpath("page.html.j2").read_text("utf-8")
    return environment.from_string(template).render(
        **_numbers(facts),
        **_charts(facts),
        title=title,
        sources=sources,
        bad_lines=bad_lines,
        made=f"{now:%Y-%m-%d %H:%M}",
        zone=str(facts.zone or now.strftime("%Z")),
    )


def _numbers(facts: Facts) -> dict[str, Any]:
    ends = [*facts.lists.values()]
    complete = sum(end.is_complete for end in ends)
    ordered = sorted(ends, key=lambda end: (end.is_complete, -_missing(end), -end.collected))
    reasons = facts.reasons()
    return {
        "figures": _figures(facts),
        "fetched": facts.fetched,
        "failures": sum(reason.number for reason in reasons),
        "reasons": reasons[:_MOST_REASONS],
        "more_reasons": max(0, len(reasons) - _MOST_REASONS),
        "outcomes": _outcomes(facts),
        "lists": ordered[:_MOST_LISTS],
        "list_number": len(ordered),
        "complete": complete,
        "runs": sorted(facts.runs.values(), key=lambda run: run.started_time, reverse=True),
        "posts": facts.top_posts(),
        "creators": facts.top(facts.creators),
        "hashtags": facts.top(facts.hashtags),
        "only_language": next((name for name in facts.languages if name), ""),
        "platforms": sorted({platform for platform, _ in facts.records}),
        "types": _types(facts.records),
    }


def _figures(facts: Facts) -> list[Figure]:
    totals: Counter[str] = Counter()
    for (_, kind), number in facts.records.items():
        totals[kind] += number
    shown = [(kind, totals[kind]) for kind in ("video", "author", "comment") if totals[kind] or kind == "video"]
    figures = [Figure(grouped(number), _named(kind, number)) for kind, number in shown]
    rest = sum(totals.values()) - sum(number for _, number in shown)
    figures += [Figure(grouped(rest), "other record" if rest == 1 else "other records")] if rest else []
    failed = sum(reason.number for reason in facts.reasons())
    return [*figures, Figure(grouped(failed), "failure" if failed == 1 else "failures")]


def _types(records: Counter[tuple[str, str]]) -> list[tuple[str, str, str]]:
    return [(platform, _plural(kind), grouped(number)) for (platform, kind), number in sorted(records.items())]


def _outcomes(facts: Facts) -> list[Outcomes]:
    rows = []
    for router, numbers in sorted(facts.outcomes().items()):
        failures = [f"{name} {grouped(number)}" for name, number in numbers.most_common() if name != Outcome.OK.name]
        rows.append(Outcomes(router, numbers[Outcome.OK.name], ", ".join(failures)))
    return rows


def _charts(facts: Facts) -> dict[str, Chart | None]:
    hours = [facts.hours[hour] for hour in range(24)]
    return {
        "published": over_time(dict(sorted(facts.published.items()))),
        "hours": columns([f"{hour:02}" for hour in range(24)], {"posts": hours}) if any(hours) else None,
        "languages": _languages(facts.languages),
        "growth": _growth(facts),
    }


def _languages(numbers: Counter[str]) -> Chart | None:
    """Return how many posts are in each language, None if there are not several languages."""
    known = Counter({name: number for name, number in numbers.items() if name})
    if len(known) < 2:
        return None
    top = known.most_common(_MOST_LANGUAGES)
    rest = known.total() - sum(number for _, number in top)
    top += [("others", rest)] if rest else []
    return columns([name for name, _ in top], {"posts": [number for _, number in top]})


def _growth(facts: Facts) -> Chart | None:
    """Return what posts gained since they were first seen, summed up over the days; None if they gained nothing."""
    days = sorted(facts.growth.gained)
    if not any(map(any, facts.growth.gained.values())):
        return None
    views, likes, sums = 0, 0, []
    for day in days:
        views, likes = views + facts.growth.gained[day][0], likes + facts.growth.gained[day][1]
        sums.append((views, likes))
    labels = [facts.day(day).strftime("%Y-%m-%d") for day in days]
    labels, sums = [*labels[:1], *labels], [(0, 0), *sums]
    return lines(labels, {"views": [pair[0] for pair in sums], "likes": [pair[1] for pair in sums]})


def _missing(end: ListEnd) -> int:
    return (end.length or 0) - end.collected


def _plural(kind: str) -> str:
    return _PLURALS.get(kind, f"{kind.replace('_', ' ')}s")


def _named(kind: str, number: int) -> str:
    return _SINGULARS.get(kind, kind) if number == 1 else _plural(kind)


def _stop_words(stopped: str) -> str:
    return {stop.value: words for stop, words in _WORDS.items()}.get(stopped, stopped)


def _short(text: str | None) -> str:
    words = " ".join((text or "").split())
    return words if len(words) <= _MOST_TEXT else f"{words[: _MOST_TEXT - 1]}…"


def _link(url: str | None) -> str:
    """Return a link that a browser may open, "" for any other text."""
    return url if url and url.startswith(("https://", "http://")) else ""


class _Dates:
    """Dates in the zone of the report."""

    def __init__(self, facts: Facts):
        self._zone = facts.zone

    def date(self, time: int | None) -> str:
        """Return a date and time."""
        if time is None:
            return "unknown"
        moment = datetime.fromtimestamp(time, UTC).astimezone(self._zone)
        return moment.strftime("%Y-%m-%d %H:%M")
