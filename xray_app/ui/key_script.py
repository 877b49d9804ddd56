"""What the keys press: one script for all of them, and the place of each button or link.

Streamlit's own shortcuts know no ``?``, press no links, of which alone what a visitor uploaded goes
along to another page, and hear nothing until their buttons are drawn, which on a busy machine is
seconds after the result is. This script comes first of all; a key that is pressed before its button
is there presses it once it is. It leaves alone who types, also where a key waits for its button,
and whoever turned the keys off.

The policy of ``session/headers.py`` names the script by its digest, so that this one runs and no
other.
"""

HELP, COMPARE, GO_ON = "?", "M", "G"
# By key, the container of a button or link; those of the sidebar's buttons are by the buttons' key.
AREAS = {
    "N": "key_next",
    "P": "key_previous",
    "S": "key_scheme",
    "T": "key_trained",
    "O": "key_overlay",
    "E": "key_explanation",
    HELP: "press_help",
    COMPARE: "press_compare",
    GO_ON: "press_go_on",
}
KEYS = {area: key for key, area in AREAS.items()}
ON, OFF = "keys_on", "keys_off"  # containers of what only the keyboard reaches
KEY_SCRIPT = f"""document.onkeydown = (event) => {{
  const areas = {{{", ".join(f'"{key.lower()}": "{area}"' for key, area in AREAS.items())}}};
  const area = areas[event.key.toLowerCase()];
  const fields = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select";
  const focused = (root) => {{
    const at = root.activeElement;
    return at && at.shadowRoot ? focused(at.shadowRoot) : at;
  }};
  const types = (at) => at && (at.isContentEditable || at.matches(fields));
  const find = (selector) => document.querySelector(selector);
  const press = (tries) => {{
    if (types(focused(document)) || find("[role=dialog]")) return;
    const button = find(".st-key-{ON}") && find(`.st-key-${{area}} :is(a, button)`);
    if (button) button.click();
    else if (tries && !find(".st-key-{OFF}"))
      setTimeout(press, 100, find(".st-key-{ON} button") ? Math.min(tries - 1, 9) : tries - 1);
  }};
  const other = event.ctrlKey || event.metaKey || event.altKey || event.repeat;
  if (area && !other) press(100);
}};"""
