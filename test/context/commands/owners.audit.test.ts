import { expect } from 'chai'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { newCredentials } from '../../support/client'
import { ownersCommand, ownersHere } from '../../support/owners-command'
import { copyProject } from '../../support/project'
import { temporaryFolder } from '../../support/temporary-folder'

describe('what an operator does', () => {
  it('is written in the audit log of the cell, with whom it was done to (OWASP ASVS 16.3.1)', async () => {
    const data = temporaryFolder()
    const owners = ownersHere({ CELL_MODE: '_test', CELL_DATA: data })
    const { username, password } = newCredentials()
    await owners(['create', username], password)
    const { id } = JSON.parse((await owners(['show', username])).stdout) as { id: string }
    await owners(['disable', username])
    await owners(['--id', 'enable', id])
    await owners(['reset-password', username], 'another long password')
    await owners(['end-sessions', username])
    await owners(['end-all-sessions', '--yes'])
    await owners(['delete', username])
    await owners(['delete', username])

    const log = readFileSync(join(data, 'audit.log'), 'utf8')
    const lines = log
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>)
    const events = [
      'OwnerRegistered',
      'OwnerDisabled',
      'OwnerEnabled',
      'PasswordReset',
      'SessionsEnded',
      'SessionsEnded',
      'OwnerDeleted',
    ]
    expect(lines.map(({ event }) => event)).to.deep.equal(events)
    for (const line of lines) expect(line).to.include({ outcome: 'success', reason: 'BY_OPERATOR' })
    expect(lines.map(({ ownerId }) => ownerId)).to.deep.equal([id, id, id, id, id, undefined, id])
    for (const secret of [username, password, 'another long password']) expect(log).not.to.include(secret)
  })

  it('is told on the terminal where the cell writes to its output, apart from what the command prints', async () => {
    const owners = ownersCommand(copyProject(), {})
    const { username } = newCredentials()
    const { code, stdout, stderr } = await owners(['create', '--generate', username])
    expect(code).to.equal(0)
    expect(stdout).to.match(/^[\w-]{24}\n$/)
    expect(JSON.parse(stderr)).to.include({ event: 'OwnerRegistered', reason: 'BY_OPERATOR' })
    expect(stderr).not.to.include(stdout.trim())
  })

  it('is done all the same where the audit is switched off', async () => {
    const owners = ownersCommand(copyProject({ 'dna/_silent/plasma/audit.json': 'false' }), { CELL_MODE: '_silent' })
    const { username, password } = newCredentials()
    expect(await owners(['create', username], password)).to.deep.equal({ code: 0, stdout: '', stderr: '' })
  })
})
