"""Every mistake in a plant file, as it is typed: it is named with its place and its mend."""

import re

import pytest
from plant_text import PLANT

from contract.errors import PlantError
from simulator.plant_file import parse_plant

NIGHT = """[[shifts]]
name = { en = "2", vi = "2" }
start = 22:00:00
end = 06:30:00
[[crews]]"""
LATER = "power_w = { execute = 900, idle = 300, stopped = 100, off = 10 }"
BATCH = "batch = { size = 8, wait_s = 120 }"
OVEN = "conveyor = { transit_s = 60, places = 12 }"
RETURNS = 'returns_to = "oven"'
REVIEW = """[[lines.stations.micro_stops]]
code = "false_call_review"
name = { en = "f", vi = "g" }
every_min = { kind = "constant", value = 9 }
lasts_s = { kind = "constant", value = 9 }
"""
UNIFORM = 'quantity = { kind = "uniform", low = 100, high = 200 }'

# what stands there, what a person writes in its place, what the error must say
OF_WORDS = [
    ('id = "p"', "id = ", r"this is not TOML: .*line 2"),
    ('id = "p"', 'id = "P 1"', r"id: 'P 1': use lower-case letters"),
    ('site = "s"', 'site = "a/b"', r"site: 'a/b': use lower-case letters"),
    ('area = "a"', 'area = "a+"', r"area: 'a\+': use lower-case"),
    ('tz = "Asia/Ho_Chi_Minh"', 'tz = "Asia/Hanoi"', r"tz: 'Asia/Hanoi' is not a time zone"),
    ('tz = "Asia/Ho_Chi_Minh"', 'tz = "../etc"', r"tz: '\.\./etc' is not a time zone"),
    ("buffer = 3", "bufer = 3", r"stations\[3\]: there is no key 'bufer': did you mean 'buffer'\? \(at l → two\)"),
    ("buffer = 3", "mean = 3", r"no key 'mean': it is one of another table.*: move it \(at l → two\)"),
    ("buffer = 3", "zzzz = 3", r"there is no key 'zzzz': remove it"),
    ("target = 1.2", "targt = 1.2", r"values\[0\]: there is no key 'targt': did you mean 'target'\?.*torque"),
    ("mean = 60 }", "meen = 60 }", r"failures\[0\]\.every_min: there is no key 'meen': did you mean 'mean'"),
    ("[[lines.orders]]", "[lines.order]", r"lines\[0\]: there is no key 'order': did you mean 'orders'"),
    ("cycle_s = 12.5", 'cycle_s = "ten"', r"cycle_s: this must be a number, not text in quotes"),
    ("buffer = 3", "buffer = 2.5", r"buffer: this must be a whole number, not a number"),
    ("buffer = 3", "servers = true", r"servers: this must be a whole number, not true or false"),
    (
        "assembles = { before = 1, lids = 2 }",
        'assembles = ["lids"]',
        r"assembles: this must be a table with keys, not a l",
    ),
    ("start = 06:00:00", 'start = "early"', r"shifts\[0\]\.start: .*write it like 06:00:00"),
    ('name = { en = "2", vi = "2" }', 'name = { en = "2" }', r"name: a key is missing, add `vi`"),
    ('name = { en = "l", vi = "l" }', "target_oee = 0.5", r"lines\[0\]: a key is missing, add `name`"),
    (
        'kind = "exponential", mean = 60 }',
        'kind = "gauss" }',
        r"every_min\.kind: there is no distribution 'gauss'.*erlang",
    ),
    ('kind = "exponential", mean = 60 }', "mean = 60 }", r"every_min: a key is missing, add `kind`"),
    ('vi = "đỏ"', f'vi = "{"đ" * 201}"', r"products\[0\]\.name\.vi: this must be text in quotes of length <= 200"),
]
OF_TIME = [
    ("[[crews]]", NIGHT, r"shifts\[\d\]: overlaps shifts\[\d\]"),
    ("start = 09:00:00", "start = 05:00:00", r"shifts\[0\]\.breaks\[0\]: the break is not inside its shift"),
    ("start = 06:00:00", 'start = "06:00:00+07:00"', r"shifts\[0\]: times are on the clock of the plant's tz"),
    ("start = 06:00:00", 'days = ["mon", "mon"]\nstart = 06:00:00', r"shifts\[0\]\.days: 'mon' is there twice"),
    ("start = 06:00:00", "days = []\nstart = 06:00:00", r"shifts\[0\]\.days: name at least one day"),
    ("start = 06:00:00", 'days = ["monday"]\nstart = 06:00:00', r"shifts\[0\]\.days\[0\]: .*'monday'"),
]
OF_STATIONS = [
    ("cycle_s = 12.5", "cycle_s = 0", r"stations\[3\]\.cycle_s: 0 must be greater than 0.*\(at l → two\)"),
    ("cycle_s = 12.5", "cycle_s = -3", r"cycle_s: -3 must be greater"),
    ("cycle_s = 12.5", "cycle_s = 0.0001", r"cycle_s: 0.0001 must be at least 0.001"),
    ("cycle_s = 12.5", "cycle_s = inf", r"cycle_s: inf is no number"),
    ("cycle_s = 12.5", "cycle_s = nan", r"cycle_s: nan is no number"),
    ("cycle_s = 12.5", "cycle_s = 1e30", r"cycle_s: 1e\+30 must be .*at most 1000000"),
    ("buffer = 3", "buffer = -1", r"buffer: -1 must be 0 or more"),
    ("buffer = 3", "servers = 0", r"servers: 0 must be from 1"),
    ("splits = 4", "splits = 0", r"splits: 0 must be from 1"),
    ("buffer = 3", "scrap = 1.5", r"scrap: 1.5 is a probability: 0 to 1"),
    ("buffer = 3", "scrap = 0.95", r"scrap: with scrap_at_end of its wear it comes to 1.05"),
    ("buffer = 3", "speed_loss = -1", r"speed_loss: must be above -1"),
    ("buffer = 3", 'spread = { kind = "triangular", low = 2, mode = 1, high = 3 }', r"spread: needs 0"),
    ("buffer = 3", 'spread = { kind = "lognormal", mean = 1, cv = 11 }', r"spread: cv = 11: it must be at most 10"),
    ('id = "two"\nrole = "r"', 'id = "two"\nrole = "R 1"', r"role: 'R 1': use lower-case"),
    ('id = "two"', 'id = "one"', r"lines\[0\]\.stations: 'one' is there twice"),
    ('id = "saw"', 'id = "s+w"', r"stations\[8\]\.id: 's\+w': use lower-case letters"),
    (OVEN, "conveyor = { transit_s = 60, places = 0 }", r"conveyor\.places: 0 must be from 1"),
    (OVEN, "conveyor = { transit_s = 0, places = 1 }", r"conveyor\.transit_s: 0 must be greater than 0"),
    (OVEN, f"{OVEN}\nservers = 2", r"\.servers: a conveyor moves at one speed"),
    (OVEN, f"{OVEN}\nsplits = 2", r"\.splits: a conveyor carries parts one by one"),
    (OVEN, f"{OVEN}\n{BATCH}", r"\.batch: a conveyor carries parts one by one"),
    (OVEN, f"{OVEN}\nassembles = {{ two = 1 }}", r"\.assembles: a conveyor carries parts one by one"),
    (BATCH, "batch = { size = 0, wait_s = 120 }", r"batch\.size: 0 must be from 1"),
    (BATCH, "batch = { size = 8, wait_s = -1 }", r"batch\.wait_s: must be 0 or more"),
    (BATCH, f"{BATCH}\nsplits = 2", r"\.splits: a batch leaves as it came"),
    (BATCH, f"{BATCH}\nassembles = {{ oven = 1 }}", r"\.assembles: a batch leaves as it came"),
    ("buffer = 3", "splits = 2", r"\.splits: a station either joins or cuts"),
    ("after_min = 60", "after_min = -1", r"warm_up\.after_min: must be 0 or more"),
    ("execute = 900", "execute = -900", r"power_w\.execute: -900 must be 0 or more watts"),
    ("execute = 900", "execute = 0.9", r"power_w\.execute: this must be a whole number"),
]
OF_STOPS = [
    ("mean = 60 }", "mean = 0 }", r"failures\[0\]\.every_min: mean = 0: it must be greater than 0.*two → jam"),
    ("mean = 60 }", "mean = 0.001 }", r"every_min: 0.001 is too little: it must be at least 0.0167"),
    ("mean = 60 }", "mean = 1e9 }", r"every_min: mean = 1e\+09: it must be at most 1000000"),
    ("mean = 60, cv = 0.5", "mean = -60, cv = 0.5", r"lasts_s: mean = -60: it must be greater than 0"),
    ('code = "jam"', 'code = "Big Jam"', r"failures\[0\]\.code: 'Big Jam': use lower-case"),
    ('code = "jam"', 'code = "starved"', r"failures\[0\]\.code: 'starved' already means"),
    ('code = "jam"', 'code = "trip"', r"stations\[3\]: 'trip' is there twice"),
    ('code = "nozzle"', 'code = "oiling"', r"stations\[3\]: 'oiling' is there twice"),
    ('code = "nozzle"', 'code = "no_material"', r"wear\[0\]\.code: 'no_material' already means"),
    ('code = "oiling"', 'code = "planned_maintenance"', r"maintenance\[0\]\.code: .* already means"),
    ('crew = "fitters"', 'crew = "fiters"', r"failures\[0\]\.crew: there is no crew 'fiters': did you mean 'fitters'"),
    ('crew = "fitters"', "", r"crews\[0\]: no stop waits for 'fitters'"),
    ("size = 2", "size = 0", r"crews\[0\]\.size: 0 must be from 1"),
    ("value = 20 } }]", "value = 0 } }]", r"crews\[0\]\.absences\[0\]\.lasts_min: value = 0"),
    ("mean = 300 }", "mean = 0 }", r"stations\[3\]\.absences\[0\]\.every_min: mean = 0"),
    ("every_h = 24", "every_h = 0", r"maintenance\[0\]\.every_h: 0 must be greater"),
    ("opportune_from = 0.8", "opportune_from = 0", r"opportune_from: 0 must be above 0 and at most 1"),
    ("opportune_from = 0.8", "opportune_from = 1.1", r"opportune_from: 1.1 must be above 0"),
    (
        '"nozzle", "jam"]',
        '"nozle"]',
        r"maintenance\[0\]\.renews: there is no wear or failure 'nozle': did you mean 'noz",
    ),
    ("life_parts = 1000", "life_parts = 0", r"wear\[0\]\.life_parts: 0 must be from 1"),
    ("scrap_at_end = 0.1", "scrap_at_end = 2", r"scrap_at_end: 2 is a probability"),
    ("stops_at_end = 3", "stops_at_end = 0.5", r"stops_at_end: 0.5 must be from 1"),
]
OF_QUALITY = [
    ("rate = 0.02", "rate = -0.1", r"defects\[0\]\.rate: -0.1 is a probability"),
    ("rate = 0.02", "rate = 0.995", r"stations\[3\]\.defects: their rates come to 1.005"),
    ('code = "offset"', 'code = "bridge"', r"defects: 'bridge' is there twice"),
    ("bridge = 0.95", "brige = 0.95", r"inspects\.detects: there is no defect .* 'brige': did you mean 'bridge'"),
    ("bridge = 0.95", "bridge = 1.95", r"detects\.bridge: 1.95 is a probability"),
    ("false_call = 0.01", "false_call = 7", r"inspects\.false_call: 7 is a probability"),
    (', review_s = { kind = "constant", value = 20 }', "", r"inspects: false_call needs review_s"),
    (
        'rework = { to = "bench", retries = 2 }\n',
        f'rework = {{ to = "bench" }}\n{REVIEW}',
        r"'false_call_review' is the stop of review_s",
    ),
    ('to = "bench"', 'to = "bunch"', r"rework\.to: there is no station 'bunch': did you mean 'bench'"),
    ('to = "bench"', 'to = "saw"', r"rework\.to: 'saw' needs returns_to|no station names this one in its rework"),
    ("retries = 2", "retries = -1", r"rework\.retries: -1 must be from 0"),
    (RETURNS, 'returns_to = "saw"', r"returns parts to 'saw', which is behind 'check'"),
    (RETURNS, 'returns_to = "two"', r"rework\.to: a part that comes back cannot be joined or cut again at 'two'"),
    (RETURNS, 'returns_to = "ovn"', r"returns_to: there is no station 'ovn': did you mean 'oven'"),
    (RETURNS, 'returns_to = "bench"', r"returns_to: parts cannot return to a station that repairs"),
    (RETURNS, f'{RETURNS}\ndownstream = "saw"', r"downstream: parts go on to returns_to"),
    (RETURNS, f'{RETURNS}\nrework = {{ to = "bench" }}', r"rework: a station that repairs sends nothing to rework"),
    ("repairs = 0.8", "repairs = 1.8", r"repairs: 1.8 is a probability"),
    ("splits = 4", "splits = 4\nrepairs = 0.5", r"stations\[8\]\.repairs: only a station with returns_to repairs"),
    ('rework = { to = "bench", retries = 2 }', "", r"stations\[7\]\.returns_to: no station names this one"),
    ("splits = 4", 'rework = { to = "bench" }', r"stations\[8\]\.rework: rework is for what an inspection rejects"),
    ("sd = 0.05", "sd = 0", r"values\[0\]\.sd: 0 must be greater"),
    ("lsl = 1.0", "lsl = 1.3", r"values\[0\]\.lsl: 1.3 must be below the target 1.2"),
    ("usl = 1.4", "usl = 1.2", r"values\[0\]\.usl: 1.2 must be above the target 1.2"),
    ("every_parts = 5", "", r"values\[0\]: say how often it is measured"),
    ("every_parts = 5", "every_parts = 5\nevery_s = 5", r"values\[0\]: say how often it is measured: either"),
    ("every_parts = 5", "every_parts = 0", r"every_parts: 0 must be from 1"),
    ("every_parts = 5", "every_s = 0", r"every_s: 0 must be greater"),
    ("target = 1.2", "target = 1e9", r"values\[0\]\.target: at most 1000000: choose a larger unit"),
    ('unit = "N·m"', f'unit = "{"N" * 65}"', r"values\[0\]\.unit: at most 64 characters"),
]
OF_MATERIAL = [
    ("per_part = 2", "per_part = 0", r"materials\[0\]\.per_part: 0 must be from 1.*one → feeder_1"),
    ("lot_size = 500", "lot_size = 1", r"lot_size: 1 is less than the 2"),
    ("low_at = 50", "low_at = 500", r"low_at: 500 must be 0 or more and below lot_size 500"),
    ("low_at = 50", "low_at = -1", r"low_at: -1 must be 0 or more"),
    ("splice = 0.8", "splice = 8", r"splice: 8 is a probability"),
    ('"SOLDER-305"', '"solder 305"', r"material: 'solder 305': use letters, digits"),
    ('slot = "feeder_1"', 'slot = "Feeder 1"', r"materials\[0\]\.slot: 'Feeder 1': use lower-case"),
    ('slot = "feeder_1"', 'slot = "blocked"', r"slot: 'blocked' already means"),
    ('slot = "feeder_1"', f'slot = "{"f" * 60}"', r"slot: its lots would be called like .*: shorten one of the ids"),
    (
        'products = ["red"]',
        'products = ["rad"]',
        r"materials\[0\]\.products: there is no product 'rad': did you mean 'red'",
    ),
]
OF_FLOW = [
    (
        'downstream = "two"',
        'downstream = "tree"',
        r"stations\[1\]\.downstream: there is no station 'tree'.*use one of one,",
    ),
    ('downstream = "two"', 'downstream = "tow"', r"did you mean 'two'\?"),
    ('downstream = "two"', 'downstream = "bench"', r"'bench' repairs parts: only rework can send them there"),
    ("splits = 4", 'downstream = "oven"', r"stations\[8\]\.downstream: parts would go round for ever \(.*saw → oven\)"),
    (
        "splits = 4",
        'downstream = "saw"',
        r"stations\[8\]\.downstream: .*\(saw → saw\): name a later station; for repairs",
    ),
    ("lids = 2 }", "lid = 2 }", r"assembles: there is no station that flows into this one, 'lid': did you mean 'lids'"),
    ("lids = 2 }", "lids = 0 }", r"assembles\.lids: 0 must be from 1"),
    ("lids = 2 }", "one = 2 }", r"assembles: there is no station that flows into this one, 'one'"),
    ("before = 1, lids = 2", "before = 1", r"assembles: parts come from 'lids' too: say how many"),
    (
        "before = 1, lids = 2",
        "lids = 2, before = 1",
        r"assembles\.lids: the rest is built into the first named, 'lids': it mu",
    ),
    ("buffer = 1\n", 'downstream = "saw"\n', r"stations\[3\]\.assembles: there is no station that flows into this one"),
    ("repairs = 0.8\n", "splits = 2\n", r"splits: a station that repairs cuts nothing"),
]
OF_ORDERS = [
    ("quantity = 10", "quantity = 0", r"orders\[0\]\.quantity: 0 must be from 1 to 10000000.*O-1"),
    ("quantity = 10", "quantity = 99_000_000", r"quantity: 99000000 must be from 1 to 10000000"),
    ('product = "red"', 'product = "rde"', r"orders\[0\]\.product: there is no product 'rde': did you mean 'red'"),
    ('id = "O-1"', 'id = "O 1"', r"orders\[0\]\.id: 'O 1': use letters, digits"),
    ('id = "O-1"', f'id = "{"O" * 41}"', r"orders\[0\]\.id: .*at most 40"),
    ('id = "O-1"', 'id = "O-2"', r"lines\[0\]\.orders: order 'O-2' is there twice"),
    ("due_h = 48", "due_h = 48\ndue = 2026-01-09T16:00:00+07:00", r"orders\[1\]\.due: say either due or due_h"),
    ("due_h = 48", "due_h = -1", r"orders\[1\]\.due_h: -1 must be greater"),
    ("16:00:00+07:00", "16:00:00", r"orders\[0\]\.due: .*has no offset: write it like 2026-01-09T16:00:00\+07:00"),
    ("2026-01-09T16", "1926-01-09T16", r"orders\[0\]\.due: .* not between the years 2000 and 2100"),
    ("due = 2026-01-09T16:00:00+07:00", 'due = "friday"', r"due: this is not a time: write it like 2026-01-09T16"),
    ("red = 3,", "rd = 3,", r"demand\.products: there is no product 'rd': did you mean 'red'"),
    ("red = 3,", "red = 0,", r"demand\.products\.red: 0 must be greater"),
    ("products = { red = 3, blue = 1 }", "products = {}", r"demand\.products: name at least one product"),
    (UNIFORM, f"{UNIFORM}\nslack = 0", r"demand\.slack: 0 must be greater"),
    ('prefix = "M-"', 'prefix = "W O"', r"demand\.prefix: 'W O': use letters"),
    (
        UNIFORM,
        'quantity = { kind = "constant", value = 0.2 }',
        r"demand\.quantity: 0.2 is too little: it must be at least 1",
    ),
    ('id = "blue"', 'id = "red"', r"lines\[0\]\.products: 'red' is there twice"),
    ('id = "blue"', 'id = "b/ue"', r"products\[1\]\.id: 'b/ue': use letters"),
    ('family = "cold"', 'family = "*"', r"products\[1\]\.family: '\*': use letters"),
    ("opportunities = 50", "opportunities = -1", r"products\[0\]\.opportunities: must be 0 or more"),
    (
        "cycle_s = { two = 11 }",
        "cycle_s = { tow = 11 }",
        r"products\[0\]\.cycle_s: there is no station 'tow': did you mean 't",
    ),
    ("cycle_s = { two = 11 }", "cycle_s = { two = 0 }", r"cycle_s\.two: 0 must be greater"),
    (
        'to_family = "red"\n',
        'to_family = "rad"\n',
        r"changeovers\[1\]\.to_family: there is no family 'rad': did you mean 'r",
    ),
    (
        'from_family = "red"',
        'from_family = "blue"',
        r"from_family: there is no family 'blue': use one of \*, red, cold",
    ),
    ('from_family = "red"', 'from_family = "cold"', r"changeovers\[0\]: within the family 'cold' nothing changes over"),
    ('stations = ["two"]', 'stations = ["tow"]', r"changeovers\[0\]\.stations: there is no station 'tow'"),
    ('stations = ["two"]', "stations = []", r"changeovers\[0\]\.stations: name at least one"),
    (
        'to_family = "red"\n',
        'from_family = "red"\nto_family = "cold"\n',
        r"changeovers: 'two' has none from 'cold' to 'red': add",
    ),
    (
        'from_family = "red"\nto_family = "cold"\n',
        "",
        r"changeovers\[1\]: the ones before it already fit all it is for",
    ),
    ('lasts_min = { kind = "triangular", low = 5, mode = 10, high = 20 }', "", r"first_article_min: nothing is set up"),
    ("mode = 10, high = 20", "mode = 10, high = 2", r"changeovers\[0\]\.lasts_min: needs 0 <= low"),
]
MISTAKES = [
    *OF_WORDS,
    *OF_TIME,
    *OF_STATIONS,
    *OF_STOPS,
    *OF_QUALITY,
    *OF_MATERIAL,
    *OF_FLOW,
    *OF_ORDERS,
]


