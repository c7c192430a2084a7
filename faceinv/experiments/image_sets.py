"""Image sets: what the networks of a chapter look at, at the sizes of a profile."""

from __future__ import annotations

from dataclasses import dataclass, replace

from faceinv.data.faces.causes import CAUSES
from faceinv.data.faces.face_set import COLUMNS, FaceSet
from faceinv.data.sources import Source, load_stimuli, photograph_source
from faceinv.errors import InputError
from faceinv.experiments.sizes import Profile

FACES = "faces"
"""Name of the rendered faces, where a chapter is told which images to take."""
GENDER_PEOPLE = 10_000  # index of the first person of the gender set; no person is in two sets
CHANGED_PEOPLE = 8
"""People in whose faces one cause at a time is changed, at most."""
COMPARED_PEOPLE = 20_000  # index of the first person whose similarity is compared
CUE_PEOPLE = 40_000  # index of the first person of the sets for the cues of gender, which no network sees
PLANTED_PEOPLE = 50_000  # index of the first person of the sets with a planted cue
SHEET_PEOPLE, SHEET_SIZE = 20, 224
"""Faces of the contact sheet at most, and their size in pixels."""
OTHER_PEOPLE = 30_000  # index of the first person of the set for all other tasks
OTHER_VIEWS = 24
"""Views per person in the set for all other tasks; the expression changes with every fourth view."""
LEAST_PEOPLE = 12
"""Minimum number of people in that set, so that each expression is in training, validation and test."""


@dataclass(frozen=True)
class PhotographSet:
    """Photographs in place of rendered faces: a folder, lfw or celeba, and how much of each image is shown.

    Attributes
    ----------
    folder : path, or name of the set
    crop, align : see `faceinv.data.photographs.decoding.Frame`
    """

    folder: str
    crop: float = 1.0
    align: bool = False


Data = str | PhotographSet
"""`FACES`, or photographs, by name or folder alone where they are shown whole."""


def image_set(data: str, crop: float = 1.0, align: bool = False) -> Data:
    """The images that a chapter's parameters name.

    Raises
    ------
    InputError
        If rendered faces, which have no other frame, are to be cropped or aligned.
    """
    if data != FACES:
        return PhotographSet(data, crop, align)
    if crop != 1 or align:
        raise InputError("rendered faces cannot be cropped or aligned; expected photographs as the data")
    return FACES


def source(task: str, profile: Profile, data: Data = FACES) -> Source:
    """The stimuli for a task: the rendered set of the profile, or photographs (a folder, lfw, celeba).

    Rendered sets differ by task, because the tests do: the set for gender has many people in few views, that
    for identity few people in many views. The set for any other label of rendered faces, such as expression
    or view, has as many images as that for gender, in `OTHER_VIEWS` views per person.

    Raises
    ------
    InputError
        If the task is no label of rendered faces, or the photographs do not exist.
    """
    if data != FACES:
        chosen = data if isinstance(data, PhotographSet) else PhotographSet(data)
        return photograph_source(chosen.folder, profile.size, chosen.crop, chosen.align)
    if task not in COLUMNS:
        raise InputError(
            f"task is {task!r}, which is no label of rendered faces; expected one of {', '.join(COLUMNS)}"
        )
    if task == "gender":
        return FaceSet(
            identities=profile.people,
            views=profile.people_views,
            first=GENDER_PEOPLE,
            size=profile.size,
            samples=profile.samples,
        )
    if task != "identity":
        return FaceSet(
            identities=max(LEAST_PEOPLE, profile.people * profile.people_views // OTHER_VIEWS),
            views=OTHER_VIEWS,
            first=OTHER_PEOPLE,
            size=profile.size,
            samples=profile.samples,
        )
    return FaceSet(
        identities=profile.identities,
        views=profile.identity_views,
        size=profile.size,
        samples=profile.samples,
    )


def in_colour(task: str, profile: Profile) -> FaceSet:
    """A rendered set in colour, with as many people and views as a linear classifier needs."""
    faces = source(task, profile)
    assert isinstance(faces, FaceSet)
    if task == "gender":
        return replace(faces, colour="colour", identities=-(-faces.identities // 2), views=1)
    return replace(faces, colour="colour", views=min(faces.views, 8))


def as_in_colour(task: str, profile: Profile) -> FaceSet:
    """The same people and views as `in_colour`, with colours controlled: the sets differ in nothing else."""
    faces = source(task, profile)
    assert isinstance(faces, FaceSet)
    return replace(in_colour(task, profile), colour=faces.colour)


def bald_and_haired(profile: Profile) -> dict[str, FaceSet]:
    """People from the front, bald and with hair, to measure what predicts gender."""
    bald = FaceSet(
        identities=profile.people,
        views=1,
        first=CUE_PEOPLE,
        size=profile.size,
        samples=profile.samples,
        max_yaw=20.0,
    )
    return {"bald": bald, "with hair": replace(bald, hair="varied")}


def large_faces(profile: Profile) -> FaceSet:
    """A few people with hair and in colour, large enough to be looked at."""
    return FaceSet(
        # Fewer in the smallest profile: each takes more than a second.
        identities=min(SHEET_PEOPLE, profile.people // 2),
        views=1,
        first=CUE_PEOPLE,
        size=SHEET_SIZE,
        max_yaw=20.0,
        hair="varied",
        colour="colour",
    )


def counterfactual_sets(profile: Profile) -> list[FaceSet]:
    """For each cause that can be changed in bald faces, a set of a few people with it changed."""
    faces = FaceSet(
        identities=min(profile.identities, CHANGED_PEOPLE),
        views=1,
        first=COMPARED_PEOPLE,
        size=profile.size,
        samples=profile.samples,
        max_yaw=20.0,
    )
    return [faces.with_cause(name) for name in CAUSES if faces.has(name)]


def planted_set(profile: Profile, cue: str, agreement: float) -> FaceSet:
    """Faces in which a cue, a key of `CAUSES`, goes with one gender, in a share of the people."""
    faces = FaceSet(
        identities=profile.planted_people,
        views=profile.people_views,
        first=PLANTED_PEOPLE,
        size=profile.size,
        samples=profile.samples,
    )
    return faces.with_cause(cue, label="gender", value="male", agreement=agreement)


def compared(profile: Profile, data: Data = FACES) -> tuple[Source, str | None]:
    """The faces whose similarity is compared, for `Explanation.on`.

    Rendered faces are frontal and of people that no network was trained on; photographs are those of people
    held out for the task gender, or all if gender is unknown.
    """
    if data != FACES:
        photographs = source("gender", profile, data)
        table = load_stimuli(photographs).table
        return photographs, "gender" if "gender" in table and table["gender"].ne("").all() else None
    faces = FaceSet(
        identities=max(8, profile.people // 9),
        views=1,
        first=COMPARED_PEOPLE,
        size=profile.size,
        samples=profile.samples,
        yaws=(0.0,),
        expression=False,
        light=False,
        jitter=0.0,
    )
    return faces, None
