from .judge import OUTSIDE, gate_sentence, is_outside, judge_radiograph, rule_of
from .rule import distances, judge_statistics, kind_logits, log_odds, margins
from .stated import ADULT, contradiction, weighed

__all__ = [
    "ADULT",
    "OUTSIDE",
    "contradiction",
    "distances",
    "gate_sentence",
    "is_outside",
    "judge_radiograph",
    "judge_statistics",
    "kind_logits",
    "log_odds",
    "margins",
    "rule_of",
    "weighed",
]
