"""ImageNet's mean and deviation against ÷255: is one better, and how sure is that?"""

from dataclasses import dataclass
from math import hypot

from xray_app.core import Interval
from xray_app.study.chance import over_seeds
from xray_app.study.records import Run, mean_over_seeds
from xray_app.study.regimes import regime_words
from xray_app.study.summary import HARMFUL, Summary, one_seed


def has_both(summary: Summary) -> bool:
    """Whether a regime was trained under both."""
    return {"imagenet", "rescale"} <= set(summary.runs)


@dataclass(frozen=True, slots=True)
class Pair:
    """ImageNet's mean and deviation against ÷255 in one regime, each fed as trained."""

    summary: Summary

    @property
    def phrase(self) -> str:
        """Where, inside a sentence."""
        return regime_words(self.summary.regime).phrase

    @property
    def auc(self) -> tuple[Interval, Interval]:
        """Of ImageNet's and of ÷255, mean over the seeds."""
        return self._means("auc")

    @property
    def specificity(self) -> tuple[Interval, Interval]:
        """Of ImageNet's and of ÷255 at a threshold of 0.5, mean over the seeds."""
        return self._means("specificity")

    @property
    def half_width(self) -> float:
        """Of the interval of the difference: over patients or over seeds, whichever is wider.

        Patients are taken as independent, so rather wide.
        """
        over_patients = hypot(*((i.high - i.low) / 2 for i in self.auc))
        return max(over_patients, self._over_seeds("auc"))

    @property
    def specificity_differs(self) -> bool:
        """Whether neither other patients nor, if several are there, other seeds explain it."""
        one, other = self.specificity
        is_apart = one.high < other.low or other.high < one.low
        return is_apart and abs(one.value - other.value) > self._over_seeds("specificity")

    @property
    def verdict(self) -> str:
        """Which is better; or that none is, or that the study is too small to say."""
        imagenet, rescale = (i.value for i in self.auc)
        if abs(imagenet - rescale) > self.half_width:
            return f"{'ImageNet' if imagenet > rescale else '÷255'} is better"
        return "no difference shows" if self.half_width <= HARMFUL else "it can't be told"

    @property
    def figures(self) -> str:
        """The phrase, and both AUC in parentheses."""
        imagenet, rescale = (i.value for i in self.auc)
        return (
            f"{self.phrase} (AUC {rescale:.3f} with ÷255, {imagenet:.3f} with ImageNet's, the "
            f"difference give or take {self.half_width:.3f}{one_seed(self.summary)})"
        )

    def _means(self, metric: str) -> tuple[Interval, Interval]:
        imagenet, rescale = (mean_over_seeds(runs, metric) for runs in self._runs)
        return imagenet, rescale

    def _over_seeds(self, metric: str) -> float:
        if self.summary.seeds == 1:
            return 0.0
        return over_seeds([[getattr(r.cell(r.scheme), metric) for r in s] for s in self._runs])

    @property
    def _runs(self) -> tuple[tuple[Run, ...], ...]:
        return self.summary.runs["imagenet"], self.summary.runs["rescale"]
