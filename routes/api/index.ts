import { z } from 'zod'
import { DnaError, InvalidCredentials, Problem, checkDna, emitEvent, idOf, clientOf } from '../../context/cell'
import { answerLogout, prefersPage } from '../../context/http/answer'
import { checkSessions } from '../check-sessions'
import type { Routes } from '../declarations'
import { guard } from '../guard'

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
  const register = registrationOf(plasma, dna)
  return {
    'POST /register': async function (req, res) {
      if (!register) throw new Problem(404, 'NOT_FOUND', 'Registration is switched off here.')
      const user = await register(req.body)
      emitEvent(plasma, { type: 'OwnerRegistered', ownerId: idOf(user), ...clientOf(req) })
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

/**
 * The owner model's `register`, if people may register here.
 *
 * @throws {DnaError}
 */
function registrationOf(
  { sessions }: Organic.Plasma,
  dna: Organic.Dna,
): ((registration: unknown) => Promise<Organic.Owner>) | undefined {
  const { registration, registrationBesideTrustPoint } = checkDna(apiRoutesDna, dna).options
  const { ownerModel, asksTrustPoint } = sessions
  if (!registration || !ownerModel.register) return undefined
  if (asksTrustPoint && !registrationBesideTrustPoint) {
    throw new DnaError(
      'options.registration',
      'must be false if plasma.sessions has a remoteLoginEndpoint: whoever registers a name first could be taken for its owner there. ' +
        'options.registrationBesideTrustPoint: true allows it anyway',
    )
  }
  return ownerModel.register.bind(ownerModel)
}

function toPlainObject(user: unknown): object {
  return JSON.parse(JSON.stringify(user)) as object
}
