from .judge import OUTSIDE, gate_sentence, is_outside, judge_radiograph, rule_of

__all__ = [
    "OUTSIDE",
    "gate_sentence",
    "is_outside",
    "judge_radiograph",
    "rule_of",
]
