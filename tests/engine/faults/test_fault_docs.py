"""The recipes of docs/faults.md are read by the code that they are about."""

import json
import re
import tomllib
from pathlib import Path

import pytest

from pannier.engine.faults import read_plan
from pannier.engine.faults.effects import EFFECTS
from pannier.engine.faults.latency import DISTRIBUTIONS
from pannier.engine.faults.reading import _MEMBERS

TEXT = (Path(__file__).parents[3] / "docs" / "faults.md").read_text()
RECIPES = re.findall(r"```toml\n(.*?)```", TEXT, re.DOTALL)


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_is_a_file_of_rules(recipe: str):
    assert read_plan(tomllib.loads(recipe)).rules


def test_every_rule_on_the_command_line_is_one():
    rules = re.findall(r"pannier faults add '(.*?)'", TEXT)
    assert rules
    for rule in rules:
        read_plan([json.loads(rule)])


def test_everything_that_a_rule_may_say_is_documented():
    """Whoever adds a member has to say what it does."""
    for name in (*_MEMBERS, *EFFECTS, *DISTRIBUTIONS):
        assert f"`{name}" in TEXT, name
