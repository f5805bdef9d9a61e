"""Figures as charts: what Plotly draws, and the same numbers as a table for whoever does not see it.

Specifications are plain dictionaries. Colours are names of the page's style (`var(--chart-1)`), which the
page's script replaces by those of the theme. Everything is told apart by more than its colour: a pattern, a
dash, a place, a label.
"""