@pytest.mark.parametrize(("old", "new", "message"), MISTAKES, ids=[mistake[1][:40] for mistake in MISTAKES])
def test_a_mistake_says_where_and_how_to_mend_it(old, new, message):
    assert old in PLANT
    with pytest.raises(PlantError) as error:
        parse_plant(PLANT.replace(old, new, 1), "bad.toml")
    assert str(error.value).startswith("bad.toml: ")
    assert re.search(message, str(error.value)), str(error.value)


def refused(text):
    with pytest.raises(PlantError) as error:
        parse_plant(text, "bad.toml")
    return str(error.value)


@pytest.mark.parametrize("key", ["target_oee = 0", "target_oee = 1.1", "minor_stop_s = -1"])
def test_the_plan_of_a_line_is_checked(key):
    text = PLANT.replace("[[lines.products]]", f"{key}\n[[lines.products]]", 1)
    assert f"lines[0].{key.split()[0]}: " in refused(text)


def test_a_serial_that_would_not_fit_the_wire_is_refused():
    long = PLANT.replace("lids", "l" * 13)
    assert "lines[0].stations[1].id: serials of its parts, like ORDER-lllllllllllll-" in refused(long)
    assert parse_plant(PLANT.replace("lids", "l" * 12), "good.toml")


def test_two_sources_must_come_to_as_many_parts():
    """`saw` after the meeting is the same for both; before it, only one of them is cut."""
    text = PLANT.replace("assembles = { before = 1, lids = 2 }", "").replace("buffer = 1\n", "splits = 2\n")
    assert re.search(r"downstream: parts begin here and at 'one', and become 4 and 8 at the end", refused(text))


