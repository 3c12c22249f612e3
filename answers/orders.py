"""Orders as the line sees them: what waits in the book, what is under way, what is done, and how late each is."""

from enum import StrEnum

import msgspec

from answers.report import evidence
from answers.span import Span
from answers.store import Store, decoded
from contract.events import BookChanged, BookedOrder, OrderProgressed, Words
from contract.topics import Kind


class OrderState(StrEnum):
    """Where an order is in its life."""

    COMPLETE = "complete"
    RUNNING = "running"
    WAITING = "waiting"


class Order(msgspec.Struct, frozen=True):
    """One order of a line, in parts that leave it; instants and times in µs.

    ``finish_us`` is when it was complete, or while it runs when it will be at the pace planned; ``late_us`` is how far
    that lies after ``due_us`` (negative: early), for one that waits how long it is overdue already; ``None`` where
    nobody said when it is due, or it waits and is not overdue.
    """

    line: str
    order: str
    product: str
    product_name: Words | None
    state: OrderState
    quantity: int
    released: int
    good: int
    scrap: int
    began_us: int | None
    finish_us: int | None
    due_us: int | None
    late_us: int | None


def product_names(store: Store, line: str) -> dict[str, Words]:
    """Product → what people call it: as the line says, or as its orders did."""
    named = store.named(line)
    told = {product: one.name for product, one in named.products.items()} if named else {}
    started = store.order(line)
    return {started.product: started.name} | told if started else told


def line_orders(store: Store, line: str) -> list[Order]:
    """All orders known of ``line``: complete ones by their end, then those under way by their begin, then the book."""
    now_us, names = evidence(store).newest_us, product_names(store, line)
    rows = store.rows("SELECT payload FROM progress WHERE line_path = ?", line)
    begun = [_begun(line, decoded(OrderProgressed, Kind.PROGRESS, payload), names, now_us) for (payload,) in rows]
    done = sorted((one for one in begun if one.state is OrderState.COMPLETE), key=lambda one: one.finish_us or 0)
    running = sorted((one for one in begun if one.state is OrderState.RUNNING), key=lambda one: one.began_us or 0)
    book = store.fact(BookChanged, Kind.BOOK, line)
    known = {one.order for one in begun}
    waiting = [one for one in book.orders if one.order not in known] if book else []
    return [*done, *running, *(_waiting(line, one, names, now_us) for one in waiting)]


def _begun(line: str, said: OrderProgressed, names: dict[str, Words], now_us: int) -> Order:
    finish_us = said.finish if said.is_complete else max(said.finish, now_us)
    return Order(
        line=line,
        order=said.order,
        product=said.product,
        product_name=names.get(said.product),
        state=OrderState.COMPLETE if said.is_complete else OrderState.RUNNING,
        quantity=said.quantity,
        released=said.released,
        good=said.good,
        scrap=said.scrap,
        began_us=said.began,
        finish_us=finish_us,
        due_us=said.due,
        late_us=None if said.due is None else finish_us - said.due,
    )


def _waiting(line: str, booked: BookedOrder, names: dict[str, Words], now_us: int) -> Order:
    overdue_us = 0 if booked.due is None else now_us - booked.due
    return Order(
        line=line,
        order=booked.order,
        product=booked.product,
        product_name=names.get(booked.product),
        state=OrderState.WAITING,
        quantity=booked.quantity,
        released=0,
        good=0,
        scrap=0,
        began_us=None,
        finish_us=None,
        due_us=booked.due,
        late_us=overdue_us if overdue_us > 0 else None,
    )


def orders_within(found: list[Order], span: Span) -> list[Order]:
    """Those under way at some time of ``span``; what waits is asked for by every span."""
    return [
        one
        for one in found
        if one.state is OrderState.WAITING
        or (
            (one.began_us or 0) < span.to_us
            and (one.state is OrderState.RUNNING or (one.finish_us or span.from_us) >= span.from_us)
        )
    ]
