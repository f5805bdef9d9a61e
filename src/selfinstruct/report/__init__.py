"""A run as people judge it: its figures, and a page that shows them.

    figures.py          all figures of a run: `compute(record)`; everything below makes a part of them
    evaluated.py        whether it helped: evaluations that belong to the run
    page.py             the figures as one self-contained file
    comparison.py       several runs side by side
    live.py             the same page, following a run while it is written

Figures are values that any program can have (`report --json`); nothing is measured while rendering, and a
page holds counts and a few hundred samples, never whole columns. Reads runs and changes none.
"""
