import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drawChart } from './chart'
import { formatResults } from './report'
import type { Results } from './results'

const BEGIN = '<!-- Written by npm run bench -- --write-docs. -->'
const END = '<!-- End of generated results. -->'

/** Writes the tables and the chart of `docs/performance.md`. @param base the contender that is compared with the others */
export function writePerformancePage(folder: string, results: Results, base: string): void {
  const page = join(folder, 'performance.md')
  writeFileSync(page, replaceResults(readFileSync(page, 'utf8'), formatResults(results, base)))
  writeFileSync(join(folder, 'performance.svg'), drawChart(results.requests))
}

/**
 * Replaces what lies between the two comments of a page.
 *
 * @throws {Error} if the page lacks them
 */
export function replaceResults(page: string, results: string): string {
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)]
  if (begin < 0 || end < begin) throw new Error(`the page has no ${BEGIN} before ${END}`)
  return `${page.slice(0, begin)}${BEGIN}\n\n${results}\n\n${page.slice(end)}`
}
