"""The recipe's modules are plain scripts beside each other in pocket/, not part of the package."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "pocket"))
