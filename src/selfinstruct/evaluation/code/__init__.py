"""Programs that a model wrote: taken out of its reply, run where they harm nothing, scored by pass@k.

Knows HumanEval and MBPP. Runs nothing unless the user allows it.
"""
