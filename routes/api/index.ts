import { emitEvent } from '../../context/cell/chemicals'
import { clientOf } from '../../context/cell/client'
import { DnaError, OwnerNotFound, Problem, checkDna, codeOf } from '../../context/cell'
import { prefersPage } from '../../context/http/page'
import { checkSessions } from '../check-sessions'
import { idOf } from '../../plasma/sessions/owner-model'
import type { Request, Response } from 'express'
import { z } from 'zod'
import type User from '../../context/models/user'
import type { Credentials, Routes } from '../declarations'

const apiRoutesDna = z.object({
  options: z
    .strictObject({
      /** Whether people may register here, where the owner model has `register`. */
      registration: z.boolean().default(true),
      /** Lets people register beside a trust point, though they may take names of its owners. */
      registrationBesideTrustPoint: z.boolean().default(false),
    })
    .prefault({}),
})

/** The documented routes. Everything after `"* *"`, here and in any file below this folder, requires a login. */
export = function (plasma: Organic.Plasma, dna: Organic.Dna): Routes {
  checkSessions(plasma)
  const { options } = checkDna(apiRoutesDna, dna)
  const isOpen = options.registration && plasma.sessions.ownerModel.register !== undefined
  if (isOpen && plasma.sessions.asksTrustPoint && !options.registrationBesideTrustPoint) {
    throw new DnaError(
      'options.registration',
      'must be false if plasma.sessions has a remoteLoginEndpoint: whoever registers a name first could be taken for its owner there. ' +
        'options.registrationBesideTrustPoint: true allows it anyway',
    )
  }
  return {
    'POST /register': function (req, res, next) {
      if (isOpen) register(req, res).catch(next)
      else next(new Problem(404, 'NOT_FOUND', 'Nobody can register here.'))
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
      if (!plasma.sessions.ownerModel.changePassword || !req.user)
        throw new Problem(404, 'NOT_FOUND', 'Nobody can change a password here.')
      const sessions = plasma.sessions(req.session)
      const ownerId = idOf(req.user)
      const facts = { ownerId, actor: sessions.actor(), ...clientOf(req) }
      const user = await changePassword(ownerId, req.body).catch((error: unknown) => {
        emitEvent(plasma, { type: 'PasswordChangeFailed', reason: codeOf(error), ...facts })
        throw error
      })
      emitEvent(plasma, { type: 'PasswordChanged', ...facts })
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

  /** Answers by itself: `next` would lead to the guard, and nobody is logged in yet. */
  async function register(req: Request, res: Response): Promise<void> {
    const user = await plasma.sessions.ownerModel.register?.(req.body)
    emitEvent(plasma, { type: 'OwnerRegistered', ownerId: idOf(user), ...clientOf(req) })
    if (prefersPage(req)) res.redirect(303, '/')
    else res.status(201).json(user)
  }

  /** Lets no object reach a model in place of a password: a document database takes `{ "$ne": null }` for any. */
  async function changePassword(ownerId: unknown, change: unknown): Promise<User> {
    const areStrings = Object.values(Object(change) as object).every((value) => typeof value === 'string')
    const { ownerModel } = plasma.sessions
    if (!areStrings || !ownerModel.changePassword)
      throw new Problem(400, 'INVALID_PASSWORD_CHANGE', 'Each password must be a string.')
    return ownerModel.changePassword(ownerId, change)
  }
}

function loggedOut(req: Request, res: Response): void {
  // The storage of scripts, and the pages that browsers keep for going back, even those with `no-store` (OWASP ASVS 14.3.1).
  // "cookies" would clear those of sibling sites too.
  res.set('Clear-Site-Data', '"cache", "storage"')
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
