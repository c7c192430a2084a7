"""What the chapters on tolerance, amounts and kernels found, in words, on tables whose numbers are known."""

from math import nan

import pandas as pd
from constructed_tables import Constructed, rows

from faceinv.reporting.findings import tolerances


def test_a_gain_without_a_mean_is_told_by_architecture() -> None:
    gains = rows(
        ("all architectures", "objects, finetuned", (0.01, -0.1, 0.1)),
        ("alexnet_bn", "objects, finetuned", (0.01, -0.1, 0.1)),
        ("all architectures", "faces, finetuned", (nan, nan, nan)),
        ("alexnet_bn", "faces, finetuned", (nan, nan, nan)),
        ("vgg16_bn", "faces, finetuned", (0.06, 0.01, 0.11)),
        ("all architectures", "imagenet, finetuned", (nan, nan, nan)),
        ("vgg16_bn", "imagenet, finetuned", (nan, nan, nan)),
        columns="architecture strategy",
    )
    said = tolerances.gains_at_matched_accuracy(
        Constructed(None, gains=gains.assign(measure="matched accuracy"))
    )
    assert said == (
        "At the same accuracy, pretraining on objects does not change tolerance reliably "
        "(+0.01 [−0.10, +0.10]), pretraining on faces, which could be compared in 1 of 2 architectures only, "
        "raises tolerance in vgg16_bn (+0.06 [+0.01, +0.11]) and pretraining on imagenet could be compared "
        "in no architecture."
    )


def test_gains_are_counted_by_measure() -> None:
    gains = rows(
        ("a", "untransformed", (0.2, 0.1, 0.3)),
        ("b", "untransformed", (0.1, -0.1, 0.3)),
        ("a", "area", (0.2, 0.1, 0.3)),
        ("b", "area", (nan, nan, nan)),
        columns="architecture measure",
    ).assign(strategy="objects, finetuned")
    said = tolerances.gains_by_measure(Constructed(None, gains=gains))
    head = "Number of architectures with a reliable gain over training from scratch"
    assert said == f"{head} (none loses reliably). Pretrained on objects: accuracy 1 of 2, area 1 of 1."
    worse = pd.concat([gains, gains[:1].assign(architecture="c", low=-0.3, high=-0.1)])
    said = tolerances.gains_by_measure(Constructed(None, gains=worse))
    assert said == f"{head}. Pretrained on objects: accuracy 1 of 3 (a reliable loss in 1), area 1 of 1."
