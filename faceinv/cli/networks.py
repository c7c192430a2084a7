"""Commands that explore, explain, export and pretrain networks."""

from pathlib import Path

import click

from faceinv.cli.options import (
    Number,
    against_option,
    composite_option,
    device_option,
    grid_options,
    photograph_options,
    port_option,
    start_option,
)
from faceinv.cli.outputs import check_outputs, overwrite_option
from faceinv.errors import InputError
from faceinv.runtime.kept_memory import kept_memory


@click.command(
    epilog="""
\b
Examples:
  faceinv explore
  faceinv explore me.jpg you.jpg --align --networks runs/02_networks
  faceinv explore --networks gender.safetensors --networks identity.safetensors
"""
)
@click.argument("images", nargs=-1, type=click.Path(path_type=Path))
@click.option(
    "--networks",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A network file or a folder of such files; can be repeated. By default the networks of the book.",
)
@photograph_options
@device_option
@click.option("--no-browser", is_flag=True, help="Print the address, but open no browser.")
@port_option(0)
def explore(
    images: tuple[Path, ...],
    networks: tuple[Path, ...],
    crop: float,
    align: bool,
    eyes: str | None,
    no_browser: bool,
    port: int,
) -> None:
    """Explore networks in JupyterLab, on this machine only, until Ctrl-C.

    The explorers show IMAGES, photographs of faces, or by default rendered faces: heatmaps by any composite,
    predictions for transformed faces, and a comparison of two networks.
    """
    from faceinv.commands.serve import explorers, find_networks
    from faceinv.data.photographs.alignment import parse_eyes

    if eyes:
        parse_eyes(eyes)  # to refuse invalid positions before anything starts
    shown = {"crop": crop, "align": align, "eyes": eyes}
    with explorers(find_networks(networks), images, port, not no_browser, shown) as server:
        token = server.identity_provider.token
        address = f"http://{server.ip}:{server.port}{server.default_url}?token={token}"
        click.echo(f"the explorers are at {address}; Ctrl-C stops")
        server.start()


@click.command(
    epilog="""
\b
Examples:
  faceinv explain me.jpg you.jpg --network gender-vgg16_bn-0.safetensors
  faceinv explain *.jpg --network gender.safetensors --composite epsilon-gamma-box --against runner-up
  faceinv explain me.jpg --network gender.safetensors --target male --align
  faceinv explain me.jpg --network gender.safetensors --eyes 210,180,302,176 --crop 0.8
The chapter 02_networks writes its networks into book/chapters/02_networks.
"""
)
@click.argument("images", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--network",
    type=click.Path(path_type=Path),
    required=True,
    help="A network file (.safetensors) written by faceinv.",
)
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default="heatmaps",
    show_default=True,
    help="Output folder.",
)
@composite_option
@against_option
@start_option
@click.option("--target", help="Class to explain; by default the predicted class.")
@photograph_options
@device_option
@click.option("--colour", is_flag=True, help="Keep colours (faceinv's networks were trained on grey images).")
@overwrite_option
def explain(
    images: tuple[Path, ...],
    network: Path,
    out: Path,
    composite: str,
    against: str,
    start: str,
    target: str | None,
    crop: float,
    align: bool,
    eyes: str | None,
    colour: bool,
    overwrite: bool,
) -> None:
    """Draw heatmaps of the pixels of IMAGES that contribute to a network's prediction.

    A picture of each image with its heatmap, all heatmaps as arrays (heatmaps.npz) and the predictions
    (answers.csv) are written to OUT. Every image is cropped to its central square, or aligned by its eyes;
    grey levels get the mean and the contrast of the network's training images.
    """
    from faceinv.commands.explain import output_files, write_heatmaps
    from faceinv.data.photographs.alignment import parse_eyes
    from faceinv.data.sources import caution
    from faceinv.models.architectures import load

    check_outputs(output_files(images, out), [*images, network], overwrite)
    answering = load(network)
    if text := caution(answering.specification.stimuli):
        click.echo(f"note: {text}", err=True)
    places = parse_eyes(eyes) if eyes else None
    table = write_heatmaps(
        images, answering, out, composite, against, target, crop, colour, align, places, start
    )
    for row in table.itertuples():
        click.echo(f"{row.file}: {row.answer} ({row.probability:.2f})  {out / str(row.picture)}")


@click.command(
    epilog="""
\b
Examples:
  faceinv export gender-vgg16_bn-0.safetensors gender.onnx
  faceinv export gender.safetensors --composite epsilon-gamma-box --against runner-up gender.onnx
"""
)
@click.argument("network", type=click.Path(path_type=Path))
@composite_option
@against_option
@start_option
@click.argument("out", type=click.Path(path_type=Path))
@overwrite_option
def export(network: Path, composite: str, against: str, start: str, out: Path, overwrite: bool) -> None:
    """Write NETWORK and its relevance as one ONNX graph to OUT.

    The graph takes an image and the index of a class, and returns logits and a heatmap, in any ONNX runtime.
    Its weights are stored in half precision. It is checked against faceinv's own relevance, and not written
    if it differs.
    """
    from faceinv.models.architectures import load
    from faceinv.runtime.devices import computing_on

    check_outputs([out], [network], overwrite)
    try:
        from faceinv.lrp.onnx.export import export as write
    except ModuleNotFoundError as error:
        raise InputError(
            f"{error.name} is not installed; export needs: pip install 'faceinv[book]'"
        ) from error
    with computing_on("cpu"):  # a graph holds weights, which have no device
        accuracy = write(load(network), out, composite, against, start=start)
    click.echo(
        f"{out}: relevance differs by {accuracy.relevance:.1e} (median over images, relative to the maximum)"
    )


