"""The command line: one thin file a verb. Options, one call, print.

Nothing here decides anything that a Python caller could not have decided alike.
"""
