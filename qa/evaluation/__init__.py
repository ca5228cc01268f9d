"""Measuring: test questions in, figures under the field's names out; everything is asked through `Assistant`."""

from qa.evaluation.measures import Figures
from qa.evaluation.questions import TestQuestion, load_questions
from qa.evaluation.run import Outcome, Run, evaluate
from qa.evaluation.squad import unpack_squad

__all__ = ["Figures", "Outcome", "Run", "TestQuestion", "evaluate", "load_questions", "unpack_squad"]
