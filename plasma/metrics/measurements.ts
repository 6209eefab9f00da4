import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { PROBLEM_CODES, type TrustPointStatus } from '../../context/cell'
import { measureStore } from './measured-store'
import { SessionCount } from './session-count'

/** In seconds. A login takes about 50 ms. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]

/** Milliseconds between two measurements of the event loop. */
const RESOLUTION = 20

/** Creates a registry of its own with all metrics of a cell, which are fed by its chemicals. */
export function createMeasurements(plasma: Organic.Plasma): {
  registry: Registry
  observeRequest: (labels: Record<'method' | 'route' | 'status', string>, seconds: number) => void
} {
  const registry = new Registry()
  const registers = [registry]
  const requests = new Histogram({
    name: 'cell_http_request_duration_seconds',
    help: 'Time until a request was answered.',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS,
    registers,
  })
  measureLogins(plasma, registers)
  measureSessions(plasma, registers)
  measureTrustPoints(plasma, registers)
  measurePasswords(plasma, registers)
  measureProcess(plasma, registers)
  return { registry, observeRequest: (labels, seconds) => requests.observe(labels, seconds) }
}

function measureLogins(plasma: Organic.Plasma, registers: Registry[]): void {
  const logins = new Counter({
    name: 'cell_logins_total',
    help: 'Attempts to log in.',
    labelNames: ['outcome'],
    registers,
  })
  logins.inc({ outcome: 'success' }, 0)
  plasma.on('SessionLogin', () => logins.inc({ outcome: 'success' }))
  plasma.on('LoginThrottled', () => logins.inc({ outcome: 'throttled' }))
  plasma.on('SessionLoginFailed', ({ reason }) => {
    // Your own owner model may fail with any code.
    logins.inc({ outcome: Object.hasOwn(PROBLEM_CODES, reason) ? reason.toLowerCase() : 'error' })
  })
}

function measureSessions(plasma: Organic.Plasma, registers: Registry[]): void {
  const operations = new Histogram({
    name: 'cell_store_duration_seconds',
    help: 'Time that the session store took.',
    labelNames: ['operation', 'outcome'],
    buckets: BUCKETS,
    registers,
  })
  let count: SessionCount | undefined
  new Gauge({
    name: 'cell_sessions',
    help: 'Sessions that have not expired, of all cells that share the store.',
    registers,
    collect() {
      const sessions = count?.read()
      this.remove()
      if (sessions !== undefined) this.set(sessions)
    },
  })
  plasma.once('SessionStore', ({ data: store }) => {
    count = new SessionCount(store)
    measureStore(store, (operation, failed, seconds) => {
      operations.observe({ operation, outcome: failed ? 'error' : 'success' }, seconds)
    })
  })
}

function measureTrustPoints(plasma: Organic.Plasma, registers: Registry[]): void {
  const points: TrustPointStatus[] = []
  const asked = new Histogram({
    name: 'cell_trust_point_duration_seconds',
    help: 'Time that a trust point took.',
    labelNames: ['trust_point', 'outcome'],
    buckets: BUCKETS,
    registers,
  })
  new Gauge({
    name: 'cell_trust_point_closed',
    help: '1 while the circuit breaker of a trust point is closed, 0 while the point is not asked, or only tried.',
    labelNames: ['trust_point'],
    registers,
    collect() {
      for (const { name, state } of points) this.set({ trust_point: name }, state === 'closed' ? 1 : 0)
    },
  })
  plasma.on('TrustPoints', ({ data }) => {
    points.push(...data)
  })
  plasma.on('TrustPointAsked', ({ name, ms, answered }) => {
    asked.observe({ trust_point: name, outcome: answered ? 'success' : 'error' }, ms / 1000)
  })
}

function measurePasswords(plasma: Organic.Plasma, registers: Registry[]): void {
  const hashers: Organic.Chemical<'PasswordHasher'>['data'][] = []
  plasma.on('PasswordHasher', ({ data }) => {
    hashers.push(data)
  })
  new Gauge({
    name: 'cell_password_hashes',
    help: 'Hashes of passwords that are being computed, or wait.',
    labelNames: ['state'],
    registers,
    collect() {
      for (const state of ['running', 'waiting'] as const) {
        const sum = hashers.reduce((total, hasher) => total + hasher[state], 0)
        this.set({ state }, sum)
      }
    },
  })
}

function measureProcess(plasma: Organic.Plasma, registers: Registry[]): void {
  const delay = monitorEventLoopDelay({ resolution: RESOLUTION })
  delay.enable()
  plasma.on('killed', () => {
    delay.disable()
  })
  new Gauge({
    name: 'cell_event_loop_delay_seconds',
    help: 'How late timers were since the last scrape. The percentile 100 is the longest delay.',
    labelNames: ['percentile'],
    registers,
    collect() {
      for (const percentile of [50, 99, 100]) {
        // Before the first measurement, these are no times. Each of them has the resolution in it.
        const nanoseconds = delay.count > 0 ? delay.percentile(percentile) : 0
        this.set({ percentile: String(percentile) }, Math.max(nanoseconds / 1e9 - RESOLUTION / 1000, 0))
      }
      delay.reset()
    },
  })
  new Gauge({
    name: 'cell_event_loop_lag_seconds',
    help: 'Time that the event loop took for one turn, at the scrape.',
    registers,
    async collect() {
      const startedAt = performance.now()
      await new Promise(setImmediate)
      this.set((performance.now() - startedAt) / 1000)
    },
  })
  new Gauge({
    name: 'process_resident_memory_bytes',
    help: 'Resident memory of the process.',
    registers,
    collect() {
      this.set(process.memoryUsage.rss())
    },
  })
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'User and system CPU time of the process.',
    registers,
    collect() {
      const { user, system } = process.cpuUsage()
      this.reset()
      this.inc((user + system) / 1e6)
    },
  })
}
