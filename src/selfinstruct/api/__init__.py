"""What `import selfinstruct` offers: functions that make runs and learn from them, and `Run`, to read one.

Typed arguments on one side, the rooms below on the other; nothing is decided here that a room could decide.
Prints nothing unless asked, takes no signals, and works within a running event loop.
"""
