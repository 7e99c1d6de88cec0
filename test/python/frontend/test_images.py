"""Images as a model's inputs, and folders of samples."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from adfc.errors import InputError
from adfc.frontend.images import PRESETS, ImageFolder, preset
from adfc.frontend.samples import SampleFolder

RGB = ("x", (1, 3, 224, 224))
GREY = ("x", (1, 1, 8, 8))


def _save(path: Path, pixels: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels.astype(np.uint8)).save(path)


def test_imagenet_preprocessing_of_a_flat_colour(tmp_path: Path) -> None:
    """(value / 255 - mean) / deviation for each channel: torchvision's documented statistics."""
    pixels = np.zeros((300, 400, 3))
    pixels[:] = (255, 128, 0)
    _save(tmp_path / "a.png", pixels)
    tensor = PRESETS["imagenet"].load(tmp_path / "a.png", RGB[1])
    assert tensor.shape == (1, 3, 224, 224)
    expected = [(1 - 0.485) / 0.229, (128 / 255 - 0.456) / 0.224, (0 - 0.406) / 0.225]
    for channel, value in enumerate(expected):
        assert torch.allclose(tensor[0, channel], torch.tensor(value))


def test_imagenet_preprocessing_cuts_out_the_middle(tmp_path: Path) -> None:
    """Of 512 x 256, resized by 1, the middle 224 columns are 144 to 367."""
    pixels = np.zeros((256, 512, 3))
    pixels[:, 144:368] = 255
    _save(tmp_path / "a.png", pixels)
    tensor = PRESETS["imagenet"].load(tmp_path / "a.png", RGB[1])
    assert torch.allclose(tensor[0, 0], torch.tensor((1 - 0.485) / 0.229))


def test_unit_preprocessing_of_a_grey_image_is_exact(tmp_path: Path) -> None:
    pixels = np.arange(64).reshape(8, 8) * 4
    _save(tmp_path / "a.png", pixels)
    tensor = PRESETS["unit"].load(tmp_path / "a.png", GREY[1])
    assert np.array_equal(tensor[0, 0].numpy(), np.float32(pixels) / 255)


def test_labels_are_places_in_alphabetical_order(tmp_path: Path) -> None:
    for name in ("cat/b.png", "cat/a.PNG", "ant/z.png", "dog/deep/c.png"):
        _save(tmp_path / name, np.zeros((8, 8)))
    (tmp_path / "cat" / "notes.txt").write_text("no image")
    folder = ImageFolder.scan(tmp_path)
    assert folder.classes == ("ant", "cat", "dog")
    assert folder.items == (
        ("ant/z.png", 0),
        ("cat/a.PNG", 1),
        ("cat/b.png", 1),
        ("dog/deep/c.png", 2),
    )


def test_a_folder_of_images_calibrates_evenly_over_its_classes(tmp_path: Path) -> None:
    for label in range(4):
        for index in range(5):
            _save(tmp_path / f"{label}" / f"{index}.png", np.full((8, 8), 10 * label))
    samples = SampleFolder(tmp_path, limit=4).samples([GREY], PRESETS["unit"])
    values = [float(sample[0].max()) * 255 for sample in samples]
    assert values == pytest.approx([0, 10, 20, 30])


def test_a_folder_of_arrays(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", np.ones((1, 8, 8), np.float32))
    np.save(tmp_path / "b.npy", np.ones((3, 1, 8, 8), np.float32))
    samples = SampleFolder(tmp_path).samples([GREY])
    assert [tuple(sample[0].shape) for sample in samples] == [(1, 1, 8, 8)] * 4


def test_what_cannot_be_read_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds neither"):
        SampleFolder(tmp_path).samples([GREY])
    (tmp_path / "a.png").write_bytes(b"no image")
    with pytest.raises(InputError, match=r"a\.png cannot be read as an image"):
        SampleFolder(tmp_path).samples([GREY], PRESETS["unit"])
    with pytest.raises(InputError, match=r"cannot become an input of shape \(1, 40\)"):
        SampleFolder(tmp_path).samples([("x", (1, 40))])
    with pytest.raises(InputError, match="is for 3 channels, the model reads 1"):
        SampleFolder(tmp_path).samples([GREY])
    with pytest.raises(InputError, match="no preprocessing 'x'"):
        preset("x")
    with pytest.raises(InputError, match="has no images in folders"):
        ImageFolder.scan(tmp_path)
