"""The keys that Streamlit's own shortcuts can't serve: ``?``, which they don't know, and links.

Only a link takes what a visitor uploaded along to another page. The policy of
``session/headers.py`` names the script by its digest, so that this one runs and no other. It leaves
alone who types; where the keys are turned off, there is nothing that it could click.
"""

HELP, COMPARE, GO_ON = "?", "M", "G"
AREAS = {HELP: "press_help", COMPARE: "press_compare", GO_ON: "press_go_on"}
HELP_SCRIPT = f"""document.onkeydown = (event) => {{
  const areas = {{{", ".join(f'"{key.lower()}": "{area}"' for key, area in AREAS.items())}}};
  const area = areas[event.key.toLowerCase()], [at] = event.composedPath();
  const fields = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select";
  const types = at.isContentEditable || (at.matches && at.matches(fields));
  if (area && !types && !event.ctrlKey && !event.metaKey && !event.repeat) {{
    document.querySelector(`.st-key-${{area}} :is(a, button)`)?.click();
  }}
}};"""
