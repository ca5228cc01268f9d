"""Evaluation: test questions in, measures under their usual names out. Every question goes through `Assistant.ask`."""

import warnings
from typing import Any

from qa.evaluation.calibration.calibrate import calibrate
from qa.evaluation.checking import Problem, check_questions
from qa.evaluation.comparison import Comparison, Difference, compare, compare_with_baseline
from qa.evaluation.datasets.question_sets import QuestionSet, load_question_set
from qa.evaluation.datasets.questions import TestQuestion, load_questions, save_questions
from qa.evaluation.datasets.squad import unpack_squad
from qa.evaluation.drafting import draft_questions
from qa.evaluation.export import save_qrels, save_trec_run
from qa.evaluation.failure_reasons import CAUSES, cause
from qa.evaluation.metrics.measures import Figures, figures, scores
from qa.evaluation.metrics.outcomes import Outcome
from qa.evaluation.run import Run, evaluate
from qa.evaluation.run_info import RunInfo
from qa.evaluation.saving import find_run, load_run, save_run

__all__ = [
    "CAUSES",
    "Comparison",
    "Difference",
    "Figures",
    "Outcome",
    "Problem",
    "QuestionSet",
    "Run",
    "RunInfo",
    "TestQuestion",
    "calibrate",
    "cause",
    "check_questions",
    "compare",
    "compare_with_baseline",
    "draft_questions",
    "evaluate",
    "figures",
    "find_run",
    "load_question_set",
    "load_questions",
    "load_run",
    "save_qrels",
    "save_questions",
    "save_run",
    "save_trec_run",
    "scores",
    "unpack_squad",
]


def __getattr__(name: str) -> Any:
    """Keep `Made`, the former name of `RunInfo`, working for one release."""
    if name == "Made":
        warnings.warn("qa.evaluation.Made is now qa.evaluation.RunInfo.", DeprecationWarning, stacklevel=2)
        return RunInfo
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
