import { viewAccount } from '../../account-page'
import type { Routes } from '../../declarations'
import { guard } from '../../guard'
import { openWebsite } from '../../website'

/** `/account` and all below it: for users only. Others are asked to log in, and come back. */
export = function (plasma: Organic.Plasma, dna: Organic.Dna): Routes {
  const site = openWebsite(plasma, dna)
  return {
    '* *': guard(plasma),

    GET: async function (req, res) {
      site.pages.send(req, res, await viewAccount(plasma, site, req))
    },
  }
}
