r"""Finds the final answer in a response and decides whether it equals the key. Text comes in; nothing of ours.

>>> compare(r"\frac{1}{2}", "0.5").verdict
'match'
"""

from stages.answers.compare import compare
from stages.answers.extract import Extraction, extract
from stages.answers.verdicts import Comparison

__all__ = ["Comparison", "Extraction", "compare", "extract"]
