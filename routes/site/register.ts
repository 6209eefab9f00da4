import type { Request } from 'express'
import { Problem } from '../../context/cell'
import { PASSWORD_LENGTH } from '../../context/owners/passwords'
import type { View } from '../../context/pages'
import type { Routes } from '../declarations'
import { registerOwner } from '../registration'
import { moveFault, openWebsite, typedIn } from '../website'

/** `/register`: people create an account, which logs them in, and go on to where they were going. */
export = function (plasma: Organic.Plasma, dna: Organic.Dna): Routes {
  const { pages, register, nameKey, passwordKey, ...site } = openWebsite(plasma, dna)
  const path = site.at('/register')
  if (!register) return {}
  pages.addForm(path, { page: path, show })
  plasma.throttle?.limitPosts(path, 'registration')

  return {
    GET: async function (req, res) {
      const returnTo = site.returnTo(req.query['return-to'])
      if (await plasma.sessions(req.session).user()) res.redirect(303, returnTo ?? site.at(''))
      else pages.send(req, res, viewOf(req, returnTo))
    },

    POST: async function (req, res) {
      const { 'return-to': returnTo, ...registration } = Object(req.body) as Record<string, unknown>
      const user = await registerOwner(plasma, req, register, registration)
      await plasma.sessions(req.session).loginAs(user)
      res.redirect(303, site.returnTo(returnTo) ?? site.confirm('', 'registered'))
    },
  }

  function viewOf(req: Request, returnTo: string | undefined): View {
    const words = pages.wordsFor(req)
    return {
      template: 'register',
      data: {
        title: words.say('register.title'),
        action: path,
        loginUrl: site.at('/login'),
        returnTo: returnTo ?? '',
        passwordLength: PASSWORD_LENGTH,
        nameKey,
        passwordKey,
        name: '',
      },
    }
  }

  function show(req: Request, problem: Problem): View {
    const { template, data } = viewOf(req, site.returnTo(typedIn(req, 'return-to')))
    const taken = { [`${nameKey.toUpperCase()}_TAKEN`]: nameKey }
    const faults = moveFault(pages.wordsFor(req).describe(problem), taken, problem.code)
    return { template, data: { ...data, faults, name: typedIn(req, nameKey) } }
  }
}
