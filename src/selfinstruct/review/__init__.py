"""People judge what models wrote: a page to rate on, what the ratings come to, how far raters agree.

Keeps ratings through `store/ratings.py`, draws pages with pages/, and never changes a run. What a text says
is never taken for markup or script.
"""
