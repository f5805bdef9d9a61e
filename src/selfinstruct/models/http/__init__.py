"""The OpenAI-compatible API over HTTP: one attempt a call; replies and refusals in one normal form."""
