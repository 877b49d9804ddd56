"""The study's answers, computed from its figures and never canned, whichever way they point."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import mean
from typing import NamedTuple

from xray_app.core.text import listed
from xray_app.study.records import Study
from xray_app.study.regimes import regime_words
from xray_app.study.summary import (
    HARMFUL,
    NOTICEABLE,
    Matched,
    Summary,
    as_change,
    summarise,
)

_FROM_IMAGENET = ("pretrained-frozen", "finetuned-frozen-batchnorm", "finetuned")
_Summaries = Mapping[str, Summary]


@dataclass(frozen=True, slots=True)
class Answer:
    """A question that people ask, and what the study's figures say."""

    question: str
    text: str


class _Lowest(NamedTuple):
    """The scheme of the lowest accuracy; stuck if one class for all could be as good."""

    scheme: str
    value: float
    stuck: bool


def conclude(study: Study) -> tuple[Answer, ...]:
    """Answer every question for which the study has runs; the first is always answered."""
    found = summarise(study)
    answers = (
        Answer(
            "Does the choice of scheme matter, if inference does what training did?",
            _choice(found.values()),
        ),
        Answer("What does another scheme at inference cost?", _cost(found.values())),
        Answer(
            "Does a network that starts from ImageNet's weights need ImageNet's mean and "
            "deviation, or is ÷255 as good?",
            "" if study.rescales else _imagenet(found),
        ),
        Answer(
            "Does frozen BatchNorm make a wrong scale fatal, and does one that learns heal it?",
            _frozen_batchnorm(study, found),
        ),
        Answer("How many epochs does a wrong scale cost?", _epochs(found.values())),
        Answer("Is it BatchNorm that makes the choice harmless?", _batchnorm(found)),
    )
    return tuple(answer for answer in answers if answer.text)


def _choice(found: Iterable[Summary]) -> str:
    hardly = [_between(s) for s in found if not s.matched.matters]
    matters = [_between(s) for s in found if s.matched.matters]
    if not hardly and not matters:
        return "No two schemes were trained in one regime yet, so the study can't say."
    said = [f"Hardly {listed(hardly)}."] if hardly else []
    if matters:
        said.append(f"{'It does' if hardly else 'Yes,'} {listed(matters)}.")
    return " ".join(said)


def _between(s: Summary) -> str:
    m = s.matched
    return (
        f"{regime_words(s.regime).phrase} (AUC {m.auc[m.worst]:.3f} with {m.worst} to "
        f"{m.auc[m.best]:.3f} with {m.best})"
    )


def _cost(found: Iterable[Summary]) -> str:
    crossed = [s for s in found if s.mismatches]
    if not crossed:
        return ""
    if max(s.typical for s in crossed) > HARMFUL:
        judged = "It is what does harm"
    elif max(s.costliest.loss for s in crossed) > HARMFUL:
        judged = "It does harm for some pairs"
    else:
        judged = "It is harmless here"
    changes = listed([_change(s) for s in crossed])
    return f"{judged}: AUC changes by a median of {changes}."


def _change(s: Summary) -> str:
    worst = s.costliest
    return (
        f"{as_change(s.typical)} {regime_words(s.regime).phrase} (at worst "
        f"{as_change(worst.loss)}, trained on {worst.trained} and fed {worst.fed})"
    )


def _imagenet(found: _Summaries) -> str:
    own = [s for name in _FROM_IMAGENET if (s := found.get(name)) and _compared(s.matched)]
    if not own:
        return ""
    sure = [s for s in own if s.matched.exceeds_chance(_advantage(s.matched))]
    if not sure:
        judged = "÷255 is as good, as far as can be told"
    else:
        phrases = listed([regime_words(s.regime).phrase for s in sure])
        judged = f"It makes a difference {phrases}"
    figures = listed(
        [
            f"{s.matched.auc['imagenet']:.3f} against {s.matched.auc['rescale']:.3f} "
            f"{regime_words(s.regime).phrase} (by chance {s.matched.chance:.3f})"
            for s in own
        ]
    )
    return f"{judged}, where inference does the same: AUC is {figures}."


