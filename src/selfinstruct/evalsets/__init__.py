"""Evaluation sets as items: files and benchmarks read into instructions, inputs and right answers.

Asks no model and scores nothing: evaluation/ does. Filters hold new tasks against the same items.
"""
