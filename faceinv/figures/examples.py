"""Examples: test images for each point of a figure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from scipy.stats import rankdata

from faceinv.data.stimuli import REGIONS, Stimuli, evenly_spaced
from faceinv.experiments.conditions import NO_SEED, OWN, condition_label
from faceinv.experiments.explanations import Explanation, held_out
from faceinv.experiments.invariance.tolerance import Tolerance, images_to_transform
from faceinv.experiments.relevance.face_similarity import Similarity
from faceinv.experiments.relevance.facial_regions import maps_of
from faceinv.experiments.relevance.faithfulness import Validation, scores_of
from faceinv.experiments.relevance.generalization import CrossEvaluation, images_of, masks_for
from faceinv.figures.example_panel import Examples
from faceinv.figures.image_grid import enlarged, overlay
from faceinv.figures.style import point
from faceinv.figures.transformation_grids import FILTER
from faceinv.metrics import filters as filter_metrics
from faceinv.metrics.regions import region_maps_or_atlas, region_shares
from faceinv.models.architectures import Network, untrained
from faceinv.models.training_runs import TrainingRun, train
from faceinv.perturbations.fills import filled
from faceinv.perturbations.masks import keep, ranks
from faceinv.perturbations.transformations import named


def answered(
    answers: pd.DataFrame, by: Sequence[str], stimuli: Mapping[str, Stimuli], most: int = 24
) -> dict[str, Examples]:
    """Test faces of each group of answers, with the answers of the first network of each task.

    Parameters
    ----------
    answers : results of `faceinv.models.training.evaluate`, with columns task and seed
    by : columns that define the groups, including task
    stimuli : test images by task
    most : maximum number of faces per group, evenly spaced
    """
    first = answers[answers["seed"] == answers.groupby("task")["seed"].transform("min")]
    examples_by_point = {}
    for key, part in first.groupby(list(by), observed=True):
        task, seed = part["task"].iloc[0], part["seed"].iloc[0]
        rows = part.iloc[evenly_spaced(range(len(part)), most)]
        examples_by_point[point(*key)] = Examples(
            f"{task}, seed {seed}: {len(rows)} of {len(part)} test faces; "
            f"of all of these {_wrong(part['correct'])}",
            stimuli[task].images[rows.index],
            [_taken(row.label, row.answer) for row in rows.itertuples()],
            ~rows["correct"].to_numpy(),
        )
    return examples_by_point


def masked_faces(plans: Sequence[Validation], answers: pd.DataFrame, most: int = 6) -> dict[str, Examples]:
    """Masked test faces of the first network of each task, for every mask and fraction.

    Parameters
    ----------
    plans : networks and masks
    answers : results of `faceinv.experiments.relevance.faithfulness.validate` for these networks
    most : number of faces per task
    """
    examples_by_point = {}
    for task in dict.fromkeys(plan.explanation.run.task for plan in plans):
        plan = next(plan for plan in plans if plan.explanation.run.task == task)
        stimuli, seed = held_out(plan.explanation), plan.explanation.run.seed
        index = evenly_spaced(range(len(stimuli)), most)
        pixels = _floats(stimuli.images)
        # ranks and fill are computed for the whole set, of which some faces are shown
        background = filled(pixels, plan.fill, seed)[index]
        ranked = {name: ranks(each, seed)[index] for name, each in scores_of(plan.explanation).items()}
        own = answers[(answers["task"] == task) & (answers["seed"] == seed)]
        for (mask, fraction), part in own.groupby(["mask", "fraction"], sort=False):
            kept = torch.from_numpy(keep(-ranked[mask], fraction))[:, None]
            examples_by_point[point(task, mask, fraction)] = Examples(
                f"{task}, seed {seed}: what “{mask}” leaves at {fraction:.0%} of the pixels; "
                f"of the {len(part)} test faces {_wrong(part['correct'])}",
                _bytes(torch.where(kept, pixels[index], background)),
                list(stimuli.names(task)[index]),
                ~part["correct"].to_numpy()[index],
            )
    return examples_by_point


def transformed_faces(
    answers: Mapping[Tolerance, pd.DataFrame],
    lines: Callable[[TrainingRun], Sequence[tuple[str, str]]],
    most: int = 12,
) -> dict[str, Examples]:
    """Transformed test faces at every level, with the answers of the first network of each line of a figure.

    Parameters
    ----------
    answers : results of `faceinv.experiments.invariance.tolerance.measure`, by network and transformation
    lines : row and colour of each line (see `faceinv.figures.small_multiples.tolerance`) to which a network
        contributes
    most : number of faces per point
    """
    examples_by_point: dict[str, Examples] = {}
    taken = set()
    for plan, own in answers.items():
        places = [place for place in lines(plan.run) if (plan.transformation, place) not in taken]
        if not places:
            continue
        taken |= {(plan.transformation, place) for place in places}
        stimuli, change = images_to_transform(plan), named(plan.transformation)
        index = torch.from_numpy(evenly_spaced(range(len(stimuli)), most))
        pixels = _floats(stimuli.images[index])
        people = list(stimuli.table["identity"].iloc[index.numpy()])
        network = f"{plan.run.architecture}, {places[0][1]}".removesuffix(f", {plan.run.architecture}")
        for level, part in own.groupby("level"):
            part = part.set_index("image").sort_index()
            examples = Examples(
                f"{network}, seed {plan.run.seed}: {change.name} {change.text(level)}; "
                f"of the {len(part)} test faces {_wrong(part['correct'])}",
                _bytes(change(pixels, level, index)),
                people,
                ~part["correct"].to_numpy()[index],
            )
            examples_by_point |= {point(row, change.name, colour, level): examples for row, colour in places}
    return examples_by_point


def read(plan: Sequence[CrossEvaluation], most: int = 6) -> tuple[dict[str, Examples], dict[str, Examples]]:
    """Masked test faces at the middle fraction, with the answers of the evaluated networks (readers).

    Parameters
    ----------
    plan : the evaluations; the first reader of each condition is shown
    most : number of faces per reader

    Returns
    -------
    by_pair : for the points of maker and reader; of makers of one condition, the first other network
    by_relation : for the points of the task of the reader and its relation to the maker: the first reader of
        each task and, for each relation, the first maker
    """
    by_pair: dict[str, Examples] = {}
    by_relation: dict[str, Examples] = {}
    shown: set[str] = set()
    for evaluation in plan:
        run, evaluated = evaluation.evaluated, condition_label(evaluation.evaluated, evaluation.conditions)
        if evaluated in shown:
            continue
        shown.add(evaluated)
        network = train(run).network
        stimuli, fraction = (
            images_of(evaluation),
            sorted(evaluation.fractions)[len(evaluation.fractions) // 2],
        )
        index = evenly_spaced(range(len(stimuli)), most)
        pixels, people = _floats(stimuli.images), list(stimuli.names(run.task)[index])
        background = filled(pixels, evaluation.fill, run.seed)[index]
        for fields, scores in masks_for(evaluation):
            mask_source, relation = str(fields["maker"]), str(fields["relation"])
            pair, related = point(mask_source, evaluated), point(run.task, relation)
            if related in by_relation and (pair in by_pair or relation == OWN):
                continue
            kept = torch.from_numpy(keep(-ranks(scores, run.seed)[index], fraction))[:, None]
            images = _bytes(torch.where(kept, pixels[index], background))
            predicted = _answers(network, images)
            source = (
                mask_source
                if fields["maker_seed"] == NO_SEED
                else f"{mask_source}, seed {fields['maker_seed']}"
            )
            example = Examples(
                f"{evaluated}, seed {run.seed}, with {fraction:.0%} of the pixels: mask “{source}”",
                images,
                [_taken(*each) for each in zip(people, predicted, strict=True)],
                np.array(people) != np.array(predicted),
            )
            by_relation.setdefault(related, example)
            if relation != OWN:
                by_pair.setdefault(pair, example)
    return by_pair, by_relation


def faces_by_region(
    explanations: Sequence[Explanation],
    kinds: Sequence[str],
    lines: Callable[[Explanation, str], Sequence[object]],
    most: int = 6,
) -> dict[str, Examples]:
    """Maps of some test faces within each facial region, with the rest of the face dimmed.

    Parameters
    ----------
    explanations : of trained networks; the first of each line is shown
    kinds : kinds of maps (see `faceinv.experiments.relevance.facial_regions.MAPS`), and ``"area"`` for the
        region alone
    lines : values that identify the points of an explanation and a kind of map, except for the region
    most : faces of each point
    """
    examples_by_point: dict[str, Examples] = {}
    for each in explanations:
        wanted = {kind: lines(each, kind) for kind in kinds}
        wanted = {
            kind: line for kind, line in wanted.items() if point(*line, REGIONS[0]) not in examples_by_point
        }
        if not wanted:
            continue
        run, stimuli = each.run, held_out(each)
        where, index = region_maps_or_atlas(stimuli), evenly_spaced(range(len(stimuli)), most)
        faces, people = stimuli.images[index], list(stimuli.table["identity"].iloc[index])
        region_maps = where[index] if where.dtype == np.uint8 else where
        scores = maps_of(each)
        for kind, line in wanted.items():
            flat = np.zeros(faces.shape[:3], np.float32)
            shown = scores[kind][index] if kind in scores else flat
            painted = overlay(faces, shown)
            table = region_shares(shown if kind in scores else flat + 1, region_maps).set_index("region")
            for number, region in enumerate(REGIONS):
                inside = (
                    (region_maps == number) if region_maps.dtype == np.uint8 else region_maps[number][None]
                )
                light = 0.25 + 0.75 * np.broadcast_to(inside, flat.shape)[..., None]
                shares = table.loc[region, "share"].to_numpy()
                examples_by_point[point(*line, region)] = Examples(
                    f"{run.task}, pretraining {run.pretraining}, seed {run.seed}: {region}, its share of "
                    + ("the image" if kind == "area" else f"the map ({kind})"),
                    (painted * light).astype(np.uint8),
                    [f"{name}: {share:.1%}" for name, share in zip(people, shares, strict=True)],
                    np.zeros(len(people), bool),
                )
    return examples_by_point


def most_similar_pairs(
    similarities: Sequence[Similarity],
    reference: np.ndarray,
    faces: Stimuli,
    lines: Callable[[Similarity], Sequence[object]],
    most: int = 6,
) -> dict[str, Examples]:
    """The most similar pairs of faces for each similarity measure.

    Parameters
    ----------
    similarities : similarities of `faces`; the first of each line is shown
    reference : N x N, similarity to people or a model of them; nan where unknown
    lines : values that identify the point of a similarity
    most : number of pairs per point
    """
    a, b = np.triu_indices(len(faces), 1)
    ratings = reference[a, b]
    rank_of = np.full(len(a), np.nan)
    rated = ~np.isnan(ratings)
    rank_of[rated] = rankdata(-ratings[rated], method="min")
    examples: dict[str, Examples] = {}
    for each in similarities:
        name = point(*lines(each))
        if name in examples:
            continue
        values = each.matrix[a, b]
        first = np.argsort(-values, kind="stable")[:most]
        images = faces.images[np.stack([a[first], b[first]], axis=1).ravel()]
        words = []
        for pair, (value, rank) in enumerate(zip(values[first], rank_of[first], strict=True), 1):
            judgement = "not judged" if np.isnan(rank) else f"reference: {rank:.0f} of {rated.sum()}"
            words += [f"pair {pair}: {value:.2f}", judgement]
        examples[name] = Examples(
            f"{each.fields['kind']}: the {len(first)} most similar pairs of faces, two by two, and "
            "their ranks among all pairs by the reference",
            images,
            words,
            np.zeros(len(images), bool),
        )
    return examples


def filters_of_networks(
    runs: Sequence[TrainingRun],
    measures: Mapping[str, tuple[str, bool]],
    lines: Callable[[TrainingRun, bool], tuple[str, str]],
    most: int = 12,
) -> dict[str, Examples]:
    """The first filters of networks and of their untrained counterparts.

    Parameters
    ----------
    runs : networks; the first of each line is shown
    measures : by name of the panel: the measure (see `faceinv.metrics.filters.measure_filters`), and whether
        it is computed on the mean of each filter over the colour channels
    lines : colour and row of the point of a network, trained or untrained
    most : number of filters per point
    """
    examples_by_point: dict[str, Examples] = {}
    for run in runs:
        for trained in (True, False):
            line = lines(run, trained)
            wanted = {
                name: each for name, each in measures.items() if point(name, *line) not in examples_by_point
            }
            if not wanted:
                continue
            network = train(run).network
            weights = filter_metrics.first_filters(network if trained else untrained(network))[:most]
            for name, (measure, common) in wanted.items():
                part = filter_metrics.shared(weights) if common else weights
                values = filter_metrics.measure_filters(part, network.specification.size)[measure]
                examples_by_point[point(name, *line)] = Examples(
                    f"{', '.join(line[::-1])}, seed {run.seed}: first filters and their {name}",
                    enlarged(filter_metrics.pictures(part), FILTER),
                    ["unknown" if np.isnan(value) else f"{value:.2g}" for value in values],
                    np.zeros(len(values), bool),
                )
    return examples_by_point


def _answers(network: Network, images: np.ndarray) -> list[str]:
    """Predicted class of each image."""
    predicted = network.logits(network.prepare(images)).argmax(1).tolist()
    return [network.specification.classes[each] for each in predicted]


def _taken(label: str, answer: str) -> str:
    return str(label) if label == answer else f"{label}, taken for {answer}"


def _wrong(correct: pd.Series) -> str:
    """The number of incorrect answers, in words."""
    wrong = int((~correct).sum())
    return f"{wrong or 'none'} {'is' if wrong < 2 else 'are'} classified incorrectly"


def _floats(images: np.ndarray) -> torch.Tensor:
    """Pixels (uint8, N x H x W x 3) as floats N x 3 x H x W."""
    return torch.from_numpy(images).permute(0, 3, 1, 2).float()


def _bytes(pixels: torch.Tensor) -> np.ndarray:
    """Images (uint8, N x H x W x 3) from floats N x 3 x H x W, 0 to 255."""
    return pixels.round().clamp(0, 255).byte().permute(0, 2, 3, 1).numpy()
