import type { Request } from 'express'
import { InvalidCredentials, type Problem } from '../../context/cell'
import type { View } from '../../context/pages'
import type { Routes } from '../declarations'
import { moveFault, openWebsite, typedIn } from '../website'

/** `/login`: people log in, and go on to where they were going. */
export = function (plasma: Organic.Plasma, dna: Organic.Dna): Routes {
  const { pages, register, nameKey, passwordKey, ...site } = openWebsite(plasma, dna)
  const path = site.at('/login')
  pages.entrance = { path, leadsTo: (url) => site.returnTo(url) !== undefined }
  pages.addForm(path, { page: path, show })
  plasma.throttle?.limitPosts(path, 'credentials')

  return {
    GET: async function (req, res) {
      const returnTo = site.returnTo(req.query['return-to'])
      if (await plasma.sessions(req.session).user()) res.redirect(303, returnTo ?? site.at(''))
      else pages.send(req, res, viewOf(req, returnTo))
    },

    POST: async function (req, res) {
      const { 'return-to': returnTo, ...credentials } = Object(req.body) as Record<string, unknown>
      const user = await plasma.sessions(req.session).authenticate(credentials as unknown as Organic.Credentials)
      if (!user) throw new InvalidCredentials()
      res.redirect(303, site.returnTo(returnTo) ?? site.at(''))
    },
  }

  function viewOf(req: Request, returnTo: string | undefined): View {
    const words = pages.wordsFor(req)
    return {
      template: 'login',
      data: {
        title: words.say('login.title'),
        notice: site.confirmed(req),
        action: path,
        registerUrl: register && site.at('/register'),
        returnTo: returnTo ?? '',
        remembers: plasma.sessions(req.session).remembers(),
        nameKey,
        passwordKey,
        name: '',
      },
    }
  }

  function show(req: Request, problem: Problem, returnTo?: string): View {
    const { template, data } = viewOf(req, site.returnTo(typedIn(req, 'return-to') || returnTo))
    const faults = moveFault(pages.wordsFor(req).describe(problem), { INVALID_CREDENTIALS: passwordKey }, problem.code)
    return {
      template,
      data: { ...data, faults, name: typedIn(req, nameKey), remember: typedIn(req, 'remember') !== '' },
    }
  }
}
