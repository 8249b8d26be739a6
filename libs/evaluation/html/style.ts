/** The style sheet of the report page; light or dark as the reader's system is. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f6f6f4; --card: #ffffff; --line: #e2e1dc; --text: #1b1b1a; --quiet: #62615c;
  --accent: #2266c4; --tint: #e9f0fb; --plain: #a9a8a2; --warm: #cf6a1f; --good: #1f7a43; --good-tint: #e4f3e8; --bad: #a3402c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #161615; --card: #1f1f1e; --line: #373633; --text: #f0efec; --quiet: #a5a49d;
    --accent: #5b9cf0; --tint: #1d2b40; --plain: #6f6e69; --warm: #e58a45; --good: #6fce92; --good-tint: #193524; --bad: #ee8c76;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--text); overflow-wrap: anywhere;
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
main { max-width: 1080px; margin: 0 auto; padding: 40px 24px 64px; }
h1, h2, h3, p, dl, dd, ol, ul, figure { margin: 0; padding: 0; }
h1 { font-size: 30px; line-height: 1.2; }
h2 { font-size: 20px; line-height: 1.3; }
h3 { font-size: 15px; }
section { margin-top: 48px; }
section > h3 { margin: 28px 0 8px; }
.kicker { color: var(--accent); font-weight: 600; font-size: 13px; }
.subject { margin-top: 8px; font-size: 17px; max-width: 70ch; }
.note, .lead { color: var(--quiet); max-width: 90ch; text-wrap: pretty; }
.note { margin-top: 8px; font-size: 13px; }
.lead { margin: 2px 0 16px; }
.tiles { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 24px; }
.tile, .card, .scroll { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.tile { flex: 1 1 150px; padding: 14px 18px; }
.tile h2 { font-size: 13px; color: var(--quiet); font-weight: 600; }
.tile .value { display: block; font-size: 30px; line-height: 1.25; font-weight: 650; color: var(--accent); }
.interval { display: block; color: var(--quiet); font-size: 11.5px; line-height: 1.3; white-space: nowrap; font-weight: 400; }
.tile .interval { font-size: 13px; }
.tile .interval::before { content: "95% interval "; }
.counts { display: flex; flex-wrap: wrap; gap: 8px 32px; margin-top: 20px; }
.counts > div { display: flex; flex-direction: column-reverse; }
.counts dt { color: var(--quiet); font-size: 13px; }
.counts dd { font-size: 18px; font-weight: 600; line-height: 1.2; }
.scroll { overflow-x: auto; margin-bottom: 12px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 14px; overflow-wrap: normal; }
th, td { padding: 8px 12px; text-align: right; vertical-align: top; border-top: 1px solid var(--line); white-space: nowrap; }
thead th { border-top: 0; color: var(--quiet); font-size: 12.5px; font-weight: 600; vertical-align: bottom; }
th[title] { text-decoration: underline dotted; text-underline-offset: 3px; }
th:first-child { text-align: left; font-weight: 600; position: sticky; left: 0; background: var(--card); }
tbody th:first-child { white-space: normal; min-width: 136px; max-width: 240px; }
tr.first > *, td.first { background: var(--tint); }
tr.first > th:first-child { background: var(--tint); color: var(--accent); }
tr.first .value, td.first .value { font-weight: 650; }
.notes { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr)); gap: 10px 28px; margin-top: 16px; font-size: 13px; }
.notes dt { font-weight: 650; }
.notes dd { color: var(--quiet); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 380px), 1fr)); gap: 16px; }
.charts.three { grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr)); }
.card { padding: 16px; min-width: 0; }
figcaption { font-weight: 650; margin-bottom: 10px; }
.chart { display: block; width: 100%; max-width: 560px; margin: 0 auto; height: auto; font-variant-numeric: tabular-nums; }
.chart text { fill: var(--text); font-size: 12px; }
.chart .tick { fill: var(--quiet); font-size: 11px; }
.grid { stroke: var(--line); stroke-width: 1; }
.bar { fill: var(--plain); }
.first .bar { fill: var(--accent); }
.chart .first .name { font-weight: 650; fill: var(--accent); }
.whisker { stroke: var(--text); stroke-width: 1.5; fill: none; }
.line { stroke: var(--accent); stroke-width: 2; fill: none; stroke-linejoin: round; }
.dot { fill: var(--plain); stroke: var(--card); stroke-width: 1.5; }
.first .dot { fill: var(--accent); }
.leader { stroke: var(--plain); stroke-width: 1; fill: none; opacity: 0.6; }
rect.clicks { fill: var(--plain); }
rect.targets { fill: var(--warm); }
rect.recommended { fill: var(--accent); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; list-style: none; margin-bottom: 8px; font-size: 13px; color: var(--quiet); }
.swatch { width: 11px; height: 11px; margin-right: 6px; }
.small { display: block; width: 100%; min-width: 64px; height: 4px; margin: 4px 0 5px; border-radius: 2px; }
.track { fill: var(--line); }
details { margin-top: 12px; }
summary { cursor: pointer; color: var(--accent); font-size: 13px; margin-bottom: 8px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 16px; align-items: start; }
.cards h3 { color: var(--quiet); font-size: 12.5px; font-weight: 600; margin-top: 14px; }
.cards h3:first-child { margin-top: 0; }
.cards ol { padding-left: 26px; }
.cards li { padding: 1px 6px 1px 2px; }
.seen li::marker, .recommended li::marker { color: var(--quiet); font-size: 12.5px; }
li.hit { background: var(--good-tint); border-radius: 4px; }
.mark, .verdict { font-size: 13px; font-weight: 600; }
.mark { white-space: nowrap; }
.mark, .verdict.hit { color: var(--good); }
.verdict.miss { color: var(--bad); }
@media (max-width: 560px) {
  main { padding: 24px 14px 48px; }
  h1 { font-size: 25px; }
  .tile { padding: 10px 14px; }
  .card { padding: 12px; }
  tbody th:first-child { min-width: 96px; }
  th, td { padding: 7px 10px; }
}
@media print { .scroll { overflow: visible; } .card, tr { break-inside: avoid; } }
`;
