"""OpenVinoEngine: a converted transformer, run on the processor without PyTorch."""

import os
import sys
import threading
import time
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np

from embeddings.engines.token_model import Ids
from embeddings.model_spec import Vectors

Use = Literal["questions", "passages"]

_SHAPES: Mapping[Use, tuple[int, int]] = {"questions": (1, 16), "passages": (16, 128)}  # inputs and tokens, as they often are
_ROUNDS = 5
_WORTH_IT = 0.85  # of float32's time; for less, another precision is not worth compiling the model twice


@cache
def core() -> Any:
    """OpenVINO, imported without its telemetry, which would tell its maker of each import and conversion.

    Raises:
        ImportError: it is not installed.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # None makes importing it fail
    import openvino

    return openvino.Core()


class OpenVinoEngine:
    """A transformer that OpenVINO runs, questions and passages each in the precision that suits this processor."""

    name = "OpenVINO"

    def __init__(self, model: Any, precisions: Mapping[Use, str]) -> None:
        """Take a model of `openvino.Core.read_model`; it is compiled when it is first needed."""
        self.precisions = dict(precisions)
        self._model = model
        self._compiled: dict[str, Any] = {}  # by precision
        self._compiling = threading.Lock()
        # One request each, since a request runs one batch at a time, and whoever asks shall not wait for those who add.
        self._requests: dict[Use, Any] = {}
        self._running: dict[Use, threading.Lock] = {"questions": threading.Lock(), "passages": threading.Lock()}

    def outputs(self, ids: Ids, mask: Ids, *, question: bool) -> Vectors:
        use: Use = "questions" if question else "passages"
        with self._running[use]:
            if use not in self._requests:
                self._requests[use] = self._compile(self.precisions[use]).create_infer_request()
            request = self._requests[use]
            request.infer({"input_ids": ids, "attention_mask": mask}, share_inputs=True)
            return np.array(request.get_output_tensor(0).data, np.float32)  # a copy: the next request writes over it

    def _compile(self, precision: str) -> Any:
        with self._compiling:
            if precision not in self._compiled:
                self._compiled[precision] = compiled(self._model, precision)
            return self._compiled[precision]


def compiled(model: Any, precision: str) -> Any:
    """Compile a model for the processor, with as many threads as there are cores for this process.

    Threads are not pinned: several processes that each pinned theirs to the first cores would all wait for those.
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


def processor() -> tuple[str, bool]:
    """The processor's name, and whether it can calculate in bfloat16."""
    capabilities = core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    return f"{core().get_property('CPU', 'FULL_DEVICE_NAME')} {' '.join(sorted(capabilities))}", "BF16" in capabilities


def fastest_precisions(model: Any) -> dict[Use, str]:
    """Measure in which precision this processor runs a model faster; having bfloat16 does not say that it pays."""
    precisions: dict[Use, str] = {"questions": "f32", "passages": "f32"}
    if not processor()[1]:
        return precisions
    requests = {precision: compiled(model, precision).create_infer_request() for precision in ("f32", "bf16")}
    for use, shape in _SHAPES.items():
        inputs = {name: np.ones(shape, np.int64) for name in ("input_ids", "attention_mask")}
        least = dict.fromkeys(requests, float("inf"))
        for _ in range(_ROUNDS):  # in turn, so that what else the machine does weighs on both alike
            for precision, request in requests.items():
                began = time.perf_counter()
                request.infer(inputs)
                least[precision] = min(least[precision], time.perf_counter() - began)
        if least["bf16"] < _WORTH_IT * least["f32"]:
            precisions[use] = "bf16"
    return precisions


def _cores_allowed() -> int | None:
    """How many cores this process may use where that is fewer than the machine has, which OpenVINO would not notice."""
    cores = os.cpu_count() or 1
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else cores
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        allowed = min(allowed, max(1, int(quota) // int(period)))
    except (OSError, ValueError):  # no such limit, or "max"
        pass
    return allowed if allowed < cores else None
