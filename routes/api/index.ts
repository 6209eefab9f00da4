import { tell } from '../../context/chemicals'
import { clientOf } from '../../context/client'
import { OwnerNotFound, Problem, codeOf } from '../../context/errors'
import { prefersPage } from '../../context/page'
import { checkSessions } from '../../context/plasma'
import type { Request, Response } from 'express'
import type { Credentials, RouteDna, Routes } from '../declarations'

/** The documented routes. What stands behind `"* *"`, here and in any file below this folder, is for who is logged in. */
export = function (plasma: Organic.Plasma, { options = {} }: RouteDna): Routes {
  checkSessions(plasma)
  const { registration = true } = options
  return {
    'POST /register': function (req, res, next) {
      const { ownerModel } = plasma.sessions
      if (!registration || !ownerModel.register) return next(new Problem(404, 'NOT_FOUND', 'Nobody can register here.'))

      ownerModel.register(req.body).then((user) => {
        tell(plasma, { type: 'OwnerRegistered', ownerId: user.id, ...clientOf(req) })
        // `next` would lead to the guard below, and nobody is logged in yet.
        if (prefersPage(req)) res.redirect(303, '/')
        else res.status(201).json(user)
      }, next)
    },

    'POST /login': function (req, res, next) {
      plasma.sessions(req.session).login(req.body as Credentials, function (err, user) {
        if (err) return next(err)
        if (!user) return next(new OwnerNotFound())

        req.user = user
        if (req.accepts('html') !== 'html') {
          res.response = req.user
          next()
        } else res.redirect(303, '/')
      })
    },

    '* *': function (req, _res, next) {
      plasma.sessions(req.session).user(function (err, user) {
        if (err) return next(err)
        if (!user) return next(new OwnerNotFound())

        req.user = user
        next()
      })
    },

    'GET /me': function (req, res, next) {
      // Who acts for the owner is a fact of the session, and not one of his.
      const actor = plasma.sessions(req.session).actor()
      res.response = actor ? { ...asJson(req.user), actor } : req.user
      next()
    },

    'POST /logout': function (req, res, next) {
      plasma.sessions(req.session).logout(function (err) {
        if (err) return next(err)

        loggedOut(req, res)
      })
    },

    'POST /password': async function (req, res) {
      const { ownerModel } = plasma.sessions
      if (!ownerModel.changePassword || !req.user) throw new Problem(404, 'NOT_FOUND', 'Nobody can change a password here.')
      const sessions = plasma.sessions(req.session)
      const facts = { ownerId: req.user.id, actor: sessions.actor(), ...clientOf(req) }
      const user = await ownerModel.changePassword(req.user.id, req.body).catch((error: unknown) => {
        tell(plasma, { type: 'PasswordChangeFailed', reason: codeOf(error), ...facts })
        throw error
      })
      tell(plasma, { type: 'PasswordChanged', ...facts })
      await sessions.renew(user)
      done(req, res)
    },

    'GET /sessions': async function (req, res) {
      res.json(await plasma.sessions(req.session).list())
    },

    'DELETE /sessions/:id': async function (req, res) {
      const isEnded = await plasma.sessions(req.session).end(req.params['id'] ?? '')
      if (!isEnded) throw new Problem(404, 'SESSION_NOT_FOUND', 'You have no such session.')
      // It may have been this one.
      if ((req.session as unknown) === undefined) loggedOut(req, res)
      else done(req, res)
    },

    'DELETE /sessions': async function (req, res) {
      // What is meant is one session, whose id got lost.
      if (req.path.endsWith('/')) throw new Problem(404, 'SESSION_NOT_FOUND', 'You have no such session.')
      await plasma.sessions(req.session).endOthers()
      done(req, res)
    },
  }
}

function loggedOut(req: Request, res: Response): void {
  // OWASP ASVS 14.3.1
  res.set('Clear-Site-Data', '"cookies", "storage"')
  done(req, res)
}

/** There is nothing more to say. */
function done(req: Request, res: Response): void {
  if (prefersPage(req)) res.redirect(303, '/')
  else res.status(204).end()
}

/** What an owner shows of himself. */
function asJson(owner: unknown): object {
  return JSON.parse(JSON.stringify(owner)) as object
}
