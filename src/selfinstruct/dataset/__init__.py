"""What leaves a run: export formats.

Reads a run through store/; never changes one and never calls a model.
"""
