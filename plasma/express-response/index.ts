import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express'
import { STATUS_CODES } from 'node:http'
import { inspect } from 'node:util'
import { z } from 'zod'
import {
  Problem,
  RecurringErrors,
  checkDna,
  expressAppOf,
  isProblem,
  logOf,
  organelleDna,
  react,
  type Log,
} from '../../context/cell'
import { prefersPage } from '../../context/http/answer'
import { renderProblemPage } from '../../context/http/problem-page'
// Adds `Pages` to the chemicals.
import type {} from '../../context/pages'
import { asProblem, findChosenBody } from './as-problem'

/** While errors of a kind recur, one line counts them in this time, in milliseconds. */
const WINDOW = 10_000
/** Required in every 401 (RFC 9110, section 11.6.1). For a scheme they know, browsers would ask for a password. */
const CHALLENGE = 'Cookie realm="login"'

/**
 * The end of every request. Sends `res.response` as JSON, a 404 if no route has answered, and for errors a problem document
 * (RFC 9457) or, in browsers, a page. `res.body`, `res.code`, `err.code` and `err.body` work as in organic-express-response.
 *
 * @throws {DnaError}
 */
function expressResponse(plasma: Organic.Plasma, dna: Organic.Dna): void {
  checkDna(expressResponse.dnaSchema, dna)
  const log = logOf(plasma)
  const errors = new RecurringErrors(WINDOW, (kind, count) =>
    log.error(`${count} more ${count === 1 ? 'request' : 'requests'} failed with ${kind}`, { count }),
  )
  plasma.on('killed', () => errors.end())
  react(plasma, dna, (...chemicals) => {
    const app = expressAppOf(chemicals)
    Object.defineProperty(app.response, 'body', {
      configurable: true,
      get(this: Response) {
        return this.response
      },
      set(this: Response, value: unknown) {
        this.response = value
      },
    })
    app.use(sendResponse, sendProblem(plasma, log, errors))
  })
}

const sendResponse: RequestHandler = function sendResponse(_req, res, next) {
  if (res.headersSent) return
  if (res.response === undefined) {
    next(new Problem(404, 'NOT_FOUND', 'There is nothing here.'))
    return
  }
  if (res.code !== undefined) res.status(res.code)
  setChallenge(res)
  res.json(res.response)
}

function sendProblem(plasma: Organic.Plasma, log: Log, errors: RecurringErrors): ErrorRequestHandler {
  return function sendProblem(error: unknown, req, res, next) {
    const problem = asProblem(error)
    res.problem = problem
    if (problem.status >= 500) {
      const description = describe(error)
      const kind = description.replace(/\n[^]*/, '').slice(0, 200)
      const { id: request } = req as { id?: unknown }
      if (errors.isFirst(kind)) log.error(`${req.method} ${req.path}: ${description}`, { request })
    }
    // Express ends the connection, so that a partial answer does not pass for a complete one.
    if (res.headersSent) {
      if (!res.writableEnded) next(error)
      return
    }
    res.status(problem.status).set('Cache-Control', 'no-store').vary('Accept')
    setChallenge(res)
    if (problem.retryAfter !== undefined) res.set('Retry-After', String(problem.retryAfter))
    const { status, code, message: detail } = problem
    const body = findChosenBody(error)
    if (body !== undefined) {
      res.json(body)
    } else if (prefersPage(req)) {
      sendProblemPage(plasma, req, res, problem).catch((failed: unknown) => {
        // A page that cannot be rendered must not leave the request without an answer.
        if (errors.isFirst('pages')) log.error(`the page of an error cannot be shown: ${inspect(failed)}`)
        if (!res.headersSent) res.type('html').send(renderProblemPage(status, detail))
      })
    } else {
      const body = { type: 'about:blank', title: STATUS_CODES[status], status, code, detail }
      res.type('application/problem+json').send(JSON.stringify(body))
    }
  }
}

async function sendProblemPage(plasma: Organic.Plasma, req: Request, res: Response, problem: Problem): Promise<void> {
  const pages = plasma.get({ type: 'Pages' })
  if (pages) await pages.data.sendProblem(req, res, problem)
  else res.type('html').send(renderProblemPage(problem.status, problem.message))
}

function setChallenge(res: Response): void {
  if (res.statusCode === 401 && !res.hasHeader('WWW-Authenticate')) res.set('WWW-Authenticate', CHALLENGE)
}

/** Problems without a cause need no stack in the log. */
function describe(error: unknown): string {
  return isProblem(error) && error.cause === undefined ? `${error.code}: ${error.message}` : inspect(error)
}

expressResponse.dnaSchema = z
  .strictObject({ source: organelleDna.source, reactOn: organelleDna.reactOn })
  .describe('The end of every request: its response, 404, errors.')

export = expressResponse
