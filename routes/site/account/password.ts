import { viewAccount } from '../../account-page'
import type { Routes } from '../../declarations'
import { changePassword } from '../../password-change'
import { moveFault, openWebsite } from '../../website'

/** `/account/password`: the form on the account's page with which users change their password. */
export = function (plasma: Organic.Plasma, dna: Organic.Dna): Routes {
  const site = openWebsite(plasma, dna)
  const path = site.at('/account/password')
  plasma.throttle?.limitPosts(path, 'owner')
  site.pages.addForm(path, {
    page: site.at('/account'),
    show(req, problem) {
      const fault = site.pages.wordsFor(req).describe(problem)
      const fields = { CURRENT_PASSWORD_WRONG: 'currentPassword', TOO_MANY_ATTEMPTS: 'currentPassword' }
      return viewAccount(plasma, site, req, moveFault(fault, fields, problem.code))
    },
  })
  return {
    // After an error the page has this URL.
    GET: function (_req, res) {
      res.redirect(303, site.at('/account'))
    },

    POST: async function (req, res) {
      await changePassword(plasma, req)
      res.redirect(303, site.confirm('/account', 'password-changed'))
    },
  }
}