def _compared(matched: Matched) -> bool:
    return {"imagenet", "rescale"} <= matched.auc.keys()


def _advantage(matched: Matched) -> float:
    return matched.auc["imagenet"] - matched.auc["rescale"]


def _frozen_batchnorm(study: Study, found: _Summaries) -> str:
    frozen, learning = found.get("finetuned-frozen-batchnorm"), found.get("finetuned")
    if frozen is None or learning is None or not (frozen.mismatches and learning.mismatches):
        return ""
    first, second = _lowest_accuracy(study, frozen), _lowest_accuracy(study, learning)
    judged = {
        (False, False): "It is fatal with neither, fed what it was trained with",
        (True, False): "It is fatal with BatchNorm frozen, and learning heals it",
        (False, True): "It is fatal with BatchNorm learning alone",
        (True, True): "It is fatal with both",
    }[first.stuck, second.stuck]
    gained = frozen.typical - learning.typical
    if abs(gained) <= NOTICEABLE:
        healed = "one that learns changes little"
    else:
        healed = f"one that learns makes it {'cheaper' if gained > 0 else 'dearer'}"
    return (
        f"{judged}: the lowest accuracy is {first.value:.3f} ({first.scheme}) with BatchNorm "
        f"frozen and {second.value:.3f} ({second.scheme}) with BatchNorm learning, where always "
        f"the commonest class gives {_commonest(study):.3f}. Fed another scheme, {healed}: AUC "
        f"changes by a median of {as_change(frozen.typical)} with BatchNorm frozen and "
        f"{as_change(learning.typical)} with BatchNorm learning."
    )


def _lowest_accuracy(study: Study, summary: Summary) -> _Lowest:
    regime = summary.regime
    by_scheme = {t: study.figure(regime, t, t, "accuracy") for t in summary.matched.auc}
    value, scheme = min((v, t) for t, v in by_scheme.items() if v is not None)
    low = mean(run.cell(scheme).accuracy.low for run in study.of(regime, scheme))
    return _Lowest(scheme, value, low <= _commonest(study))


def _commonest(study: Study) -> float:
    """Accuracy of whoever says always negative, or always positive, on the test images."""
    counts = study.data["images"]["test"]
    negative = counts[study.classes[0]] / sum(counts.values())
    return float(max(negative, 1 - negative))


def _epochs(found: Iterable[Summary]) -> str:
    slow = [(s, s.slowest) for s in found if s.slowest is not None]
    if not slow:
        return ""
    said = listed(
        [
            f"{lag.epochs:.1f} of {lag.of} {regime_words(s.regime).phrase} ({lag.scheme} behind "
            f"{lag.reference})"
            for s, lag in slow
        ]
    )
    return (
        f"The slowest scale, against the quickest: {said}. Counted are the epochs by which one "
        f"reaches its lowest validation loss later than the other reaches the same."
    )


def _batchnorm(found: _Summaries) -> str:
    return " ".join(_batchnorm_sentences(found))


def _batchnorm_sentences(found: _Summaries) -> Iterator[str]:
    usual, bare, frozen = (found.get(name) for name in ("scratch", "no-batchnorm", "frozen"))
    if usual and bare:
        yield (
            f"{_verdict(usual.matched, bare.matched)}: AUC ranges over {bare.matched.range:.3f} "
            f"without it (lowest {bare.matched.auc[bare.matched.worst]:.3f}, "
            f"{bare.matched.worst}), over {usual.matched.range:.3f} with it."
        )
    if frozen:
        judged = "matters" if frozen.matched.matters else "hardly matters"
        yield f"On a frozen backbone, where BatchNorm can't adapt, the choice {judged}."


def _verdict(usual: Matched, bare: Matched) -> str:
    if usual.matters:
        return "The choice is not harmless with BatchNorm either"
    return "Yes" if bare.matters else "No, it is harmless without as well"
