"""Recipes: how the networks of the first study learn, by name; a new one is one entry in `RECIPES`."""

from __future__ import annotations

from dataclasses import dataclass

from faceinv.errors import InputError
from faceinv.models.training_runs import Strategy


@dataclass(frozen=True)
class Recipe:
    """How networks learn a task; those from scratch learn all weights in any recipe.

    Attributes
    ----------
    source : where the recipe is from
    strategy : of networks that begin with a pretraining, see `faceinv.models.training_runs.TrainingRun`
    hidden : units of one hidden layer before the output layer, in place of the architecture's own head; None
        for the head of the architecture
    """

    source: str
    strategy: Strategy = "finetuned"
    hidden: int | None = None


USUAL_RECIPE = "usual"
RECIPES = {
    USUAL_RECIPE: Recipe("this book: all weights are finetuned, and the head is that of the architecture"),
    "crawford": Recipe(
        "the first author's public working notes of 2019 and 2020: the pretrained base is frozen, and a "
        "hidden layer of 2,048 units and the output layer are trained; details of the paper may differ",
        "frozen",
        2_048,
    ),
}
"""Recipes by name. Each uses gradient descent with Nesterov's momentum of 0.9 and weight decay, see
`faceinv.models.training_config.TrainingConfig`."""


def named_recipe(name: str) -> Recipe:
    """The recipe called `name`; raises `InputError` if there is none."""
    if name not in RECIPES:
        raise InputError(f"recipe is {name!r}; expected {' or '.join(RECIPES)}")
    return RECIPES[name]
