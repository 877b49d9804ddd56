"""What Keras declares: the ``preprocess_input`` of each family of keras.applications.

Sources: the modes ('tf', 'torch', 'caffe', or none) were measured on the functions themselves,
``xray_app.engines.keras.shipped_families`` and docs/keras-preprocessing.md; input sizes are the
defaults of Keras 3.15's ``keras.applications`` models.
"""

from xray_app.core import UnknownChoice
from xray_app.core.normalization import parse_scheme
from xray_app.engines.keras import shipped_families
from xray_app.pipeline.contracts.contract import InputContract
from xray_app.pipeline.steps.scale import scale_of

LIBRARY = "Keras"
_SIDES = {"EfficientNetB4": 380, "EfficientNetV2S": 384, "InceptionV3": 299}
_GEOMETRY = (
    "preprocess_input does not resize: load_img(target_size) stretches by the nearest pixel, "
    "image_dataset_from_directory bilinear and not antialiased."
)


def keras_family_contract(name: str) -> InputContract:
    """What an architecture with Keras' ImageNet weights expects.

    Raises:
        UnknownChoice: the architecture is none of those that were measured.

    >>> keras_family_contract("MobileNetV2").values_text
    'values -1 to 1'
    """
    expects = {stem.architecture: stem.expects for stem in shipped_families().stems}
    known = {each.lower(): each for each in expects}
    if name.lower() not in known:
        raise UnknownChoice.of("family of Keras", name, expects)
    architecture = known[name.lower()]
    scheme = parse_scheme(expects[architecture])
    side = _SIDES.get(architecture, 224)
    return InputContract(
        f"Keras' preprocess_input of {architecture}", LIBRARY, side, side,
        order="BGR" if scheme.scale.name == "caffe" else "RGB", layout="NHWC",
        scale=scale_of(scheme.scale.name, 3), notes=(_GEOMETRY,),
    )  # fmt: skip
