import { expect } from 'chai'
import { source as axe } from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { launchBrowser } from '../support/browser'
import { startTestCell, type TestCell } from '../support/cell'
import { SHOWN, SIZES, ShownPages, THEMES } from '../support/shown-pages'

const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
/** The width of a page of 1280 pixels at 400 % (WCAG 2.2, 1.4.10). */
const NARROW = { width: 320, height: 480 }

interface Result {
  violations: { id: string; nodes: { target: unknown; failureSummary: string }[] }[]
}

/** What axe-core finds on a page into which the browser has put it: the page's own policy lets no script in. */
async function findViolations(page: Page): Promise<string[]> {
  const { violations } = (await page.evaluate(
    `axe.run({ resultTypes: ['violations'], runOnly: ${JSON.stringify(RULES)}, rules: { 'target-size': { enabled: true } } })`,
  )) as Result
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${JSON.stringify(target)}: ${failureSummary}`),
  )
}

/** Elements that stick out of the page, and controls that are smaller than 44 pixels. */
const MISFITS = `[...document.querySelectorAll('body *')].flatMap((element) => {
  const { left, right, width, height } = element.getBoundingClientRect()
  const name = element.tagName + ' ' + element.textContent.trim().slice(0, 30)
  const isHidden = width === 0 || element.closest('.skip') || getComputedStyle(element).clipPath !== 'none'
  if (isHidden) return []
  if (left < 0 || right > document.documentElement.clientWidth) return ['sticks out: ' + name]
  const isControl = element.matches('button, a, .field input, label.box')
  return isControl && height < 44 ? ['is ' + height + ' high: ' + name] : []
})`

describe('in a browser (needs Chromium: CHROMIUM_PATH, or one in /usr/bin)', () => {
  let cell: TestCell
  let browser: Browser
  let shown: ShownPages

  before(async function () {
    const launched = await launchBrowser()
    if (!launched) return this.skip()
    browser = launched
    cell = await startTestCell({ plasma: { throttle: false } })
    shown = await ShownPages.of(cell)
  })
  after(async () => {
    await (browser as Browser | undefined)?.close()
    await (cell as TestCell | undefined)?.stop()
  })

  it('axe-core finds nothing on any page, in both themes, on a phone and on a desk', async () => {
    for (const name of SHOWN) {
      // Otherwise colors are still changing.
      const page = await shown.open(browser, name, { reducedMotion: 'reduce' })
      await page.evaluate(axe)
      for (const colorScheme of THEMES) {
        await page.emulateMedia({ colorScheme })
        for (const [size, viewport] of Object.entries(SIZES)) {
          await page.setViewportSize(viewport)
          expect(await findViolations(page), `${name}, ${colorScheme}, ${size}`).to.deep.equal([])
        }
      }
      await page.context().close()
    }
  })

  it('every page fits from 320 pixels on, which is 400 %, with controls that a finger can hit', async () => {
    for (const name of SHOWN) {
      const page = await shown.open(browser, name, { viewport: NARROW, reducedMotion: 'reduce', locale: 'de' })
      for (const width of [NARROW.width, 768, 1920]) {
        await page.setViewportSize({ width, height: 480 })
        expect(await page.evaluate(MISFITS), `${name}, ${width} pixels`).to.deep.equal([])
      }
      const durations = await page.evaluate(
        `[...document.querySelectorAll('*')].filter((each) => getComputedStyle(each).transitionDuration !== '0s').length`,
      )
      expect(durations, name).to.equal(0)
      await page.context().close()
    }
  })
})
