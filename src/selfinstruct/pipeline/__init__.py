"""The loop: who asks what, and when; admission, filtering again, improving.

Every request goes through requests/. Keeps nothing on disk itself: store/ does.
"""
