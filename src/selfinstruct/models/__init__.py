"""Whatever completes requests: a folder a kind of model (backend.py says what one is), and what all have in
common.

One attempt a call. Does not retry, pace, count or record; requests/ does.
"""
