"""How well a model follows instructions that it was not tuned on (section 4 of the paper).

Reads evaluation sets, asks a model through pipeline/, keeps its predictions with a run's rigour and scores
them. Never changes a run or a model, and draws nothing: decoding is greedy.
"""
