"""The SQL statements of identities. Each that changes one checks by the lease's number that its worker holds it."""

from sqlalchemy import text

from scraper.fleet.membership import is_alive, may_write
from scraper.fleet.schema import NOW
from scraper.identities.hourly_limit import WINDOW_S
from scraper.identities.identity import FIRST_REST_S, LONGEST_REST_S

_HELD = f"identity = :identity AND holder = :worker AND lease = :lease AND {may_write(':worker')}"
_WELL = f"(stopped IS NULL OR rested_time <= {NOW})"
_NOT_BEFORE = f"next_time = greatest(next_time, {NOW} + :left)"

REGISTER = text(
    """INSERT INTO fleet_identity (identity, service, name, login, cookie_expires_time, lease, next_time, sent, stops)
    VALUES (:identity, :service, :name, :login, :cookie_expires_time, 0, 0, 0, 0)
    ON CONFLICT (identity) DO UPDATE SET name = excluded.name, login = excluded.login,
        cookie_expires_time = excluded.cookie_expires_time"""
)
TAKE = text(
    f"""UPDATE fleet_identity AS taken SET holder = :worker, lease = taken.lease + 1, stopped = NULL, message = NULL,
        next_time = CASE WHEN taken.holder IS NULL THEN taken.next_time
            ELSE greatest(taken.next_time, {NOW} + :pace) END
    FROM (
        SELECT identity FROM fleet_identity AS free
        WHERE identity = ANY(:keys) AND {_WELL} AND (free.holder = :worker OR NOT {is_alive("free.holder")})
        ORDER BY identity = :preferred DESC, stopped IS NOT NULL, next_time, identity LIMIT 1 FOR UPDATE SKIP LOCKED
    ) AS chosen
    WHERE taken.identity = chosen.identity AND {may_write(":worker")}
    RETURNING taken.identity, taken.lease, taken.next_time - {NOW} AS left"""
)
"""Take the preferred identity if it is free, else the one that may send first; one that was stopped comes last. The
holder may be this worker already, if the answer to an earlier statement was lost."""
FORGET_SENT = text(f"DELETE FROM fleet_sent WHERE identity = :identity AND time <= {NOW} - {WINDOW_S}")
SENT = text(f"SELECT time - {NOW} FROM fleet_sent WHERE identity = :identity ORDER BY time")
_RESERVED = f"""WITH reserved AS (
        UPDATE fleet_identity SET next_time = greatest(next_time, {NOW}) + :pace, sent = sent + 1 WHERE {_HELD}
        RETURNING identity, next_time - :pace AS time
    )"""
RESERVE = text(f"{_RESERVED} SELECT time - {NOW} FROM reserved")
RESERVE_AND_NOTE = text(
    f"""{_RESERVED}, noted AS (INSERT INTO fleet_sent (identity, time) SELECT identity, time FROM reserved)
    SELECT time - {NOW} FROM reserved"""
)
PAUSE = text(f"UPDATE fleet_identity SET next_time = greatest(next_time, {NOW} + :seconds) WHERE {_HELD}")
GIVE_BACK = text(f"UPDATE fleet_identity SET holder = NULL, {_NOT_BEFORE} WHERE {_HELD}")
STOP = text(
    f"""UPDATE fleet_identity SET holder = NULL, {_NOT_BEFORE}, stopped = :outcome, message = :message,
        stopped_time = {NOW}, stops = stops + 1,
        rested_time = {NOW} + least({FIRST_REST_S} * power(2, least(stops, 30)), {LONGEST_REST_S})
    WHERE {_HELD}"""
)
STOPPED = text(
    f"""SELECT count(*) FILTER (WHERE {_WELL}) AS usable, min(rested_time) - {NOW} AS left,
        (array_agg(stopped ORDER BY stopped_time DESC NULLS LAST))[1] AS stopped,
        (array_agg(message ORDER BY stopped_time DESC NULLS LAST))[1] AS message
    FROM fleet_identity WHERE identity = ANY(:keys)"""
)
COUNTS = text(
    f"""SELECT (SELECT count(*) FROM fleet_identity WHERE identity = ANY(:keys) AND {_WELL}) AS identities,
        count(*) AS workers, count(*) FILTER (WHERE worker < :worker) AS rank
    FROM fleet_worker WHERE ended_time IS NULL AND expires_time > {NOW}"""
)
