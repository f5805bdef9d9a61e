"""The run directory: one SQLite file, its writer, its readers, its lock.

Does not decide anything: it keeps what pipeline/ tells it, in the order it was told.
"""
