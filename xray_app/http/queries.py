"""What a caller may choose, in the address; a name that is not listed here is an error."""

from fastapi import HTTPException, Request
from pydantic import BaseModel, ConfigDict, Field

from xray_app.cards import ModelCard, named_schemes
from xray_app.core import InputError, UnknownChoice
from xray_app.core.images import FITS, KERNELS
from xray_app.core.normalization import PRESETS
from xray_app.diagnosis import DEFAULT_EXPLANATION, DETAIL, Choices, grid_for
from xray_app.explain import CLASS_ACTIVATIONS, EXPLANATIONS
from xray_app.readers import ReadOptions

_LONGEST = 200  # characters; no model, class, layer or window has a longer name


class ImageQuery(BaseModel):
    """Choices for one radiograph and one model."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    frame: int = Field(1, ge=1, le=2**31 - 1, description="frame or page, from 1")
    window: str | None = Field(
        None,
        max_length=_LONGEST,
        description="a window of the file by name, or LOW,HIGH; default: the file's first",
    )
    model: str | None = Field(
        None, max_length=_LONGEST, description="one of /models; default: the first"
    )
    explain: str = Field(
        DEFAULT_EXPLANATION,
        max_length=_LONGEST,
        description=f"explanation: {', '.join(EXPLANATIONS)}",
    )
    target: str | None = Field(
        None,
        max_length=_LONGEST,
        description="class to explain, or A:B for why A rather than B; default: the predicted",
    )
    layer: str | None = Field(
        None,
        max_length=_LONGEST,
        description=f"layer: {', '.join(DETAIL)}, or its name; default: last",
    )
    fit: str | None = Field(
        None,
        max_length=_LONGEST,
        description=f"how the image is fitted into the input: {', '.join(FITS)}, pad=VALUE or "
        "resize-crop=PIXELS; default: as trained",
    )
    kernel: str | None = Field(
        None,
        max_length=_LONGEST,
        description=f"resampling kernel: {', '.join(KERNELS)}; default: as trained",
    )
    antialias: bool | None = Field(
        None, description="whether the kernel widens with the reduction; default: as trained"
    )
    map: bool = Field(False, description="whether to send the heatmap's values")

    def choices(self, scheme: str | None = None) -> Choices:
        """As the services take them.

        Raises:
            UnknownChoice: the explanation is none that is offered here.
        """
        if self.explain not in EXPLANATIONS:
            raise UnknownChoice.of("explanation", self.explain, EXPLANATIONS)
        fit = self.fit, self.kernel, self.antialias
        return Choices(scheme, self.explain, self.target, self.layer, *fit)

    def read_options(self) -> ReadOptions:
        """As the readers take them.

        Raises:
            InputError: LOW,HIGH are not in rising order.
        """
        return ReadOptions.parse(self.frame, self.window)


class CompareQuery(ImageQuery):
    """Choices for several schemes."""

    explain: str = Field(
        DEFAULT_EXPLANATION,
        max_length=_LONGEST,
        description=f"explanation: {', '.join(CLASS_ACTIVATIONS)}",
    )
    schemes: str | None = Field(
        None,
        max_length=_LONGEST * 4,
        description="grid (every contrast at every scale), or schemes with commas between; "
        "default: the presets",
    )

    def choices(self, scheme: str | None = None) -> Choices:
        """As the services take them.

        Raises:
            UnknownChoice: the explanation is none that is offered here.
            InputError: it takes many passes, and that for every scheme.
        """
        if self.explain in EXPLANATIONS and self.explain not in CLASS_ACTIVATIONS:
            raise InputError(
                f"Expected for several schemes one of {', '.join(CLASS_ACTIVATIONS)}, received "
                f"{self.explain!r}, which runs the model many times for each. Ask /predict for it."
            )
        return super().choices(scheme)

    def names(self, card: ModelCard) -> tuple[str, ...]:
        """The schemes that are asked for.

        Raises:
            UnknownChoice: there is no such scheme.
            InputError: one needs statistics that the card does not give.
        """
        if self.schemes is None:
            return tuple(PRESETS)
        if self.schemes == "grid":
            return grid_for(card).names
        named = (name.strip() for name in self.schemes.split(",") if name.strip())
        return named_schemes(card, named)


class PredictQuery(ImageQuery):
    """Choices for one scheme."""

    scheme: str | None = Field(
        None,
        max_length=_LONGEST,
        description="one of /schemes, or contrast+scale; default: the model's own",
    )


QUERIES: dict[str, type[ImageQuery]] = {"/predict": PredictQuery, "/compare": CompareQuery}


def refuse_repeated(request: Request) -> None:
    """A choice that is given twice is none: which was meant can't be told.

    Raises:
        HTTPException: 422.
    """
    names = [name for name, _ in request.query_params.multi_items()]
    for name in names:
        if names.count(name) > 1:
            quoted = name[:_LONGEST]
            raise HTTPException(
                422, f"Expected query parameter {quoted!r} once, received it more than once."
            )
