import type { Express, IRoute } from 'express'
import { DnaError } from '../../context/cell'
import { listMounted, type Mounted } from '../../context/http/router'
import type { ThrottleDna } from './dna'

/** URLs that look like a login. */
const LOGIN = /\/(log|sign)-?in\/?$/i

/**
 * Checks that every throttled route is answered, and warns about logins that are not throttled.
 *
 * @param limiters the throttle's own routes on the application, with their URLs
 * @throws {DnaError} for a throttled route that nothing answers: a typo would leave a login open
 */
export function checkPosts(app: Express, limiters: Map<IRoute, string>, { mount, routes }: ThrottleDna): void {
  const mistaken = Object.entries(routes).find(([route, kind]) => kind && kind !== 'credentials' && LOGIN.test(route))
  if (mistaken) {
    throw new DnaError(
      `routes.${mistaken[0]}`,
      'expected "credentials": nothing would be counted for the accounts that a login names',
    )
  }
  const posts = listMounted(app).filter(answersPosts)
  const isOwn = ({ route }: Mounted): boolean => route !== undefined && limiters.has(route)
  const others = posts.filter((post) => !isOwn(post))
  for (const [limiter, url] of limiters) {
    const behind = posts.slice(posts.findIndex((post) => post.route === limiter))
    if (behind.some((post) => !isOwn(post) && post.matches(url))) continue
    const found = others.map(({ urls }) => urls[0]).join(', ') || 'nothing'
    throw new DnaError(
      `routes.${url.slice(mount.length)}`,
      `no route answers POST ${url} (mounted for POST: ${found}): correct it, or set it to false`,
    )
  }
  for (const login of others) {
    const before = posts.slice(0, posts.indexOf(login)).filter(isOwn)
    for (const url of login.urls.filter((url) => LOGIN.test(url))) {
      if (before.some((post) => post.matches(url))) continue
      process.emitWarning(`POST ${url} is not throttled: add it to routes in dna/plasma/throttle.json`)
    }
  }
}

/** Guards of whole folders take POST requests too, but do not answer them. */
function answersPosts({ methods, urls }: Mounted): boolean {
  return methods.includes('POST') || (methods.includes('*') && !urls.some((url) => url.includes('*')))
}
