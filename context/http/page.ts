import escapeHtml from 'escape-html'
import { STATUS_CODES } from 'node:http'

/** The stylesheet of all pages. express-response serves it as `/style.css`. */
export const STYLESHEET = `
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 28rem; margin: 4rem auto; padding: 0 1rem; color: #222; background: #fff; overflow-wrap: anywhere }
form { margin: 1.5rem 0; padding: 1rem; border: 1px solid #ccc; border-radius: 6px }
h2 { margin-top: 0; font-size: 1.1rem }
label { display: block; margin-bottom: .75rem }
input { display: block; width: 100%; box-sizing: border-box; padding: .4rem; font: inherit }
.box input { display: inline; width: auto }
button { padding: .4rem 1rem; font: inherit }
`

/**
 * Renders a complete HTML page.
 *
 * @param title plain text
 * @param body HTML, in which user input is already escaped
 * @example renderPage('Hello', `<p>Hello, ${escapeHtml(name)}!</p>`)
 */
export function renderPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<link rel="stylesheet" href="/style.css">
</head>
<body>
<h1>${escapeHtml(title)}</h1>
${body}
</body>
</html>
`
}

/**
 * Renders the page of an error.
 *
 * @param detail plain text
 */
export function renderProblemPage(status: number, detail: string): string {
  return renderPage(
    STATUS_CODES[status] ?? 'Error',
    `<p>${escapeHtml(detail)}</p>\n<p><a href="/">Back to the start</a></p>`,
  )
}
