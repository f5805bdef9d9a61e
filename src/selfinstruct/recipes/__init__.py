"""The prompts and parsers of all stages, one folder a recipe.

Pure: never calls a model, never reads a file, never draws a random number.
"""
