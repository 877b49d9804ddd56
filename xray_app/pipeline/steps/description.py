"""What a pipeline does, as a record; and doing it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from xray_app.pipeline.steps.images import DEPTHS, GRAY, PLANES, Plane, as_sources
from xray_app.pipeline.steps.layout import laid_out, layout_text
from xray_app.pipeline.steps.placement import ORIENTATIONS, placement_text
from xray_app.pipeline.steps.recipe import ROUNDINGS, Recipe
from xray_app.pipeline.steps.rendering import Renderer
from xray_app.pipeline.steps.sampling import SAMPLINGS
from xray_app.pipeline.steps.scale import Channels, ScaleStep

Stored = NDArray[Any]
# How the finished tensor is stored; "" is as it was computed.
STORAGES: dict[str, str] = {
    "": "",
    "float16": "rounded to float16",
    "bfloat16": "rounded to bfloat16",
    "round": "rounded to whole numbers at the end",
    "floor": "cut to whole numbers at the end",
}


@dataclass(frozen=True, slots=True)
class PipelineDescription:
    """The steps of a pipeline, from the stored image to the tensor.

    Attributes:
        layout: one of ``LAYOUTS``.
        planes: what each channel of the tensor is made of, keys of ``PLANES`` or "gray".
        recipe: orientation, fit, kernel, rounding and contrast.
        scale: the scale step.
        storage: a key of ``STORAGES``.
        padded_with: what stands beside the image, one tensor value a channel; empty where nothing
            does, or where it goes through the scale step as the image does.
    """

    layout: str
    planes: tuple[str, ...]
    recipe: Recipe
    scale: ScaleStep
    storage: str = ""
    padded_with: Channels = ()

    @property
    def channels(self) -> str:
        """Their order: "RGB", "BGR", "repeated" (one plane thrice), "single" or "mixed"."""
        if len(self.planes) == 1:
            return "single"
        if len(set(self.planes)) == 1:
            return "repeated"
        joined = "".join(self.planes)
        return joined if joined in ("RGB", "BGR") else "mixed"

    @property
    def aspects(self) -> dict[str, str]:
        """Every aspect in words; "" where nothing is done."""
        recipe = self.recipe
        orientation = ORIENTATIONS[recipe.orientation]
        is_upright = orientation.exif == 1
        return {
            "layout": layout_text(self.layout, len(self.planes)),
            "channels": self._channels_text(),
            "depth": DEPTHS[recipe.depth].text if recipe.depth else "",
            "orientation": "" if is_upright else f"{orientation.text} (EXIF {orientation.exif})",
            "geometry": placement_text(recipe.placement) + self._padding_text(),
            "kernel": SAMPLINGS[recipe.sampling].text if recipe.placement.is_resized else "",
            "rounding": ROUNDINGS[recipe.rounding],
            "contrast": "" if recipe.contrast.name == "none" else recipe.contrast.text,
            "scale": self.scale.text,
            "storage": STORAGES[self.storage],
        }

    def _channels_text(self) -> str:
        texts = {"single": "one channel", "RGB": "RGB", "BGR": "BGR"}
        plane = self.planes[0]
        made_of = "" if plane == GRAY else f", {PLANES[plane][0]}"
        if self.channels == "repeated":
            return f"gray repeated in three channels{made_of}"
        if self.channels == "mixed":
            return f"channels made of {', '.join(self.planes)}"
        return texts[self.channels] + (made_of if self.channels == "single" else "")

    def _padding_text(self) -> str:
        placement = self.recipe.placement
        if not placement.is_padded and placement.fit != "square-first":
            return ""
        if self.padded_with:
            values = " / ".join(f"{value:.4g}" for value in dict.fromkeys(self.padded_with))
            return f" with {values} after scaling"
        names = {0.0: " (black)", 1.0: " (white)"}
        return f" with {self.recipe.padding:.4g}{names.get(self.recipe.padding, '')}"

    @property
    def text(self) -> str:
        """The whole pipeline in one line, in the order of its steps."""
        order = ("depth", "orientation", "channels", "geometry", "kernel", "rounding", "scale")
        aspects = self.aspects
        parts = [aspects[name] for name in order[:-1]]
        where = 2 if self.recipe.contrast.when == "before" else len(parts)
        parts.insert(where, aspects["contrast"])
        parts += [aspects["scale"], aspects["storage"], aspects["layout"]]
        return "; ".join(part for part in parts if part)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        recipe, placement = self.recipe, self.recipe.placement
        return {
            "layout": self.layout,
            "channels": self.channels,
            "planes": list(self.planes),
            "depth": recipe.depth or None,
            "orientation": recipe.orientation,
            "exif_orientation": ORIENTATIONS[recipe.orientation].exif,
            "fit": placement.fit,
            "height": placement.input[0],
            "width": placement.input[1],
            "number": placement.number or None,
            "padding": recipe.padding if placement.is_padded else None,
            "padded_with": list(self.padded_with) or None,
            "kernel": recipe.sampling if placement.is_resized else None,
            "rounding": recipe.rounding or None,
            "contrast": recipe.contrast.name,
            "contrast_numbers": list(recipe.contrast.numbers),
            "contrast_when": recipe.contrast.when or None,
            "scale": self.scale.name,
            "gain": list(self.scale.gain),
            "offset": list(self.scale.offset),
            "white": self.scale.white or None,
            "inverted": self.scale.inverted,
            "storage": self.storage or None,
            "text": self.text,
        }


def reproduce(description: PipelineDescription, images: object) -> Stored:
    """Do what a description says.

    Args:
        description: of a pipeline for images of this shape.
        images: as for ``describe_pipeline``.

    Returns:
        The tensor, float32 in the description's layout.
    """
    sources = as_sources(images)
    renderers = [Renderer.of(source) for source in sources]
    return np.asarray(laid_out(reproduced(description, renderers), description.layout), np.float32)


def reproduced(description: PipelineDescription, renderers: Sequence[Renderer]) -> Stored:
    """As ``reproduce``: (N, C, H, W) float64."""
    return np.stack([_one(description, renderer) for renderer in renderers])


def _one(description: PipelineDescription, renderer: Renderer) -> Stored:
    planes = rendered_planes(description.recipe, description.planes, renderer)
    scaled = scale_planes(planes, description.scale, description.recipe, renderer)
    if description.padded_with:
        outside = np.ones(scaled.shape[1:], bool)
        outside[description.recipe.placement.inside] = False
        for channel, value in zip(scaled, description.padded_with, strict=True):
            channel[outside] = value
    return stored(scaled, description.storage)


def rendered_planes(
    recipe: Recipe, names: Sequence[str], renderer: Renderer
) -> NDArray[np.float64]:
    """The planes (C, H, W) of a recipe, before the scale step."""
    made: dict[str, Plane] = {
        name: renderer.render(replace(recipe, plane=name)) for name in dict.fromkeys(names)
    }
    return np.stack([made[name] for name in names]).astype(np.float64)


def scale_planes(
    planes: NDArray[np.float64], scale: ScaleStep, recipe: Recipe, renderer: Renderer
) -> NDArray[np.float64]:
    """Apply a scale step to (C, H, W)."""
    if scale.is_per_image:
        mean, std = image_statistics(planes, scale.name, recipe, renderer)
        return (planes - mean) / std
    gain, offset = (
        np.array(each)[:, np.newaxis, np.newaxis] for each in (scale.gain, scale.offset)
    )
    return np.asarray(planes * gain + offset)


def image_statistics(
    planes: NDArray[np.float64], name: str, recipe: Recipe, renderer: Renderer
) -> tuple[Stored, Stored]:
    """Mean and deviation, (1, 1, 1) or (C, 1, 1), by which a z-score standardises."""
    if name == "zscore-before":
        mean, deviation = renderer.image.mean_and_std(recipe)
        return np.full((1, 1, 1), mean), np.full((1, 1, 1), deviation)
    axes = (1, 2) if name == "zscore-channels" else (0, 1, 2)
    std = np.asarray(planes.std(axis=axes, keepdims=True))
    return np.asarray(planes.mean(axis=axes, keepdims=True)), np.maximum(std, 1e-12)


def stored(values: NDArray[np.float64], storage: str) -> NDArray[np.float64]:
    """Round as a storage does."""
    if storage == "float16":
        return values.astype(np.float16).astype(np.float64)
    if storage == "bfloat16":
        bits = values.astype(np.float32).view(np.uint32)
        even = bits + 0x7FFF + ((bits >> 16) & 1)
        return (even & np.uint32(0xFFFF0000)).view(np.float32).astype(np.float64)
    if storage == "round":
        return np.floor(values + 0.5 + 5e-5)
    return np.floor(values + 5e-5) if storage == "floor" else values
