"""A believable SMT line written straight into the tables of ``contract.series``: made up, but the same every time.

Faults are drawn once; what they do to the neighbours (blocked upstream, starved downstream) follows with a delay a
station, as it does behind real buffers. Intervals and minutes are cut from the same list, so they agree.
"""

import random
import sqlite3
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from contract.codec import encode
from contract.events import CalendarPublished, LineDescribed, MachineDescribed, OrderStarted, Window, Words
from contract.instants import HOUR_US, MINUTE_US, SECOND_US
from contract.series import CURRENT_COLUMNS, INTERVAL_COLUMNS, MADE_COLUMNS, SCHEMA, STORE_VERSION, SUM_COLUMNS

LINE = "acme/que-vo/smt/smt-1"
# 2026-01-05, a Monday: shift 1 from 06:00 to 14:00 in Viet Nam
SHIFT_US = 1_767_567_600 * SECOND_US
BREAK_US = SHIFT_US + 4 * HOUR_US
#: 5 h 37 into the shift: the break is over, packing has just broken down.
NOW_US = SHIFT_US + 337 * MINUTE_US + 12 * SECOND_US
IDEAL_US = 24 * SECOND_US

#: id, name (en, vi), its own fault (code, en, vi)
STATIONS = (
    ("loader", "Loader", "Máy cấp bảng mạch", ("magazine_jam", "Magazine jam", "Kẹt khay bảng mạch")),
    ("printer", "Solder paste printer", "Máy in kem hàn", ("stencil_clog", "Stencil clogged", "Tắc khuôn in")),
    ("spi", "Paste inspection", "Kiểm tra kem hàn (SPI)", ("camera_fault", "Camera fault", "Lỗi camera")),
    ("placer_1", "Placer 1", "Máy gắn linh kiện 1", ("feeder_jam", "Feeder jam", "Kẹt bộ cấp linh kiện")),
    ("placer_2", "Placer 2", "Máy gắn linh kiện 2", ("nozzle_clog", "Nozzle clogged", "Tắc đầu hút")),
    ("reflow", "Reflow oven", "Lò hàn đối lưu", ("zone_temperature", "Zone temperature", "Nhiệt độ vùng hàn")),
    ("aoi", "Optical inspection", "Kiểm tra quang học (AOI)", ("false_calls", "Too many calls", "Báo lỗi liên tục")),
    ("fct", "Functional test", "Kiểm tra chức năng", ("probe_worn", "Test probe worn", "Mòn đầu dò kiểm tra")),
    ("router", "Depaneling router", "Máy cắt tách bảng mạch", ("bit_broken", "Router bit broken", "Gãy mũi phay")),
    ("packing", "Packing", "Đóng gói", ("label_printer", "Label printer", "Lỗi máy in tem")),
)  # fmt: skip


class Piece(NamedTuple):
    """A machine in one state over [start, end) µs."""

    start: int
    end: int
    category: str
    state: str
    reason: str
    stop: int


def ideal_of(name: str) -> int:
    """Placer 1 is the constraint."""
    return IDEAL_US if name == "placer_1" else IDEAL_US - 2 * SECOND_US


def make_store(path: Path, until_us: int, stations=STATIONS, line: str = LINE) -> Path:
    """A store of one line from the start of the shift up to ``until_us``."""
    store = sqlite3.connect(path)
    store.execute("PRAGMA journal_mode = WAL")
    store.executescript(SCHEMA)
    store.execute("INSERT OR REPLACE INTO meta VALUES ('schema_version', ?)", (str(STORE_VERSION),))
    _describe(store, stations, line)
    pieces = _pieces(until_us, stations)
    for place, (name, *_) in enumerate(stations):
        _fill(store, f"{line}/{name}", pieces[place], until_us, place)
    store.commit()
    store.close()
    return path


