import escapeHtml from 'escape-html'
import { STATUS_CODES } from 'node:http'

/**
 * Renders a problem as a plain page, for a cell without pages of its own, or whose own page cannot be shown.
 *
 * @param detail plain text
 */
export function renderProblemPage(status: number, detail: string): string {
  const title = escapeHtml(STATUS_CODES[status] ?? 'Error')
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<h1>${title}</h1>
<p>${escapeHtml(detail)}</p>
</html>
`
}
