"""Several runs, tunings and evaluations as one experiment: which settings are better, and whether another
round helps.

A study keeps no data of its own but its plan: each generation, tuning and evaluation is the one that the
command of that name makes, in a folder below the study's, so that each can be opened, resumed and reported
alone.
"""
