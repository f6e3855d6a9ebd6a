# SPDX-FileCopyrightText: 2026 The skeleton_dml_ros authors
# SPDX-License-Identifier: Apache-2.0

"""The page's style sheet, for light and dark mode, phones and print."""

STYLE = """
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #1c2126; --quiet: #5a636c; --rule: #dde1e6;
  --right: #0b63b8; --wrong: #b3400a; --left-limb: #0072b2; --right-limb: #d55e00;
  --c0: #0072b2; --c1: #d55e00; --c2: #00835f; --c3: #b1487f; --c4: #946800; --c5: #6a51c8;
  --c6: #3a3f44; --c7: #2b8ac6;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14171a; --card: #1d2125; --ink: #e8eaed; --quiet: #a3abb3; --rule: #363c43;
    --right: #64adf2; --wrong: #ff9d5c; --left-limb: #56b4e9; --right-limb: #ff9d5c;
    --c0: #56b4e9; --c1: #ff9d5c; --c2: #35c79b; --c3: #e58fbf; --c4: #e3c04a; --c5: #ab9bf5;
    --c6: #d0d4d8; --c7: #8fd3ff;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
body > * { max-width: 1240px; margin-inline: auto; padding-inline: 16px; }
header { padding-top: 24px; }
h1 { font-size: 1.6rem; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 0 0 4px; }
h3 { font-size: 1rem; margin: 0 0 8px; overflow-wrap: anywhere; }
p { margin: 0 0 12px; max-width: 78ch; }
a { color: var(--right); }
:focus-visible { outline: 2px solid var(--right); outline-offset: 2px; }
.quiet, figcaption { color: var(--quiet); font-size: .9rem; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 16px; top: 8px; background: var(--card); padding: 8px; }
nav ul, .legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; padding: 0; }
nav ul { margin: 14px 0; }
.legend { margin: 0 0 6px; font-size: .85rem; color: var(--quiet); }
.legend li { display: flex; align-items: center; gap: 6px; }
section {
  background: var(--card); border: 1px solid var(--rule); border-radius: 10px;
  padding: 18px; margin-bottom: 18px; scroll-margin-top: 8px;
}
main { padding-bottom: 24px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(215px, 1fr)); gap: 12px; }
.tile { border: 1px solid var(--rule); border-radius: 8px; padding: 12px 14px; }
.tile .value { font-size: 1.7rem; font-weight: 650; line-height: 1.2; }
.tile .value small { font-size: 1rem; font-weight: 400; color: var(--quiet); }
.warning { border-left: 4px solid var(--wrong); padding: 6px 12px; margin: 12px 0; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(280px, 1fr)); gap: 18px 32px; }
dl { margin: 0; align-content: start; display: grid; grid-template-columns: minmax(96px, max-content) 1fr; gap: 2px 14px; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }
details { margin-top: 10px; }
summary { cursor: pointer; color: var(--right); width: fit-content; }
pre { overflow-x: auto; font-size: .8rem; background: var(--page); padding: 10px; border-radius: 6px; }
code { font-size: .85em; }
figure { margin: 0; min-width: 0; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(280px, 1fr)); gap: 18px; }
.charts > figure { max-width: 560px; display: flex; flex-direction: column; }
.charts svg.chart { margin-top: auto; }
svg { display: block; width: 100%; height: auto; overflow: visible; }
svg text { fill: var(--ink); font-size: 12px; }
svg .tick { fill: var(--quiet); font-size: 11px; }
svg .middle { text-anchor: middle; } svg .end { text-anchor: end; } svg .start { text-anchor: start; }
svg .note { font-size: 12px; font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
.grid { stroke: var(--rule); stroke-width: 1; } .axis { stroke: var(--quiet); stroke-width: 1; fill: none; }
.rule { stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 5 4; }
.point { fill: var(--ink); stroke: var(--card); stroke-width: 1.5; }
.line { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; }
.area { stroke: currentColor; stroke-width: 1.5; fill: currentColor; fill-opacity: .3; }
.dash1 { stroke-dasharray: 7 4; } .dash2 { stroke-dasharray: 2 3; } .dash3 { stroke-dasharray: 9 3 2 3; }
.s0 { color: var(--c0); } .s1 { color: var(--c1); } .s2 { color: var(--c2); } .s3 { color: var(--c3); }
.s4 { color: var(--c4); } .s5 { color: var(--c5); } .s6 { color: var(--c6); } .s7 { color: var(--c7); }
.f0 { fill: var(--c0); } .f1 { fill: var(--c1); } .f2 { fill: var(--c2); } .f3 { fill: var(--c3); }
.f4 { fill: var(--c4); } .f5 { fill: var(--c5); } .f6 { fill: var(--c6); } .f7 { fill: var(--c7); }
.area.f0, .area.f1 { fill: currentColor; }
svg.stroke { width: 22px; flex: none; } svg.mark { width: 12px; flex: none; }
.maps { display: grid; grid-template-columns: repeat(auto-fit, minmax(280px, 1fr)); gap: 18px 28px; align-items: start; }
.map { max-width: 640px; border: 1px solid var(--rule); border-radius: 8px; }
.map use { fill-opacity: .75; }
.map .place { text-anchor: middle; font-size: 9px; font-weight: 600; paint-order: stroke; stroke: var(--card); stroke-width: 3px; pointer-events: none; }
.small { display: grid; grid-template-columns: repeat(auto-fill, minmax(104px, 1fr)); gap: 10px; }
.small svg { border: 1px solid var(--rule); border-radius: 6px; }
.small figcaption { font-size: .75rem; line-height: 1.25; overflow-wrap: anywhere; }
.dots { fill: none; stroke-linecap: round; stroke: var(--rule); stroke-width: 9; }
.dots.own { stroke: var(--right); stroke-width: 13; }
.scroll { overflow-x: auto; max-width: 100%; }
table { border-collapse: collapse; font-size: .85rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; white-space: nowrap; color: var(--quiet); padding-bottom: 6px; }
.list th, .list td { padding: 3px 12px 3px 0; text-align: left; border-bottom: 1px solid var(--rule); }
.list .figure { text-align: right; }
.tables { display: flex; flex-wrap: wrap; gap: 18px 40px; align-items: flex-start; }
.confusions th { font-weight: 400; }
.confusions tbody th { text-align: right; padding-right: 8px; white-space: nowrap; position: sticky; left: 0; background: var(--card); }
.confusions tbody th, .confusions thead span { max-width: none; max-height: 15em; max-width: 15em; overflow: hidden; text-overflow: ellipsis; }
.confusions thead th { vertical-align: bottom; padding: 0 0 6px; }
.confusions thead span { max-width: none; max-height: 15em; writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; }
.confusions td {
  min-width: 26px; height: 26px; text-align: center; font-size: .72rem; padding: 0;
  border: 1px solid var(--rule); print-color-adjust: exact; -webkit-print-color-adjust: exact;
  background: color-mix(in srgb, var(--cell, var(--wrong)) calc(var(--depth, 0) * 1%), var(--card));
}
.confusions .own { --cell: var(--right); }
.confusions .full { color: var(--card); }
.example { border-top: 1px solid var(--rule); padding: 14px 0; }
.example .verdict { font-weight: 650; }
.failed .verdict { color: var(--wrong); } .succeeded .verdict { color: var(--right); }
.compared { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 14px; }
.compared figure { display: flex; flex-direction: column; justify-content: space-between; gap: 4px; }
.compared figcaption b { color: var(--ink); }
.clip { display: flex; gap: 10px; align-items: flex-start; border: 1px solid var(--rule); border-radius: 8px; padding: 6px; }
.poses { flex: 1 1 0; min-width: 0; max-height: 132px; }
.pixels { image-rendering: pixelated; flex: none; width: 96px; height: auto; border-radius: 3px; }
.bone { fill: none; stroke: var(--ink); stroke-width: 2.2; stroke-linecap: round; }
.bone.left { stroke: var(--left-limb); } .bone.right { stroke: var(--right-limb); }
.second { stroke-opacity: .55; }
footer { color: var(--quiet); font-size: .85rem; padding-bottom: 32px; }
@media screen and (max-width: 1080px) {
  .compared { grid-template-columns: minmax(0, 1fr); gap: 8px; }
}
@media screen and (min-width: 521px) and (max-width: 1080px) {
  .compared figure { flex-direction: row; align-items: center; }
  .compared figcaption { flex: 0 0 15em; } .compared .clip { flex: 1 1 0; min-width: 0; }
}
@media (max-width: 520px) {
  body > * { padding-inline: 8px; }
  section { padding: 12px; }
  .charts, .maps, .facts { grid-template-columns: minmax(0, 1fr); }
  svg text { font-size: 13px; } svg .tick { font-size: 12px; } .map .place { font-size: 11px; }
  .clip { flex-direction: column; } .poses { width: 100%; flex: none; } .pixels { width: 144px; }
}
@media print {
  :root {
    color-scheme: light; --page: #fff; --card: #fff; --ink: #000; --quiet: #444; --rule: #bbb;
    --right: #0b63b8; --wrong: #b3400a; --left-limb: #0072b2; --right-limb: #d55e00;
    --c0: #0072b2; --c1: #d55e00; --c2: #00835f; --c3: #b1487f; --c4: #946800; --c5: #6a51c8;
    --c6: #3a3f44; --c7: #2b8ac6;
  }
  body { font-size: 10pt; }
  nav, .skip { display: none; }
  section { border: 0; padding: 0; }
  .example, figure, .tile, tr { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .scroll { overflow: visible; }
  .tiles { grid-template-columns: repeat(4, 1fr); } .charts { grid-template-columns: repeat(3, 1fr); }
  .tile .value { font-size: 1.3rem; } .facts { grid-template-columns: 1fr 1fr; }
  .compared { gap: 8px; } .clip { flex-direction: column; }
  .poses { width: 100%; flex: none; } .pixels { width: 72px; }
}
"""
