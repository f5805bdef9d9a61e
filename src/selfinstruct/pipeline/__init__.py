"""The loop: scheduling, admission, retries, budgets, progress.

The only place that calls models while generating. Keeps nothing on disk itself: store/ does.
"""