def _describe(store, stations, line):
    ids = [name for name, *_ in stations]
    for place, (name, en, vi, (fault, fault_en, fault_vi)) in enumerate(stations):
        path = f"{line}/{name}"
        info = MachineDescribed(
            ts=SHIFT_US, seq=1, boot=1, name=Words(en=en, vi=vi), role=name.split("_")[0], position=place + 1,
            upstream=ids[place - 1 : place] if place else [], downstream=ids[place + 1 : place + 2],
            ideal_us=ideal_of(name), servers=1,
            buffer_capacity=12 if place else None, minor_stop_us=120 * SECOND_US,
            reasons={fault: Words(en=fault_en, vi=fault_vi)},
        )  # fmt: skip
        store.execute("INSERT OR IGNORE INTO machines (path, line_path) VALUES (?, ?)", (path, line))
        store.execute("INSERT OR REPLACE INTO facts VALUES (?, 'info', ?, ?)", (path, SHIFT_US, encode(info)))
    shift = Window(start=SHIFT_US, end=SHIFT_US + 8 * HOUR_US, kind="shift", name=Words(en="Shift 1", vi="Ca 1"))
    lunch = Window(start=BREAK_US, end=BREAK_US + HOUR_US // 2, kind="break", name=Words(en="Lunch", vi="Nghỉ trưa"))
    calendar = CalendarPublished(
        ts=SHIFT_US, seq=1, boot=1, tz="Asia/Ho_Chi_Minh", valid_from=SHIFT_US, valid_to=SHIFT_US + 24 * HOUR_US,
        windows=[shift, lunch],
    )  # fmt: skip
    order = OrderStarted(
        ts=SHIFT_US, seq=2, boot=1, order="2026-118", product="A17",
        name=Words(en="Main board A17", vi="Bo mạch chủ A17"), quantity=1000, takt_us=30 * SECOND_US, target_oee=0.8,
    )  # fmt: skip
    named = LineDescribed(
        ts=SHIFT_US, seq=3, boot=1, name=Words(en="SMT line 1", vi="Dây chuyền SMT 1"),
        plant=Words(en="Que Vo plant", vi="Nhà máy Quế Võ"),
    )  # fmt: skip
    store.execute("INSERT OR REPLACE INTO orders VALUES (?, ?, ?)", (line, SHIFT_US, encode(order)))
    for kind, fact in (("line", named), ("calendar", calendar), ("order", order)):
        store.execute("INSERT OR REPLACE INTO facts VALUES (?, ?, ?, ?)", (line, kind, SHIFT_US, encode(fact)))
    for window in (shift, lunch):
        names = (window.name.en, window.name.vi)
        store.execute(
            "INSERT OR REPLACE INTO windows VALUES (?, ?, ?, ?, ?, ?)",
            (line, window.start, window.end, window.kind, *names),
        )


def _pieces(until_us, stations):
    """Station by place → its pieces: faults, their echo in the neighbours, the break, else execute."""
    draw = random.Random(7)
    painted: list[list[tuple[int, int, str, str, str]]] = [[] for _ in stations]
    when = SHIFT_US + 4 * MINUTE_US
    while when < until_us:
        place = draw.choices(
            range(len(stations)), [6 if name == "printer" else 3 if name == "placer_1" else 1 for name, *_ in stations]
        )[0]
        lasts = draw.choice((40, 55, 70, 95, 260, 420, 780)) * SECOND_US
        _spread(painted, place, when, min(when + lasts, until_us), stations[place][3][0])
        when += draw.randint(3, 11) * MINUTE_US
    lunch = (BREAK_US, BREAK_US + HOUR_US // 2, "planned", "Stopped", "break")
    return [_tile([*mine, lunch], until_us) for mine in painted]


def _spread(painted, place, start, end, reason):
    category = "breakdown" if end - start >= 120 * SECOND_US else "minor_stop"
    painted[place].append((start, end, category, "Held", reason))
    for other in range(len(painted)):
        away = abs(other - place)
        from_us, to_us = start + away * 35 * SECOND_US, end + away * 12 * SECOND_US
        if away and to_us > from_us:
            echo = "starved" if other > place else "blocked"
            painted[other].append((from_us, to_us, echo, "Suspended", echo))


def _tile(painted, until_us):
    """Overlapping strokes → pieces that tile the shift; a later stroke of the list wins."""
    edges = sorted({SHIFT_US, until_us, *(e for stroke in painted for e in stroke[:2] if SHIFT_US < e < until_us)})
    pieces = []
    for start, end in pairwise(edges):
        over = [stroke for stroke in painted if stroke[0] <= start and stroke[1] >= end]
        category, state, reason = over[-1][2:] if over else ("execute", "Execute", "")
        if pieces and pieces[-1].category == category and pieces[-1].reason == reason:
            pieces[-1] = pieces[-1]._replace(end=end)
        else:
            pieces.append(Piece(start, end, category, state, reason, start))
    return pieces


def _fill(store, path, pieces, until_us, place):
    machine_id = store.execute("SELECT machine_id FROM machines WHERE path = ?", (path,)).fetchone()[0]
    marks = ", ".join("?" * len(INTERVAL_COLUMNS))
    store.executemany(f"INSERT OR REPLACE INTO intervals VALUES ({marks})", [
        (machine_id, p.start, p.end, p.category, p.state, p.reason, p.stop) for p in pieces
    ])  # fmt: skip
    for minute in range(SHIFT_US, until_us, MINUTE_US):
        write_minute(store, machine_id, minute, pieces, place)
    last = pieces[-1]
    told = {
        "machine_id": machine_id, "ts_us": until_us, "boot": 1, "seq": 9, "state": last.state, "mode": "Production",
        "reason": last.reason, "since_us": last.stop, "total": 700, "good": 690, "scrap": 10, "rework": 0,
        "product": "A17", "order_id": "2026-118", "ideal_us": IDEAL_US,
        "buffer_in": (place * 5 + 3) % 13 if place else None,
        "buffer_out": None, "online": 1,
    }  # fmt: skip
    marks = ", ".join("?" * len(CURRENT_COLUMNS))
    store.execute(f"INSERT OR REPLACE INTO current_state VALUES ({marks})", [told[name] for name in CURRENT_COLUMNS])


def write_minute(store, machine_id, minute, pieces, place):
    """One row of ``minutes`` from the pieces that overlap it."""
    row = dict.fromkeys(SUM_COLUMNS, 0)
    for piece in pieces:
        row[f"{piece.category}_us"] += max(0, min(piece.end, minute + MINUTE_US) - max(piece.start, minute))
        if minute <= piece.stop < minute + MINUTE_US and piece.category in ("breakdown", "minor_stop"):
            row[f"{piece.category}s"] += 1
    row["total"] = row["execute_us"] // (26 * SECOND_US)
    row["scrap"] = int(bool(row["total"]) and (minute // MINUTE_US + place * 7) % 41 == 0)
    row["good"] = row["total"] - row["scrap"]
    ideal_us = ideal_of(STATIONS[place][0])
    row["ideal_us"], row["good_ideal_us"] = row["total"] * ideal_us, row["good"] * ideal_us
    marks = ", ".join("?" * (2 + len(SUM_COLUMNS)))
    store.execute(f"INSERT OR REPLACE INTO minutes VALUES ({marks})", [machine_id, minute, *row.values()])
    made = {name: row.get(name, 0) for name in MADE_COLUMNS}
    made |= {"covered_good": row["good"], "first": row["total"], "first_good": row["good"]}
    marks = ", ".join("?" * (4 + len(MADE_COLUMNS)))
    if row["total"]:
        key = (machine_id, minute, "2026-118", "A17")
        store.execute(f"INSERT OR REPLACE INTO made VALUES ({marks})", [*key, *made.values()])


def say(path: Path, machine: str, at_us: int, **told: object) -> None:
    """Commit that ``machine`` said something at ``at_us``, and everybody else that they are still there."""
    store = sqlite3.connect(path)
    with store:
        store.execute("UPDATE current_state SET ts_us = ?", (at_us,))
        changes = ", ".join(f"{name} = ?" for name in {"online": 1} | told)
        where = "WHERE machine_id = (SELECT machine_id FROM machines WHERE path LIKE '%/' || ?)"
        store.execute(f"UPDATE current_state SET {changes} {where}", (*({"online": 1} | told).values(), machine))
    store.close()


def stop(path: Path, machine: str, at_us: int, reason: str) -> None:
    """Commit that ``machine`` stopped by a fault of its own at ``at_us``."""
    say(path, machine, at_us, state="Held", reason=reason, since_us=at_us)
