"""How well a model follows instructions that it was not tuned on (section 4 of the paper).

Reads evaluation sets, asks a model through pipeline/, keeps its predictions with a run's rigour, scores and
compares them. Decoding is greedy. Never changes a run or a model.
"""
