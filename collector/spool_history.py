"""What a store held before anything was sent from it: put into the spool an hour at a time, the newest hour first.

    meta spool_history_us ── hours before it wait ──▶ the sender has room ──▶ the newest of them is put ──▶ spool

So the first start with a large store is as quick as any other, the spool stays small, and what happens now does not
stand behind a month of past. A row that changes meanwhile is put by the journal, as ever: sent twice it is one point.
"""

import sqlite3

from contract.instants import HOUR_US, LATEST_US, MINUTE_US
from contract.spool import SpoolKind
from contract.states import Category

_KEY = "spool_history_us"
_HOUR = f"minute_us - minute_us % {HOUR_US}"
_minutes = "machines CROSS JOIN minutes USING (machine_id) WHERE minute_us >= ?1 AND minute_us < ?2"
_intervals = "machines CROSS JOIN intervals i USING (machine_id) WHERE start_us >= ?1 AND start_us < ?2"
_last_stop = "(SELECT stop_us FROM intervals WHERE machine_id = i.machine_id ORDER BY start_us DESC LIMIT 1)"
#: Keys of every row of [?1, ?2); ?1 is the begin of an hour.
_PUT = f"""
    INSERT OR REPLACE INTO spool (kind, path, at_us) SELECT * FROM (
        SELECT '{SpoolKind.MACHINE_MINUTE}', path, minute_us AS at_us FROM {_minutes}
        UNION SELECT '{SpoolKind.MACHINE_HOUR}', path, {_HOUR} FROM {_minutes}
        UNION SELECT '{SpoolKind.LINE_MINUTE}', line_path, minute_us FROM {_minutes}
        UNION SELECT '{SpoolKind.LINE_HOUR}', line_path, {_HOUR} FROM {_minutes}
        UNION SELECT '{SpoolKind.BOTTLENECK_MINUTE}', line_path, minute_us FROM {_minutes}
        UNION SELECT '{SpoolKind.BOTTLENECK_HOUR}', line_path, {_HOUR} FROM {_minutes}
        UNION SELECT '{SpoolKind.STATE}', path, start_us FROM {_intervals}
        UNION SELECT '{SpoolKind.DOWNTIME}', path, start_us FROM {_intervals}
            AND category <> '{Category.EXECUTE}' AND stop_us <> {_last_stop}
        UNION SELECT '{SpoolKind.ALARM}', path, raised_us FROM alarms JOIN machines USING (machine_id)
            WHERE raised_us >= ?1 AND raised_us < ?2
        UNION SELECT '{SpoolKind.ALARM}', path, cleared_us FROM alarms JOIN machines USING (machine_id)
            WHERE cleared_us >= ?1 AND cleared_us < ?2
        UNION SELECT '{SpoolKind.ORDER}', line_path, ts_us FROM progress WHERE ts_us >= ?1 AND ts_us < ?2
        UNION SELECT '{SpoolKind.COMMAND}', path, ts_us FROM commands WHERE ts_us >= ?1 AND ts_us < ?2
        UNION SELECT '{SpoolKind.HEALTH}', path, ts_us - ts_us % {MINUTE_US} AS minute
            FROM current_state JOIN machines USING (machine_id) WHERE minute >= ?1 AND minute < ?2
    ) ORDER BY at_us
"""
_of_each = "SELECT MAX((SELECT MAX({0}) FROM {1} WHERE machine_id = m.machine_id AND {0} < ?1)) AS at FROM machines m"
_NEWEST = f"""
    SELECT MAX(at) FROM (
        {_of_each.format("minute_us", "minutes")} UNION ALL {_of_each.format("start_us", "intervals")}
        UNION ALL SELECT MAX(raised_us) FROM alarms WHERE raised_us < ?1
        UNION ALL SELECT MAX(cleared_us) FROM alarms WHERE cleared_us < ?1
        UNION ALL SELECT MAX(ts_us) FROM progress WHERE ts_us < ?1
        UNION ALL SELECT MAX(ts_us) FROM commands WHERE ts_us < ?1
        UNION ALL SELECT MAX(ts_us) FROM current_state WHERE ts_us < ?1
    )
"""
_OLDEST = "SELECT MIN((SELECT MIN(minute_us) FROM minutes WHERE machine_id = m.machine_id)), COUNT(*) FROM machines m"


def begin(db: sqlite3.Connection) -> None:
    """Inside a transaction: whatever the store holds is history, and waits."""
    if db.execute("SELECT 1 FROM machines").fetchone() is None:
        return
    db.execute("INSERT OR REPLACE INTO meta VALUES (?, ?)", (_KEY, str(LATEST_US)))


def put_next(db: sqlite3.Connection) -> bool:
    """Inside a transaction: put the newest hour that waits; false where none does."""
    before_us = _before_us(db)
    if before_us is None:
        return False
    (newest_us,) = db.execute(_NEWEST, (before_us,)).fetchone()
    if newest_us is None:
        db.execute("DELETE FROM meta WHERE key = ?", (_KEY,))
        return False
    hour_us = newest_us - newest_us % HOUR_US
    db.execute(_PUT, (hour_us, before_us))
    db.execute("UPDATE meta SET value = ? WHERE key = ?", (str(hour_us), _KEY))
    return True


def left(db: sqlite3.Connection) -> int:
    """About how many keys are still to be put: a machine's minute counts as one."""
    before_us = _before_us(db)
    if before_us is None:
        return 0
    oldest_us, machines = db.execute(_OLDEST).fetchone()
    (newest_us,) = db.execute(_NEWEST, (before_us,)).fetchone()
    if newest_us is None:
        return 0
    return 1 if oldest_us is None else max(1, (newest_us - oldest_us) // MINUTE_US * machines)


def _before_us(db: sqlite3.Connection) -> int | None:
    row = db.execute("SELECT value FROM meta WHERE key = ?", (_KEY,)).fetchone()
    return None if row is None else int(row[0])
