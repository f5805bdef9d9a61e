"""Which prices a run has, and where they are from."""

from pathlib import Path

import pytest

from selfinstruct.config import Config, EndpointConfig
from selfinstruct.errors import ConfigError
from selfinstruct.pipeline.resolve import resolve
from selfinstruct.store.writer import RunWriter

pytest.importorskip("genai_prices")


def endpoint_of(
    directory: Path, model: str | None = None, config: str = "", **options: object
) -> EndpointConfig:
    return config_of(directory, model, config, **options).endpoint


def config_of(directory: Path, model: str | None = None, config: str = "", **options: object) -> Config:
    file = None
    if config:
        file = directory.with_suffix(".toml")
        file.write_text(config)
    asked = {f"endpoint.{name}": value for name, value in options.items()}
    return resolve(directory, options=asked, config_file=file, model_spec=model).config


def begun(directory: Path, model: str, **options: object) -> Path:
    """A run that has not had a completion yet."""
    RunWriter.open(directory, config_of(directory, model, "", **options), ()).close()
    return directory


def test_listed_prices_name_their_list(tmp_path: Path) -> None:
    listed = endpoint_of(tmp_path / "run", "openai/gpt-5-mini")
    assert listed.price_source.startswith("genai-prices ")
    assert listed.price_in is not None
    assert listed.price_cached is not None
    assert listed.price_cached < listed.price_in


def test_an_endpoint_given_by_its_address_is_looked_up_too(tmp_path: Path) -> None:
    by_address = endpoint_of(tmp_path / "run", "gpt-5-mini", base_url="https://api.openai.com/v1")
    assert by_address.price_in == endpoint_of(tmp_path / "run", "openai/gpt-5-mini").price_in


def test_given_prices_are_all_that_counts(tmp_path: Path) -> None:
    given = endpoint_of(tmp_path / "run", "openai/gpt-5-mini", price_in=3.0, price_out=9.0)
    assert (given.price_source, given.price_cached, given.price_cache_write) == ("given", None, None)
    in_file = endpoint_of(tmp_path / "run", "openai/gpt-5-mini", "[endpoint]\nprice_in = 3\nprice_out = 9")
    assert in_file == given


def test_a_price_of_cached_tokens_goes_with_the_listed_others(tmp_path: Path) -> None:
    listed = endpoint_of(tmp_path / "run", "openai/gpt-5-mini")
    mixed = endpoint_of(tmp_path / "run", "openai/gpt-5-mini", price_cached=0.001)
    assert mixed == listed.model_copy(update={"price_cached": 0.001})


def test_prices_given_later_replace_the_listed_ones(tmp_path: Path) -> None:
    run = begun(tmp_path / "run", "openai/gpt-5-mini")
    later = endpoint_of(run, price_in=3.0, price_out=9.0)
    assert (later.price_source, later.price_in, later.price_cached) == ("given", 3.0, None)
    kept = begun(tmp_path / "kept", "openai/gpt-5-mini", price_in=3.0, price_out=9.0)
    assert endpoint_of(kept).price_in == 3.0
    assert endpoint_of(kept, price_cached=0.5).price_cached == 0.5


def test_another_model_before_the_first_completion_has_its_own_prices(tmp_path: Path) -> None:
    run = begun(tmp_path / "run", "openai/gpt-5-mini")
    other = endpoint_of(run, "anthropic/claude-haiku-4-5")
    assert other == endpoint_of(tmp_path / "new", "anthropic/claude-haiku-4-5")


def test_a_stages_model_has_prices_too(tmp_path: Path) -> None:
    stages = '[stages.instances]\nmodel = "openai/gpt-5-mini"\n'
    config = config_of(tmp_path / "run", "ollama/m", stages)
    assert config.endpoint.price_source == ""
    assert config.for_stage("instances").endpoint.price_source.startswith("genai-prices ")
    given = config_of(tmp_path / "run", "ollama/m", f"{stages}endpoint = {{ price_in = 1, price_out = 2 }}")
    assert given.for_stage("instances").endpoint.price_source == "given"


def test_prices_do_not_decide_the_data(tmp_path: Path) -> None:
    config = config_of(tmp_path / "run", "openai/gpt-5-mini")
    assert config.identity() == config.model_copy(update={"endpoint": EndpointConfig()}).identity()


@pytest.mark.parametrize("name", ["price_in", "price_out", "price_cached", "price_cache_write"])
@pytest.mark.parametrize("value", [float("inf"), float("nan"), -1.0])
def test_a_price_is_a_finite_number(tmp_path: Path, name: str, value: float) -> None:
    with pytest.raises(ConfigError, match=rf"{name}` = "):
        endpoint_of(tmp_path / "run", "pocket", "", **{name: value})


def test_where_one_price_is_given_the_list_has_the_other(tmp_path: Path) -> None:
    listed = endpoint_of(tmp_path / "run", "openai/gpt-5-mini")
    given = endpoint_of(tmp_path / "run", "openai/gpt-5-mini", price_in=3.0)
    assert (given.price_in, given.price_out) == (3.0, listed.price_out)
    assert (given.price_source, given.price_cached) == ("given", None)


@pytest.mark.parametrize("given", ["price_in", "price_out", "price_cached"])
def test_a_price_without_the_other_is_refused(given: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=rf"^`{given}` is given without `price_(in|out)`"):
        endpoint_of(tmp_path / "run", "scripted", "", **{given: 1.0})
    stage = f'[stages.answers]\nmodel = "scripted"\nendpoint = {{{given} = 1.0}}\n'
    with pytest.raises(ConfigError, match=rf"^stages.answers: `{given}` is given without"):
        endpoint_of(tmp_path / "run", "scripted", stage)
    run = begun(tmp_path / "begun", "scripted", price_in=2.0, price_out=3.0)
    assert getattr(endpoint_of(run, None, "", **{given: 1.0}), given) == 1.0, "the run has the other"
