import { z } from 'zod'
import { checkDna, expressAppOf, organelleDna, react, resolvePath } from '../../context/cell'
import { Pages } from '../../context/pages'

const pagesDna = z.strictObject({
  ...organelleDna,
  name: z
    .string('expected a name')
    .min(1, 'must not be empty')
    .max(100)
    .default('Organic cell')
    .describe('What the application calls itself.'),
  folder: z
    .string('expected a folder')
    .min(1, 'must not be empty')
    .optional()
    .describe("Folder with a team's own templates/, texts/, style.css and mark.svg, relative to the cell's root."),
})

/**
 * Loads the templates and the texts of the HTML pages, and serves what they load. Stores `Pages { data }` with the
 * {@link Pages}, for the routes that show them and for express-response, which shows errors. Its files need no session: they are
 * mounted before the sessions, because express-sessions waits for `Pages`.
 *
 * @throws {DnaError}
 */
function pagesOrganelle(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const { name, folder, emitReady } = checkDna(pagesDna, dna)
  react(plasma, dna, async (...chemicals) => {
    const own = folder === undefined ? undefined : resolvePath(plasma, folder)
    const pages = new Pages({ name, folder: own })
    pages.mountAssets(expressAppOf(chemicals))
    // Routes look for this one, whatever DNA calls the ready chemical.
    if (emitReady !== 'Pages') await plasma.store({ type: 'Pages', data: pages })
    return pages
  })
}

pagesOrganelle.dnaSchema = pagesDna

export = pagesOrganelle
