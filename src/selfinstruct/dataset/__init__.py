"""What leaves a run: export formats, splits, and a data set's folder with its card.

Reads a run through store/; never changes one and never calls a model. Nothing but `hub` speaks to the
network, and only when it is asked to push.
"""
