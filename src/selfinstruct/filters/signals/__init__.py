"""Signals: filters of rows that show, offline and cheaply, what is wrong with an example to train on.

Each is a filter like those of the user's own (`filters.base`), one reason each, its own name, with an
explanation and an example. `table` has them all. None calls a model: they see form, not truth.
"""
