import { DnaError, checkDna } from '../../context/cell'
import { resolvePath } from '../../context/cell/root'
import { CredentialsFinder } from './credentials'
import { sessionsDna, type SessionsDna } from './dna'
import { loadOwnerModel } from './owner-model'
import { OwnerSession } from './owner-session'
import type { Callback, Owner, SessionApi } from './types'

type Api = SessionApi<Owner, Record<string, unknown>>

/**
 * The sessions organelle: puts `plasma[dna.name](storage)` on the plasma, which logs owners in, tells who is logged
 * in, and logs them out. Every login, failed login, ended session and session without an owner is emitted as a
 * chemical: `SessionLogin`, `SessionLoginFailed`, `SessionLogout`, `SessionDenied`, with the time, ids and the client,
 * never a secret.
 *
 * @throws {DnaError} for DNA that it cannot work with
 */
function sessions(plasma: Organic.Plasma, dna: Organic.Dna): void {
  const checked = checkDna(sessionsDna, dna)
  const { name } = checked
  if (name in plasma) throw new DnaError('name', `the plasma has a "${name}" already, choose another name`)
  const model = loadOwnerModel(plasma, checked)
  const finder = new CredentialsFinder(withCaPath(plasma, checked), model)
  const shared = { plasma, model, finder, trustedFor: checked.remoteSessionSeconds * 1000 }
  plasma.on('killed', () => finder.close())

  Object.assign(plasma, {
    [name]: Object.assign(open, { ownerModel: model, asksTrustPoint: checked.remoteLoginEndpoint !== undefined }),
  })

  function open(storage: object | undefined): Api {
    const session = new OwnerSession(shared, storage)
    const owner = (callback?: Callback<Owner>): Promise<Owner | undefined> => answer(session.owner(), callback)
    const api = {
      login(subject: Record<string, unknown>, callback?: Callback<Owner>): void {
        if (callback === undefined) session.loginNow(subject)
        else if (typeof callback === 'function') void answer(session.login(subject), callback)
        else
          throw new TypeError(
            'login(credentials, callback) takes a function: call authenticate(credentials) for a promise',
          )
      },
      loginAs: (owner: Owner) => session.loginAs(owner),
      authenticate: (credentials: Record<string, unknown>) => session.login(credentials),
      owner,
      user: owner,
      actor: () => session.actor,
      logout: (callback?: Callback<never>) => answer(session.logout(), callback),
      remembers: () => session.remembers,
      list: () => session.list(),
      end: (id: string) => session.end(id),
      endOthers: () => session.endOthers(),
      renew: (owner: Owner) => session.renew(owner),
    }
    return api
  }
}

function withCaPath(plasma: Organic.Plasma, dna: SessionsDna): SessionsDna {
  return dna.remoteCaFile === undefined ? dna : { ...dna, remoteCaFile: resolvePath(plasma, dna.remoteCaFile) }
}

/**
 * Gives a promise's outcome to the callback, once, and outside the promise: what the callback throws is not its answer.
 * Without a callback the promise itself is the answer.
 */
function answer<T>(outcome: Promise<T | undefined>, callback: Callback<T> | undefined): Promise<T | undefined> {
  if (!callback) return outcome
  return outcome.then(
    (value) => {
      if (value === undefined) process.nextTick(callback)
      else process.nextTick(callback, null, value)
      return value
    },
    (error: unknown) => {
      process.nextTick(callback, error)
      return undefined
    },
  )
}

sessions.dnaSchema = sessionsDna

export = sessions
