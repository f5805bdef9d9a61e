"""The sets that instruction-tuned models are compared on, each as its authors publish and score it.

A file for each: what is asked, and what answers come to. Sets are read in `evalsets/`. To add one, write its
`Benchmark` and its `Entry`, and list that in `registry.py`. Programs have a room of their own:
`evaluation/code/`.
"""
