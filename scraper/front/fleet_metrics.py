"""Numbers of the fleet, in the text format of Prometheus."""

from collections import Counter
from collections.abc import Iterable, Iterator

from scraper.fleet.overview import IdentityView, Overview

Sample = tuple[dict[str, str], float]
_STATES = ("due", "queued", "running", "left", "failing", "paused", "late")


def fleet_metrics(view: Overview | None) -> str:
    """Return the numbers of a fleet.

    :param view: None if it cannot be read
    """
    lines = _metric("up", "1 if the database of the fleet can be read", [({}, float(view is not None))])
    return "".join(f"{line}\n" for line in [*lines, *(_numbers(view) if view else ())])


def _numbers(view: Overview) -> Iterator[str]:
    workers = Counter(worker.state for worker in view.workers)
    yield from _metric(
        "workers", "workers by state", [({"state": state}, workers[state]) for state in ("alive", "gone", "stopped")]
    )
    targets = view.targets
    states = [({"state": name}, float(getattr(targets, name))) for name in _STATES]
    yield from _metric("targets", "targets of the watch list", [({}, targets.all)])
    yield from _metric("targets_by_state", "targets by state, which may overlap; counted up to 100,000", states)
    yield from _metric("longest_due_seconds", "how long the first target has been due", [({}, targets.longest_due_s)])
    for name, span, rates in (("hour", "the last hour", view.hour), ("day", "the last day", view.day)):
        numbers = [({"of": part}, getattr(rates, part)) for part in ("runs", "complete", "requests", "records")]
        yield from _metric(f"per_hour_of_last_{name}", f"done in an hour, over {span}", numbers)
    outcomes = [({"router": row.router, "outcome": row.outcome}, row.number) for row in view.outcomes]
    yield from _metric("lines_last_day", "lines of the last day by router and outcome", outcomes)
    answers = [({"service": row.service, "answer": row.answer}, row.number) for row in view.answers]
    yield from _metric("answers_last_day", "requests and answers of the last day by service", answers)
    yield from _identities(view.identities, view.time)
    ages = [({"intervals": _bound(part.up_to)}, part.number) for part in view.freshness.parts]
    yield from _metric("targets_by_age", "targets by the age of their data in intervals between runs, up to", ages)
    shares = [({"share": _bound(part.up_to)}, part.number) for part in view.completeness.parts]
    yield from _metric("targets_by_completeness", "targets by their collected share, up to", shares)
    alarms = [({"monitor": alarm.monitor, "subject": alarm.subject}, 1) for alarm in view.alarms]
    yield from _metric("alarm", "1 for each alarm that is on", alarms)
    if view.evaluated_time is not None:
        yield from _metric("monitors_evaluated_time", "when the monitors were evaluated", [({}, view.evaluated_time)])
        yield from _metric(
            "webhook_failing", "1 if the webhook is down", [({}, float(view.webhook_problem is not None))]
        )


def _identities(identities: Iterable[IdentityView], now: float) -> Iterator[str]:
    known = [*identities]
    states = Counter((identity.service, identity.state) for identity in known)
    samples = [({"service": service, "state": state}, number) for (service, state), number in sorted(states.items())]
    yield from _metric("identities", "identities by service and state", samples)
    ends = [
        ({"service": identity.service, "identity": identity.name}, identity.cookie_expires_time - now)
        for identity in known
        if identity.cookie_expires_time is not None
    ]
    yield from _metric("cookie_expires_seconds", "until the cookie of an identity expires", ends)


def _bound(value: float | None) -> str:
    return "more" if value is None else f"{value:g}"


def _metric(name: str, about: str, samples: Iterable[tuple[dict[str, str], float]]) -> Iterator[str]:
    yield f"# HELP fleet_{name} {about}"
    yield f"# TYPE fleet_{name} gauge"
    for labels, value in samples:
        pairs = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels.items())
        yield f"fleet_{name}{{{pairs}}} {value:.10g}" if pairs else f"fleet_{name} {value:.10g}"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
