"""Two models in tables: under one scheme, and their contracts with what differs marked."""

import streamlit as st

from xray_app.diagnosis import Diagnosis, ModelSide
from xray_app.presentation import is_meaningful
from xray_app.presentation.two_models import LETTERS, MARKS_OF, ContractRow, Sides, contract_rows
from xray_app.ui.words import VERDICT_ICONS, plain

_HIDDEN = "hidden: its gate is closed"


def show_schemes(first: ModelSide, second: ModelSide, shown: tuple[bool, bool]) -> None:
    """What each scheme leads to in both; a hidden answer stays hidden."""
    sides = first, second
    names = list(dict.fromkeys((*first.results, *second.results)))
    st.header("The same scheme for both")
    st.table(
        {
            "Scheme": [_scheme(name, sides) for name in names],
            **{
                letter: [_cell(side, side.results.get(name), seen) for name in names]
                for letter, side, seen in zip(LETTERS, sides, shown, strict=True)
            },
        },
        border="horizontal",
        hide_index=True,
    )
    st.caption(
        ":material/check_circle: fits its training  :material/contrast: same range, another "
        "contrast  :material/dangerous: mismatch, the figure can't be relied on"
    )


def _scheme(name: str, sides: Sides) -> str:
    own = [x for x, side in zip(LETTERS, sides, strict=True) if side.card.contract.scheme == name]
    return f"`{name}`, as {' and '.join(own)} was trained" if own else f"`{name}`"


def _cell(side: ModelSide, result: Diagnosis | None, seen: bool) -> str:
    if result is None:
        return "its card lacks the figures"
    icon = VERDICT_ICONS[result.contract.verdict]
    if not seen:
        return f"{icon} {_HIDDEN}"
    prediction = result.prediction
    said = f"{plain(side.card.label(prediction.predicted))} {prediction.top_probability:.2f}"
    return f"{icon} {said}" if is_meaningful(result) else f"{icon} ~~{said}~~"


def show_contracts(first: ModelSide, second: ModelSide) -> None:
    """All that each must be fed, answers and knows; what differs is bold and says so."""
    rows = contract_rows(first, second)
    differing = sum(row.differs is True for row in rows)
    st.header("Both contracts")
    st.caption(
        f"{differing} of {len(rows)} aspects differ. ≠ differs, = same, ? not known of one, or "
        "assumed. A figure holds for its own model."
    )
    st.table(
        {
            "Aspect": [_aspect(row) for row in rows],
            **{x: [_value(row, i) for row in rows] for i, x in enumerate(LETTERS)},
        },
        border="horizontal",
        hide_index=True,
    )


def _aspect(row: ContractRow) -> str:
    text = f"{MARKS_OF[row.differs]}\u00a0{row.aspect}"
    return f"**{text}**" if row.differs else text


def _value(row: ContractRow, place: int) -> str:
    text = plain(row.shown[place])
    return f"**{text}**" if row.differs else text
