"""How an image of any size becomes a model's input: size, fit, kernel, antialiasing.

The other half of preprocessing beside contrast and scale, and as much a part of what a model was
trained with.
"""

from dataclasses import dataclass, replace

from xray_app.core.errors import InputError, UnknownChoice
from xray_app.core.images.placement import (
    Box,
    Place,
    Placement,
    crop,
    pad,
    resize_crop,
    stretch,
)
from xray_app.core.images.resampling import displayed, resize
from xray_app.core.records import AnyArray, FloatArray, Radiograph

KERNELS: dict[str, str] = {
    "nearest": "nearest pixel",
    "bilinear": "bilinear",
    "bicubic": "bicubic",
    "area": "mean over the area",
    "lanczos": "Lanczos",
}
_NEVER, _ALWAYS = "nearest", "area"  # antialiased


@dataclass(frozen=True, slots=True)
class Geometry:
    """A model's input, and how an image of another size is fitted into it.

    Attributes:
        height, width: of the input in pixels.
        fit: a key of ``FITS``.
        kernel: a key of ``KERNELS``.
        antialias: whether the kernel widens with the reduction; ``nearest`` never does, ``area``
            always.
        pad_value: what fit ``pad`` puts beside the image, in [0, 1] from black to white.
        resize_to: the shorter side in pixels before fit ``resize-crop`` crops; by default 256/224
            of the input's longer side, as torchvision's presets do.

    Raises:
        UnknownChoice: there is no such fit or kernel.
        InputError: a number is out of its range.

    >>> Geometry(224, 224, "resize-crop").resize_to
    256
    >>> Geometry(224, 224, kernel="lanczos").text
    'stretched, Lanczos, antialiased'
    """

    height: int
    width: int
    fit: str = "stretch"
    kernel: str = "bilinear"
    antialias: bool = True
    pad_value: float = 0.0
    resize_to: int | None = None

    def __post_init__(self) -> None:
        """Check the fields, and make equal what does the same."""
        for kind, name, known in (("fit", self.fit, FITS), ("kernel", self.kernel, KERNELS)):
            if name not in known:
                raise UnknownChoice.of(kind, name, known)
        if not 0.0 <= self.pad_value <= 1.0:
            raise InputError(
                f"Expected a value to pad with from 0 (black) to 1 (white), received "
                f"{self.pad_value:g}."
            )
        longer = max(self.height, self.width)
        if self.resize_to is not None and not longer <= self.resize_to <= 4 * longer:
            raise InputError(
                f"Expected a size to crop from of {longer} to {4 * longer} pixels, received "
                f"{self.resize_to}."
            )
        cropped = self.fit == "resize-crop"
        same = {
            "antialias": self.kernel != _NEVER and (self.antialias or self.kernel == _ALWAYS),
            "pad_value": self.pad_value if self.fit == "pad" else 0.0,
            "resize_to": (self.resize_to or round(longer * 256 / 224)) if cropped else None,
        }
        for name, value in same.items():
            object.__setattr__(self, name, value)

    @property
    def text(self) -> str:
        """All but the size, in words."""
        return f"{FITS[self.fit].text.format(self)}, {self.sampling}"

    @property
    def sampling(self) -> str:
        """The kernel and whether it is antialiased, in words."""
        if self.kernel in (_NEVER, _ALWAYS):
            return KERNELS[self.kernel]
        return f"{KERNELS[self.kernel]}, {'' if self.antialias else 'not '}antialiased"

    def of(self, image: AnyArray, white: float = 1.0) -> FloatArray:
        """Fit an image (h, w) from black 0 to ``white`` into (height, width) float32."""
        placement = self.placement(*image.shape[:2])
        top, left, tall, wide = placement.part
        part = image[top : top + tall, left : left + wide]
        resized = resize(part, *placement.size, self.kernel, antialias=self.antialias)
        return placement.shown(resized, self.pad_value * white)

    def placement(self, height: int, width: int) -> Placement:
        """Which pixels of an image of that size land where in the input."""
        place = FITS[self.fit].place
        return place(height, width, self.height, self.width, float(self.resize_to or 0))

    def box(self, height: int, width: int) -> Box:
        """The rectangle of an image of that size that the input shows."""
        return self.placement(height, width).box


def fitted(radiograph: Radiograph, geometry: Geometry) -> FloatArray:
    """Fit a radiograph in the display domain: (height, width) float32 in [0, 1].

    >>> import numpy as np
    >>> pixels = np.array([[2, 2]], np.uint8)
    >>> radiograph = Radiograph(pixels, 2.0, pixels, "PNG", 8, (), "")
    >>> fitted(radiograph, Geometry(2, 2, "pad")).tolist()
    [[1.0, 1.0], [0.0, 0.0]]
    """
    white = radiograph.white
    return displayed(geometry.of(radiograph.pixels, white), white)


def refitted(geometry: Geometry, fit: str) -> Geometry:
    """The same input by another fit: ``FIT``, ``pad=VALUE`` or ``resize-crop=PIXELS``.

    Raises:
        InputError: it is none of these.

    >>> refitted(Geometry(224, 224), "resize-crop=300").resize_to
    300
    >>> refitted(Geometry(224, 224), "pad=0.5").pad_value
    0.5
    """
    name, equals, number = fit.partition("=")
    plain = replace(geometry, fit=name, pad_value=0.0, resize_to=None)
    if not equals:
        return plain
    try:
        if name == "pad":
            return replace(plain, pad_value=float(number))
        if name == "resize-crop":
            return replace(plain, resize_to=int(number))
    except ValueError as error:
        raise InputError(f"Expected {name}=NUMBER, received {fit!r}.") from error
    raise InputError(f"Fit {name} takes no number, received {fit!r}.")


@dataclass(frozen=True, slots=True)
class Fit:
    """One way to bring an image of another aspect ratio into an input."""

    label: str
    text: str  # of a Geometry, for str.format
    place: Place


# To add a fit, write where it places an image, and a row.
FITS: dict[str, Fit] = {
    "stretch": Fit("Stretched", "stretched", stretch),
    "pad": Fit("Padded", "padded with {0.pad_value:g}", pad),
    "crop": Fit("Centre crop", "centre crop", crop),
    "resize-crop": Fit(
        "Resized, then cropped", "shorter side to {0.resize_to}, then centre crop", resize_crop
    ),
}
