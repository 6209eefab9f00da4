import { answerEmpty } from '../../context/http/answer'
import type { Routes } from '../declarations'
import { changePassword } from '../password-change'

/** `/api/password`: users change their password. */
export = function (plasma: Organic.Plasma): Routes {
  return {
    POST: async function (req, res) {
      await changePassword(plasma, req)
      answerEmpty(req, res)
    },
  }
}
