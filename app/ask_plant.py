"""The verbs that ask about the plant as a whole: orders, materials, energy."""

import msgspec

from answers.energy import line_energies
from answers.materials import alarms
from answers.materials import materials as line_materials
from answers.orders import line_orders
from answers.orders import orders_within as within
from answers.span import chosen, zone
from answers.store import Store
from app import options
from app.output import console, print_json
from app.plant_tables import alarm_table, energy_table, material_table, order_table
from app.tables import span_text


def orders(
    store: options.Store,
    from_: options.From = None,
    to: options.To = None,
    json: options.Json = False,
) -> None:
    """Work orders: what is complete, under way or waiting in the book, how far each is, and how late.

    Example: `mes orders --store mes.db`
    """
    with Store.open(store) as opened, opened.moment():
        span = chosen(opened, from_, to)
        found = [(line, opened.tz(line), within(line_orders(opened, line), span)) for line in opened.lines()]
    if json:
        print_json([one for _, _, mine in found for one in mine])
    else:
        for line, tz, mine in found:
            console().print(order_table(line, tz, mine))


def materials(store: options.Store, json: options.Json = False) -> None:
    """Materials: which lot is on each feeder now, which run low, and which alarms are on.

    Example: `mes materials --store mes.db`
    """
    with Store.open(store) as opened, opened.moment():
        found = [(line, opened.tz(line), line_materials(opened, line), alarms(opened, line)) for line in opened.lines()]
    if json:
        print_json([{"line": line, "feeders": loaded, "alarms": on} for line, _, loaded, on in found])
    else:
        for line, tz, loaded, on in found:
            console().print(material_table(line, tz, loaded))
            if on:
                console().print(alarm_table(line, tz, on))


def energy(
    store: options.Store,
    from_: options.From = None,
    to: options.To = None,
    json: options.Json = False,
) -> None:
    """Energy: kWh of every machine, how much of it while it did not work, and kWh per good part.

    Example: `mes energy --store mes.db`
    """
    with Store.open(store) as opened:
        span = chosen(opened, from_, to)
        found = line_energies(opened, opened.lines(), span)
        tz = zone(opened)
    if json:
        print_json(msgspec.to_builtins(found))
    else:
        for one in found:
            console().print(energy_table(one, span_text(span, tz)))
