"""English grammar as far as commands need it: sentences, closed word classes, the verb that is commanded,
its object.

Rules on a lexicon, no model. Knows nothing of what follows the first command.
"""
