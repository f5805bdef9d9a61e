"""What a run was asked to do, resolved: every parameter with its default, in one frozen value.

Two halves. What decides the data (`seeds`, `model`, `recipe`, `filters`, `reference`, `sampling`,
`seed`, `window`) never changes within a run; what decides only how far and how fast it goes (`limits`,
`endpoint`, `engine`) may change at every resume. `identity()` is the first half.

Defaults are the paper's and its code's (Wang et al., ACL 2023, section 3 and appendix A), except
where `ReferenceConfig` names a defect that ours fixes.
"""

from __future__ import annotations

from selfinstruct.config.attributes import AttributeConfig, AttributesConfig, SteeringConfig
from selfinstruct.config.resolved import Config
from selfinstruct.config.sections import (
    BatchConfig,
    CustomConfig,
    CustomFilterConfig,
    EndpointConfig,
    EngineConfig,
    EvaluationSetConfig,
    FeedbackConfig,
    FilterConfig,
    LimitsConfig,
    LlamaCppConfig,
    MeaningConfig,
    ModelConfig,
    RecipeConfig,
    ReferenceConfig,
    SamplingConfig,
    SeedsConfig,
    StageConfig,
    StageSampling,
    StagesConfig,
    Tokens,
)

__all__ = [
    "AttributeConfig",
    "AttributesConfig",
    "BatchConfig",
    "Config",
    "CustomConfig",
    "CustomFilterConfig",
    "EndpointConfig",
    "EngineConfig",
    "EvaluationSetConfig",
    "FeedbackConfig",
    "FilterConfig",
    "LimitsConfig",
    "LlamaCppConfig",
    "MeaningConfig",
    "ModelConfig",
    "RecipeConfig",
    "ReferenceConfig",
    "SamplingConfig",
    "SeedsConfig",
    "StageConfig",
    "StageSampling",
    "StagesConfig",
    "SteeringConfig",
    "Tokens",
]
