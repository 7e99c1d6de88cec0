# ruff: noqa: PLC0415 - a peer's packages are there in its own environment only
"""ResNet-18 at 224x224 in int8, as LiteRT and as ONNX files. Runs in the peers' environment.

Weights are random: what an inference takes does not depend on them. Channels, strides and fused
operations are those of the network that adfc compiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

SCALE = 0.05
STAGES = ((64, 1), (128, 2), (256, 2), (512, 2))


@dataclass(frozen=True)
class Conv:
    """A convolution with the activation `relu` fused."""

    source: str
    result: str
    kernel: int
    stride: int
    channels: tuple[int, int]
    size: int
    relu: bool


@dataclass(frozen=True)
class Add:
    """A sum of two tensors and its relu."""

    sources: tuple[str, str]
    result: str
    channels: int
    size: int


def body() -> list[Conv | Add]:
    """The layers between the first pooling ("pool", 56x56x64) and the last; the last is "x8"."""
    layers: list[Conv | Add] = []
    source, channels, size = "pool", 64, 56
    for out, first_stride in STAGES:
        for stride in (first_stride, 1):
            number = len([layer for layer in layers if isinstance(layer, Add)]) + 1
            size //= stride
            shortcut = source
            if stride != 1 or channels != out:
                shortcut = f"d{number}"
                layers.append(Conv(source, shortcut, 1, stride, (channels, out), size, False))
            layers.append(Conv(source, f"a{number}", 3, stride, (channels, out), size, True))
            layers.append(Conv(f"a{number}", f"b{number}", 3, 1, (out, out), size, False))
            layers.append(Add((f"b{number}", shortcut), f"x{number}", out, size))
            source, channels = f"x{number}", out
    return layers


# ---- LiteRT


class _Lite:
    """Collects a LiteRT graph: int8 activations, int8 weights with a scale for each channel."""

    def __init__(self) -> None:
        from ai_edge_litert import schema_py_generated as schema

        self.s = schema
        self.rng = np.random.default_rng(0)
        self.model = schema.ModelT()
        self.model.version = 3
        self.model.operatorCodes, self.model.buffers = [], [schema.BufferT()]
        self.graph = schema.SubGraphT()
        self.graph.tensors, self.graph.operators = [], []
        self.names: dict[str, int] = {}
        self.codes: dict[int, int] = {}

    def tensor(
        self, name: str, shape: tuple[int, ...], kind: int, scales: list[float], data: Any = None
    ) -> int:
        t = self.s.TensorT()
        t.name, t.shape, t.type = name.encode(), list(shape), kind
        t.buffer = 0
        if data is not None:
            buffer = self.s.BufferT()
            buffer.data = np.frombuffer(data.tobytes(), np.uint8)
            self.model.buffers.append(buffer)
            t.buffer = len(self.model.buffers) - 1
        t.quantization = self.s.QuantizationParametersT()
        t.quantization.scale, t.quantization.zeroPoint = scales, [0] * len(scales)
        self.graph.tensors.append(t)
        self.names[name] = len(self.graph.tensors) - 1
        return self.names[name]

    def activation(self, name: str, *shape: int) -> int:
        return self.tensor(name, (1, *shape), self.s.TensorType.INT8, [SCALE])

    def op(self, code: int, inputs: list[int], output: int, kind: int, options: Any) -> None:
        if code not in self.codes:
            entry = self.s.OperatorCodeT()
            entry.builtinCode, entry.deprecatedBuiltinCode = code, min(code, 127)
            # The versions of the operators that take int8.
            b = self.s.BuiltinOperator
            entry.version = {b.CONV_2D: 3, b.FULLY_CONNECTED: 4}.get(code, 2)
            self.model.operatorCodes.append(entry)
            self.codes[code] = len(self.codes)
        o = self.s.OperatorT()
        o.opcodeIndex, o.inputs, o.outputs = self.codes[code], inputs, [output]
        o.builtinOptionsType, o.builtinOptions = kind, options
        self.graph.operators.append(o)

    def weights(self, name: str, out: int, *rest: int) -> list[int]:
        scales = [SCALE * 0.02] * out
        data = self.rng.integers(-127, 128, (out, *rest), np.int8)
        kernel = self.tensor(f"{name}.w", data.shape, self.s.TensorType.INT8, scales, data)
        self.graph.tensors[kernel].quantization.quantizedDimension = 0
        bias = np.zeros(out, np.int32)
        products = [scale * SCALE for scale in scales]
        return [kernel, self.tensor(f"{name}.b", (out,), self.s.TensorType.INT32, products, bias)]

    def conv(self, layer: Conv) -> None:
        s, o = self.s, self.s.Conv2DOptionsT()
        o.padding, o.strideW, o.strideH = s.Padding.SAME, layer.stride, layer.stride
        o.dilationWFactor = o.dilationHFactor = 1
        kind = s.ActivationFunctionType
        o.fusedActivationFunction = kind.RELU if layer.relu else kind.NONE
        sources, results = layer.channels
        source = self.names[layer.source]
        inputs = [source, *self.weights(layer.result, results, layer.kernel, layer.kernel, sources)]
        output = self.activation(layer.result, layer.size, layer.size, results)
        self.op(s.BuiltinOperator.CONV_2D, inputs, output, s.BuiltinOptions.Conv2DOptions, o)

    def add(self, layer: Add) -> None:
        s, o = self.s, self.s.AddOptionsT()
        o.fusedActivationFunction = s.ActivationFunctionType.RELU
        inputs = [self.names[name] for name in layer.sources]
        output = self.activation(layer.result, layer.size, layer.size, layer.channels)
        self.op(s.BuiltinOperator.ADD, inputs, output, s.BuiltinOptions.AddOptions, o)

    def pool(self, code: int, source: str, result: str, window: int, size: int, step: int) -> None:
        s, o = self.s, self.s.Pool2DOptionsT()
        o.padding, o.strideW, o.strideH = (
            s.Padding.SAME if step > 1 else s.Padding.VALID,
            step,
            step,
        )
        o.filterWidth = o.filterHeight = window
        channels = self.graph.tensors[self.names[source]].shape[3]
        output = self.activation(result, size, size, channels)
        self.op(code, [self.names[source]], output, s.BuiltinOptions.Pool2DOptions, o)

    def bytes(self, inputs: list[str], outputs: list[str]) -> bytes:
        import flatbuffers

        self.graph.inputs = [self.names[name] for name in inputs]
        self.graph.outputs = [self.names[name] for name in outputs]
        self.model.subgraphs = [self.graph]
        builder = flatbuffers.Builder(16 << 20)
        builder.Finish(self.model.Pack(builder), b"TFL3")
        return bytes(builder.Output())


def litert(path: Path) -> None:
    """Write the network as a LiteRT file."""
    lite = _Lite()
    code = lite.s.BuiltinOperator
    lite.activation("x", 224, 224, 3)
    lite.conv(Conv("x", "stem", 7, 2, (3, 64), 112, True))
    lite.pool(code.MAX_POOL_2D, "stem", "pool", 3, 56, 2)
    for layer in body():
        lite.conv(layer) if isinstance(layer, Conv) else lite.add(layer)
    lite.pool(code.AVERAGE_POOL_2D, "x8", "mean", 7, 1, 1)
    options = lite.s.FullyConnectedOptionsT()
    inputs = [lite.names["mean"], *lite.weights("fc", 1000, 512)]
    # One scale for all channels: what all versions of the operator take.
    for tensor in (lite.graph.tensors[i] for i in inputs[1:]):
        tensor.quantization.scale = tensor.quantization.scale[:1]
        tensor.quantization.zeroPoint = [0]
    output = lite.activation("y", 1000)
    kind = lite.s.BuiltinOptions.FullyConnectedOptions
    lite.op(code.FULLY_CONNECTED, inputs, output, kind, options)
    path.write_bytes(lite.bytes(["x"], ["y"]))


# ---- ONNX


class _Onnx:
    """Collects an ONNX graph in QDQ form; activations are uint8, or int8 where `signed`."""

    def __init__(self, *, signed: bool) -> None:
        import onnx

        self.h, self.t = onnx.helper, onnx.TensorProto
        self.rng = np.random.default_rng(0)
        self.nodes: list[Any] = []
        self.constants: list[Any] = []
        kind = np.int8 if signed else np.uint8
        self.constant("s", np.float32(SCALE))
        self.constant("z", kind(0))
        self.constant("zero", kind(0 if signed else 128))

    def constant(self, name: str, value: Any) -> None:
        import onnx

        self.constants.append(onnx.numpy_helper.from_array(np.asarray(value), name))

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> None:
        self.nodes.append(self.h.make_node(kind, inputs, [output], name=output, **attributes))

    def quantized(self, source: str, result: str, *, relu: bool) -> None:
        """Rounds `source`, a float tensor, to 8 bits and back: the tensor `result`."""
        zero = "z" if relu else "zero"
        self.node("QuantizeLinear", [source, "s", zero], f"{result}.q")
        self.node("DequantizeLinear", [f"{result}.q", "s", zero], result)

    def weights(self, name: str, shape: tuple[int, ...]) -> list[str]:
        self.constant(f"{name}.w8", self.rng.integers(-127, 128, shape, np.int8))
        self.constant(f"{name}.ws", np.full(shape[0], SCALE * 0.02, np.float32))
        self.constant(f"{name}.wz", np.zeros(shape[0], np.int8))
        self.node(
            "DequantizeLinear", [f"{name}.w8", f"{name}.ws", f"{name}.wz"], f"{name}.w", axis=0
        )
        self.constant(f"{name}.b32", np.zeros(shape[0], np.int32))
        self.constant(f"{name}.bs", np.full(shape[0], SCALE * SCALE * 0.02, np.float32))
        self.constant(f"{name}.bz", np.zeros(shape[0], np.int32))
        self.node(
            "DequantizeLinear", [f"{name}.b32", f"{name}.bs", f"{name}.bz"], f"{name}.b", axis=0
        )
        return [f"{name}.w", f"{name}.b"]

    def rectified(self, source: str, result: str, *, relu: bool) -> None:
        if relu:
            self.node("Relu", [source], f"{result}.r")
        self.quantized(f"{result}.r" if relu else source, result, relu=relu)

    def conv(self, layer: Conv) -> None:
        shape = (layer.channels[1], layer.channels[0], layer.kernel, layer.kernel)
        name = layer.result
        self.node(
            "Conv",
            [layer.source, *self.weights(name, shape)],
            f"{name}.f",
            kernel_shape=[layer.kernel] * 2,
            strides=[layer.stride] * 2,
            pads=[layer.kernel // 2] * 4,
        )
        self.rectified(f"{name}.f", name, relu=layer.relu)

    def add(self, layer: Add) -> None:
        self.node("Add", list(layer.sources), f"{layer.result}.f")
        self.rectified(f"{layer.result}.f", layer.result, relu=True)


def onnx(path: Path, *, signed: bool) -> None:
    """Write the network as an ONNX file in QDQ form."""
    import onnx as package

    g = _Onnx(signed=signed)
    g.quantized("x", "x.d", relu=False)
    g.conv(Conv("x.d", "stem", 7, 2, (3, 64), 112, True))
    window = {"kernel_shape": [3, 3], "strides": [2, 2], "pads": [1, 1, 1, 1]}
    g.node("MaxPool", ["stem"], "pool.f", **window)
    g.quantized("pool.f", "pool", relu=True)
    for layer in body():
        g.conv(layer) if isinstance(layer, Conv) else g.add(layer)
    g.node("GlobalAveragePool", ["x8"], "mean.f")
    g.quantized("mean.f", "mean", relu=True)
    g.node("Flatten", ["mean"], "flat.f")
    g.quantized("flat.f", "flat", relu=True)
    g.node("Gemm", ["flat", *g.weights("fc", (1000, 512))], "fc.f", transB=1)
    g.quantized("fc.f", "y", relu=False)
    value = g.h.make_tensor_value_info
    inputs = [value("x", g.t.FLOAT, [1, 3, 224, 224])]
    outputs = [value("y", g.t.FLOAT, [1, 1000])]
    graph = g.h.make_graph(g.nodes, "resnet18", inputs, outputs, g.constants)
    opset = [g.h.make_opsetid("", 17)]
    package.save(g.h.make_model(graph, opset_imports=opset, ir_version=9), str(path))
