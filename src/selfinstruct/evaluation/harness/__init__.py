"""Suites of the language model evaluation harness, by its package lm-eval, on any model of ours.

The only room that knows lm-eval, which is imported when a suite is run. Prompts, few-shot examples and
metrics are lm-eval's; what the model writes is asked for and kept as everywhere in evaluation/.
"""
