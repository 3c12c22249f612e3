"""What each KPI is made of in InfluxDB: the formulas of ``contract.kpi`` on the fields of ``contract.points``."""

from dashboards.grafana.queries import Ratio

_PARTS = '"top" > 0'

LINE_OEE = Ratio("line", "good_ideal_s", "ppt_s")
LINE_A = Ratio("line", "run_s", "ppt_s")
LINE_P = Ratio("line", "made_ideal_s", "run_s", _PARTS)
LINE_Q = Ratio("line", "good_ideal_s", "made_ideal_s")
LINE_ISO_A = Ratio("line", "execute_s", "ppt_s")
LINE_ISO_E = Ratio("line", "made_ideal_s", "execute_s", _PARTS)
LINE_OOE = Ratio("line", "good_ideal_s", "ppt_s + in_shift_planned_s")
LINE_TEEP = Ratio("line", "good_ideal_s", "booked_s")
LINE_NEE = Ratio("line", "good_ideal_s * (execute_s + setup_s)", "ppt_s * execute_s")
LINE_PACE = Ratio("line", "exit_good", "target")
LINE_KWH = Ratio("line", "energy_kwh", "exit_good")
LINE_IDLE = Ratio("line", "idle_energy_kwh", "energy_kwh")

OEE = Ratio("machine", "good_ideal_s", "ppt_s")
A = Ratio("machine", "run_s", "ppt_s")
P = Ratio("machine", "ideal_s", "run_s", _PARTS)
Q = Ratio("machine", "good_ideal_s", "ideal_s")
MTBF = Ratio("machine", "execute_s", "breakdowns")
MTTR = Ratio("machine", "breakdown_s", "breakdowns")
CYCLE = Ratio("machine", "execute_s", "total")
IDEAL = Ratio("machine", "ideal_s", "total")
SCRAP = Ratio("machine", "scrap", "total")
REWORK = Ratio("machine", "rework", "total")
KWH = Ratio("machine", "energy_kwh", "good")
IDLE = Ratio("machine", "idle_energy_kwh", "energy_kwh")

# Times 1.0: InfluxDB 1.x takes a quotient of two integers for an integer where another query asks it.
FPY = Ratio("made", "1.0 * first_good", "first")
FIRST_REJECTS = Ratio("made", "1.0 * (first - first_good)", "first")
MADE_SCRAP = Ratio("made", "scrap", "total")
MADE_REWORK = Ratio("made", "rework", "total")

#: The time of a line or machine cut into what became of it, in the order in which it is lost: field → word.
LOSSES = {
    "good_ideal_s": "good_time",
    "breakdown_s": "breakdown",
    "setup_s": "setup",
    "waiting_s": "waiting",
    "minor_stop_s": "minor_stop",
    "starved_s": "starved",
    "blocked_s": "blocked",
    "speed_s": "speed",
    "startup_s": "startup",
    "defects_s": "defects",
    "in_process_s": "in_process",
}
#: What is said of a line: no other split of the losses stands in a point of a machine.
STOPS = ("breakdown", "setup", "waiting", "minor_stop", "starved", "blocked")
