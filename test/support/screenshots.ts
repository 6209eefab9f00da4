import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { launchBrowser } from './browser'
import { startTestCell } from './cell'
import { ROOT } from './project'
import { SIZES, ShownPages, THEMES } from './shown-pages'
import { removeTemporaryFolders } from './temporary-folder'

/** `npm run screenshots`: writes `docs/screenshots/`, each page in both themes and sizes. */
async function takeScreenshots(folder: string): Promise<void> {
  const cell = await startTestCell()
  const browser = await launchBrowser()
  if (!browser) throw new Error('there is no Chromium: set CHROMIUM_PATH')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const shown = await ShownPages.of(cell)
  for (const [size, viewport] of Object.entries(SIZES)) {
    for (const colorScheme of THEMES) {
      for (const name of shown.names) {
        const page = await shown.open(browser, name, { viewport, colorScheme, deviceScaleFactor: 1 })
        await page.screenshot({ path: join(folder, `${name}-${colorScheme}-${size}.png`), fullPage: true })
        await page.context().close()
      }
    }
  }
  await browser.close()
  await cell.stop()
  removeTemporaryFolders()
}

void takeScreenshots(process.argv[2] ?? join(ROOT, 'docs/screenshots'))
