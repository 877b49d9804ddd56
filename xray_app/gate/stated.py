"""What a file's header says of whom and what it shows, weighed against whom the model knows.

The pixels may look like a child's chest while the header says that it is an adult's, or a hand:
then the header is believed. Only DICOM files say such things. The age is never shown.
"""

from collections.abc import Mapping
from dataclasses import replace

from xray_app.cards import TrainingData
from xray_app.core import Finding, GateReport, Radiograph

VIEW, BODY_PART = "View Position", "Body Part Examined"
ADULT = 18.0  # years


def contradiction(
    known: TrainingData, technical: Mapping[str, str], age_years: float | None
) -> tuple[Finding, str] | None:
    """What the header says against the model's knowing such an image, and the sentence for people.

    Args:
        known: whom the model was trained on; what it does not state is not compared.
        technical: allow-listed facts of the file.
        age_years: the age in the header.

    Returns:
        None if nothing is said against it.
    """
    part = technical.get(BODY_PART, "").strip().upper()
    if part and known.body_parts and part not in known.body_parts:
        return (
            "no_chest",
            f"The file says that it shows {part}, and the model knows: {known.population}.",
        )
    view = technical.get(VIEW, "").strip().upper()
    if view and known.views and view not in known.views:
        return (
            "no_chest",
            f"The file says that its view is {view}, and the model knows: {known.population}.",
        )
    if age_years is None or known.ages is None:
        return None
    youngest, oldest = known.ages
    if youngest <= age_years < oldest + 1.0:  # an age of five lasts a year
        return None
    finding: Finding = "unlike"
    if age_years > oldest:
        finding = "other_population" if age_years >= ADULT else "older_child"
    return (
        finding,
        "By the age in the file this is not one of those whom the model knows: "
        f"{known.population}.",
    )


def weighed(
    report: GateReport | None, known: TrainingData, radiograph: Radiograph
) -> GateReport | None:
    """The report on the pixels, closed where the header speaks against the image."""
    said = contradiction(known, radiograph.technical, radiograph.age_years)
    if report is None or said is None or report.verdict == "closed":
        return report
    finding, reason = said
    return replace(report, verdict="closed", finding=finding, reason=reason)
