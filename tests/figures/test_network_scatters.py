"""Scatters of networks: what is drawn for which row."""

import pandas as pd

from faceinv.figures.network_scatters import accuracy_paths, network_points


def test_a_path_is_drawn_in_the_order_of_training_and_grows() -> None:
    rows = [
        (architecture, strategy, share, 0.2 + share / 2, 0.3)
        for architecture in ("alexnet_bn", "resnet18")
        for strategy in ("scratch", "faces")
        for share in (1.0, 0.25)
    ]
    table = pd.DataFrame(rows, columns=["architecture", "strategy", "share", "estimate_x", "estimate_y"])
    for axis in "xy":
        table[f"low_{axis}"] = table[f"estimate_{axis}"] - 0.1
        table[f"high_{axis}"] = table[f"estimate_{axis}"] + 0.1
    figure = accuracy_paths(table.assign(seeds=3), ["scratch", "faces"])
    paths = [trace for trace in figure.data if trace.hoverinfo != "skip"]
    assert [(trace.meta["panel"], trace.name) for trace in paths] == [
        (architecture, strategy)
        for architecture in ("alexnet_bn", "resnet18")
        for strategy in ("scratch", "faces")
    ]
    assert list(paths[0].x) == [0.325, 0.7] and paths[0].marker.size[0] < paths[0].marker.size[1]
    assert [trace.name for trace in figure.data if trace.showlegend] == ["scratch", "faces"]


def test_each_network_is_a_point() -> None:
    table = pd.DataFrame(
        {
            "selectivity": [0.1, 0.2, 0.3],
            "tolerance": [0.4, 0.5, 0.6],
            "network": ["scratch", "scratch", "faces"],
            "architecture": ["resnet18", "vgg16_bn", "vgg16_bn"],
            "seed": [0, 0, 1],
        }
    )
    figure = network_points(
        table, "selectivity", "tolerance", "network", "architecture", {"tolerance": "tolerated"}
    )
    points = [trace for trace in figure.data if trace.x[0] is not None]
    assert sum(len(trace.x) for trace in points) == 3
    assert points[0].marker.color == points[1].marker.color != points[2].marker.color
    symbols = {trace.meta["symbol"]: trace.marker.symbol for trace in points}
    assert len(set(symbols.values())) == len(symbols) == 2
    assert [trace.name for trace in figure.data if trace.name] == ["scratch", "faces", "vgg16_bn", "resnet18"]
    assert figure.layout.yaxis.title.text == "tolerated"
