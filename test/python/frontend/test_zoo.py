"""The zoo's models: architecture, weights, quantization, accuracy."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from adfc import zoo
from adfc.errors import ModelError
from adfc.frontend import import_model
from adfc.frontend.validate import validate_strict
from adfc.oracle import ReferenceModel

RESNET18_PARAMETERS = 11_689_512  # torchvision, resnet18


@pytest.mark.parametrize("name", zoo.names())
def test_is_valid_tosa(name: str, zoo_model) -> None:
    validate_strict(zoo_model(name).tosa.text)


@pytest.mark.parametrize(
    ("name", "inputs", "outputs"),
    [
        ("resnet50", (1, 3, 224, 224), (1, 1000)),
        ("resnet18", (1, 3, 224, 224), (1, 1000)),
        ("efficientnet_b0", (1, 3, 224, 224), (1, 1000)),
        ("mobilenet_v2", (1, 3, 224, 224), (1, 1000)),
        ("mobilenet_v3_small", (1, 3, 224, 224), (1, 1000)),
        ("unet", (1, 3, 128, 128), (1, 3, 128, 128)),
        ("sensor_cnn", (1, 3, 128), (1, 6)),
        ("mobilenet_v1", (1, 3, 96, 96), (1, 2)),
        ("ds_cnn", (1, 1, 49, 10), (1, 12)),
        ("resnet8", (1, 3, 32, 32), (1, 10)),
        ("autoencoder", (1, 640), (1, 640)),
        ("digits", (1, 1, 8, 8), (1, 10)),
    ],
)
def test_boundary_shapes(name: str, inputs: tuple, outputs: tuple, zoo_model) -> None:
    tosa = zoo_model(name).tosa
    assert [spec.shape for spec in tosa.inputs] == [inputs]
    assert [spec.shape for spec in tosa.outputs] == [outputs]


def test_resnet18_has_torchvisions_parameters() -> None:
    """Names and shapes as torchvision's state_dict has them, so its files load."""
    module, _ = zoo.get("resnet18").build()
    assert sum(p.numel() for p in module.parameters()) == RESNET18_PARAMETERS
    state = {name: tuple(value.shape) for name, value in module.state_dict().items()}
    assert len(state) == 122
    assert state["conv1.weight"] == (64, 3, 7, 7)
    assert state["bn1.num_batches_tracked"] == ()
    assert state["layer1.0.conv1.weight"] == (64, 64, 3, 3)
    assert state["layer2.0.downsample.0.weight"] == (128, 64, 1, 1)
    assert state["layer2.0.downsample.1.running_var"] == (128,)
    assert state["layer4.1.bn2.bias"] == (512,)
    assert state["fc.weight"] == (1000, 512)
    assert not any(name.startswith("layer1.0.downsample") for name in state)


@pytest.mark.parametrize(
    ("name", "parameters", "entries", "shapes"),
    [
        # torchvision: resnet50, mobilenet_v2
        (
            "resnet50",
            25_557_032,
            320,
            {
                "layer1.0.downsample.0.weight": (256, 64, 1, 1),
                "layer4.2.conv3.weight": (2048, 512, 1, 1),
            },
        ),
        (
            "mobilenet_v2",
            3_504_872,
            314,
            {
                "features.1.conv.1.weight": (16, 32, 1, 1),
                "features.2.conv.1.0.weight": (96, 1, 3, 3),
                "features.18.0.weight": (1280, 320, 1, 1),
                "classifier.1.weight": (1000, 1280),
            },
        ),
    ],
)
def test_torchvisions_weights_would_load(
    name: str, parameters: int, entries: int, shapes: dict[str, tuple[int, ...]]
) -> None:
    module, _ = zoo.get(name).build()
    state = module.state_dict()
    assert sum(p.numel() for p in module.parameters()) == parameters
    assert len(state) == entries
    assert {key: tuple(state[key].shape) for key in shapes} == shapes


@pytest.mark.parametrize(
    ("name", "total"),
    # mlcommons/tiny's references as Keras counts them, with running statistics:
    # ds_cnn: stem 2624, nine norms of 256, four blocks of 640 + 4160, classifier 780.
    [("ds_cnn", 2624 + 9 * 256 + 4 * (640 + 4160) + 780), ("mobilenet_v1", 221_794)],
)
def test_mlperf_tiny_models_have_the_references_parameters(name: str, total: int) -> None:
    module, _ = zoo.get(name).build()
    statistics = sum(b.numel() for b in module.buffers() if b.dim() > 0)
    assert sum(p.numel() for p in module.parameters()) + statistics == total


def test_weights_load_from_a_file(tmp_path: Path) -> None:
    entry = zoo.get("resnet8")
    module, example = entry.build()
    with torch.no_grad():
        module.fc.bias.add_(1.0)
    torch.save(module.state_dict(), tmp_path / "weights.pt")
    loaded, _ = entry.build(tmp_path / "weights.pt")
    with torch.no_grad():
        assert torch.equal(loaded(*example), module(*example))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (None, "does not exist"),
        (b"no pickle", "is no state_dict file"),
        ({"fc.weight": torch.zeros(3)}, "does not fit the model"),
        ([1, 2], "holds a list"),
    ],
)
def test_bad_weights_are_refused(content: object, expected: str, tmp_path: Path) -> None:
    path = tmp_path / "weights.pt"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        torch.save(content, path)
    with pytest.raises(ModelError, match=expected) as caught:
        zoo.get("resnet8").build(path)
    assert "\n" not in str(caught.value)


