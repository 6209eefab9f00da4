import { spawnSync } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { launchBrowser } from './browser'
import { startTestCell } from './cell'
import { ROOT } from './project'
import { SHOWN, SIZES, ShownPages, THEMES, hashLooks } from './shown-pages'
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
      for (const name of SHOWN) {
        const page = await shown.open(browser, name, { viewport, colorScheme, deviceScaleFactor: 1 })
        const path = join(folder, `${name}-${colorScheme}-${size}.png`)
        await page.screenshot({ path, fullPage: true })
        // Less than half the size. Where it is not installed, the files are larger.
        spawnSync('pngquant', ['--force', '--ext', '.png', '--speed', '1', '--nofs', '64', path])
        await page.context().close()
      }
    }
  }
  // test/browser/screenshots.test.ts compares it.
  writeFileSync(join(folder, 'looks.txt'), `${hashLooks()}\n`)
  await browser.close()
  await cell.stop()
  removeTemporaryFolders()
}

void takeScreenshots(process.argv[2] ?? join(ROOT, 'docs/screenshots'))
