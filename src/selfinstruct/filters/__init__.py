"""What may join the pool and the data set: heuristics, novelty, instances, and filters of the user's own.

Each filter returns a verdict with a reason, and each module says which reasons it may give (`REASONS`). Pure:
no file, no model, no randomness; but for loading.py, which finds the user's own.
"""
