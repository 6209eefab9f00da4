import { LoginRequired } from '../../../context/cell'
import { viewAccount } from '../../account-page'
import type { Routes } from '../../declarations'
import { openWebsite } from '../../website'

/** `/account` and all below it: for users only. Others are asked to log in, and come back. */
export = function (plasma: Organic.Plasma, dna: Organic.Dna): Routes {
  const site = openWebsite(plasma, dna)
  return {
    '* *': function (req, _res, next) {
      plasma.sessions(req.session).user(function (err, user) {
        if (err) return next(err)
        if (!user) return next(new LoginRequired())

        req.user = user
        next()
      })
    },

    GET: async function (req, res) {
      site.pages.send(req, res, await viewAccount(plasma, site, req))
    },
  }
}
