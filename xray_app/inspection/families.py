"""What each family of Keras Applications expects, as text and as the documentation's page."""

from xray_app.core.text import constants_text, ends_text, markdown_table, once_if_equal
from xray_app.engines import call_in_child
from xray_app.engines.keras import KerasFamilies, Layer, Stem, measure_all, shipped_families

VARIANT_ARCHITECTURE = "EfficientNetB4"
# The builds of EfficientNet by name: how each comes about, and what it means.
VARIANTS: dict[str, tuple[str, str]] = {
    "none": (
        "weights=None",
        "Normalization was never adapted, so the layers only divide by 255. Right for a model "
        "that is then trained from scratch.",
    ),
    "imagenet": (
        'weights="imagenet"',
        "Normalization holds the standard deviation where it takes a variance; a third layer "
        "divides by its square root again. Together: (x / 255 - mean) / std.",
    ),
    "dropped": (
        "weights=None, then ImageNet's weights loaded",
        "The third layer has no weights, so nothing complains that it is missing: the first "
        "convolution receives values 2.09 to 2.11 times too small.",
    ),
}
VARIANT_SCHEMES = ("raw", "rescale", "imagenet")

_INTRODUCTION = """# What Keras' models expect at their input

Some families of Keras Applications rescale pixels in their own first layers, others leave it to
`preprocess_input`. Do both, and contrast is divided by 255 twice; do neither, and the first
convolution receives values a hundred times too large. No error is raised in either case.

The tables below were not copied from a manual: each model was built (Keras {version}, without
weights; ImageNet's published constants where a layer needs them), and a black-to-white ramp was fed
to its real layers up to the first convolution. `preprocess_input` was identified by comparing its
output with each scheme's. This page is the output of

    python -m xray_app families --markdown

and `python -m xray_app families --measure` measures everything anew, in about half a minute.

## Twelve families

The last three columns say what black and white become in the first channel of what the first
convolution receives: when the model is fed with the scheme to use, when pixels were divided by 255
first, and when they were standardised with ImageNet's mean and deviation first. Where a range is
narrower than 0.1, the image is all but gone. Which wide range is right depends on the weights.
"""

_VARIANTS_TEXT = """
## EfficientNet, built in three ways

Keras' EfficientNetB0 to B7 differ in what their first layers do, depending on how they were built.
`preprocess_input` does nothing for them, and all three take bytes, 0 to 255.
"""

_END = """
Ranges are red, green, blue, from black to white, at the first convolution.

## Your own model

    python -m xray_app inspect MODEL.keras
    python -m xray_app inspect MODEL.weights.h5 --card card.json --write-card new-card.json

finds these layers in a model of yours, measures them in the same way, says which scheme they are
made for, and warns of a dropped third layer, of a `Normalization` that was never adapted or that
lost its statistics in a legacy `.h5`, of rescaling twice, and of mixed precision. A file that holds
code, such as a `Lambda` layer or a pickle, is refused before Keras sees it.
"""


def find_families(*, measure: bool = False) -> KerasFamilies:
    """The families as they were measured for this version, or measured anew in half a minute.

    Raises:
        EngineError: measuring failed.
    """
    return (
        call_in_child(measure_all, returns=KerasFamilies, seconds=600.0)
        if measure
        else shipped_families()
    )


def describe_families(families: KerasFamilies) -> str:
    """One line a stem, for a terminal."""
    return "\n".join(
        f"{name_of(stem):<27}{stem.expects:<10}{_ends(stem, stem.expects):<18}"
        f"{' > '.join(layer.kind for layer in stem.layers) or 'no layer'}"
        for stem in families.stems
    )


def families_markdown(families: KerasFamilies) -> str:
    """The whole page ``docs/keras-preprocessing.md``."""
    rows = [
        (
            name_of(stem),
            f"`{stem.expects}`",
            "does nothing" if stem.expects == "raw" else "does it",
            "; ".join(map(describe_layer, stem.layers)) or "none",
            *(_ends(stem, scheme) for scheme in (stem.expects, "rescale", "imagenet")),
        )
        for stem in families.stems
        if stem.build != "dropped"
    ]
    heads = (
        "Family", "Scheme to use", "`preprocess_input`", "Layers inside", "Fed so",
        "Divided by 255", "ImageNet-standardised",
    )  # fmt: skip
    variants = [
        (f"`{title}`", "; ".join(map(describe_layer, stem.layers)), *exact_ranges(stem))
        for build, (title, _) in VARIANTS.items()
        for stem in (families.stem(VARIANT_ARCHITECTURE, build),)
    ]
    meanings = [f"- `{title}`: {meaning}" for title, meaning in VARIANTS.values()]
    return (
        "\n".join(
            (
                _INTRODUCTION.format(version=families.keras_version),
                markdown_table([heads, *rows]),
                _VARIANTS_TEXT,
                *meanings,
                "",
                markdown_table([("Built with", "Layers inside", *VARIANT_SCHEMES), *variants]),
                _END,
            )
        ).rstrip()
        + "\n"
    )


def name_of(stem: Stem) -> str:
    """The architecture, with the way it was built where that matters."""
    if not stem.architecture.startswith("EfficientNetB"):
        return stem.architecture
    return f"{stem.architecture}, {stem.build if stem.build != 'none' else 'None'}"


def describe_layer(layer: Layer) -> str:
    """Such as "Rescaling (scale 0.003922)"."""
    constants = constants_text(layer.constants)
    return f"{layer.kind} ({constants})" if constants else layer.kind


def exact_ranges(stem: Stem) -> list[str]:
    """For each of ``VARIANT_SCHEMES``, what black and white become, a channel."""
    return [
        "; ".join(once_if_equal([ends_text(e) for e in zip(*stem.ranges[name], strict=True)]))
        for name in VARIANT_SCHEMES
    ]


def _ends(stem: Stem, scheme: str) -> str:
    low, high = stem.ranges[scheme]
    return ends_text((low[0], high[0]))
