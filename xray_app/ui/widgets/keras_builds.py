"""EfficientNet as Keras builds it, side by side: why the same code gives other predictions."""

import streamlit as st

from xray_app.core.text import ends_text, once_if_equal
from xray_app.engines.keras import shipped_families
from xray_app.inspection import VARIANT_ARCHITECTURE, VARIANT_SCHEMES, VARIANTS, describe_layer

_GIVEN = {
    "raw": "raw, 0 to 255",
    "rescale": "divided by 255",
    "imagenet": "ImageNet-standardised",
}


def show_keras_builds() -> None:
    """Three columns: the layers of each build, and what the first convolution receives."""
    families = shipped_families()
    st.header("Keras' EfficientNet, built in three ways")
    st.caption(
        f"Measured on {VARIANT_ARCHITECTURE}'s real layers, Keras {families.keras_version}, with "
        "ImageNet's published constants. Each range is what black and white become at the first "
        "convolution, for red, green and blue."
    )
    for column, (build, (title, meaning)) in zip(
        st.columns(len(VARIANTS), gap="medium"), VARIANTS.items(), strict=True
    ):
        stem = families.stem(VARIANT_ARCHITECTURE, build)
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"**{title}**")
            st.markdown("\n".join(f"1. {describe_layer(layer)}" for layer in stem.layers))
            st.markdown(meaning)
            st.table(
                {
                    "Given": [_GIVEN[scheme] for scheme in VARIANT_SCHEMES],
                    "At the first convolution": [
                        "  \n".join(_ranges(stem.ranges[scheme])) for scheme in VARIANT_SCHEMES
                    ],
                },
                border="horizontal",
                hide_index=True,
            )


def _ranges(ends: tuple[tuple[float, ...], tuple[float, ...]]) -> list[str]:
    return once_if_equal([ends_text(channel) for channel in zip(*ends, strict=True)])
