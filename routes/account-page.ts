import type { Request } from 'express'
import { LoginRequired, clockOf, isProblem } from '../context/cell'
import { PASSWORD_LENGTH } from '../context/owners/passwords'
import { readDevice, type Fault, type View, type Words } from '../context/pages'
import type { OwnSession } from '../plasma/sessions/session-api'
import type { Website } from './website'

/** What owners see of themselves besides their name, if their model has it. */
const PROFILE = ['name', 'email']

/**
 * The page on which users see who they are and where they are logged in, end sessions, and change their password.
 *
 * @param faults what went wrong in one of its forms
 */
export async function viewAccount(
  plasma: Organic.Plasma,
  site: Website,
  req: Request,
  faults: Fault[] = [],
): Promise<View> {
  const sessions = plasma.sessions(req.session)
  // A post that a throttle refuses has not passed the guard.
  const user = req.user ?? (await sessions.user())
  if (!user) throw new LoginRequired()
  const words = site.pages.wordsFor(req)
  const now = clockOf(plasma).now()
  const listed = await listSessions(() => sessions.list())
  return {
    template: 'account',
    data: {
      title: words.say('account.title'),
      notice: site.confirmed(req),
      faults,
      name: site.nameOf(user),
      profile: describeProfile(user, site, words),
      sessions: listed?.map((session) => describeSession(session, words, now)),
      hasOthers: listed?.some(({ current }) => !current),
      changesPassword: plasma.sessions.ownerModel.changePassword !== undefined && !user.trustPoint,
      passwordLength: PASSWORD_LENGTH,
      passwordUrl: site.at('/account/password'),
      sessionsUrl: site.at('/account/sessions'),
      logoutUrl: site.at('/logout'),
    },
  }
}

/** Lists this session first. @returns nothing if the session store cannot list the sessions of an owner */
async function listSessions(list: () => Promise<OwnSession[]>): Promise<OwnSession[] | undefined> {
  try {
    const sessions = await list()
    return sessions.sort((one, other) => Number(other.current) - Number(one.current))
  } catch (error) {
    if (isProblem(error) && error.code === 'SESSIONS_NOT_LISTED') return undefined
    throw error
  }
}

function describeProfile(
  user: Organic.Owner,
  { nameKey, nameOf }: Website,
  words: Words,
): { label: string; value: string }[] {
  const fields = JSON.parse(JSON.stringify(user)) as Record<string, unknown>
  const more = PROFILE.filter((key) => key !== nameKey && typeof fields[key] === 'string')
  return [
    { label: words.labelOf(nameKey), value: nameOf(user) },
    ...more.map((key) => ({ label: words.labelOf(key), value: String(fields[key]) })),
  ]
}

function describeSession(session: OwnSession, words: Words, now: number): Record<string, unknown> {
  const { id, current, address, agent, createdAt, lastSeenAt, actor } = session
  const { browser, system } = readDevice(agent)
  const device =
    browser && system
      ? words.say('device.browserOnSystem', { browser, system })
      : (browser ?? system ?? words.say('device.unknown'))
  return {
    id,
    current,
    device,
    address: address ?? words.say('account.unknownAddress'),
    lastSeenAt,
    lastSeen: words.ago(now - Date.parse(lastSeenAt)),
    createdAt,
    created: words.day(createdAt),
    application: actor && String(actor.id),
  }
}
