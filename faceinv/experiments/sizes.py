"""Sizes of a run, which a profile sets (see `faceinv.experiments.profiles`)."""

from __future__ import annotations

from dataclasses import dataclass

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
    tuned : factors on the learning rate of the architecture, among which the second study chooses for each
        architecture and strategy; none to take the recorded one
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
    precision : in which networks learn, such as ``"float32"``; None for the fastest of the device (see
        `faceinv.models.training_config.fastest`)
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
    precision: str | None = None


LONGER = 2
"""Exposures of a network trained on transformed or masked images, a bound, relative to all other networks."""
