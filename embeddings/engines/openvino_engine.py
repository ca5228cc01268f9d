"""OpenVinoEngine: run a converted transformer on the processor, without PyTorch."""

import os
import sys
import threading
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from embeddings.engines.memory_limit import refuse_little_memory
from embeddings.engines.token_model import TokenIds
from embeddings.model_spec import Vectors

Use = Literal["questions", "passages"]

_SHAPES: Mapping[Use, tuple[int, int]] = {"questions": (1, 16), "passages": (16, 128)}  # typical inputs × tokens
_ROUNDS = 5
_WORTH_IT = 0.85  # of the time in float32; a smaller gain is not worth compiling the model twice


@cache
def core() -> Any:
    """Return OpenVINO's core, imported without the telemetry that reports imports and conversions.

    Raises:
        ImportError: it is not installed.
        ModelError: this process may take too little memory.
    """
    refuse_little_memory()
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # makes its import fail
    import openvino

    return openvino.Core()


class OpenVinoEngine:
    """A transformer run by OpenVINO, with the faster precision for questions and for passages."""

    name = "OpenVINO"

    def __init__(self, model: Any, precisions: Mapping[Use, str]) -> None:
        """Wrap a model of `openvino.Core.read_model`. It is compiled when first used."""
        self.precisions = dict(precisions)
        self._model = model
        self._compiled: dict[str, Any] = {}  # by precision
        self._compiling = threading.Lock()
        # One request for each use: a request runs one batch at a time, and a question should not wait for passages.
        self._requests: dict[Use, Any] = {}
        self._running: dict[Use, threading.Lock] = {"questions": threading.Lock(), "passages": threading.Lock()}

    def outputs(self, ids: TokenIds, mask: TokenIds, *, question: bool) -> Vectors:
        use: Use = "questions" if question else "passages"
        with self._running[use]:
            if use not in self._requests:
                self._requests[use] = self._compile(self.precisions[use]).create_infer_request()
            request = self._requests[use]
            request.infer({"input_ids": ids, "attention_mask": mask}, share_inputs=True)
            return np.array(request.get_output_tensor(0).data, np.float32)  # a copy: the next batch overwrites it

    def _compile(self, precision: str) -> Any:
        with self._compiling:
            if precision not in self._compiled:
                self._compiled[precision] = compile_model(self._model, precision)
            return self._compiled[precision]


def compile_model(model: Any, precision: str) -> Any:
    """Compile a model for the processor, with one thread for each core that this process may use.

    Threads are not pinned to cores, because several processes would all pin theirs to the first ones.
    """
    options: dict[str, Any] = {
        "INFERENCE_PRECISION_HINT": precision,
        "PERFORMANCE_HINT": "LATENCY",
        "ENABLE_CPU_PINNING": False,
    }
    allowed = _cores_allowed()
    if allowed is not None:
        options["INFERENCE_NUM_THREADS"] = allowed
    return core().compile_model(model, "CPU", options)


def describe_processor() -> tuple[str, bool]:
    """Return the processor's name and capabilities, and whether it supports bfloat16."""
    capabilities = core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return f"{core().get_property('CPU', 'FULL_DEVICE_NAME')} {' '.join(sorted(capabilities))}", "BF16" in capabilities


def measure_precisions(model: Any) -> dict[Use, str]:
    """Measure which precision is faster for a model on this processor. Support for bfloat16 does not mean that it pays."""
    precisions: dict[Use, str] = {"questions": "f32", "passages": "f32"}
    if not describe_processor()[1]:
        return precisions
    requests = {precision: compile_model(model, precision).create_infer_request() for precision in ("f32", "bf16")}
    for use, shape in _SHAPES.items():
        inputs = {name: np.ones(shape, np.int64) for name in ("input_ids", "attention_mask")}
        best = dict.fromkeys(requests, float("inf"))
        for _ in range(_ROUNDS):  # in turn, so that other load slows both alike
            for precision, request in requests.items():
                began = time.perf_counter()
                request.infer(inputs)
                best[precision] = min(best[precision], time.perf_counter() - began)
        if best["bf16"] < _WORTH_IT * best["f32"]:
            precisions[use] = "bf16"
    return precisions


def _cores_allowed() -> int | None:
    """Return how many cores this process may use, or None for all. OpenVINO does not notice such limits."""
    cores = os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        allowed = min(allowed, max(1, int(quota) // int(period)))
    except (OSError, ValueError):  # no such limit, or "max"
        pass
    return allowed if allowed < cores else None
