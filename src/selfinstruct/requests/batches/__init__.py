"""Requests in batches of the provider's: gathered, sent, waited for, and given back one by one. Batches of
prompts of our own are `requests/batch.py`, whatever way their requests go."""
