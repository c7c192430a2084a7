"""What is said about bases holds for those of a whole set, trained to the end."""

from __future__ import annotations

import pandas as pd
from constructed_tables import Constructed

from faceinv.reporting.findings import images_and_networks

COLUMNS = ["set", "architecture", "seed", "amount", "images", "classes", "exposures", "accuracy", "chance"]
BASES = pd.DataFrame(
    [
        ("objects", "resnet18", 0, "1", 40, 8, 500, 0.8, 0.125),
        ("objects", "resnet18", 1, "1", 40, 8, 400, 0.7, 0.125),
        ("objects", "vgg16_bn", 0, "1", 40, 8, 500, 0.9, 0.125),
        ("objects", "resnet18", 0, "1/4", 10, 8, 500, 0.1, 0.125),  # of a quarter of the images
        ("objects", "resnet18", 0, "1", 10, 2, 500, 1.0, 0.5),  # of a quarter of the classes
        ("objects", "resnet18", 0, "1", 40, 8, 125, 0.2, 0.125),  # of a quarter of the exposures
    ],
    columns=COLUMNS,
)


def test_bases_of_a_part_do_not_count() -> None:
    assert images_and_networks.whole_bases(BASES)["accuracy"].tolist() == [0.8, 0.7, 0.9]
    tables = Constructed(bases=BASES)
    learned = images_and_networks.bases_learned(tables)
    assert learned.startswith("In the set objects, mean accuracy on held-out images is highest for vgg16_bn")
    assert "at 0.90, and lowest for resnet18, at 0.75" in learned
    assert "objects, 0.75 to 0.90 (chance 0.125)" in images_and_networks.kinds_learned(tables)
