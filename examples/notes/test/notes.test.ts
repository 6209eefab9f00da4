import assert from 'node:assert/strict'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { databaseOf } from 'organic-sessions-cell/cell'
import { startTestCell, type TestCell } from 'organic-sessions-cell/testing'

let cell: TestCell
before(async () => {
  cell = await startTestCell({ root: join(__dirname, '..') })
})
after(() => cell.stop())

test('keeps notes for who is logged in, and shows them to nobody else', async () => {
  const [ada, grace] = [cell.client(), cell.client()]
  assert.equal((await ada.get('/api/notes')).status, 401)
  await Promise.all([ada.registerAndLogIn(), grace.registerAndLogIn()])
  const written: string[] = []
  cell.plasma.on('NoteWritten', ({ id }) => void written.push(id))
  const { status, body } = await ada.post('/api/notes', { text: 'call Charles' })
  const { id } = body as { id: string }
  assert.deepEqual([status, written], [201, [id]])
  assert.deepEqual((await ada.get('/api/notes')).body, [{ id, text: 'call Charles' }])
  assert.deepEqual((await grace.get('/api/notes')).body, [])
  assert.equal((await grace.send('DELETE', `/api/notes/${id}`)).status, 404)
  assert.equal((await ada.send('DELETE', `/api/notes/${id}`)).status, 204)
  assert.deepEqual((await ada.get('/api/notes')).body, [])
})

test('refuses what is no note', async () => {
  const client = cell.client()
  await client.registerAndLogIn()
  for (const text of [undefined, 5, '', ' ', 'x'.repeat(501), 'a\0b', { $ne: '' }]) {
    const { status, body } = await client.post('/api/notes', { text })
    assert.deepEqual([status, (body as { code: unknown }).code], [400, 'INVALID_NOTE'])
  }
})

test('has a page that shows notes and takes new ones, and runs nothing that is in them', async () => {
  const client = cell.client()
  const asked = await client.get('/notes', { accept: 'text/html' })
  assert.deepEqual([asked.status, asked.headers.get('location')], [303, '/login?return-to=%2Fnotes'])
  await client.registerAndLogIn()
  const { status, headers } = await client.submit('/notes', { text: '<script>steal()</script>' })
  assert.deepEqual([status, headers.get('location')], [303, '/notes'])
  const page = (await client.get('/notes')).text
  assert.match(page, /<title>Your notes · Notes<\/title>[^]*<li>&lt;script/)
  assert.doesNotMatch(page, /<script/)
  assert.match((await client.submit('/notes', { text: '' })).text, /A note has 1 to 500 characters\./)
})

test('deletes the notes of an owner who is deleted', async () => {
  const client = cell.client()
  const { username } = await client.registerAndLogIn()
  await client.post('/api/notes', { text: 'burn after reading' })
  const { query } = databaseOf(cell.plasma)()
  await query.deleteFrom('owners').where('own_name', '=', username).execute()
  const left = await query.selectFrom('notes').where('text', '=', 'burn after reading').select('id').execute()
  assert.deepEqual(left, [])
})

test('does not start with a typo in its DNA', async () => {
  const starting = startTestCell({ root: join(__dirname, '..'), changes: { plasma: { notes: { maxLenght: 5 } } } })
  await assert.rejects(starting, /plasma.yaml: notes.maxLenght: unknown key, did you mean "maxLength"\?/)
})
