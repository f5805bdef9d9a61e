"""Checkpoints in this process by transformers (extra `train`), with our own loop over the forward pass."""
