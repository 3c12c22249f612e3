"""A line of panels small enough to know by heart: two orders, two products, each with a constraint of its own.

printer   a panel of four boards: 40 s of ideal time for product A, 20 s for B; A in minutes 0–59 (a panel a minute),
          changeover in 60–64, B in 65–119 (two a minute)
router    cuts each panel into its four boards
tester    8 s a board of A, 12 s of B; A in minutes 5–64, B in 70–119, four boards a minute; the last station. In minute
          10 it scraps one, in minute 20 it sends one to the bench, which passes in minute 21
bench     repairs, and is no step of the line

So the constraint of A is the printer (10 s a board, against 8), that of B the tester (12 s, against 5).
"""

from msgspec import structs

from contract import codec
from contract.events import (
    BookChanged,
    BookedOrder,
    CommandAnswered,
    CommandGiven,
    LineDescribed,
    MachineDescribed,
    OrderProgressed,
    OrderStarted,
    ProductDescribed,
    SlotDescribed,
    ValueDescribed,
    Words,
)
from contract.instants import HOUR_US, MINUTE_US, SECOND_US, parse_instant
from contract.kpi import Sums
from contract.series import CURRENT_COLUMNS, SCHEMA, STORE_VERSION, SUM_COLUMNS

LINE = "ent/site/area/panels"
PRINTER, ROUTER, TESTER, BENCH = (f"{LINE}/{name}" for name in ("printer", "router", "tester", "bench"))
START = parse_instant("2026-01-05T06:00:00+07:00")
END = START + 2 * HOUR_US
NOBODY = {"seq": 1, "boot": 1}
#: Solder volume, one a minute: the handbook's flow rates (see test_spc).
VOLUMES = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]
WORK_J, IDLE_J = 60_000, 6_000


def at(minute):
    return START + minute * MINUTE_US


def words(text):
    return Words(en=text, vi=f"{text} (vi)")


def story(name, minute):
    """(product, total, good, scrap, rework, first, first passed) of a minute; ``None`` where nothing was finished."""
    product = "A" if minute < 60 + 5 * (name == "tester") else "B"
    if name == "bench":
        return ("A", 1, 1, 0, 0, 1, 1) if minute == 20 else None
    if name == "tester":
        stands = minute < 5 or 65 <= minute < 70
        return None if stands else _EVENTFUL.get(minute, (product, 4, 4, 0, 0, 4, 4))
    made = {"printer": (1, 2), "router": (4, 8)}[name][product == "B"]
    return None if 60 <= minute < 65 else (product, made, made, 0, 0, made, made)


#: The tester's minutes in which not all is well.
_EVENTFUL = {10: ("A", 4, 3, 1, 0, 4, 3), 20: ("A", 4, 3, 0, 1, 4, 3), 21: ("A", 5, 5, 0, 0, 4, 4)}
IDEALS = {"printer": (40, {"B": 20}), "router": (2, {}), "tester": (8, {"B": 12}), "bench": (600, {})}


def info(position, name):
    nominal, others = IDEALS[name]
    downstream = {"printer": ["router"], "router": ["tester"], "tester": [], "bench": ["tester"]}[name]
    said = MachineDescribed(
        ts=START, **NOBODY, name=words(name.title()), role=name, position=position, upstream=[], downstream=downstream,
        ideal_us=nominal * SECOND_US, servers=1, buffer_capacity=None, minor_stop_us=2 * MINUTE_US, reasons={},
        ideals={product: seconds * SECOND_US for product, seconds in others.items()},
        exit_parts=4.0 if name == "printer" else 1.0, off_flow=name == "bench",
    )  # fmt: skip
    if name == "printer":
        volume = ValueDescribed(name=words("Solder volume"), unit="%", target=50.0, lsl=44.0, usl=56.0)
        paste = SlotDescribed(name=words("Solder paste"), material="sac305", per_part=1, low_at=10)
        flux = SlotDescribed(name=words("Flux"), material="flux", per_part=1, low_at=5)
        return structs.replace(said, values={"volume": volume}, slots={"paste": paste, "flux": flux})
    return structs.replace(said, defects={"bridge": words("Bridge")}) if name == "tester" else said


def fill(connection):
    connection.executescript(SCHEMA)
    connection.execute("INSERT INTO meta VALUES ('schema_version', ?)", (str(STORE_VERSION),))
    for number, name in enumerate(IDEALS, start=1):
        path = f"{LINE}/{name}"
        connection.execute("INSERT INTO machines VALUES (?, ?, ?)", (number, path, LINE))
        tell(connection, path, "info", info(number, name))
        fill_machine(connection, number, name)
    fill_line(connection)
    fill_units(connection)
    connection.commit()


def tell(connection, path, kind, fact):
    connection.execute("INSERT INTO facts VALUES (?, ?, ?, ?)", (path, kind, START, codec.encode(fact)))


def fill_machine(connection, machine_id, name):
    nominal, others = IDEALS[name]
    for minute in range(120):
        told = story(name, minute)
        works = told is not None and name != "bench"
        busy = "execute_us" if works else "setup_us" if name == "printer" else "starved_us"
        sums = Sums(**{busy: MINUTE_US}, energy_j=WORK_J if works else IDLE_J, idle_energy_j=0 if works else IDLE_J)
        if told:
            product, total, good, scrap, rework, first, passed = told
            ideal_us = others.get(product, nominal) * SECOND_US
            counts = {"total": total, "good": good, "scrap": scrap, "rework": rework}
            sums = structs.replace(sums, **counts, ideal_us=total * ideal_us, good_ideal_us=good * ideal_us)
            order = "WO-1" if product == "A" else "WO-2"
            row = (machine_id, at(minute), order, product, total, good, scrap, rework, good, first, passed, 0)
            connection.execute(f"INSERT INTO made VALUES ({', '.join('?' * len(row))})", row)
        row = (machine_id, at(minute), *(getattr(sums, column) for column in SUM_COLUMNS))
        connection.execute(f"INSERT INTO minutes VALUES ({', '.join('?' * len(row))})", row)
    said = {"ts_us": END, "state": "Execute", "mode": "Production", "reason": "", "online": 1}
    row = (machine_id, *(said.get(column, 0) for column in CURRENT_COLUMNS[1:]))
    connection.execute(f"INSERT INTO current_state VALUES ({', '.join('?' * len(row))})", row)


