/** The middle of some figures, and how far they spread. */
export interface Quartiles {
  first: number
  median: number
  third: number
}

/** The figure below which a share of the others lies, from 0 to 1, as R and NumPy interpolate it. `NaN` if there are none. */
export function quantileOf(figures: readonly number[], share: number): number {
  const sorted = [...figures].sort((one, other) => one - other)
  const place = (sorted.length - 1) * share
  const [below = NaN, above = below] = [sorted[Math.floor(place)], sorted[Math.ceil(place)]]
  return below + (above - below) * (place % 1)
}

/** The quartiles of the figures of several rounds. */
export function quartilesOf(figures: readonly number[]): Quartiles {
  return {
    first: quantileOf(figures, 0.25),
    median: quantileOf(figures, 0.5),
    third: quantileOf(figures, 0.75),
  }
}

/** As in `1,320 (1,290–1,410)`. */
export function formatQuartiles(figures: readonly number[], digits: number): string {
  const { first, median, third } = quartilesOf(figures)
  const [middle, low, high] = [median, first, third].map((figure) => formatNumber(figure, digits))
  return `${String(middle)} (${String(low)}–${String(high)})`
}

/** As in `1,320` or `0.76`. */
export function formatNumber(figure: number, digits = 0): string {
  return figure.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

/** A Markdown table. */
export function formatTable(head: string[], rows: string[][]): string {
  const lines = [head, head.map((_, column) => (column === 0 ? '---' : '---:')), ...rows]
  return lines.map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
