"""Bootstrap instruction-tuning data from a language model's own generations (Wang et al., ACL 2023)."""

__version__ = "0.2.0"

__all__ = ["__version__"]
