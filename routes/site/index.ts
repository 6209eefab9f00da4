import type { z } from 'zod'
import type { Routes } from '../declarations'
import { openWebsite, websiteDna } from '../website'

/** The start page: says who is logged in, and leads to the other pages. None of them needs scripts. */
function siteRoutes(plasma: Organic.Plasma, dna: Organic.Dna): Routes {
  const { pages, register, ...site } = openWebsite(plasma, dna)
  pages.home = site.at('')
  return {
    'GET /': function (req, res, next) {
      const sessions = plasma.sessions(req.session)
      sessions.user(function (err, user) {
        if (err) return next(err)
        pages.send(req, res, {
          template: 'start',
          data: {
            notice: site.confirmed(req),
            name: user && site.nameOf(user),
            application: sessions.actor()?.id,
            loginUrl: site.at('/login'),
            registerUrl: register && site.at('/register'),
            accountUrl: site.at('/account'),
            logoutUrl: site.at('/logout'),
          },
        })
      })
    },

    // Where password managers look (https://w3c.github.io/webappsec-change-password-url).
    'GET /.well-known/change-password': function (_req, res) {
      res.redirect(303, site.at('/account#password'))
    },
  }
}

/** The options in the DNA, for editors and the reference. */
siteRoutes.dnaSchema = websiteDna as z.ZodType

export = siteRoutes
