"""Bootstrap instruction-tuning data from a language model's own generations (Wang et al., ACL 2023).

    import selfinstruct as si

    run = si.generate("my-run", model="openai/gpt-6-luna", tasks=1000, max_cost=5)
    run.tasks[0].instruction
    run.export("train.jsonl", format="chat")

Everything below is loaded when it is first used, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from selfinstruct import errors

if TYPE_CHECKING:
    from selfinstruct.api.bakeoffs import bakeoff as bakeoff
    from selfinstruct.api.checking import check as check
    from selfinstruct.api.evaluating import compare as compare
    from selfinstruct.api.evaluating import evaluate as evaluate
    from selfinstruct.api.filtering import Filtered as Filtered
    from selfinstruct.api.filtering import filter as filter  # noqa: A004 - the verb's name
    from selfinstruct.api.generating import agenerate as agenerate
    from selfinstruct.api.generating import generate as generate
    from selfinstruct.api.generating import preview as preview
    from selfinstruct.api.improving import improve as improve
    from selfinstruct.api.judging import judge as judge
    from selfinstruct.api.merging import merge as merge
    from selfinstruct.api.rounds import rounds as rounds
    from selfinstruct.api.run import Run as Run
    from selfinstruct.api.status import RunStatus as RunStatus
    from selfinstruct.api.tuning import finetune as finetune
    from selfinstruct.dataset.check import Checked as Checked
    from selfinstruct.filters.base import Filter as Filter
    from selfinstruct.models.base import Model as Model
    from selfinstruct.recipes.base import Recipe as Recipe
    from selfinstruct.recipes.base import Usual as Usual
    from selfinstruct.records import Completion as Completion
    from selfinstruct.records import Instance as Instance
    from selfinstruct.records import InstanceCandidate as InstanceCandidate
    from selfinstruct.records import InstructionCandidate as InstructionCandidate
    from selfinstruct.records import Prompt as Prompt
    from selfinstruct.records import Request as Request
    from selfinstruct.records import Row as Row
    from selfinstruct.records import Sampling as Sampling
    from selfinstruct.records import SeedTask as SeedTask
    from selfinstruct.records import Stage as Stage
    from selfinstruct.records import Task as Task
    from selfinstruct.records import Verdict as Verdict

__version__ = "0.2.0"

__all__ = [
    "Checked",
    "Completion",
    "Filter",
    "Filtered",
    "Instance",
    "InstanceCandidate",
    "InstructionCandidate",
    "Model",
    "Prompt",
    "Recipe",
    "Request",
    "Row",
    "Run",
    "RunStatus",
    "Sampling",
    "SeedTask",
    "Stage",
    "Task",
    "Usual",
    "Verdict",
    "__version__",
    "agenerate",
    "bakeoff",
    "check",
    "compare",
    "errors",
    "evaluate",
    "filter",
    "finetune",
    "generate",
    "improve",
    "judge",
    "merge",
    "preview",
    "rounds",
]

_RECORDS = (
    "Completion", "Instance", "InstanceCandidate", "InstructionCandidate", "Prompt", "Request", "Row",
    "Sampling", "SeedTask", "Stage", "Task", "Verdict",
)  # fmt: skip
_HOMES = {
    **dict.fromkeys(_RECORDS, "records"),
    "Checked": "dataset.check",
    "Filter": "filters.base",
    "Filtered": "api.filtering",
    "Model": "models.base",
    "Recipe": "recipes.base",
    "Run": "api.run",
    "RunStatus": "api.status",
    "Usual": "recipes.base",
    "agenerate": "api.generating",
    "bakeoff": "api.bakeoffs",
    "check": "api.checking",
    "compare": "api.evaluating",
    "evaluate": "api.evaluating",
    "filter": "api.filtering",
    "finetune": "api.tuning",
    "generate": "api.generating",
    "improve": "api.improving",
    "judge": "api.judging",
    "merge": "api.merging",
    "preview": "api.generating",
    "rounds": "api.rounds",
}


def __getattr__(name: str) -> Any:
    """The public names, each from the module that has it."""
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(f"{__name__}.{home}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
