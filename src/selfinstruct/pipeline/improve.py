"""A run's outputs written anew by another model, usually a stronger one (section 5.3 of the paper and its
Figure 7: “distilling” a better model into the data).

One request an instance of the data set, in its order. The run stays as it is: the new outputs are kept
beside it (`store.improved`), and where one cannot be used the original stays in its place.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice
from pathlib import Path
from time import monotonic
from typing import Any

from selfinstruct.config import Config, SeedsConfig
from selfinstruct.errors import ConfigError, RunMismatchError, UserError
from selfinstruct.filters.instances import judge_instances
from selfinstruct.models.providers import PROVIDERS
from selfinstruct.pipeline.batch import BatchOutcome, complete_batch
from selfinstruct.pipeline.batch_display import BatchDisplay
from selfinstruct.pipeline.dispatch import Lost
from selfinstruct.pipeline.improvement import Improvement, Rewrite
from selfinstruct.pipeline.invocation import whichever_call_it_takes
from selfinstruct.pipeline.resolve import resolve
from selfinstruct.recipes.chat.answer import read_answer
from selfinstruct.recipes.fitting import reply_tokens
from selfinstruct.records import Completion, InstanceCandidate, Instance, Prompt, Sampling
from selfinstruct.store.directory import read_run_config
from selfinstruct.store.improved import ORIGINAL, ImprovedOutput, improvement_directory, write_improved
from selfinstruct.store.reader import RunReader