def test_parts_do_not_come_back_to_where_they_begin():
    begin = PLANT.index("[[lines.stations]]")
    stations = """[[lines.stations]]
id = "one"
role = "r"
name = { en = "1", vi = "1" }
cycle_s = 10
inspects = { detects = { "*" = 1 } }
rework = { to = "bench" }
[[lines.stations]]
id = "bench"
role = "r"
name = { en = "1", vi = "1" }
cycle_s = 10
returns_to = "one"
"""
    head = PLANT[:begin].replace('"two"', '"one"').replace("two = 11", "one = 11")
    crew = head[head.index("[[crews]]") : head.index("[[lines]]")]
    assert "parts begin at 'one', so none can come back to it" in refused(head.replace(crew, "") + stations)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({}, r"lines: 'l' is there twice"),
        ({'id = "l"': 'id = "k"'}, r"lines\[1\]\.orders: order 'O-1' is there twice"),
        (
            {'id = "l"': 'id = "k"', "O-1": "P-1", "O-2": "P-2"},
            r"lines\[1\]\.demand\.prefix: 'M-' is that of lines\[0\] too",
        ),
        (
            {'id = "l"': 'id = "k"', "O-1": "P-1", "M-": "P", "O-2": "M-2"},
            r"lines\[0\]\.demand\.prefix: orders made up could be called like 'M-2' of lines\[1\]",
        ),
    ],
)
def test_two_lines_share_no_id_and_no_order(change, message):
    second = PLANT[PLANT.index("[[lines]]") :]
    for old, new in change.items():
        assert old in second
        second = second.replace(old, new)
    assert re.search(message, refused(PLANT + second)), refused(PLANT + second)


def test_a_plant_of_nothing_is_refused():
    head = PLANT[: PLANT.index("[[lines]]")]
    assert "a key is missing, add `lines`" in refused(head)
    assert "lines: a plant needs at least one" in refused(f"lines = []\n{head}")
    bare = 'id = "l"\nname = { en = "l", vi = "l" }\n'
    assert "stations: a line needs at least one" in refused(f"{head}[[lines]]\n{bare}products = []\nstations = []")
    station = 'id = "s"\nrole = "r"\nname = { en = "l", vi = "l" }\ncycle_s = 1\n'
    assert "products: a line needs at least one" in refused(
        f"{head}[[lines]]\n{bare}products = []\n[[lines.stations]]\n{station}"
    )
    assert "each has returns_to" in refused(
        f'{head}[[lines]]\n{bare}products = []\n[[lines.stations]]\n{station}returns_to = "s"'
    )
