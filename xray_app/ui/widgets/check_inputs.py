"""What a pipeline is checked on: the image, its tensor, and what that should match."""

from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from xray_app.cards import ModelCard
from xray_app.core import AnyArray
from xray_app.pipeline import EXAMPLES, make_example
from xray_app.ui.session.offers import FOR_SESSION
from xray_app.ui.session.pipeline_checks import arrays_of, pixels_of
from xray_app.ui.widgets.choices.lasting_upload import lasting_upload
from xray_app.ui.widgets.sidebar import Selection
from xray_app.ui.words import plain

_MODEL, _SCHEME, _TENSOR = "model", "scheme", "tensor"
_TENSOR_HELP = (
    "A .npy, an .npz, or a picture of it as PNG or TIFF. Nothing in the file is run: arrays of "
    "Python objects are refused."
)


@dataclass(frozen=True, slots=True, eq=False)
class CheckInputs:
    """What was chosen.

    Attributes:
        expected: a card, a scheme's name, or a tensor; ``name`` is what to call it.
    """

    image: AnyArray
    tensor: AnyArray
    expected: ModelCard | str | AnyArray
    name: str


def choose_inputs(selection: Selection) -> CheckInputs | None:
    """Draw the inputs; None while the expected tensor is missing.

    Raises:
        InputError: a file can't be read.
    """
    left, middle, right = st.columns(3, gap="medium")
    own = lasting_upload(
        left,
        "Image that went in",
        "check_image",
        help_text="By default the radiograph of the sidebar. It is taken as stored: in colour, not "
        "turned, no window applied.",
    )
    file = lasting_upload(middle, "Tensor that came out", "check_tensor", help_text=_TENSOR_HELP)
    match = right.selectbox(
        "It should match",
        (_MODEL, _SCHEME, _TENSOR),
        format_func={
            _MODEL: f"the model: {selection.card.title}",
            _SCHEME: f"the scheme: {selection.scheme.name}",
            _TENSOR: "another tensor, such as training's",
        }.__getitem__,
        key="check_match",
        persist_state=FOR_SESSION,
        help="Model and scheme are those of the sidebar.",
    )
    training = None
    if match == _TENSOR:
        training = lasting_upload(
            right, "Tensor that should have come", "check_expected", help_text=_TENSOR_HELP
        )
    example = None if file else _choose_example(middle)
    image = _image(left, selection, own)
    if file is not None:
        tensor = _array(middle, file)
    else:
        tensor = make_example(example or "right", image, selection.card)
    if match == _MODEL:
        return CheckInputs(image, tensor, selection.card, "the model")
    if match == _SCHEME:
        name = selection.scheme.name
        return CheckInputs(image, tensor, name, f"the scheme {name}")
    if training is None:
        return None
    return CheckInputs(image, tensor, _array(right, training), "the expected tensor")


def _choose_example(place: DeltaGenerator) -> str:
    name: str = place.selectbox(
        "or one made here, with a mistake",
        tuple(EXAMPLES),
        format_func=lambda name: EXAMPLES[name].label,
        key="check_example",
        persist_state=FOR_SESSION,
    )
    return name


def _image(place: DeltaGenerator, selection: Selection, own: UploadedFile | None) -> AnyArray:
    source = selection.source
    if own is not None:
        image = pixels_of(own.file_id, own.name, own.getvalue())
        label = own.name
    else:
        if source.error is not None:
            raise source.error
        image = pixels_of(source.key, source.label, source.data, is_sample=source.is_sample)
        label = source.label
    place.caption(f"{plain(label)}: {_described(image)}")
    return image


def _array(place: DeltaGenerator, file: UploadedFile) -> AnyArray:
    arrays = arrays_of(file.file_id, file.name, file.getvalue())
    name = next(iter(arrays))
    if len(arrays) > 1:
        name = place.selectbox(
            "Array",
            tuple(arrays),
            key=f"check_array_{file.file_id}",
            persist_state=FOR_SESSION,
        )
    place.caption(f"{plain(name or file.name)}: {_described(arrays[name])}")
    return arrays[name]


def _described(array: AnyArray) -> str:
    return f"{' × '.join(map(str, array.shape))}, {array.dtype.name}"
