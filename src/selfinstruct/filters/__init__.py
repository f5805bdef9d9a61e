"""What may join the pool and the data set: heuristics, novelty, instances.

Each filter returns a verdict with a reason. Pure: no file, no model, no randomness.
"""
