"""Draws a dashboard from the results of its own queries, after Grafana's rules but without Grafana: for pictures.

JSON + answers ─▶ fields (names, units, colours) ─▶ draw (a panel as SVG or HTML) ─▶ page (the grid) ─▶ HTML
"""
