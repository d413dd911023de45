"""`scrapy forget` in the database of a fleet: nobody crawls the person again, and no worker writes more."""

from __future__ import annotations

import pytest
from sqlalchemy import Connection, insert

from scraper.fleet.due import lease
from scraper.fleet.schema import ALARM
from scraper.fleet.target_run import TargetLease
from scraper.forgetting.person import Person
from scraper.forgetting.tables import Database
from scraper.ledger.store import LeaseLostError
from tests.fleet.rows import rows_of
from tests.postgres import Server


def test_a_person_is_removed_from_the_watch_list(postgres: Server) -> None:
    with rows_of(postgres.new_database()) as rows:
        link = "https://site.test/@somebody"
        own, other = rows.target(1, link=link), rows.target(2, link=f"{link}else", error="its author is 7")
        alarms = [{"monitor": "freshness", "subject": str(number), "since_time": 0.0} for number in (own, other)]
        messages = (f"{link} is late", "another one is late")
        values = [alarm | {"message": message} for alarm, message in zip(alarms, messages, strict=True)]
        rows.run(lambda connection: connection.execute(insert(ALARM), values))
        target = rows.run(lease, target_id=own, worker=rows.worker())
        assert target
        removed = rows.run(forget)
        assert removed == {"fleet_target": 1, "fleet_alarm": 1}
        assert rows.sql("SELECT target_id FROM fleet_target") == [(other,)]
        assert rows.sql("SELECT subject FROM fleet_alarm") == [(str(other),)]
        with pytest.raises(LeaseLostError):
            rows.run(TargetLease(own, target.lease).check)


def forget(connection: Connection) -> dict[str, int]:
    database = Database(connection)
    database.remove(Person("site", ["somebody"]))
    return dict(database.removed)
