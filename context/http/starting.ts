import type { Express, RequestHandler } from 'express'

const SETTING = 'while starting'

/**
 * Lets a handler answer requests that come before the cell is ready. Those that it passes on by `next` wait at the gate.
 *
 * @example answerWhileStarting(app, (req, res, next) => req.path === '/up' ? res.sendStatus(503) : next())
 */
export function answerWhileStarting(app: Express, handler: RequestHandler): void {
  app.set(SETTING, handler)
}

/** The handler that {@link answerWhileStarting} was given. */
export function findStartingHandler(app: Express): RequestHandler | undefined {
  return app.get(SETTING) as RequestHandler | undefined
}
