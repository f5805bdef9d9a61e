"""Whatever completes requests: HTTP endpoints, llama.cpp in this process, the scripted model.

One attempt a call. Does not retry, pace, count or record; pipeline/ does.
"""
