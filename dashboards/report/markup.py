"""HTML that cannot be broken by a name: every text is escaped, unless :func:`el` made it."""

import html


class Html(str):
    """Markup of our own making."""

    __slots__ = ()


Child = str | None


def el(tag: str, *children: Child, **attributes: str | float | None) -> Html:
    """An element. Text is escaped, ``None`` left out; attributes as Python has them: ``class_``, ``aria_hidden``."""
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{html.escape(str(value))}"'
        for name, value in attributes.items()
        if value is not None
    )
    return Html(f"<{tag}{written}>{join(*children)}</{tag}>")


def join(*children: Child) -> Html:
    """Several parts, one after the other."""
    return Html("".join(child if isinstance(child, Html) else html.escape(child) for child in children if child))


def bar(*parts: tuple[float, float, str]) -> Html:
    """A bar of ``parts``: (from, length, class) in parts of the whole, drawn without a style of its own."""
    rects = [
        el("rect", x=f"{100 * begin:.3f}%", y="0", width=f"{100 * length:.3f}%", height="100%", class_=name)
        for begin, length, name in parts
        if length > 0
    ]
    return el("svg", *rects, class_="bar", aria_hidden="true")


def table(name: str, heads: list[tuple[str, str]], rows: list[list[Child]]) -> Html:
    """A table: ``heads`` are (text, class of the column); its head comes again on every sheet it runs on to."""
    head = el(
        "tr",
        *(
            el("th", text, class_=kind or None, scope="col") if text else el("td", class_=kind or None)
            for text, kind in heads
        ),
    )
    body = [el("tr", *(_cell(n, cell, heads[n][1]) for n, cell in enumerate(row))) for row in rows]
    return el("table", el("thead", head), el("tbody", *body), class_=name)


def _cell(place: int, cell: Child, kind: str) -> Html:
    """The first says what the row is; a name may be cut short on paper, and is whole where one points at it."""
    text, whole = cell, None
    if kind == "name" and cell:
        text, whole = el("span", cell, class_="clamp"), cell
    if place == 0:
        return el("th", text, class_=kind or None, scope="row", title=whole)
    return el("td", text, class_=kind or None, title=whole)
