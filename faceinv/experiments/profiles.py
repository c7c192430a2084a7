"""Profiles: the size of a run. A profile changes sizes, never the analysis.

No study imports this module: a kept result rests on the sizes that it was given, and not on what else a
profile says. Which comparisons a replication leaves to the evidence says `faceinv.experiments.supplements`.
"""

from __future__ import annotations

from dataclasses import replace

from faceinv.errors import InputError
from faceinv.experiments.sizes import Profile
from faceinv.models.zoo import STUDIED

SIZES_STUDIED = (
    "size",
    "width",
    "people",
    "people_views",
    "identities",
    "identity_views",
    "crowd",
    "exposures",
    "rates",
    "tested_identities",
    "tested_views",
    "tested_exposures",
)
"""Sizes that change the networks or their tasks in all chapters. Runs of profiles in which one of them
differs estimate different numbers; the other sizes set how many networks and images are measured, how finely,
or which rows tables have."""

OF_CHAPTERS = {"planted_people": ("cues", "leaderboard"), "memorised": ("leaderboard",)}
"""Further sizes that change networks, in some chapters alone, and a part of the name of each of these."""


SMOKE = Profile(
    "smoke",
    size=48,
    samples=4,
    people=16,
    people_views=3,
    identities=4,
    identity_views=8,
    crowd=8,
    seeds=2,
    exposures=300,
    tested_identities=4,
    tested_views=8,
    tested_exposures=300,
    tested_seeds=2,
    checkpoints=(1 / 4,),
    explained=12,
    contrasted=4,
    read=8,
    architectures=("resnet18", "vgg16_bn"),
    probed=("resnet18",),
    stages=1,
    image_shares=(64,),
    augmented=("resnet18",),
    few=("resnet18",),
    few_seeds=2,
    transformed=8,
    exchanged=6,
    methods=("saliency",),
    moved=("resnet18",),
    planted_people=16,
    judged=4,
    entries=("epsilon-plus-flat", "saliency", "deep-lift", "local contrast"),
    memorised=12,
    draws=200,
)
"""The smallest profile, with which tests run."""

PROFILES = {
    profile.name: profile
    for profile in (
        SMOKE,
        # `trial` has the images and networks of `paper`, and as few of both as `smoke`.
        replace(
            SMOKE,
            name="trial",
            size=224,
            width=1.0,
            exposures=32,
            tested_exposures=32,
            explained=4,
            read=4,
            architectures=("alexnet", "resnet18"),
            transformed=4,
            exchanged=4,
        ),
        Profile(
            "quick",
            samples=4,
            architectures=("alexnet_bn", "resnet18"),
            probed=("resnet18",),
            stages=0,
            image_shares=(64,),
            exposure_shares=(),
            few=("alexnet_bn",),
            checkpoints=(1 / 4,),
            explained=16,
            read=8,
            transformed=48,
            exchanged=16,
            methods=("epsilon", "saliency", "guided-backpropagation", "grad-cam"),
            planted_people=300,
            judged=6,
            entries=(
                "epsilon-plus-flat",
                "epsilon",
                "epsilon-gamma-box",
                "saliency",
                "input-x-gradient",
                "guided-backpropagation",
                "grad-cam",
                "deep-lift",
                "local contrast",
                "random",
                "untrained",
            ),
            moved=("alexnet_bn",),
        ),
        # `full` has above all more networks, the unit of inference.
        Profile(
            "full",
            precision="float32",  # its tables, which any machine may continue, are of one precision
            seeds=10,
            tested_seeds=10,
            tuned=(0.5, 1.0, 2.0),
            checkpoints=(1 / 16, 1 / 8, 1 / 4, 1 / 2),
            explained=100,
            contrasted=32,
            read=50,
            retrained=2,
            transformed=144,
            exchanged=60,
            methods=(),
            planted_people=300,
            cues=("mark", "mole", "brow thickness"),
            planted=("resnet18", "vgg16_bn"),
            judged=32,
            moved=STUDIED,
            probed=("resnet18", "vgg16_bn"),
            augmented=("alexnet_bn", "resnet18"),
        ),
        Profile(
            "paper",
            size=224,
            samples=16,
            width=1.0,
            people=1000,
            people_views=15,
            identities=101,
            identity_views=60,
            crowd=1000,
            seeds=10,
            few_seeds=10,
            exposures=400_000,
            rates=(0.003, 0.01, 0.03),
            tested_identities=101,
            tested_views=60,
            tested_exposures=400_000,
            tested_seeds=10,
            checkpoints=(1 / 16, 1 / 8, 1 / 4, 1 / 2),
            explained=2000,
            contrasted=500,
            read=500,
            retrained=2,
            transformed=1000,
            judged=100,
        ),
    )
}


def profile(name: str) -> Profile:
    """The profile called `name`."""
    if name not in PROFILES:
        raise InputError(f"profile is {name!r}; expected one of {', '.join(PROFILES)}")
    return PROFILES[name]
