"""The HTML report's style sheet: light and dark, narrow and wide, and one page of A4 in print."""

STYLE = """
:root { color-scheme: light dark; --ink: #1b2327; --quiet: #55636b; --paper: #ffffff;
  --line: #cfd6da; --chosen: #0072B2; --reference: #B84F00; --green: #00795A; --grey: #8A979F;
  --alarm: #9b1c1c; --alarm-paper: #fdecea; --fine: #1e5c3a; --fine-paper: #eaf5ee;
  --warn: #6d4300; --warn-paper: #fdf3e1; }
@media screen and (prefers-color-scheme: dark) { :root { --ink: #e6ebee; --quiet: #a3b0b8;
  --paper: #12181b; --line: #37444b; --chosen: #56b4e9; --reference: #f0904c; --green: #3fc79a;
  --grey: #6d7a82; --alarm: #ffb4ab; --alarm-paper: #3c1613; --fine: #9fd8b6;
  --fine-paper: #12301f; --warn: #f4ce8c; --warn-paper: #362a10; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 2rem; max-width: 66rem; background: var(--paper);
  color: var(--ink); font: 1rem/1.45 system-ui, "Segoe UI", "Helvetica Neue", Arial, sans-serif;
  overflow-wrap: anywhere; }
header { border-bottom: 2px solid var(--ink); padding-bottom: .6rem; margin-bottom: 1rem;
  display: flex; flex-wrap: wrap; gap: .3rem 2rem; justify-content: space-between; }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 .2rem; }
h2 { font-size: 1.05rem; margin: 0 0 .35rem; }
h3 { font-size: .9rem; margin: 0; }
p { margin: 0 0 .4rem; }
.disclaimer { color: var(--alarm); font-weight: 700; }
.quiet, figcaption, footer { color: var(--quiet); font-size: .85rem; }
.box { border-left: .3rem solid; padding: .5rem .8rem; margin: 0 0 .7rem; }
.matches { color: var(--fine); background: var(--fine-paper); }
.contrast { color: var(--warn); background: var(--warn-paper); }
.mismatch { color: var(--alarm); background: var(--alarm-paper); }
.columns { display: grid; gap: 1rem 1.25rem; margin: 1rem 0;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); }
.columns > * { min-width: 0; }
figure { margin: 0; }
figure img { display: block; width: 100%; height: auto; max-height: 24rem; object-fit: contain;
  object-position: left top; min-height: 2px; }
svg { display: block; width: 100%; height: auto; }
svg line { stroke: var(--quiet); stroke-width: 1; }
.line { fill: none; stroke-width: 1.4; vector-effect: non-scaling-stroke; }
.chosen, .channel-3 { stroke: var(--chosen); }
.channel-1 { stroke: var(--reference); } .channel-2 { stroke: var(--green); }
.trained { stroke: var(--reference); stroke-dasharray: 2 2.5; }
polygon.chosen, polygon.channel-3 { fill: color-mix(in srgb, var(--chosen) 28%, transparent); }
polygon.channel-1 { fill: color-mix(in srgb, var(--reference) 28%, transparent); }
polygon.channel-2 { fill: color-mix(in srgb, var(--green) 28%, transparent); }
.note { fill: var(--chosen); font-size: 11px; font-weight: 700; }
.ends, .scale { display: flex; justify-content: space-between; font-size: .8rem; flex-wrap: wrap; }
.scale { margin: .3rem 0; } .colours { flex: 0 0 100%; height: .6rem; }
.headline { font-size: 1.35rem; font-weight: 700; }
.headline s { color: var(--quiet); }
.scroll { overflow-x: auto; margin: 0 0 1rem; }
table { border-collapse: collapse; width: 100%; font-size: .85rem; }
caption { text-align: left; font-weight: 700; font-size: 1.05rem; padding-bottom: .3rem; }
.small caption { font-size: .85rem; font-weight: 400; color: var(--quiet); }
th, td { text-align: left; vertical-align: top; padding: .25rem .8rem .25rem 0;
  border-bottom: 1px solid var(--line); font-weight: 400; overflow-wrap: break-word; }
.small th, .small td { padding-right: .4rem; }
thead th { color: var(--quiet); }
.bar { display: inline-block; width: 3.5rem; max-width: 100%; height: .6rem;
  border: 1px solid var(--line); print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.bar span { display: block; height: 100%; background: var(--grey); }
.predicted span { background: var(--chosen); }
dl { margin: 0; } dt { font-weight: 700; float: left; clear: left; margin-right: .4rem; }
dd { margin: 0 0 .15rem; }
footer { border-top: 1px solid var(--line); padding-top: .5rem; margin-top: 1rem; }
@page { size: A4; margin: 11mm 12mm; }
@media print {
  :root { font-size: 7.7pt; } body { padding: 0; max-width: none; line-height: 1.34; }
  .columns { gap: 2mm 4mm; margin: 2.4mm 0; } .three { grid-template-columns: repeat(3, 1fr); }
  .two { grid-template-columns: repeat(2, 1fr); } header { margin-bottom: 2mm; }
  .columns, figure, table, .box { break-inside: avoid; } .bar { width: 14mm; }
  figure img { max-height: 62mm; } th, td { padding: .6mm 2mm .6mm 0; }
  .box, .colours, svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .scroll { overflow: visible; margin-bottom: 2mm; } footer { margin-top: 2mm; }
}
"""
