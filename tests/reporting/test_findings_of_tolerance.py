"""What the chapters on tolerance, amounts and kernels found, in words, on tables whose numbers are known."""

from math import nan

import pandas as pd
from constructed_tables import Constructed, rows

from faceinv.reporting.findings import amounts_and_kernels, tolerances


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


def test_conditions_and_strategies_are_told_in_words() -> None:
    questions = rows(
        ("vgg16_bn", "faces", "kind", (0.14, 0.1, 0.18)),
        ("resnet18", "objects, 1/4 of the images", "number of images", (-0.1, -0.2, -0.05)),
        ("resnet18", "objects, 1/4 of the images", "number of classes", (-0.1, -0.2, -0.05)),
        columns="architecture condition question",
    )
    said = amounts_and_kernels.questions_answered(
        Constructed(None, questions=questions.assign(measure="matched"))
    )
    assert said == (
        "On matched images, compared with pretraining on the whole set, networks are more tolerant after "
        "pretraining on faces in vgg16_bn (+0.14 [+0.10, +0.18]) and are less tolerant after pretraining on "
        "1/4 of the images of objects in resnet18 (−0.10 [−0.20, −0.05])."
    )
    familiar = rows(
        ("faces, finetuned", "familiar", (0.94, 0.9, 0.97)),
        ("faces, finetuned", "novel", (0.97, 0.9, 0.99)),
        columns="strategy people",
    ).assign(architecture="alexnet_bn", measure="untransformed")
    assert amounts_and_kernels.familiar_accuracy(Constructed(None, familiar=familiar)).endswith(
        "faces: pretrained on faces, 0.94 [0.90, 0.97] for familiar and 0.97 [0.90, 0.99] for novel people."
    )
    orientations = rows(("faces, finetuned", 0, (0.7, 0.6, 0.8)), columns="network bin")
    assert amounts_and_kernels.preferred_orientations(Constructed(None, orientations=orientations)) == (
        "The most frequent orientation of filters of networks: pretrained on faces 0° (70 % [60, 80])."
    )


def test_all_probes_are_listed() -> None:
    many = rows(*((name, (0.1, nan, nan)) for name in "abcdef"), columns="pretraining")
    assert tolerances.probes_tolerate(Constructed(None, frozen=many.assign(measure="tolerance"))).endswith(
        "a 0.10, b 0.10, c 0.10, d 0.10, e 0.10 and f 0.10."
    )
