# ruff: noqa: PLC0415 - a peer's packages are there in its own environment only
"""One contestant: makes its model, then times as many inferences as each line of input asks for.

    python benchmarks/peer_run.py NAME FOLDER

Answers each line with one JSON object: best wall and processor seconds of an inference, by one
thread. The first answer, before any input, is {"ready": true} or {"missing": REASON}.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

Inference = Callable[[], object]


def litert(folder: Path) -> Inference:
    """LiteRT with its XNNPACK kernels, int8 in and out."""
    import peer_models
    from ai_edge_litert.interpreter import Interpreter

    path = folder / "resnet18.tflite"
    peer_models.litert(path)
    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    interpreter.set_tensor(
        interpreter.get_input_details()[0]["index"], np.ones((1, 224, 224, 3), np.int8)
    )
    return interpreter.invoke


def _onnxruntime(folder: Path, *, signed: bool) -> Inference:
    import onnxruntime
    import peer_models

    path = folder / f"resnet18-{'signed' if signed else 'unsigned'}.onnx"
    peer_models.onnx(path, signed=signed)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, ["CPUExecutionProvider"])
    x = np.ones((1, 3, 224, 224), np.float32)
    return lambda: session.run(None, {"x": x})


def onnxruntime_unsigned(folder: Path) -> Inference:
    """ONNX Runtime, QDQ with uint8 activations: its quicker form."""
    return _onnxruntime(folder, signed=False)


def onnxruntime_signed(folder: Path) -> Inference:
    """ONNX Runtime, QDQ with int8 activations, as adfc has them."""
    return _onnxruntime(folder, signed=True)


def openvino(folder: Path) -> Inference:
    """OpenVINO on the same ONNX file with uint8 activations."""
    import openvino as ov
    import peer_models

    path = folder / "resnet18-ov.onnx"
    peer_models.onnx(path, signed=False)
    settings = {"INFERENCE_NUM_THREADS": 1, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY"}
    request = ov.Core().compile_model(str(path), "CPU", settings).create_infer_request()
    x = np.ones((1, 3, 224, 224), np.float32)
    return lambda: request.infer({"x": x})


def iree(folder: Path) -> Inference:
    """IREE on the TOSA text that adfc's front end emits (folder/resnet18.mlir)."""
    from iree import compiler, runtime

    image = compiler.compile_file(
        str(folder / "resnet18.mlir"),
        input_type="tosa",
        target_backends=["llvm-cpu"],
        extra_args=["--iree-llvmcpu-target-cpu=host"],
    )
    config = runtime.Config("local-sync")
    context = runtime.SystemContext(config=config)
    context.add_vm_module(runtime.VmModule.copy_buffer(context.instance, image))
    function = next(iter(context.modules.module.vm_module.function_names))
    x = np.ones((1, 224, 224, 3), np.int8)
    return lambda: context.modules.module[function](x)


def adfc(folder: Path) -> Inference:
    """The emulated array, in adfc's own environment: folder/resnet18.rimfs, int8 in and out."""
    from adfc.program import Program

    program = Program.load(folder / "resnet18.rimfs")
    zeros = [np.zeros(spec.array_shape, np.int8) for spec in program.inputs]
    return lambda: program.loaded.run(zeros)


def adfc_again(folder: Path) -> Inference:
    """The same without switching the array off in between."""
    from adfc.program import Program

    program = Program.load(folder / "resnet18.rimfs")
    zeros = [np.zeros(spec.array_shape, np.int8) for spec in program.inputs]
    return lambda: program.loaded.run(zeros, keep_state=True)


def adfc_two_threads(folder: Path) -> Inference:
    """The same as `adfc_again` with a second thread, of which processor time tells nothing."""
    from adfc.program import Program

    program = Program.load(folder / "resnet18.rimfs")
    zeros = [np.zeros(spec.array_shape, np.int8) for spec in program.inputs]
    return lambda: program.loaded.run(zeros, keep_state=True, threads=2)


CONTESTANTS = {
    "adfc": adfc,
    "adfc-again": adfc_again,
    "adfc-two-threads": adfc_two_threads,
    "litert": litert,
    "onnxruntime-unsigned": onnxruntime_unsigned,
    "onnxruntime-signed": onnxruntime_signed,
    "openvino": openvino,
    "iree": iree,
}


def main() -> None:
    """Run the contestant that the command line names."""
    name, folder = sys.argv[1], Path(sys.argv[2])
    try:
        infer = CONTESTANTS[name](folder)
        infer()
    except Exception as error:
        print(json.dumps({"missing": f"{type(error).__name__}: {error}".splitlines()[0][:200]}))
        return
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        wall, processor = [], []
        for _ in range(int(line)):
            start = time.perf_counter(), time.thread_time()
            infer()
            wall.append(time.perf_counter() - start[0])
            processor.append(time.thread_time() - start[1])
        print(json.dumps({"wall": min(wall), "processor": min(processor)}), flush=True)


if __name__ == "__main__":
    main()