def fill_line(connection):
    products = {
        "A": ProductDescribed(name=words("Board A"), family="a", opportunities=100),
        "B": ProductDescribed(name=words("Board B"), family="b", opportunities=0),
    }
    named = LineDescribed(ts=START, **NOBODY, name=words("Panels"), plant=words("Plant"), products=products)
    tell(connection, LINE, "line", named)
    for order, product, minute in (("WO-1", "A", 0), ("WO-2", "B", 65)):
        begun = OrderStarted(
            ts=at(minute) - SECOND_US, **NOBODY, order=order, product=product, name=products[product].name,
            quantity=240, takt_us=15 * SECOND_US, target_oee=0.8,
        )  # fmt: skip
        connection.execute("INSERT INTO orders VALUES (?, ?, ?)", (LINE, begun.ts, codec.encode(begun)))
    waiting = [
        BookedOrder(order="WO-3", product="A", quantity=40, due=END + HOUR_US),
        BookedOrder(order="WO-4", product="B", quantity=8, due=END - HOUR_US),
        BookedOrder(order="WO-2", product="B", quantity=400),
    ]
    tell(connection, LINE, "book", BookChanged(ts=END, **NOBODY, orders=waiting))
    first = OrderProgressed(
        ts=at(65), **NOBODY, order="WO-1", product="A", quantity=240, released=240, good=239, scrap=1, began=START,
        finish=at(65), is_complete=True, due=at(60),
    )  # fmt: skip
    second = structs.replace(
        first, ts=END, order="WO-2", product="B", quantity=440, released=440, good=200, scrap=0, began=at(65),
        finish=at(180), is_complete=False, due=at(200),
    )  # fmt: skip
    for said in (first, second):
        row = (LINE, said.order, said.ts, codec.encode(said))
        connection.execute("INSERT INTO progress VALUES (?, ?, ?, ?)", row)
    asked = CommandGiven(id="c1", verb="hold", by="teacher")
    answer = CommandAnswered(ts=at(30), seq=0, boot=1, command=asked, accepted=True, detail="held")
    row = (PRINTER, at(30), "c1", "hold", 1, codec.encode(answer))
    connection.execute("INSERT INTO commands VALUES (?, ?, ?, ?, ?, ?)", row)


def unit(connection, machine_id, minute, serial, result="pass", **told):
    """A unit that took the second half of ``minute``."""
    order = "WO-9" if serial.startswith("WO-9") else "WO-1"
    row = (
        machine_id, at(minute) + 30 * SECOND_US, at(minute + 1), serial, "A", order, told.get("attempt", 1), result, 0,
        told.get("defects"), told.get("lots_id"), told.get("parents"),
    )  # fmt: skip
    connection.execute(f"INSERT INTO units VALUES ({', '.join('?' * len(row))})", row)
    for parent in (told.get("parents") or "").split():
        connection.execute("INSERT OR IGNORE INTO parents VALUES (?, ?)", (parent, serial))


def fill_units(connection):
    """Panel 1 with paste.1, panel 2 with paste.1 and paste.2; their boards; one board in a case of order 9."""
    connection.executemany("INSERT INTO lot_sets VALUES (?, ?)", [(1, "paste.1"), (2, "paste.1 paste.2")])
    members = [("paste.1", 1), ("paste.1", 2), ("paste.2", 2)]
    connection.executemany("INSERT INTO lot_set_members VALUES (?, ?)", members)
    for panel in (1, 2):
        unit(connection, 1, panel, f"WO-1-0000{panel}", lots_id=panel)
        for board in range(1, 5):
            unit(connection, 2, panel + 1, f"WO-1-0000{panel}.{board}", parents=f"WO-1-0000{panel}")
    unit(connection, 3, 10, "WO-1-00001.1", "scrap", defects="bridge bridge")
    unit(connection, 3, 20, "WO-1-00001.2", "rework", defects="bridge")
    unit(connection, 4, 20, "WO-1-00001.2")
    unit(connection, 3, 21, "WO-1-00001.2", attempt=2)
    unit(connection, 3, 30, "WO-9-00001", parents="WO-1-00001.3 WO-9-case-00001")
    connection.executemany("INSERT INTO defects VALUES (3, ?, 'A', 'bridge', ?)", [(at(10), 2), (at(20), 1)])
    rows = [(at(minute), f"WO-1-0000{minute}", value) for minute, value in enumerate(VOLUMES, start=1)]
    connection.executemany("INSERT INTO measurements VALUES (1, 'volume', ?, ?, 'A', ?)", rows)
    connection.executemany(
        "INSERT INTO lots VALUES (1, 'paste', ?, 'sac305', 50, ?, ?, ?, ?)",
        [("paste.1", START, at(1), at(2), 0), ("paste.2", at(2), at(100), None, 10)],
    )
    connection.executemany(
        "INSERT INTO alarms VALUES (1, 'material_low', 'paste', ?, ?)", [(at(1), at(2)), (at(100), None)]
    )
