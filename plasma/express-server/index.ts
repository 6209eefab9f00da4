import organicExpressServer from 'organic-express-server'
import { join, relative } from 'node:path'
import { DnaError, blameKey, checkDna, resolvePath } from '../../context/cell'
import { expressServerDna } from '../../context/http/express-server-dna'

/** The cell's own init script, wherever its root is. */
const OWN_SCRIPT = join(__dirname, '../../context/http/express-app')

/**
 * The Express server: organic-express-server, after a check of its DNA and its init script.
 *
 * @throws {DnaError}
 */
function expressServer(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const { initScript = OWN_SCRIPT, emitReady, logRunning, log = logRunning } = checkDna(expressServerDna, dna)
  const file = resolvePath(plasma, initScript)
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- as organic-express-server does
  const exported: unknown = blameKey('initScript', (): unknown => require(file), `${initScript} does not load: `)
  if (typeof exported !== 'function') {
    const instead = 'write export = function (plasma, dna, next) { … }'
    throw new DnaError('initScript', `${initScript} does not export a function: ${instead}`)
  }
  // The same object, because failures are matched to organelles by their DNA. organic-express-server joins the path to the
  // working directory, even if it is absolute.
  organicExpressServer(plasma, Object.assign(dna, { initScript: relative('', file), emitReady, log }))
}

expressServer.dnaSchema = expressServerDna

export = expressServer
