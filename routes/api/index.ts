import { z } from 'zod'
import { InvalidCredentials, LoginRequired, Problem, checkDna } from '../../context/cell'
import { answerLogout, prefersPage } from '../../context/http/answer'
import { checkSessions } from '../check-sessions'
import type { Credentials, Routes } from '../declarations'
import { registerOwner, registrationOf } from '../registration'

const apiRoutesDna = z.object({
  options: z
    .strictObject({
      /** Whether people may register here, if the owner model has `register`. */
      registration: z.boolean().default(true),
      /** Allows registration beside a trust point, though people may then take names of its owners. */
      registrationBesideTrustPoint: z.boolean().default(false),
    })
    .prefault({}),
})

/** The documented routes. Everything after `"* *"`, here and in the other files of this folder, requires a login. */
export = function (plasma: Organic.Plasma, dna: Organic.Dna): Routes {
  checkSessions(plasma)
  const register = registrationOf(plasma, checkDna(apiRoutesDna, dna).options)
  return {
    'POST /register': async function (req, res) {
      if (!register) throw new Problem(404, 'NOT_FOUND', 'Registration is switched off here.')
      const user = await registerOwner(plasma, req, register, req.body)
      if (prefersPage(req)) res.redirect(303, '/')
      else res.status(201).json(user)
    },

    'POST /login': function (req, res, next) {
      plasma.sessions(req.session).login(req.body as Credentials, function (err, user) {
        if (err) return next(err)
        if (!user) return next(new InvalidCredentials())

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
        if (!user) return next(new LoginRequired())

        req.user = user
        next()
      })
    },

    'GET /me': function (req, res, next) {
      // Who acts for the user is a fact of the session, not of the user.
      const actor = plasma.sessions(req.session).actor()
      res.response = actor ? { ...toPlainObject(req.user), actor } : req.user
      next()
    },

    'POST /logout': function (req, res, next) {
      plasma.sessions(req.session).logout(function (err) {
        if (err) return next(err)

        answerLogout(req, res)
      })
    },
  }
}

function toPlainObject(user: unknown): object {
  return JSON.parse(JSON.stringify(user)) as object
}
