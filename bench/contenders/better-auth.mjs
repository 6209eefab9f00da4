// As better-auth's documentation has it for Express, on SQLite.
import { NodeSqliteDialect } from '@better-auth/kysely-adapter/node-sqlite-dialect'
import { betterAuth } from 'better-auth'
import { getMigrations } from 'better-auth/db/migration'
import { fromNodeHeaders, toNodeHandler } from 'better-auth/node'
import express from 'express'
import listening from './listening.cjs'
import { SECRET } from './owners.cjs'
import { openDatabase } from './sqlite.cjs'

const options = {
  secret: SECRET,
  baseURL: 'http://127.0.0.1',
  database: { dialect: new NodeSqliteDialect({ database: openDatabase() }), type: 'sqlite' },
  emailAndPassword: { enabled: true },
  // For the sign-ups before the measurement.
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
}
await (await getMigrations(options)).runMigrations()
const auth = betterAuth(options)

const app = express()
app.all('/api/auth/*', toNodeHandler(auth))
app.get('/api/me', async (req, res, next) => {
  try {
    const session = await auth.api.getSession({ headers: fromNodeHeaders(req.headers) })
    if (session) res.json({ id: session.user.id, username: session.user.name })
    else res.status(401).json({ error: 'log in first' })
  } catch (error) {
    next(error)
  }
})
listening.listen(app)
