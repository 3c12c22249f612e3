"""A store small enough to know by heart: two machines, two hours, one shift with a break.

06:00 ─────────── 07:00 ─── 07:10 ─────── 08:00      minutes since the start of the shift: 0, 60, 70, 120
press   execute, a part every 20 s, every 30th bad; 06:30–06:40 breakdown; break 07:00–07:10
pack    execute, a part every 15 s as long as the press runs, starved while it stands; silent from 07:30 on
"""

from msgspec import structs

from contract import codec
from contract.events import CalendarPublished, MachineDescribed, OrderStarted, Window, Words
from contract.instants import HOUR_US, MINUTE_US, SECOND_US, parse_instant
from contract.kpi import Sums
from contract.series import CURRENT_COLUMNS, INTERVAL_COLUMNS, SCHEMA, STORE_VERSION, SUM_COLUMNS

LINE = "ent/site/area/line"
PRESS, PACK = f"{LINE}/press", f"{LINE}/pack"
START = parse_instant("2026-01-05T06:00:00+07:00")
END = START + 2 * HOUR_US
SILENT_FROM = START + 90 * MINUTE_US
#: In the middle of a minute.
SECOND_ORDER = START + 80 * MINUTE_US + 30 * SECOND_US
NOBODY = {"seq": 1, "boot": 1}


def minute_of(name, number):
    """What happened in a minute of the story above."""
    if name == "pack" and number >= 90:
        return None
    if 60 <= number < 70:
        return Sums(planned_us=MINUTE_US)
    if 30 <= number < 40:
        lost = "breakdown_us" if name == "press" else "starved_us"
        return Sums(**{lost: MINUTE_US}, breakdowns=int(name == "press" and number == 30))
    ideal_us = 20 * SECOND_US if name == "press" else 15 * SECOND_US
    bad = int(name == "press" and number % 10 == 9)
    made = {"execute_us": MINUTE_US, "total": 3, "good": 3 - bad, "scrap": bad}
    return Sums(**made, ideal_us=3 * ideal_us, good_ideal_us=(3 - bad) * ideal_us)


def intervals_of(name):
    """The same as intervals: (start minute, end minute, category, state, reason)."""
    down = ("breakdown", "Aborted", "jam") if name == "press" else ("starved", "Suspended", "starved")
    end = 120 if name == "press" else 90
    run, rest = ("execute", "Execute", ""), ("planned", "Idle", "break")
    return [(0, 30, *run), (30, 40, *down), (40, 60, *run), (60, 70, *rest), (70, end, *run)]


def info(name, position):
    upstream, downstream = ([], ["pack"]) if name == "press" else (["press"], [])
    return MachineDescribed(
        ts=START, **NOBODY, name=Words(en=name.title(), vi=f"Máy {name}"), role=name, position=position,
        upstream=upstream, downstream=downstream, ideal_us=(20 if name == "press" else 15) * SECOND_US, servers=1,
        buffer_capacity=None if name == "press" else 5, minor_stop_us=2 * MINUTE_US,
        reasons={"jam": Words(en="Jam", vi="Kẹt")},
    )  # fmt: skip


def fill(connection):
    connection.executescript(SCHEMA)
    connection.execute("INSERT INTO meta VALUES ('schema_version', ?)", (str(STORE_VERSION),))
    shift = Window(start=START, end=START + 8 * HOUR_US, kind="shift", name=Words(en="Shift 1", vi="Ca 1"))
    rest = Window(
        start=START + 60 * MINUTE_US, end=START + 70 * MINUTE_US, kind="break", name=Words(en="Break", vi="Giải lao")
    )
    calendar = CalendarPublished(
        ts=START, **NOBODY, tz="Asia/Ho_Chi_Minh", valid_from=START, valid_to=END + HOUR_US, windows=[shift, rest]
    )
    order = OrderStarted(
        ts=START, **NOBODY, order="2026-118", product="A17", name=Words(en="Board A17", vi="Bo mạch A17"),
        quantity=4000, takt_us=30 * SECOND_US, target_oee=0.67,
    )  # fmt: skip
    following = structs.replace(order, ts=SECOND_ORDER, seq=2, order="2026-119", product="B20")
    for each in (order, following):
        connection.execute("INSERT INTO orders VALUES (?, ?, ?)", (LINE, each.ts, codec.encode(each)))
    facts = [(LINE, "calendar", calendar), (LINE, "order", order)]
    for number, (name, path) in enumerate([("press", PRESS), ("pack", PACK)], start=1):
        connection.execute("INSERT INTO machines VALUES (?, ?, ?)", (number, path, LINE))
        facts.append((path, "info", info(name, number)))
        fill_machine(connection, number, name)
    for path, kind, fact in facts:
        connection.execute("INSERT INTO facts VALUES (?, ?, ?, ?)", (path, kind, START, codec.encode(fact)))
    for window in (shift, rest):
        row = (LINE, window.start, window.end, window.kind, window.name.en, window.name.vi)
        connection.execute("INSERT INTO windows VALUES (?, ?, ?, ?, ?, ?)", row)
    connection.commit()


def fill_made(connection, machine_id, number, sums):
    """The parts of a minute, of the order that the line then worked on; every unit went through for the first time."""
    if sums.total:
        order, product = ("2026-118", "A17") if number <= 80 else ("2026-119", "B20")
        made = (sums.total, sums.good, sums.scrap, sums.rework, sums.good, sums.total, sums.good, 0)
        row = (machine_id, START + number * MINUTE_US, order, product, *made)
        connection.execute(f"INSERT INTO made VALUES ({', '.join('?' * len(row))})", row)


def fill_machine(connection, machine_id, name):
    for number in range(120):
        sums = minute_of(name, number)
        if sums is not None:
            fill_made(connection, machine_id, number, sums)
            row = (machine_id, START + number * MINUTE_US, *(getattr(sums, column) for column in SUM_COLUMNS))
            connection.execute(f"INSERT INTO minutes VALUES ({', '.join('?' * len(row))})", row)
    for start, end, category, state, reason in intervals_of(name):
        at = START + start * MINUTE_US
        row = (machine_id, at, START + end * MINUTE_US, category, state, reason, at)
        connection.execute(f"INSERT INTO intervals VALUES ({', '.join('?' * len(INTERVAL_COLUMNS))})", row)
    heard = END if name == "press" else SILENT_FROM
    said = {"ts_us": heard, "boot": 1, "seq": 9, "state": "Execute", "mode": "Production", "reason": "", "online": 1}
    row = tuple(said.get(column, 0) for column in CURRENT_COLUMNS)
    connection.execute(f"INSERT INTO current_state VALUES ({', '.join('?' * len(row))})", (machine_id, *row[1:]))
