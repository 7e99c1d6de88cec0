"""From image files to a model's inputs, and folders of labelled images."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from adfc.errors import InputError, ToolError

if TYPE_CHECKING:
    import torch

SUFFIXES = (".bmp", ".gif", ".jpeg", ".jpg", ".pgm", ".png", ".ppm", ".tif", ".tiff", ".webp")
"""Names of image files end so, in any case."""

_MODES = {1: "L", 3: "RGB"}
"""Pillow's modes by the number of a model's input channels."""


@dataclass(frozen=True)
class Preprocessing:
    """How an image becomes a model's input.

    The image is resized, bilinear with antialiasing, so that it covers `cover` times the input's
    size (1: exactly, where the aspect ratio is the same), and the middle of it is cut out. With
    `stretch` it is resized to the input's size, whatever its aspect ratio. Values 0..1 are then
    normalised: minus `mean`, over `deviation`, one for each channel or one for all.
    """

    name: str
    cover: float = 1.0
    stretch: bool = False
    mean: tuple[float, ...] = (0.0,)
    deviation: tuple[float, ...] = (1.0,)

    def load(self, path: Path, shape: Sequence[int]) -> torch.Tensor:
        """The image at `path` as float32 of `shape` (1, C, H, W).

        Raises InputError for a file that is no image and for shapes that images do not have,
        ToolError without Pillow.
        """
        import torch

        if len(shape) != 4 or shape[1] not in _MODES:
            raise InputError(
                f"an image cannot become an input of shape {tuple(shape)}",
                hint="give .npy files, of the values that the model reads",
            )
        _, channels, height, width = shape
        if len(self.mean) not in (1, channels):
            raise InputError(
                f"preprocessing '{self.name}' is for {len(self.mean)} channels, "
                f"the model reads {channels}",
                hint="choose another with --preprocess",
            )
        pixels = self._pixels(path, _MODES[channels], height, width)
        values = pixels.reshape(height, width, channels).astype(np.float32) / 255
        mean, deviation = (np.array(v, np.float32) for v in (self.mean, self.deviation))
        normal = (values - mean) / deviation
        return torch.from_numpy(np.ascontiguousarray(normal.transpose(2, 0, 1)))[None]

    def _pixels(self, path: Path, mode: str, height: int, width: int) -> Any:
        pillow = _pillow()
        try:
            with pillow.open(path) as file:
                image = file.convert(mode)
        except (OSError, ValueError, SyntaxError) as error:
            raise InputError(f"{path} cannot be read as an image: {error}") from error
        bilinear = pillow.Resampling.BILINEAR
        if self.stretch:
            return np.asarray(image.resize((width, height), bilinear))
        ratio = self.cover * max(width / image.width, height / image.height)
        size = [max(round(side * ratio), least) for side, least in
                ((image.width, width), (image.height, height))]  # fmt: skip
        image = image.resize(tuple(size), bilinear)
        left, top = round((size[0] - width) / 2), round((size[1] - height) / 2)
        return np.asarray(image.crop((left, top, left + width, top + height)))


PRESETS = {
    entry.name: entry
    for entry in (
        # torchvision's classification presets: resize to 256, crop 224, and ImageNet's statistics
        # (torchvision/transforms/_presets.py, ImageClassification).
        Preprocessing(
            "imagenet",
            cover=256 / 224,
            mean=(0.485, 0.456, 0.406),
            deviation=(0.229, 0.224, 0.225),
        ),
        Preprocessing("unit", stretch=True),
        Preprocessing("symmetric", stretch=True, mean=(0.5,), deviation=(0.5,)),
    )
}
"""Preprocessings by name: "unit" gives values 0..1, "symmetric" -1..1."""


def preset(name: str) -> Preprocessing:
    """The preprocessing of that name. Raises InputError."""
    if name not in PRESETS:
        raise InputError(
            f"there is no preprocessing '{name}'", hint=f"there are {', '.join(sorted(PRESETS))}"
        )
    return PRESETS[name]


def chosen(name: str | None, own: Preprocessing | None) -> Preprocessing:
    """The named preprocessing, else the model's own, else ImageNet's."""
    return preset(name) if name is not None else own or PRESETS["imagenet"]


@dataclass(frozen=True)
class ImageFolder:
    """A folder with one subfolder of images for each class.

    Labels are the subfolders' places in alphabetical order, as in torchvision's ImageFolder.
    `items` are (path relative to `root`, label), in order of the paths.
    """

    root: Path
    classes: tuple[str, ...]
    items: tuple[tuple[str, int], ...]

    @staticmethod
    def scan(root: Path) -> ImageFolder:
        """The images below `root`. Raises InputError where there are none."""
        if not root.is_dir():
            raise InputError(f"{root} is no folder", hint="give a folder of folders of images")
        classes = tuple(sorted(folder.name for folder in root.iterdir() if folder.is_dir()))
        items = tuple(
            (file.relative_to(root).as_posix(), label)
            for label, name in enumerate(classes)
            for file in images_below(root / name)
        )
        if not items:
            raise InputError(
                f"{root} has no images in folders",
                hint="put the images of each class into a folder of its own",
            )
        return ImageFolder(root, classes, items)


def images_below(root: Path) -> list[Path]:
    """All image files in a folder and its subfolders, sorted."""
    return sorted(p for p in root.rglob("*") if p.suffix.lower() in SUFFIXES and p.is_file())


def _pillow() -> Any:
    try:
        return importlib.import_module("PIL.Image")
    except ImportError as error:
        raise ToolError(
            "images are read by Pillow, which is not installed", hint="pip install pillow"
        ) from error
