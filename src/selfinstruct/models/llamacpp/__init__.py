"""GGUF files in this process by llama.cpp, which also makes the server of `serve`."""
