"""The curriculum: tasks of our own making, to teach the bundled model what tasks look like.

Makes tasks; does not lay them out in documents (documents.py does) and trains nothing.
"""
