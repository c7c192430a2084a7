"""Profiles: the size of a run. A profile changes sizes, never the analysis."""

from __future__ import annotations

from dataclasses import dataclass

from faceinv.errors import InputError
from faceinv.models.zoo import STUDIED


@dataclass(frozen=True)
class Profile:
    """Sizes of a run.

    Attributes
    ----------
    size, samples : width and height of the images in pixels, and rays per pixel
    width : factor on the channel counts of the networks
    people, people_views : people in the set for gender, which is tested on held-out people, and views of each
    identities, identity_views : identities in the set for identity, and views of each
    crowd : identities for networks that may be pretrained on faces, with half as many views
    seeds : random initialisations of each network, the unit of inference
    exposures : training images shown to a network in total, whatever it begins with
    rates : learning rates of vgg16_bn from scratch to choose from on the validation split, network by network
    tested_identities, tested_views, tested_exposures, tested_seeds : identities in the set on which tolerance
        is tested, views of each, training images shown to the networks that learn it, and random
        initialisations of each
    tuned : factors on the recorded learning rate, among which the second study chooses for each architecture
        and strategy; none to take the recorded one
    tuning_seeds : networks by whose mean validation accuracy it chooses, none of which is tested
    checkpoints : shares of the exposures after which networks are measured on the way
    explained : maximum number of test images that are explained and masked
    contrasted : maximum number of test images that are explained by every composite and contrast
    read : maximum number of test images on which each network is evaluated with the masks of all others
    architectures : architectures that are compared
    probed : architectures for which transfer of single stages and the amount of pretraining are studied
    stages : largest number of stages between none and all, taken over from a base in steps
    image_shares, exposure_shares : denominators of the shares of a pretraining set and of its exposures that
        are compared with all of them
    augmented : architectures for which augmentation is crossed with the learning strategy, and which are
        asked about people of the pretraining set
    few, few_seeds : architectures trained on few images with and without pretraining, and the random
        initialisations of each
    retrained : number of tasks, the last of a chapter, whose networks go on learning from masked images
    transformed : maximum number of test images that are transformed
    exchanged : maximum number of test images in which regions of the face are exchanged, and of those with a
        planted cue that are explained
    methods : attribution methods that are compared with causes; none for all of them
    on_head : those of them whose maps are gathered on the head, with the maps by the chapter's own rules
    planted_people, cues : people in the sets with a planted cue, and the cues
    planted : architectures that learn with a planted cue
    judged : maximum number of images of a network by which attribution methods are judged
    entries : attribution methods on the leaderboard; none for all of them
    memorised : training images that a network learns by heart, with random labels
    moved : architectures whose maps are followed under transformation
    draws : bootstrap samples
    """

    name: str
    size: int = 64
    samples: int = 9
    width: float = 0.25
    people: int = 450
    people_views: int = 4
    identities: int = 16
    identity_views: int = 50
    crowd: int = 40
    seeds: int = 3
    exposures: int = 7_000
    rates: tuple[float, ...] = (0.02,)
    tested_identities: int = 48
    tested_views: int = 24
    tested_exposures: int = 15_000
    tested_seeds: int = 3
    tuned: tuple[float, ...] = ()
    tuning_seeds: int = 1
    checkpoints: tuple[float, ...] = (1 / 8, 1 / 4, 1 / 2)
    explained: int = 24
    contrasted: int = 4
    read: int = 10
    architectures: tuple[str, ...] = STUDIED
    probed: tuple[str, ...] = STUDIED
    stages: int = 2
    image_shares: tuple[int, ...] = (64, 16, 4)
    exposure_shares: tuple[int, ...] = (16, 4)
    augmented: tuple[str, ...] = ("alexnet_bn",)
    few: tuple[str, ...] = STUDIED
    few_seeds: int = 3
    retrained: int = 1
    transformed: int = 16
    exchanged: int = 24
    methods: tuple[str, ...] = (
        "epsilon",
        "saliency",
        "input-x-gradient",
        "guided-backpropagation",
        "grad-cam",
        "deep-lift",
    )
    on_head: tuple[str, ...] = ("saliency", "grad-cam")
    planted_people: int = 160
    cues: tuple[str, ...] = ("mark",)
    planted: tuple[str, ...] = ("resnet18",)
    judged: int = 8
    entries: tuple[str, ...] = ()
    memorised: int = 64
    moved: tuple[str, ...] = ("resnet18", "vgg16_bn")
    draws: int = 2000


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

OF_CHAPTERS = {"planted_people": "cues", "memorised": "leaderboard"}
"""Further sizes that change networks, in some chapters alone, and a part of the names of these chapters."""


PROFILES = {
    profile.name: profile
    for profile in (
        Profile(
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
        ),
        Profile(
            "quick",
            samples=4,
            architectures=("alexnet_bn", "resnet18"),
            probed=("resnet18",),
            stages=1,
            image_shares=(64, 4),
            exposure_shares=(),
            few=("resnet18",),
            transformed=48,
            moved=("resnet18",),
        ),
        # `full` has above all more networks, the unit of inference.
        Profile(
            "full",
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


LONGER = 2
"""Exposures of a network trained on transformed or masked images, a bound, relative to all other networks."""