@click.command(
    epilog="""
\b
Examples:
  faceinv pretrain resnet18 objects
  faceinv pretrain vgg16_bn faces --seed 1 --share 1/16 --out bases
  faceinv pretrain resnet18 objects --classes 1/4
  faceinv pretrain resnet18 objects --width 1 --device cuda
"""
)
@click.argument("architecture")
@click.argument("set", metavar="SET")
@click.option("--seed", default=0, show_default=True, help="Seed of weights, order and augmentation.")
@click.option("--share", default="1", show_default=True, help="Share of the images used, such as 1/16.")
@click.option("--classes", default="1", show_default=True, help="Share of the classes used, such as 1/4.")
@click.option("--shorter", default="1", show_default=True, help="Share of the exposures, such as 1/4.")
@click.option("--exposures", type=int, help="Number of images shown in training; by default 1.5 million.")
@click.option(
    "--width",
    type=Number(0, min_open=True),
    help="Factor on the channel counts, as the profile has it; by default 0.25.",
)
@device_option
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Output folder; by default the package's own folder of bases.",
)
@overwrite_option
def pretrain(
    architecture: str,
    set: str,
    seed: int,
    share: str,
    classes: str,
    shorter: str,
    exposures: int | None,
    width: float | None,
    out: Path | None,
    overwrite: bool,
) -> None:
    """Pretrain a network of ARCHITECTURE on SET: objects, faces, textures or everything.

    Of share, classes and shorter, one at most may be less than 1, so that bases differ in one thing only. The
    set is rendered on first use and cached. An interrupted run resumes from its last epoch.
    """
    from faceinv.models import pretraining as made  # PyTorch takes a second to import

    shown = made.EXPOSURES if exposures is None else exposures
    parts = {
        name: made.parse_share(text)
        for name, text in {"share": share, "classes": classes, "shorter": shorter}.items()
    }
    factor = made.BASE_WIDTH if width is None else width
    base = made.Pretraining(architecture, set, seed, exposures=shown, width=factor, **parts)
    folder = out or made.BASES
    check_outputs([folder / f"{base.name}.safetensors"], overwrite=overwrite)
    with kept_memory():
        click.echo(made.pretrain(base, folder, progress=True))


@click.command(
    epilog="""
\b
Examples:
  faceinv judge my_module:method
  faceinv judge my_module:method --beside grad-cam --beside occlusion --out mine.csv
\b
my_module.py, in the working folder:
  import torch
  def method(model, images, targets):
      images.requires_grad_()
      logits = model(images).gather(1, targets[:, None])
      return torch.autograd.grad(logits.sum(), images)[0].abs().sum(1)
"""
)
@click.argument("method", metavar="MODULE:FUNCTION")
@click.option("--profile", default="quick", show_default=True, help="Sizes: smoke, quick, full or paper.")
@click.option("--beside", multiple=True, help="A method to show beside; can be repeated.")
@grid_options
@click.option("--seeds", type=int, help="Networks; by default the number of the profile.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="File of the table (CSV).")
@overwrite_option
def judge(
    method: str, profile: str, beside: tuple[str, ...], seeds: int | None, out: Path | None, overwrite: bool
) -> None:
    """Judge an attribution method of your own by the book's benchmark.

    The function is called with a model (a torch module in evaluation mode), images (N x 3 x H x W) and
    targets (the classes, N), and returns maps (N x H x W). Its row of the leaderboard is printed, beside a
    few other methods, and written to a file (by default leaderboard-FUNCTION.csv).
    """
    from faceinv.attribution.methods import attribution_method
    from faceinv.commands.judge import BESIDE, board_text, judge_own, own_method
    from faceinv.experiments.profiles import profile as sizes_of

    sizes = sizes_of(profile)
    for name in beside:
        attribution_method(name)
    file = out or Path(f"leaderboard-{method.rpartition(':')[2]}.csv")
    check_outputs([file], overwrite=overwrite)
    board = judge_own(own_method(method, Path.cwd()), method, sizes, beside or BESIDE, seeds)
    board.to_csv(file, index=False)
    click.echo(board_text(board))
    click.echo(f"written to {file}")


@click.command(
    epilog="""
\b
Examples:
  faceinv tune
  faceinv tune resnet18 alexnet_bn --profile full
  faceinv tune --beyond 0.25,4
"""
)
@click.argument("architectures", nargs=-1)
@click.option(
    "--profile", default="full", show_default=True, help="Profile, with the factors that are tried."
)
@click.option(
    "--beyond",
    default="",
    help="Factors, separated by commas, to try beyond those of the profile; no choice changes.",
)
@grid_options
def tune(architectures: tuple[str, ...], profile: str, beyond: str) -> None:
    """Choose the learning rates of ARCHITECTURES by validation, for every pretraining, and record them.

    Without ARCHITECTURES, those of the profile. Profiles that try no factors of their own take the rates that
    are recorded in faceinv/experiments/learning_rates.csv.
    """
    from faceinv.experiments.invariance.tuning import record_beyond, record_rates
    from faceinv.experiments.profiles import profile as sizes_of

    sizes = sizes_of(profile)
    chosen = architectures or sizes.architectures
    if beyond:
        try:
            factors = [float(each) for each in beyond.split(",")]
        except ValueError:
            raise InputError(
                f"beyond is {beyond!r}; expected numbers separated by commas, such as 0.25,4"
            ) from None
        table = record_beyond(sizes, chosen, factors)
    else:
        table = record_rates(sizes, chosen)
    click.echo(table.to_string(index=False))
