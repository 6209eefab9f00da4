import type { SeededRandom } from './seeded-random'

const STEPS = ['tick', 'write', 'save', 'save, and go on', 'touch', 'reload', 'ask'] as const

/** What a request does with its session. */
export interface Step {
  does: (typeof STEPS)[number] | 'wait' | 'regenerate'
  /** Of ticks of the event loop, or of milliseconds. */
  amount?: number
}

/**
 * Files of a project with two more routes: `POST /api/steps` takes steps, as those who write routes would take them, and
 * `POST /enter/:id` logs an owner in without a password, which would cost a hash.
 */
export const STEP_ROUTES = {
  'routes/api/steps.js': `
    const { setImmediate, setTimeout } = require('node:timers/promises')
    const called = (work) => new Promise((resolve, reject) => work((error) => error ? reject(error) : resolve()))
    module.exports = function (plasma) {
      const steps = {
        'tick': async (req, amount) => { for (let tick = 0; tick < amount; tick += 1) await setImmediate() },
        'wait': (req, amount) => setTimeout(amount),
        'write': (req) => { req.session.note = Math.random() },
        'save': (req) => called((done) => req.session.save(done)),
        'save, and go on': (req) => { req.session.save(() => {}) },
        'touch': (req) => called((done) => req.sessionStore.touch(req.sessionID, req.session, done)),
        // Where it is gone by now, that is an error, and the session stays the one that it was.
        'reload': (req) => called((done) => req.session.reload(done)).catch(() => {}),
        'ask': (req) => plasma.sessions(req.session).user(),
        'regenerate': (req) => called((done) => req.session.regenerate(done)),
      }
      return {
        'POST': async function (req, res) {
          for (const { does, amount } of req.body.steps) await steps[does](req, amount)
          res.response = {}
        },
      }
    }`,
  'routes/site/enter.js': `
    module.exports = function (plasma) {
      return {
        'POST /:id': function (req, res, next) {
          plasma.sessions.ownerModel.findById(req.params.id, function (error, owner) {
            if (error) return next(error)
            plasma.sessions(req.session).login(owner)
            res.response = {}
            next()
          })
        },
      }
    }`,
}

/** @param span milliseconds that they take together, more or less, besides what each takes by itself */
export function randomSteps(random: SeededRandom, span: number): Step[] {
  const count = 2 + random.below(4)
  const wait = (): Step => ({ does: 'wait', amount: Math.ceil((random.next() * 2 * span) / count) })
  return Array.from({ length: count }, () => [wait(), { does: random.one(STEPS), amount: random.below(8) }]).flat()
}
