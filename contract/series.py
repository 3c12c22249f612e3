"""Facts at rest: every table and column of the store, in one place. Sums, never ratios.

Times are whole microseconds (columns ``*_us``); instants are µs since the epoch. A row of ``minutes`` or ``intervals``
is always replaced as a whole, so writing it twice is harmless. ``unknown`` has no column: it is what no row claims.
"""

from contract.states import BOOKED

#: Raised with every change of the tables below; a store with a higher one is refused, not guessed at.
STORE_VERSION = 1

#: One column a booked category, in the order of :data:`contract.states.BOOKED`.
TIME_COLUMNS = tuple(f"{category}_us" for category in BOOKED)
#: What a minute produced. ``startup_ideal_us`` is the part of the rejects' ideal time that belongs to a start-up.
OUTPUT_COLUMNS = ("total", "good", "scrap", "rework", "ideal_us", "good_ideal_us", "startup_ideal_us")
#: Stops that began in the minute.
STOP_COLUMNS = ("breakdowns", "minor_stops")
#: All summable columns of ``minutes``; :class:`contract.kpi.Sums` has one field for each, in this order.
SUM_COLUMNS = (*TIME_COLUMNS, *OUTPUT_COLUMNS, *STOP_COLUMNS)

CURRENT_COLUMNS = (
    "machine_id", "ts_us", "boot", "seq", "state", "mode", "reason", "since_us", "total", "good", "scrap", "rework",
    "product", "order_id", "ideal_us", "buffer_in", "buffer_out", "online",
)  # fmt: skip
INTERVAL_COLUMNS = ("machine_id", "start_us", "end_us", "category", "state", "reason", "stop_us")
HEALTH_COLUMNS = ("duplicates", "reordered", "lost", "late", "quarantined")

_sum_columns = ",\n    ".join(f"{name} INTEGER NOT NULL" for name in SUM_COLUMNS)
_health_columns = ",\n    ".join(f"{name} INTEGER NOT NULL DEFAULT 0" for name in HEALTH_COLUMNS)

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- every machine ever heard of; path is enterprise/site/area/line/machine
CREATE TABLE IF NOT EXISTS machines (
    machine_id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    line_path TEXT NOT NULL
);

-- the latest info, line, calendar, order and link of a path, as the wire said it (JSON of contract.codec)
CREATE TABLE IF NOT EXISTS facts (
    path TEXT NOT NULL,
    kind TEXT NOT NULL,
    ts_us INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (path, kind)
) WITHOUT ROWID;

-- what a line worked on, from started_us until the next order began (JSON of contract.codec)
CREATE TABLE IF NOT EXISTS orders (
    line_path TEXT NOT NULL,
    started_us INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (line_path, started_us)
) WITHOUT ROWID;

-- planned time: shifts and breaks of a line
CREATE TABLE IF NOT EXISTS windows (
    line_path TEXT NOT NULL,
    start_us INTEGER NOT NULL,
    end_us INTEGER NOT NULL,
    kind TEXT NOT NULL,
    name_en TEXT NOT NULL,
    name_vi TEXT NOT NULL,
    PRIMARY KEY (line_path, kind, start_us)
) WITHOUT ROWID;

-- one row a machine and minute
CREATE TABLE IF NOT EXISTS minutes (
    machine_id INTEGER NOT NULL,
    minute_us INTEGER NOT NULL,
    {_sum_columns},
    PRIMARY KEY (machine_id, minute_us)
) WITHOUT ROWID;

-- what the minutes are made of: they tile the known time of a machine. A state that crosses the edge of planned time
-- has several rows with the same stop_us; the last row of a machine grows until its state ends.
CREATE TABLE IF NOT EXISTS intervals (
    machine_id INTEGER NOT NULL,
    start_us INTEGER NOT NULL,
    end_us INTEGER NOT NULL,
    category TEXT NOT NULL,
    state TEXT NOT NULL,
    reason TEXT NOT NULL,
    stop_us INTEGER NOT NULL,
    PRIMARY KEY (machine_id, start_us)
) WITHOUT ROWID;

-- what each machine says now
CREATE TABLE IF NOT EXISTS current_state (
    machine_id INTEGER PRIMARY KEY,
    ts_us INTEGER NOT NULL,
    boot INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    state TEXT NOT NULL,
    mode TEXT NOT NULL,
    reason TEXT NOT NULL,
    since_us INTEGER NOT NULL,
    total INTEGER NOT NULL,
    good INTEGER NOT NULL,
    scrap INTEGER NOT NULL,
    rework INTEGER NOT NULL,
    product TEXT NOT NULL,
    order_id TEXT NOT NULL,
    ideal_us INTEGER NOT NULL,
    buffer_in INTEGER,
    buffer_out INTEGER,
    online INTEGER NOT NULL
);

-- the ledger's own state, to go on from after a restart (opaque outside the collector)
CREATE TABLE IF NOT EXISTS ledger (path TEXT PRIMARY KEY, state BLOB NOT NULL) WITHOUT ROWID;

-- what the wire did to each machine's events, as counts
CREATE TABLE IF NOT EXISTS health (
    path TEXT PRIMARY KEY,
    {_health_columns}
) WITHOUT ROWID;

-- how long after their own time a path's newest messages arrived, the least of the last commit; only of live
-- collecting. One machine's against the plant's median tells how far its clock is off.
CREATE TABLE IF NOT EXISTS delays (path TEXT PRIMARY KEY, delay_us INTEGER NOT NULL) WITHOUT ROWID;

-- what could not be taken, with the reason; the newest are kept
CREATE TABLE IF NOT EXISTS quarantine (
    quarantine_id INTEGER PRIMARY KEY AUTOINCREMENT,
    received_us INTEGER,
    topic TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    payload BLOB NOT NULL
);
"""
