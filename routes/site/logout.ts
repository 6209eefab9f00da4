import { answerLogout } from '../../context/http/answer'
import type { Routes } from '../declarations'
import { openWebsite } from '../website'

/** `/logout`: people log out. A form posts here, so no link of another site can. */
export = function (plasma: Organic.Plasma, dna: Organic.Dna): Routes {
  const { at, confirm } = openWebsite(plasma, dna)
  return {
    // Who types the address finds the button there.
    GET: function (_req, res) {
      res.redirect(303, at(''))
    },

    POST: async function (req, res) {
      await plasma.sessions(req.session).logout()
      answerLogout(req, res, confirm('', 'logged-out'))
    },
  }
}
