"""A model of template text, for trial runs and tests: it needs no file, and writes fast."""
