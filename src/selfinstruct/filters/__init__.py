"""What may join the pool and the data set: heuristics, novelty, instances, and filters of the user's own.

Ours that look at one text alone are written as a user writes his (`base.Filter`); those that compare texts
(with the pool, with evaluation sets, with each other) take many at a time. Each says which reasons it may
give. Pure: no file, no model, no randomness.
"""
