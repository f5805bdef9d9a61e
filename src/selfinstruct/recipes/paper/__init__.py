"""The paper's recipe: completion-style prompts for base models (section 2.2, Tables 5 to 8).

Rendering and its inverse, parsing, stand side by side, one module a stage.
"""
