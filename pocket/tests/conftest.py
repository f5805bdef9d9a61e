"""The recipe's modules are plain scripts beside each other in pocket/, not part of the package."""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
# Two threads of torch that wait for each other on busy cores are ten times slower than one; set before
# anything imports it.
os.environ.setdefault("OMP_NUM_THREADS", "1")
