"""Orders, materials, alarms and energy as tables for a terminal."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from answers.energy import LineEnergy
from answers.materials import Alarm, Loaded
from answers.orders import Order
from answers.store import short
from app.tables import long_time, percent, plain_table
from contract.instants import to_local
from contract.kpi import Energy

_DASH = "–"


def _instant(ts_us: int | None, tz: str) -> str:
    return _DASH if ts_us is None else to_local(ts_us, tz)[:16]


def order_table(line: str, tz: str, found: Sequence[Order]) -> Table:
    """One row an order: how far it is against what is wanted, and against when."""
    table = plain_table("order", "product", "", title=f"{short(line)}: orders ({tz})")
    for head in ("wanted", "begun", "good", "scrap", "began", "finish", "due", "late"):
        table.add_column(head, justify="right", no_wrap=True)
    for one in found:
        name = one.product_name.en if one.product_name else one.product
        counts = (str(one.quantity), str(one.released), str(one.good), str(one.scrap))
        times = (_instant(one.began_us, tz), _instant(one.finish_us, tz), _instant(one.due_us, tz))
        table.add_row(Text(one.order), Text(name), str(one.state), *counts, *times, _late(one))
    table.caption = "finish: when it was complete, or will be at the pace planned" if found else "no orders yet"
    return table


def _late(one: Order) -> Text:
    if one.late_us is None:
        return Text(_DASH)
    if one.late_us <= 0:
        return Text("on time", style="green")
    return Text(long_time(one.late_us), style="red")


def material_table(line: str, tz: str, found: Sequence[Loaded]) -> Table:
    """One row a feeder: the lot on it, and what was left when the machine last told."""
    table = plain_table("machine", "feeder", "material", "lot", title=f"{short(line)}: materials ({tz})")
    for head in ("of", "left", "when", "loaded"):
        table.add_column(head, justify="right", no_wrap=True)
    table.add_column("")
    for one in found:
        counts = (str(one.quantity), str(one.remaining)) if one.lot else (_DASH, _DASH)
        times = (_instant(one.said_us, tz), _instant(one.loaded_us, tz))
        names = (Text(short(one.machine)), Text(one.name.en), Text(one.material), Text(one.lot or _DASH))
        table.add_row(*names, *counts, *times, _stock(one))
    table.caption = "left: pieces when the machine last told" if found else "no machine of this line told of feeders"
    return table


def _stock(one: Loaded) -> Text:
    if not one.lot:
        return Text("empty", style="red")
    return Text("low", style="yellow") if one.is_low else Text("")


def alarm_table(line: str, tz: str, found: Sequence[Alarm]) -> Table:
    """One row an alarm that is on."""
    table = plain_table("since", "machine", "alarm", "about", title=f"{short(line)}: alarms that are on")
    for one in found:
        table.add_row(_instant(one.raised_us, tz), Text(short(one.machine)), Text(one.code), Text(one.subject))
    return table


def energy_table(found: LineEnergy, span: str) -> Table:
    """One row a machine, and the line: kWh, how much of it idle, mean power, kWh per good part."""
    table = plain_table("", title=f"{short(found.line)}: energy")
    for head in ("kWh", "idle kWh", "idle", "mean kW", "kWh a good part"):
        table.add_column(head, justify="right", no_wrap=True)
    for one in found.machines:
        power = _DASH if one.mean_w is None else f"{one.mean_w / 1000:.2f}"
        table.add_row(Text(short(one.machine)), *_energy(one.energy, power))
    table.add_section()
    table.add_row(Text("line", style="bold"), *_energy(found.energy, ""))
    over = f"a machine: over its own good parts; the line: over the {found.good} that left it"
    table.caption = f"{span}\nidle: used outside Execute\n{over}"
    return table


def _energy(one: Energy, power: str) -> tuple[str, ...]:
    each = _DASH if one.kwh_per_good is None else f"{one.kwh_per_good:.4f}"
    return f"{one.kwh:.2f}", f"{one.idle_kwh:.2f}", percent(one.idle_share), power, each
