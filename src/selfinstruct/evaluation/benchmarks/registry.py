"""All benchmarks by name, and how one is loaded."""

from __future__ import annotations

from collections.abc import Mapping

from selfinstruct.errors import ConfigError
from selfinstruct.evaluation.benchmarks.base import Benchmark, Entry, Wanted
from selfinstruct.evaluation.benchmarks.dolly import DOLLY
from selfinstruct.evaluation.benchmarks.gsm8k import GSM8K
from selfinstruct.evaluation.benchmarks.infinitebench import INFINITEBENCH
from selfinstruct.evaluation.benchmarks.math import MATH
from selfinstruct.evaluation.benchmarks.mmlu import MMLU
from selfinstruct.evaluation.benchmarks.wtq import WTQ
from selfinstruct.evaluation.code.suite import HUMANEVAL, MBPP

__all__ = ["BENCHMARKS", "load_benchmark"]

BENCHMARKS: Mapping[str, Entry] = {
    "humaneval": HUMANEVAL,
    "mbpp": MBPP,
    "gsm8k": GSM8K,
    "math": MATH,
    "mmlu": MMLU,
    "wtq": WTQ,
    "dolly": DOLLY,
    "infinitebench": INFINITEBENCH,
}
"""Their names are those of `suites.BENCHMARK_SUITES`."""


def load_benchmark(name: str, wanted: Wanted) -> Benchmark:
    """Raises what its loader raises, and ConfigError where nobody says where the set is."""
    entry = BENCHMARKS[name]
    if wanted.path is None and not entry.on_hub:
        raise ConfigError(f"Where is the data of {name}?", f"Name {entry.data}: `tasks=PATH`")
    return entry.load(wanted)
