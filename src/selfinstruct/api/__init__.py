"""The public API behind `import selfinstruct`: functions that make and use runs, and `Run`, to read one.

Thin, typed functions over the rooms below; decisions are made there. Prints nothing unless asked, leaves
signal handlers alone, and works in a running event loop.
"""
