"""Fine-tuning at a provider that has OpenAI's API for it: plan, upload, follow, resume."""
