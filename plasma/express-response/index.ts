import type { ErrorRequestHandler, RequestHandler } from 'express'
import { STATUS_CODES } from 'node:http'
import { inspect } from 'node:util'
import { z } from 'zod'
import { STYLESHEET, prefersPage, problemPage } from '../../context/page'
import { Problem, checkDna, organelleDna } from '../../context/errors'
import { appOf, react } from '../../context/reaction'
import { asProblem } from './as-problem'

/**
 * The end of every request: sends `res.response` as JSON, answers what no route has answered with 404, and errors
 * with a problem document (RFC 9457) or, for a browser, a page.
 */
function expressResponse(plasma: Organic.Plasma, dna: Organic.Dna): void {
  checkDna(expressResponse.dnaSchema, dna)
  react(plasma, dna, (...chemicals) => {
    appOf(chemicals).get('/style.css', sendStylesheet).use(sendResponse, sendProblem)
  })
}

/** The pages' own, unless the cell has routes with another one. */
const sendStylesheet: RequestHandler = function sendStylesheet(_req, res, next) {
  if (res.headersSent || res.response !== undefined) next()
  else res.type('css').set('Cache-Control', 'public, max-age=3600').send(STYLESHEET)
}

const sendResponse: RequestHandler = function sendResponse(_req, res, next) {
  if (res.headersSent) return
  if (res.response === undefined) next(new Problem(404, 'NOT_FOUND', 'There is nothing here.'))
  else res.json(res.response)
}

const sendProblem: ErrorRequestHandler = function sendProblem(error: unknown, req, res, next) {
  const problem = asProblem(error)
  res.problem = problem
  if (problem.status >= 500) console.error(`${req.method} ${req.path}: ${describe(error)}`)
  // Half an answer is out: Express ends the connection, so that it is not taken for a whole one.
  if (res.headersSent) {
    if (!res.writableEnded) next(error)
    return
  }
  res.status(problem.status).set('Cache-Control', 'no-store').vary('Accept')
  if (problem.retryAfter !== undefined) res.set('Retry-After', String(problem.retryAfter))
  const { status, code, message: detail } = problem
  if (prefersPage(req)) {
    res.type('html').send(problemPage(status, detail))
  } else {
    const body = { type: 'about:blank', title: STATUS_CODES[status], status, code, detail }
    res.type('application/problem+json').send(JSON.stringify(body))
  }
}

/** A problem that is meant for clients says itself what it is; of others, everything helps. */
function describe(error: unknown): string {
  return error instanceof Problem && error.cause === undefined ? `${error.code}: ${error.message}` : inspect(error)
}

expressResponse.dnaSchema = z.strictObject({ source: organelleDna.source, reactOn: organelleDna.reactOn })

export = expressResponse
