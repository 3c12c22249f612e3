"""A dashboard as a page of HTML: its variables, its links, its panels on the grid of 24 columns, dark as Grafana's."""

from html import escape

from bench.preview.draw import Room, inside
from bench.preview.fields import Json, of_panel
from bench.preview.units import clock
from dashboards.grafana.check import Series
from dashboards.grafana.interpolate import Everything, Scope

WIDTH, _COLUMNS, _CELL, _GAP, _SIDE = 1600, 24, 30, 8, 16
#: Panel id → each query with its answer.
Answers = dict[int, list[tuple[Json, list[Series]]]]
SAID = {
    "en": "Drawn from the results of the dashboard's own queries by our own renderer, not by Grafana",
    "vi": "Vẽ từ kết quả truy vấn thật của bảng này bằng chương trình vẽ của dự án, không phải ảnh chụp Grafana",
}
_STYLE = """
*{box-sizing:border-box} body{margin:0;background:#111217;color:#ccccdc;font:14px/1.5 Inter,"Noto Sans",Roboto,
"Segoe UI",sans-serif;width:1600px;font-variant-numeric:tabular-nums} header{padding:10px 16px 0}
h1{font-size:18px;font-weight:500;margin:0} .bar{display:flex;flex-wrap:wrap;gap:6px 8px;padding:8px 16px}
.bar span{background:#181b1f;border:1px solid rgba(204,204,220,.2);border-radius:2px;padding:2px 8px;font-size:12px}
.bar b{font-weight:500;color:#6e9fff;margin-right:6px} .bar .link{border:0;color:#ccccdc;background:#22252b}
.caption{background:#2b2410;color:#f2cc0c;font-size:13px;padding:4px 16px} main{position:relative;margin:8px 16px 16px}
.panel{position:absolute;background:#181b1f;border:1px solid rgba(204,204,220,.12);border-radius:2px;overflow:hidden}
.panel h2{font-size:14px;font-weight:500;margin:0;padding:5px 8px;height:32px;white-space:nowrap}
.inside{padding:0 8px 8px;overflow:hidden;position:relative} .row{position:absolute;font-size:16px;font-weight:500}
.row:before{content:"⌄ ";color:rgba(204,204,220,.65)} .empty{display:grid;place-items:center;height:100%;
color:rgba(204,204,220,.65);text-align:center} .tiles{display:grid;gap:8px} .tile{display:flex;flex-direction:column;
justify-content:center;align-items:center;text-align:center;line-height:1.2;overflow:hidden;border-radius:2px}
.big{font-weight:500;white-space:nowrap} .note{font-size:14px} .legend{display:flex;flex-wrap:wrap;gap:0 16px;
font-size:12px;line-height:24px;padding-left:8px} .legend i{display:inline-block;width:14px;height:4px;
border-radius:2px;margin-right:6px;vertical-align:middle} table{border-collapse:collapse;width:100%;
table-layout:fixed} th{text-align:left;font-weight:500;
color:#6e9fff;font-size:13px} th,td{height:36px;padding:0 8px;white-space:nowrap;overflow:hidden;text-overflow:ellipsis;
border-bottom:1px solid rgba(204,204,220,.07)} .number{text-align:right} svg{display:block}
"""


def page(board: Json, answers: Answers, scope: Scope, values: dict[str, object]) -> str:
    """HTML of a dashboard with the answers to its queries and the values chosen for its variables."""
    language = board["uid"].rpartition("-")[2]
    column = (WIDTH - 2 * _SIDE - (_COLUMNS - 1) * _GAP) / _COLUMNS
    panels, end = [], 0.0
    for panel in board["panels"]:
        at = panel["gridPos"]
        left, top = at["x"] * (column + _GAP), at["y"] * (_CELL + _GAP)
        wide, high = at["w"] * (column + _GAP) - _GAP, at["h"] * (_CELL + _GAP) - _GAP
        end = max(end, top + high)
        place = f"left:{left:.1f}px;top:{top}px;width:{wide:.1f}px;height:{high}px"
        if panel["type"] == "row":
            panels.append(f'<div class="row" style="{place}">{escape(panel["title"])}</div>')
            continue
        room = Room(wide - 18, high - 42, scope)
        shown = inside(panel, of_panel(panel, answers.get(panel["id"], [])), room)
        body = f'<div class="inside" style="height:{room.height + 8}px">{shown}</div>'
        panels.append(f'<div class="panel" style="{place}"><h2>{escape(panel["title"])}</h2>{body}</div>')
    return (
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><style>{_STYLE}</style><body>'
        f'<div class="caption">{SAID[language]}</div>'
        f"<header><h1>{escape(board['title'])}</h1></header>{_bar(board, scope, values)}"
        f'<main style="height:{end}px">{"".join(panels)}</main></body></html>'
    )


def _bar(board: Json, scope: Scope, values: dict[str, object]) -> str:
    shown = []
    for variable in board["templating"]["list"]:
        if variable.get("hide") == 2:
            continue
        value = values.get(variable["name"], "")
        if isinstance(value, Everything):
            value = variable["current"]["text"][0]
        elif variable["type"] == "datasource":
            value = variable["current"]["text"]
        said = ", ".join(value) if isinstance(value, list) else str(value)
        shown.append(f"<span><b>{escape(variable['label'])}</b>{escape(said)}</span>")
    when = f"{clock(scope.from_ms, '%Y-%m-%d %H:%M')} – {clock(scope.to_ms, '%Y-%m-%d %H:%M')}"
    links = [f'<span class="link">{escape(link["title"])}</span>' for link in board["links"]]
    return f'<div class="bar">{"".join(shown)}<span>{when}</span>{"".join(links)}</div>'
