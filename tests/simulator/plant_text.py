"""A plant file as a person types it, with one of everything, for tests that spoil it word by word."""

PLANT = """
id = "p"
name = { en = "p", vi = "p" }
enterprise = "e"
site = "s"
area = "a"
tz = "Asia/Ho_Chi_Minh"
[[shifts]]
name = { en = "1", vi = "1" }
start = 06:00:00
end = 14:00:00
breaks = [{ start = 09:00:00, end = 09:10:00, name = { en = "b", vi = "b" } }]
[[crews]]
id = "fitters"
name = { en = "f", vi = "t" }
size = 2
absences = [{ every_min = { kind = "exponential", mean = 600 }, lasts_min = { kind = "constant", value = 20 } }]
[[lines]]
id = "l"
name = { en = "l", vi = "l" }
[[lines.products]]
id = "red"
name = { en = "red", vi = "đỏ" }
opportunities = 50
cycle_s = { two = 11 }
[[lines.products]]
id = "blue"
name = { en = "blue", vi = "xanh dương" }
family = "cold"
[[lines.orders]]
id = "O-1"
product = "red"
quantity = 10
due = 2026-01-09T16:00:00+07:00
[[lines.orders]]
id = "O-2"
product = "blue"
quantity = 20
due_h = 48
[lines.demand]
products = { red = 3, blue = 1 }
quantity = { kind = "uniform", low = 100, high = 200 }
prefix = "M-"
[[lines.changeovers]]
stations = ["two"]
from_family = "red"
to_family = "cold"
lasts_min = { kind = "triangular", low = 5, mode = 10, high = 20 }
first_article_min = { kind = "constant", value = 3 }
[[lines.changeovers]]
stations = ["two"]
to_family = "red"
[[lines.stations]]
id = "one"
role = "r"
name = { en = "1", vi = "1" }
cycle_s = 10
downstream = "before"
[[lines.stations.materials]]
slot = "feeder_1"
name = { en = "f", vi = "f" }
material = "SOLDER-305"
per_part = 2
lot_size = 500
low_at = 50
replenish_min = { kind = "constant", value = 9 }
change_s = { kind = "constant", value = 30 }
splice = 0.8
products = ["red"]
[[lines.stations]]
id = "lids"
role = "r"
name = { en = "lids", vi = "nắp" }
cycle_s = 10
downstream = "two"
[[lines.stations]]
id = "before"
role = "r"
name = { en = "b", vi = "b" }
cycle_s = 9
buffer = 1
[[lines.stations]]
id = "two"
role = "r"
name = { en = "2", vi = "2" }
cycle_s = 12.5
buffer = 3
assembles = { before = 1, lids = 2 }
warm_up = { after_min = 60, lasts_min = { kind = "constant", value = 10 } }
power_w = { execute = 900, idle = 300, stopped = 100, off = 10 }
[[lines.stations.absences]]
every_min = { kind = "exponential", mean = 300 }
lasts_min = { kind = "constant", value = 5 }
[[lines.stations.failures]]
code = "jam"
name = { en = "j", vi = "k" }
every_min = { kind = "exponential", mean = 60 }
lasts_s = { kind = "lognormal", mean = 60, cv = 0.5 }
crew = "fitters"
[[lines.stations.micro_stops]]
code = "trip"
name = { en = "t", vi = "v" }
every_min = { kind = "weibull", mean = 6, shape = 2 }
lasts_s = { kind = "uniform", low = 5, high = 15 }
[[lines.stations.maintenance]]
code = "oiling"
name = { en = "o", vi = "d" }
every_h = 24
lasts_min = { kind = "constant", value = 15 }
opportune_from = 0.8
renews = ["nozzle", "jam"]
[[lines.stations.wear]]
code = "nozzle"
name = { en = "n", vi = "v" }
life_parts = 1000
service_s = { kind = "constant", value = 60 }
scrap_at_end = 0.1
stops_at_end = 3
[[lines.stations.defects]]
code = "bridge"
name = { en = "b", vi = "c" }
rate = 0.02
[[lines.stations.defects]]
code = "offset"
name = { en = "o", vi = "l" }
rate = 0.01
[[lines.stations.values]]
code = "torque"
name = { en = "t", vi = "m" }
unit = "N·m"
target = 1.2
sd = 0.05
lsl = 1.0
usl = 1.4
drift_per_h = 0.01
every_parts = 5
[[lines.stations]]
id = "oven"
role = "r"
name = { en = "o", vi = "l" }
cycle_s = 6
conveyor = { transit_s = 60, places = 12 }
[[lines.stations]]
id = "kiln"
role = "r"
name = { en = "k", vi = "l" }
cycle_s = 60
batch = { size = 8, wait_s = 120 }
[[lines.stations]]
id = "check"
role = "r"
name = { en = "c", vi = "k" }
cycle_s = 5
scrap = 0.001
servers = 2
inspects = { detects = { bridge = 0.95, "*" = 0.6 }, false_call = 0.01, review_s = { kind = "constant", value = 20 } }
rework = { to = "bench", retries = 2 }
[[lines.stations]]
id = "bench"
role = "rework"
name = { en = "b", vi = "b" }
cycle_s = 90
returns_to = "oven"
repairs = 0.8
[[lines.stations]]
id = "saw"
role = "r"
name = { en = "s", vi = "c" }
cycle_s = 8
splits = 4
"""
