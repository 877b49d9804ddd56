"""A stored image as a Radiograph: under the window that is chosen, and again under another.

Formats other than DICOM enter with their own scale as the only window that they declare.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from xray_app.core import (
    AnyArray,
    InputError,
    Radiograph,
    UnknownChoice,
    WindowControls,
    WindowOffer,
    read_only,
)
from xray_app.readers.options import ReadOptions, check_frame, check_window
from xray_app.readers.steps.image import (
    CUSTOM,
    RANGE,
    Rendering,
    StoredImage,
    custom,
    spanning,
)
from xray_app.readers.steps.pipeline import Pipeline, value_range
from xray_app.readers.steps.rendering import checked, completed, rendered_by
from xray_app.readers.steps.ruined_window import with_ruin_notice


def developed(image: StoredImage, data: bytes, options: ReadOptions) -> Radiograph:
    """Show an image as the options say, and freeze it.

    Args:
        image: an image as a format's reader returns it.
        data: the whole file, for its digest.
        options: the frame that was read, and the window.

    Returns:
        A radiograph whose ``pixels`` are (H, W) in [0, white].

    Raises:
        UnknownChoice: the file has no such frame or window.
        UnreadableFile: a value is not in [0, white], so the file holds more than it declares.
        FileTooLarge: square pixels would be more than the limit.

    >>> import numpy as np
    >>> from xray_app.readers.steps.image import plain
    >>> image = plain(Pipeline(np.array([[0, 100]], np.uint8), 255.0), "PNG", 8)
    >>> developed(image, b"", ReadOptions(low=0.0, high=100.0)).pixels.tolist()
    [[0.0, 255.0]]
    """
    check_frame(options.frame, image.frames)
    renderings = image.renderings
    if renderings[-1].offer.name != RANGE:
        renderings = (*renderings, spanning(*value_range(image.pipeline.values)))
    rendering = _selected(renderings, options)
    controls = WindowControls(
        source=hashlib.sha256(data).hexdigest(),
        frame=options.frame,
        frames=image.frames,
        offers=tuple(r.offer for r in renderings),
        chosen=rendering.offer.name,
        window=_ends(rendering.offer),
        value_range=_ends(renderings[-1].offer) or (0.0, 0.0),
        is_windowable=image.is_windowable,
        modality=image.modality,
        padding=image.padding,
        shutter=image.shutter,
        inverted=image.inverted,
        pixel_aspect=image.pixel_aspect,
        steps=image.pipeline.steps,
        notices=image.pipeline.notices,
    )
    shown = rendered_by(image.pipeline, rendering)
    if rendering is renderings[0]:  # what a person chose is what that person wants to see
        shown = with_ruin_notice(image, rendering, shown)
    pipeline = completed(shown, image.stored, controls)
    stored = read_only(np.ascontiguousarray(image.stored))
    is_stored = pipeline.values is image.stored and stored.dtype in (np.uint8, np.uint16)
    pixels = stored if is_stored else read_only(np.ascontiguousarray(pipeline.values, np.float32))
    pipeline = checked(pipeline, pixels, image.bits)
    return Radiograph(
        pixels=pixels,
        white=pipeline.white,
        stored=stored,
        file_format=image.file_format,
        bits=image.bits,
        steps=pipeline.steps,
        notices=pipeline.notices,
        digest=_digest(controls),
        technical=MappingProxyType(dict(image.technical)),
        age_years=image.age_years,
        spacing=image.spacing,
        controls=controls,
    )


def rewindow(radiograph: Radiograph, low: float, high: float) -> Radiograph:
    """Show a radiograph under another window, without decoding it again.

    The window is LINEAR_EXACT of PS3.3 C.11.2.1.3.2 with the center (low + high) / 2 and the width
    high - low. Reading the file with the same ends in its options gives the same radiograph.

    Args:
        radiograph: from a reader; never changed.
        low: the modality value that becomes black (white, if the file is inverted), and all below.
        high: the modality value that becomes white, and all above.

    Returns:
        A radiograph whose ``pixels`` are (H, W) float32 in [0, white].

    Raises:
        InputError: ``low`` is not below ``high``, or the radiograph has no values to window.

    >>> import numpy as np
    >>> from xray_app.core.images.image_files import encode_png
    >>> from xray_app.readers import read_radiograph
    >>> radiograph = read_radiograph(encode_png(np.array([[0, 50, 100]], np.uint8)))
    >>> rewindow(radiograph, low=0.0, high=100.0).pixels.tolist()
    [[0.0, 127.5, 255.0]]
    """
    check_window(low, high)
    low, high = float(low), float(high)
    shown = _rerendered(radiograph, custom(low, high))
    controls = replace(_controls(radiograph), chosen=CUSTOM, window=(low, high))
    return replace(shown, digest=_digest(controls), controls=controls)


def through_curve(radiograph: Radiograph, curve: Callable[[AnyArray], AnyArray]) -> Radiograph:
    """Show a radiograph through another curve, without decoding it again.

    Args:
        radiograph: from a reader; never changed.
        curve: takes modality values to gray in [0, 1], such as a ``WindowCurve``.

    Returns:
        A radiograph whose ``pixels`` are (H, W) float32 in [0, white], without ``controls``: no
        choice of a file's window reads it so.

    Raises:
        InputError: the radiograph has no values to window.

    >>> import numpy as np
    >>> from xray_app.core.images.image_files import encode_png
    >>> from xray_app.readers import read_radiograph
    >>> from xray_app.readers.steps.voi import WindowCurve
    >>> radiograph = read_radiograph(encode_png(np.array([[0, 50, 100]], np.uint8)))
    >>> through_curve(radiograph, WindowCurve("SIGMOID", 50.0, 10.0)).pixels.round().tolist()
    [[0.0, 128.0, 255.0]]
    """
    offer = WindowOffer(CUSTOM, "A curve of one's own", curve=curve)
    rendering = Rendering(
        offer, "VOI window", f"chosen: {curve}", lambda values, white: curve(values) * white
    )
    digest = hashlib.sha256(f"{_controls(radiograph).source}\n{curve}".encode()).hexdigest()
    return replace(_rerendered(radiograph, rendering), digest=digest, controls=None)


def _controls(radiograph: Radiograph) -> WindowControls:
    if radiograph.controls is None:
        raise InputError("Expected a radiograph that was read from a file; received another.")
    return radiograph.controls


def _rerendered(radiograph: Radiograph, rendering: Rendering) -> Radiograph:
    controls, stored = _controls(radiograph), radiograph.stored
    values = stored if controls.modality is None else controls.modality(stored)
    pipeline = Pipeline(values, radiograph.white, controls.steps, controls.notices)
    pipeline = completed(rendered_by(pipeline, rendering), stored, controls)
    pixels = read_only(np.ascontiguousarray(pipeline.values, np.float32))
    pipeline = checked(pipeline, pixels, radiograph.bits)
    return replace(radiograph, pixels=pixels, steps=pipeline.steps, notices=pipeline.notices)


def _selected(renderings: tuple[Rendering, ...], options: ReadOptions) -> Rendering:
    if options.low is not None and options.high is not None:
        return custom(float(options.low), float(options.high))
    if options.window is None:
        return renderings[0]
    known = {rendering.offer.name: rendering for rendering in renderings}
    if options.window not in known:
        raise UnknownChoice.of("window", options.window, known)
    return known[options.window]


def _ends(offer: WindowOffer) -> tuple[float, float] | None:
    return None if offer.low is None or offer.high is None else (offer.low, offer.high)


def _digest(controls: WindowControls) -> str:
    """The file's own SHA-256 under its defaults; otherwise one of that and of the choices."""
    choices = []
    if controls.frame != 1:
        choices.append(f"frame {controls.frame}")
    if controls.chosen == CUSTOM:
        choices.append(f"window {controls.window}")
    elif controls.chosen != controls.offers[0].name:
        choices.append(controls.chosen)
    if not choices:
        return controls.source
    return hashlib.sha256("\n".join([controls.source, *choices]).encode()).hexdigest()
