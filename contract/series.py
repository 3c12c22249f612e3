"""Facts at rest: every table and column of the store, in one place. Sums, never ratios.

Times are whole microseconds (columns ``*_us``); instants are µs since the epoch. A row of ``minutes`` or ``intervals``
is always replaced as a whole, so writing it twice is harmless. ``unknown`` has no column: it is what no row claims.
"""

from contract.states import BOOKED

#: Raised with every change of the tables below; a store with a higher one is refused, not guessed at.
STORE_VERSION = 2

#: One column a booked category, in the order of :data:`contract.states.BOOKED`.
TIME_COLUMNS = tuple(f"{category}_us" for category in BOOKED)
#: What a minute produced. ``startup_ideal_us`` is the part of the rejects' ideal time that belongs to a start-up.
OUTPUT_COLUMNS = ("total", "good", "scrap", "rework", "ideal_us", "good_ideal_us", "startup_ideal_us")
#: Stops that began in the minute.
STOP_COLUMNS = ("breakdowns", "minor_stops")
#: Energy used in the minute, whole joules; ``idle_energy_j`` is the part of it used outside Execute.
ENERGY_COLUMNS = ("energy_j", "idle_energy_j")
#: All summable columns of ``minutes``; :class:`contract.kpi.Sums` has one field for each, in this order.
SUM_COLUMNS = (*TIME_COLUMNS, *OUTPUT_COLUMNS, *STOP_COLUMNS, *ENERGY_COLUMNS)
#: What a machine made of one order in a minute. ``covered_good``: good parts whose time is covered by evidence (only
#: they are OEE). ``first`` units went through for the first time, ``first_good`` of them passed; ``false_calls`` were
#: rejected although good, and passed by a person. These three are told unit by unit, the others by running totals.
MADE_COLUMNS = ("total", "good", "scrap", "rework", "covered_good", "first", "first_good", "false_calls")
UNIT_COLUMNS = (
    "machine_id", "began_us", "ended_us", "unit", "product", "order_id", "attempt", "result", "false_call",
    "defects", "lots_id", "parents",
)  # fmt: skip
VALUE_COLUMNS = ("machine_id", "code", "ts_us", "unit", "product", "value")
LOT_COLUMNS = ("machine_id", "slot", "lot", "material", "quantity", "loaded_us", "low_us", "empty_us", "remaining")
COMMAND_COLUMNS = ("path", "ts_us", "command_id", "verb", "accepted", "payload")

#: Rows kept of what has no natural end; the oldest go first. A unit at a machine takes about 120 bytes.
UNITS_LIMIT, VALUES_LIMIT, LOG_LIMIT = 2_000_000, 2_000_000, 20_000

CURRENT_COLUMNS = (
    "machine_id", "ts_us", "boot", "seq", "state", "mode", "reason", "since_us", "total", "good", "scrap", "rework",
    "product", "order_id", "ideal_us", "buffer_in", "buffer_out", "online",
)  # fmt: skip
INTERVAL_COLUMNS = ("machine_id", "start_us", "end_us", "category", "state", "reason", "stop_us")
HEALTH_COLUMNS = ("duplicates", "reordered", "lost", "late", "quarantined")

_sum_columns = ",\n    ".join(f"{name} INTEGER NOT NULL" for name in SUM_COLUMNS)
_made_columns = ",\n    ".join(f"{name} INTEGER NOT NULL" for name in MADE_COLUMNS)
_health_columns = ",\n    ".join(f"{name} INTEGER NOT NULL DEFAULT 0" for name in HEALTH_COLUMNS)

