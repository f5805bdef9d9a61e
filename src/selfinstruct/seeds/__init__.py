"""Seed tasks: the bundled ones, and loading and checking a user's own.

Does not judge whether a task is a good one, and writes nothing.
"""
