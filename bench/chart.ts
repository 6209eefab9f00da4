import escapeHtml from 'escape-html'
import type { RequestResults } from './results'
import { fastestFirst } from './report'
import { formatNumber, quartilesOf } from './statistics'

const WIDTH = 860
const ROW = 30
/** Where the bars begin. */
const LEFT = 390
/** Room behind the longest bar for its figure. */
const RIGHT = 90
const TOP = 56
const BOTTOM = 40

/** Readable on pages of either color: it has a ground of its own, and follows the reader's choice. */
const STYLE = `
  .ground { fill: #ffffff; stroke: #d0d7de }
  text { font: 14px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600 }
  .small { font-size: 12px; fill: #59636e }
  .cell { font-weight: 600 }
  rect.bar { fill: #8c959f }
  rect.bar.cell { fill: #0969da }
  .spread { stroke: #1f2328; stroke-width: 1.5 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117; stroke: #3d444d }
    text { fill: #f0f6fc }
    .small { fill: #9198a1 }
    rect.bar { fill: #656c76 }
    rect.bar.cell { fill: #4493f8 }
    .spread { stroke: #f0f6fc }
  }`

/** A bar chart of requests per second, in SVG: medians, with lines from the first to the third quartile. */
export function drawChart(requests: readonly RequestResults[]): string {
  const sorted = fastestFirst(requests)
  const quartiles = sorted.map(({ rounds }) => quartilesOf(rounds.map(({ perSecond }) => perSecond)))
  const most = Math.max(...quartiles.map(({ third }) => third))
  const x = (figure: number): string => (LEFT + (figure / most) * (WIDTH - LEFT - RIGHT)).toFixed(1)
  const height = TOP + sorted.length * ROW + BOTTOM
  const rows = sorted.map(({ name, label, storage }, index) => {
    const { first, median, third } = quartiles[index] ?? { first: NaN, median: NaN, third: NaN }
    const top = TOP + index * ROW
    const middle = top + ROW / 2
    const kind = name.startsWith('cell') ? ' cell' : ''
    const text = escapeHtml(`${label}, ${storage}`.replaceAll('`', ''))
    return `  <text class="label${kind}" x="${LEFT - 10}" y="${middle + 5}" text-anchor="end">${text}</text>
  <rect class="bar${kind}" x="${LEFT}" y="${top + 5}" width="${(Number(x(median)) - LEFT).toFixed(1)}" height="${ROW - 10}" rx="3"/>
  <line class="spread" x1="${x(first)}" y1="${middle}" x2="${x(third)}" y2="${middle}"/>
  <text class="figure${kind}" x="${Number(x(third)) + 8}" y="${middle + 5}">${formatNumber(median)}</text>`
  })
  const description = sorted.map(({ label, storage }, index) => {
    return `${label}, ${storage}: ${formatNumber(quartiles[index]?.median ?? NaN)}`.replaceAll('`', '')
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-labelledby="title description">
  <title id="title">Guarded requests per second</title>
  <desc id="description">${escapeHtml(description.join('; '))}</desc>
  <style>${STYLE}
  </style>
  <rect class="ground" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="6"/>
  <text class="title" x="20" y="32">Guarded requests per second, server on one core</text>
${rows.join('\n')}
  <text class="small" x="20" y="${height - 15}">Bars: medians. Lines: interquartile range. Longer is faster.</text>
</svg>
`
}
