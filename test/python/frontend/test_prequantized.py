"""Models that come quantized: their scales and levels are kept; zero points are told."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.fx import GraphModule
from torchao.quantization.pt2e import move_exported_model_to_eval
from torchao.quantization.pt2e.quantize_pt2e import (
    convert_pt2e,
    prepare_pt2e,
    prepare_qat_pt2e,
)
from torchao.quantization.pt2e.quantizer import x86_inductor_quantizer as x86

from adfc.errors import InputError
from adfc.frontend.load import load_model
from adfc.frontend.mlir import ir
from adfc.frontend.quantizer import Int8Quantizer
from adfc.frontend.source import TorchSource
from adfc.oracle import ReferenceModel
from adfc.quantization import QuantizationOptions

OTHER = torch.linspace(-3, 3, 3 * 12 * 12).reshape(1, 3, 12, 12)


class Network(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 8, 3, padding=1)
        self.norm = nn.BatchNorm2d(8)
        self.second = nn.Conv2d(8, 8, 3, padding=1, groups=2)
        self.head = nn.Linear(8, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = torch.relu(self.norm(self.first(x)))
        y = torch.max_pool2d(y + self.second(y), 2)
        return self.head(torch.flatten(nn.functional.adaptive_avg_pool2d(y, 1), 1))


def sample(seed: int) -> torch.Tensor:
    return torch.randn(1, 3, 12, 12, generator=torch.Generator().manual_seed(seed))


def converted(quantizer: Any, *, qat: bool = False) -> GraphModule:
    torch.manual_seed(0)
    network = Network() if qat else Network().eval()
    graph = torch.export.export(network, (sample(0),)).module()
    prepared = (prepare_qat_pt2e if qat else prepare_pt2e)(graph, quantizer)
    for seed in range(4):
        prepared(sample(seed))
    result = convert_pt2e(prepared)
    move_exported_model_to_eval(result)
    return result


def source(model: Any) -> TorchSource:
    # Calibrated on something else altogether: no scale may come from here.
    return TorchSource("m", model, (OTHER,), [(OTHER,)], "other inputs")


def scales_of(model: GraphModule) -> set[float]:
    return {
        float(node.args[1])
        for node in model.graph.nodes
        if "quantize_per_tensor" in str(node.target)
    }


def int8_constants(text: str) -> list[np.ndarray[Any, Any]]:
    """All int8 constants of the TOSA text with more than one axis."""
    found: list[np.ndarray[Any, Any]] = []
    with ir.Context(), ir.Location.unknown():
        module = ir.Module.parse(text)

        def note(operation: Any) -> Any:
            if operation.name == "tosa.const":
                kind = str(operation.results[0].type)
                if kind.endswith("xi8>") and kind.count("x") > 1:
                    found.append(np.array(ir.DenseElementsAttr(operation.attributes["values"])))
            return ir.WalkResult.ADVANCE

        module.operation.walk(note)
    return found


def nonzero(levels: np.ndarray[Any, Any]) -> tuple[int, ...]:
    """The levels in order of size; weights of groups are stored with zeros between them."""
    return tuple(sorted(int(level) for level in levels.ravel() if level))


@pytest.mark.parametrize("qat", [False, True], ids=["post-training", "qat"])
def test_levels_are_the_model_s(qat: bool) -> None:
    model = converted(Int8Quantizer(), qat=qat)
    quantized = source(model).quantize()
    given = scales_of(model)
    # Every scale is one of the model's, and none came from the calibration.
    assert scales_of(quantized.graph) <= given
    tosa = source(model).to_tosa()
    assert tosa.inputs[0].scale in given
    assert tosa.outputs[0].scale in given
    found = {nonzero(values) for values in int8_constants(tosa.text)}
    frozen = [b for name, b in model.named_buffers() if name.startswith("_frozen_param")]
    assert len([b for b in frozen if b.dtype == torch.int8]) == 3
    for weights in frozen:
        assert nonzero(weights.numpy()) in found


def test_result_is_that_of_the_simulation() -> None:
    """The integer reference is within two levels of torch's simulation of the model as it came."""
    model = converted(Int8Quantizer())
    tosa = source(model).to_tosa()
    for seed in range(5, 9):
        x = sample(seed)
        (levels,) = ReferenceModel(tosa).run([tosa.inputs[0].quantize(x.numpy())])
        expected = model(x).detach().numpy() / tosa.outputs[0].scale
        assert np.abs(levels - expected).max() <= 2


def test_saved_programs_keep_their_levels(tmp_path: Path) -> None:
    model = converted(Int8Quantizer())
    torch.export.save(torch.export.export(model, (sample(0),)), tmp_path / "q.pt2")
    loaded = load_model(str(tmp_path / "q.pt2"))
    tosa, direct = loaded.to_tosa(), source(model).to_tosa()
    assert int8_constants(tosa.text)[0].tolist() == int8_constants(direct.text)[0].tolist()
    assert (tosa.inputs[0].scale, tosa.outputs[0].scale) == (
        direct.inputs[0].scale,
        direct.outputs[0].scale,
    )


def x86_quantizer() -> Any:
    """Activations uint8 with zero points."""
    quantizer = x86.X86InductorQuantizer()
    quantizer.set_global(x86.get_default_x86_inductor_quantization_config())
    return quantizer


def test_zero_points_are_refused_unless_asked_for() -> None:
    model = converted(x86_quantizer())
    with pytest.raises(InputError, match=r"tensors with a zero point that is not 0: .*requantize"):
        source(model).to_tosa()
    options = QuantizationOptions(requantize=True)
    tosa = source(model).to_tosa(quantization=options)
    for seed in range(5, 8):
        x = sample(seed)
        (levels,) = ReferenceModel(tosa).run([tosa.inputs[0].quantize(x.numpy())])
        expected = model(x).detach().numpy()
        error = np.abs(tosa.outputs[0].dequantize(levels) - expected).max()
        assert error <= 0.05 * np.abs(expected).max()


def test_options_that_would_change_the_scales_are_refused() -> None:
    model = converted(Int8Quantizer())
    with pytest.raises(InputError, match="quantized already"):
        source(model).to_tosa(quantization=QuantizationOptions(scales="pow2"))
