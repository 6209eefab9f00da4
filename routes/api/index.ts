import { z } from 'zod'
import { InvalidCredentials, Problem, checkDna } from '../../context/cell'
import { answerLogout, prefersPage } from '../../context/http/answer'
import { checkSessions } from '../check-sessions'
import type { Routes } from '../declarations'
import { guard } from '../guard'
import { registerOwner, registrationOf } from '../registration'

const apiRoutesDna = z.object({
  options: z
    .strictObject({
      registration: z.boolean().default(true).describe('Whether people may register, if the owner model has register.'),
      registrationBesideTrustPoint: z
        .boolean()
        .default(false)
        .describe(
          'Allows registration beside a remoteLoginEndpoint, which the boot otherwise refuses: whoever registers a name first could be taken for the owner of that name at the trust point.',
        ),
    })
    .prefault({}),
})

/** The documented routes. Everything after `"* *"`, here and in the other files of this folder, requires a login. */
function apiRoutes(plasma: Organic.Plasma, dna: Organic.Dna): Routes {
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
      plasma.sessions(req.session).login(req.body as Organic.Credentials, function (err, user) {
        if (err) return next(err)
        if (!user) return next(new InvalidCredentials())

        req.user = user
        if (req.accepts('html') !== 'html') {
          res.response = req.user
          next()
        } else res.redirect(303, '/')
      })
    },

    '* *': guard(plasma),

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

/** The options in the DNA, for editors and the reference. */
apiRoutes.dnaSchema = apiRoutesDna as z.ZodType

export = apiRoutes

function toPlainObject(user: unknown): object {
  return JSON.parse(JSON.stringify(user)) as object
}
