import type { ErrorRequestHandler, RequestHandler, Response } from 'express'
import { STATUS_CODES } from 'node:http'
import { inspect } from 'node:util'
import { z } from 'zod'
import { STYLESHEET, prefersPage, problemPage } from '../../context/http/page'
import { Problem, checkDna, organelleDna } from '../../context/cell'
import { LineLimit } from '../../context/cell/line-limit'
import { expressAppOf, react } from '../../context/cell/reactions'
import { asProblem, chosenBody } from './as-problem'

/** Lines logged per kind of error and window, so that many requests cannot fill a disk. */
const MAX_LINES = 60
/** Milliseconds. */
const WINDOW = 60_000
/** Required in every 401 (RFC 9110, section 11.6.1). For a scheme that they know, browsers would ask for a password. */
const CHALLENGE = 'Cookie realm="login"'

/**
 * The end of every request: sends `res.response` as JSON, answers what no route has answered with 404, and errors
 * with a problem document (RFC 9457) or, for a browser, a page. `res.body`, `res.code`, `err.code` and `err.body` work
 * as in organic-express-response.
 */
function expressResponse(plasma: Organic.Plasma, dna: Organic.Dna): void {
  checkDna(expressResponse.dnaSchema, dna)
  const limit = new LineLimit<string>(MAX_LINES, WINDOW, (kind = 'other errors', count) => {
    console.error(`${count} more requests failed with ${kind}`)
  })
  plasma.on('killed', () => {
    limit.end()
  })
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
    app.get('/style.css', sendStylesheet).use(sendResponse, sendProblem(limit))
  })
}

/** The pages' own, unless the cell has routes with another one. */
const sendStylesheet: RequestHandler = function sendStylesheet(_req, res, next) {
  if (res.headersSent || res.response !== undefined) next()
  else res.type('css').set('Cache-Control', 'public, max-age=3600').send(STYLESHEET)
}

const sendResponse: RequestHandler = function sendResponse(_req, res, next) {
  if (res.headersSent) return
  if (res.response === undefined) {
    next(new Problem(404, 'NOT_FOUND', 'There is nothing here.'))
    return
  }
  if (res.code !== undefined) res.status(res.code)
  challenge(res)
  res.json(res.response)
}

function sendProblem(limit: LineLimit<string>): ErrorRequestHandler {
  return function sendProblem(error: unknown, req, res, next) {
    const problem = asProblem(error)
    res.problem = problem
    if (problem.status >= 500) {
      const description = describe(error)
      const kind = description.replace(/\n[^]*/, '').slice(0, 200)
      if (limit.admit(kind, kind)) console.error(`${req.method} ${req.path}: ${description}`)
    }
    // Half an answer is out: Express ends the connection, so that it is not taken for a whole one.
    if (res.headersSent) {
      if (!res.writableEnded) next(error)
      return
    }
    res.status(problem.status).set('Cache-Control', 'no-store').vary('Accept')
    challenge(res)
    if (problem.retryAfter !== undefined) res.set('Retry-After', String(problem.retryAfter))
    const { status, code, message: detail } = problem
    const body = chosenBody(error)
    if (body !== undefined) {
      res.json(body)
    } else if (prefersPage(req)) {
      res.type('html').send(problemPage(status, detail))
    } else {
      const body = { type: 'about:blank', title: STATUS_CODES[status], status, code, detail }
      res.type('application/problem+json').send(JSON.stringify(body))
    }
  }
}

function challenge(res: Response): void {
  if (res.statusCode === 401 && !res.hasHeader('WWW-Authenticate')) res.set('WWW-Authenticate', CHALLENGE)
}

/** A problem that is meant for clients says itself what it is; of others, everything helps. */
function describe(error: unknown): string {
  return error instanceof Problem && error.cause === undefined ? `${error.code}: ${error.message}` : inspect(error)
}

expressResponse.dnaSchema = z.strictObject({ source: organelleDna.source, reactOn: organelleDna.reactOn })

export = expressResponse
