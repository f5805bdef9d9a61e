"""Reading text: tokens, words, and ROUGE-L, the one definition that filters and evaluation share; what an
instruction commands, and which format an output has.

Does not know what a task or a pool is, and reads no files.
"""