SCHEMA = f"""
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

-- every machine ever heard of; path is enterprise/site/area/line/machine
CREATE TABLE IF NOT EXISTS machines (
    machine_id INTEGER PRIMARY KEY,
    path TEXT NOT NULL UNIQUE,
    line_path TEXT NOT NULL
);

-- the latest info, line, calendar, order, book and link of a path, as the wire said it (JSON of contract.codec)
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

-- what a machine made of each order in a minute: the parts of ``minutes`` told apart
CREATE TABLE IF NOT EXISTS made (
    machine_id INTEGER NOT NULL,
    minute_us INTEGER NOT NULL,
    order_id TEXT NOT NULL,
    product TEXT NOT NULL,
    {_made_columns},
    PRIMARY KEY (machine_id, minute_us, order_id, product)
) WITHOUT ROWID;

-- defects found in a minute
CREATE TABLE IF NOT EXISTS defects (
    machine_id INTEGER NOT NULL,
    minute_us INTEGER NOT NULL,
    product TEXT NOT NULL,
    code TEXT NOT NULL,
    count INTEGER NOT NULL,
    PRIMARY KEY (machine_id, minute_us, product, code)
) WITHOUT ROWID;

-- every unit at every machine, the newest UNITS_LIMIT in order of arrival. defects and parents: codes and serials with
-- a space between (neither has one), NULL for none; lots_id: which lots went into it here
CREATE TABLE IF NOT EXISTS units (
    machine_id INTEGER NOT NULL,
    began_us INTEGER NOT NULL,
    ended_us INTEGER NOT NULL,
    unit TEXT NOT NULL,
    product TEXT NOT NULL,
    order_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    result TEXT NOT NULL,
    false_call INTEGER NOT NULL,
    defects TEXT,
    lots_id INTEGER,
    parents TEXT
);
CREATE INDEX IF NOT EXISTS units_by_unit ON units (unit);
CREATE INDEX IF NOT EXISTS units_by_lots ON units (lots_id) WHERE lots_id IS NOT NULL;

-- which parent went into which unit: a board's panel, a car's doors; goes with the unit's row
CREATE TABLE IF NOT EXISTS parents (
    parent TEXT NOT NULL,
    unit TEXT NOT NULL,
    PRIMARY KEY (parent, unit)
) WITHOUT ROWID;

-- lots that were used together, by the id that units name; lots: all of them with a space between
CREATE TABLE IF NOT EXISTS lot_sets (lots_id INTEGER PRIMARY KEY, lots TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS lot_set_members (
    lot TEXT NOT NULL,
    lots_id INTEGER NOT NULL,
    PRIMARY KEY (lot, lots_id)
) WITHOUT ROWID;

-- every lot on every feeder; an instant that has not come yet is NULL
CREATE TABLE IF NOT EXISTS lots (
    machine_id INTEGER NOT NULL,
    slot TEXT NOT NULL,
    lot TEXT NOT NULL,
    material TEXT NOT NULL,
    quantity INTEGER NOT NULL,
    loaded_us INTEGER,
    low_us INTEGER,
    empty_us INTEGER,
    remaining INTEGER NOT NULL,
    PRIMARY KEY (machine_id, slot, lot)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS lots_by_lot ON lots (lot);

-- measured process values, the newest VALUES_LIMIT in order of arrival
CREATE TABLE IF NOT EXISTS measurements (
    machine_id INTEGER NOT NULL,
    code TEXT NOT NULL,
    ts_us INTEGER NOT NULL,
    unit TEXT NOT NULL,
    product TEXT NOT NULL,
    value REAL NOT NULL
);
CREATE INDEX IF NOT EXISTS measurements_by_code ON measurements (machine_id, code, ts_us);
CREATE INDEX IF NOT EXISTS measurements_by_unit ON measurements (unit) WHERE unit <> '';

-- alarms; cleared_us is NULL while one is on
CREATE TABLE IF NOT EXISTS alarms (
    machine_id INTEGER NOT NULL,
    code TEXT NOT NULL,
    subject TEXT NOT NULL,
    raised_us INTEGER NOT NULL,
    cleared_us INTEGER,
    PRIMARY KEY (machine_id, code, subject, raised_us)
) WITHOUT ROWID;

-- commands and what became of them (JSON of contract.codec), the newest LOG_LIMIT
CREATE TABLE IF NOT EXISTS commands (
    path TEXT NOT NULL,
    ts_us INTEGER NOT NULL,
    command_id TEXT NOT NULL,
    verb TEXT NOT NULL,
    accepted INTEGER NOT NULL,
    payload BLOB NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS commands_by_id ON commands (path, command_id);

-- how far each order is or was (JSON of contract.codec)
CREATE TABLE IF NOT EXISTS progress (
    line_path TEXT NOT NULL,
    order_id TEXT NOT NULL,
    ts_us INTEGER NOT NULL,
    payload BLOB NOT NULL,
    PRIMARY KEY (line_path, order_id)
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
