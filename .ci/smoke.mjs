// Starts the compiled cell of the working directory as in production, and goes once through what it is for.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'

const cell = spawn(process.execPath, ['dist/cell.js'], {
  env: {
    ...process.env,
    CELL_MODE: '_production+_test',
    CELL_DATA: 'data',
    COOKIE_SECRET: 'a secret of the smoke run, 32 letters',
  },
  stdio: ['ignore', 'pipe', 'inherit'],
})
const address = await new Promise((resolve, reject) => {
  cell.stdout.on('data', (text) => resolve(/ready at ([^\s"]+)/.exec(text)?.[1]))
  cell.once('close', (code) => reject(new Error(`the cell ended with ${code}`)))
})

const headers = { 'content-type': 'application/json', accept: 'application/json', 'x-forwarded-proto': 'https' }
const credentials = JSON.stringify({ username: 'ada', password: 'correct horse battery' })
const post = (path, extra = {}) =>
  fetch(address + path, { method: 'POST', headers: { ...headers, ...extra }, body: credentials })

assert.equal((await post('/api/register')).status, 201)
const login = await post('/api/login')
assert.equal(login.status, 200)
const cookie = login.headers.getSetCookie()[0].split(';')[0]
assert.equal((await fetch(`${address}/api/me`, { headers: { ...headers, cookie } })).status, 200)
assert.equal((await fetch(`${address}/account`, { headers: { ...headers, accept: 'text/html', cookie } })).status, 200)
assert.equal((await fetch(`${address}/api/me`, { headers })).status, 401)

const env = { ...process.env, CELL_MODE: '_production+_test', CELL_DATA: 'data' }
const listed = spawnSync(process.execPath, ['dist/context/commands/main.js', 'list'], { env, encoding: 'utf8' })
assert.equal(JSON.parse(listed.stdout).username, 'ada')

cell.kill('SIGTERM')
const [code] = await new Promise((resolve) => cell.once('close', (...ended) => resolve(ended)))
assert.equal(code, 0)
console.log('the compiled cell registers, logs in, guards, lists its owners, and ends')