def test_unknown_name_gets_a_suggestion() -> None:
    with pytest.raises(ModelError, match="did you mean 'resnet18'"):
        zoo.get("resnet-18")


@pytest.mark.parametrize(
    "name", ["resnet18", "resnet8", "autoencoder", "mobilenet_v2", "mobilenet_v1", "ds_cnn"]
)
def test_random_weights_keep_activations_in_range(name: str, zoo_model) -> None:
    """No layer explodes or dies: all activation scales lie within two decades of each other."""
    scales = [
        node.args[1]
        for node in zoo_model(name).simulation.graph.nodes
        if "quantize_per_tensor" in str(node.target) and "dequantize" not in str(node.target)
    ]
    assert max(scales) / min(scales) < 100


@pytest.mark.parametrize("name", ["digits", "resnet8", "autoencoder"])
def test_import_is_reproducible(name: str, zoo_model) -> None:
    entry = zoo.get(name)
    module, example = entry.build()
    again = import_model(module, example, entry.calibration(entry.calibration_samples))
    assert again == zoo_model(name).tosa


def test_import_does_not_depend_on_the_number_of_threads(zoo_model) -> None:
    """Float sums depend on how they are split; the front end computes its own on one thread."""
    entry = zoo.get("resnet8")
    threads = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        module, example = entry.build()
        again = import_model(module, example, entry.calibration(entry.calibration_samples))
    finally:
        torch.set_num_threads(threads)
    assert again == zoo_model("resnet8").tosa


def test_samples_are_the_same_each_time_and_not_those_of_calibration() -> None:
    for name in zoo.names():
        entry = zoo.get(name)
        few, more = entry.sample_inputs(2), entry.sample_inputs(3)
        assert all(torch.equal(a[0], b[0]) for a, b in zip(few, more[:2], strict=True))
        assert not torch.equal(few[0][0], few[1][0])
        assert not any(torch.equal(c[0], s[0]) for c in entry.calibration(4) for s in few)


@pytest.mark.parametrize("name", ["digits", "resnet8", "autoencoder"])
def test_reference_model_is_within_two_steps_of_torch(name: str, zoo_model) -> None:
    for sample in zoo.get(name).sample_inputs(3):
        for difference in zoo_model(name).differences(sample):
            assert difference.max() <= 2.01


def test_resnet18_on_the_reference_model(zoo_model) -> None:
    """Twenty layers of random weights spread single steps, so the bound is on the mean: the integer
    model must be no further from torch's simulation than one step, and 25 dB above its noise."""
    model = zoo_model("resnet18")
    (sample,) = zoo.get("resnet18").sample_inputs(1)
    spec = model.tosa.outputs[0]
    (difference,) = model.differences(sample)
    assert np.sqrt((difference**2).mean()) <= 1.0
    (levels,) = ReferenceModel(model.tosa).run([model.tosa.inputs[0].quantize(sample[0].numpy())])
    with torch.no_grad():
        exact = model.module(*sample).numpy()
    noise = exact - spec.dequantize(levels)
    assert 10 * np.log10((exact**2).sum() / (noise**2).sum()) > 25


def test_digits_accuracy(zoo_model) -> None:
    """Int8 on the reference model within half a point of float, on all 599 held-out digits."""
    model = zoo_model("digits")
    inputs, labels = zoo.get("digits").evaluation()
    assert tuple(inputs.shape) == (599, 1, 8, 8)
    assert inputs.min() >= 0
    assert inputs.max() <= 1
    with torch.no_grad():
        exact = float((model.module(inputs).argmax(1) == labels).float().mean())
    assert exact > 0.98
    reference = ReferenceModel(model.tosa)
    spec = model.tosa.inputs[0]
    hits = [
        int(reference.run([spec.quantize(image[None].numpy())])[0].argmax()) == int(label)
        for image, label in zip(inputs, labels, strict=True)
    ]
    assert abs(sum(hits) / len(hits) - exact) <= 0.005


def test_digits_are_split_in_thirds_without_overlap() -> None:
    entry = zoo.get("digits")
    training = {sample[0].numpy().tobytes() for sample in entry.calibration(2000)}
    held_out = [image.numpy().tobytes() for image in entry.evaluation().inputs]
    assert len(entry.calibration(2000)) == 1198
    assert not training.intersection(held_out)


def test_every_model_is_measured(repository: Path) -> None:
    """docs/models.md has a row for each model, all of them with the reference model's bytes."""
    text = (repository / "docs" / "models.md").read_text(encoding="utf-8")
    rows = {
        row.split("|")[1].strip(" `"): row for row in text.splitlines() if row.startswith("| `")
    }
    assert set(rows) == set(zoo.names()), "run benchmarks/models.py"
    assert all("| all |" in row for row in rows.values())
