"""What new instructions are asked to be; docs/guides/variety.md explains it to users."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from selfinstruct.config.checks import AttributeText, Name, Positive, Section

__all__ = ["AttributeConfig", "AttributesConfig", "SteeringConfig"]

MOST_PICKED = 5


class AttributeConfig(Section):
    """One attribute."""

    values: Annotated[dict[AttributeText, Annotated[float, Field(ge=0)]], Field(min_length=1)]
    """Each with its weight. The empty text leaves the attribute unsaid."""
    pick: Annotated[int, Field(ge=1, le=MOST_PICKED)] = 1
    """Values in one instruction; 2 for pairs, such as two skills."""
    measured: bool = False
    """Whether a task has a value is told by its text (`steering.what`), not by what was asked for; set by the
    program."""


class AttributesConfig(Section):
    """What each new instruction is asked to be: a value of every attribute, drawn by weight. In a config file
    `bundled` or a file's path may stand for it."""

    source: str = ""
    """`bundled`, or the absolute path of the file they were read from; `given` where the settings themselves
    hold them; empty where there are none."""
    digest: str = ""
    """SHA-256 of the attributes as read."""
    at_most: Positive | None = None
    """Attributes in one instruction, at most: others are left out, drawn anew for each. None: all."""
    names: dict[Name, AttributeConfig] = Field(default_factory=dict)
    """By name."""

    def __bool__(self) -> bool:
        return bool(self.names)

    @model_validator(mode="before")
    @classmethod
    def _from_source(cls, value: Any) -> Any:
        return {"source": value} if isinstance(value, str) else value


class SteeringConfig(Section):
    """Attributes are drawn more often where the pool lacks them."""

    on: bool = False
    """Whether they are."""
    target: Literal["seeds", "uniform"] = "seeds"
    """`seeds`: of measured attributes the seeds' shares, of others their own weights; `uniform`: equal shares
    of all values."""
    what: tuple[Literal["attributes", "verbs", "kinds", "lengths"], ...] = (
        "attributes",
        "verbs",
        "kinds",
        "lengths",
    )
    """`attributes`: the run's own. Measured by an instruction's text, and asked for besides: `verbs`, its
    first verb; `kinds`, classification or not; `lengths`, short or long."""
    strength: Annotated[float, Field(gt=0, le=4)] = 1.0
    """The power to which the ratio of target and pool is raised."""
