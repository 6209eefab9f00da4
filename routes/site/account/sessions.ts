import { Problem } from '../../../context/cell'
import { answerLogout } from '../../../context/http/answer'
import { viewAccount } from '../../account-page'
import type { Routes } from '../../declarations'
import { openWebsite } from '../../website'

/** `/account/sessions`: the buttons on the account's page with which users end one session, or all others. */
export = function (plasma: Organic.Plasma, dna: Organic.Dna): Routes {
  const site = openWebsite(plasma, dna)
  const path = site.at('/account/sessions')
  site.pages.addForm(path, {
    page: site.at('/account'),
    show: (req, problem) => viewAccount(plasma, site, req, [site.pages.wordsFor(req).describe(problem)]),
  })
  return {
    // After an error the page has this URL.
    GET: function (_req, res) {
      res.redirect(303, site.at('/account'))
    },

    POST: async function (req, res) {
      const { id, others } = Object(req.body) as Record<string, unknown>
      const sessions = plasma.sessions(req.session)
      if (others === 'end') {
        await sessions.endOthers()
        res.redirect(303, site.confirm('/account', 'sessions-ended'))
        return
      }
      if (typeof id !== 'string' || !(await sessions.end(id)))
        throw new Problem(404, 'SESSION_NOT_FOUND', 'You have no such session.')
      // It may have been this session.
      if ((req.session as unknown) === undefined) answerLogout(req, res, site.confirm('', 'logged-out'))
      else res.redirect(303, site.confirm('/account', 'session-ended'))
    },
  }
}
