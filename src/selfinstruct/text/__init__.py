"""Reading text: tokens, words, and ROUGE-L, the one definition that filters and evaluation share; the verb and
object that an instruction commands.

Does not know what a task or a pool is, and reads no files.
"""
