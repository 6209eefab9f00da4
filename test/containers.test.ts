import { expect } from 'chai'
import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, readFileSync, readdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { cellSettings } from '../context/cell/settings'
import { setEnvironment } from './support/environment'
import { HAPROXY_CONFIGURATION, HAS_HAPROXY, checkHaproxy } from './support/haproxy'
import { loadDna } from './support/load-dna'
import { ROOT } from './support/project'
import { temporaryFolder, writeFiles } from './support/temporary-folder'

interface Service {
  image: string
  environment?: Record<string, string>
  networks?: Record<string, { ipv4_address?: string }>
  stop_grace_period?: string
  read_only?: boolean
}

const read = (name: string): string => readFileSync(join(ROOT, name), 'utf8')
const DOCKERFILE = read('Dockerfile').replaceAll('\\\n', ' ')
const COMPOSE_TEXT = read('compose.yaml')
const { services } = parse(COMPOSE_TEXT, { merge: true }) as { services: Record<string, Service> }
const CELLS = Object.entries(services).filter(([name]) => /^cell\d$/.test(name))

/** The instructions of a kind in Dockerfile, without its name. */
function instructions(kind: string): string[] {
  return [...DOCKERFILE.matchAll(new RegExp(`^${kind} (.*)$`, 'gm'))].map(([, rest = '']) => rest)
}

/** What the image takes from this folder. */
const COPIED = instructions('COPY')
  .filter((rest) => !rest.startsWith('--from='))
  .flatMap((rest) => rest.split(' ').slice(0, -1))

/** The environment that the image sets. */
const IMAGE_ENVIRONMENT = Object.fromEntries(
  instructions('ENV').flatMap((rest) => rest.split(' ').map((pair) => pair.split('=') as [string, string])),
)

describe('the image of a cell', () => {
  it('copies files that are there, and .dockerignore lets through these and no others', () => {
    for (const path of COPIED) expect(existsSync(join(ROOT, path)), path).to.equal(true)
    const [first, ...rest] = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
    expect(first).to.equal('*')
    expect(rest.sort()).to.deep.equal(COPIED.map((path) => `!${path}`).sort())
  })

  it('is built from what it copies', () => {
    const folder = temporaryFolder()
    for (const path of COPIED) cpSync(join(ROOT, path), join(folder, path), { recursive: true })
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
    // `npm run types` checks the types, for which alone packages are read.
    execFileSync('npm', ['run', 'build', '--silent', '--', '--noCheck', '--noResolve'], { cwd: folder, stdio: 'pipe' })
    const [command = ''] = instructions('CMD').slice(-1)
    const [program, main = ''] = JSON.parse(command) as string[]
    // Nothing before it that would keep its SIGTERM.
    expect([program, instructions('ENTRYPOINT')]).to.deep.equal(['node', ['[]']])
    expect(existsSync(join(folder, main))).to.equal(true)
  })

  it('pins its base, runs as another user than root, and asks the port that it exposes', () => {
    expect(instructions('FROM')[0]).to.match(/^node:\d+\.\d+\.\d+-\w+-slim AS base$/)
    expect(instructions('USER')).to.deep.equal(['1000:1000'])
    expect(instructions('EXPOSE')).to.deep.equal(['1337'])
    expect(DOCKERFILE).to.contain('http://127.0.0.1:1337/health/ready')
  })
})

describe('compose.yaml', () => {
  it('gives a cell every variable that its DNA needs, no other, and no secret of its own', async () => {
    const [, cell] = CELLS[0] ?? expect.fail('there is no cell')
    const given = { ...IMAGE_ENVIRONMENT, ...cell.environment }
    const dna = ['dna/plasma', 'dna/_production/plasma', 'dna/_cluster/plasma'].flatMap((folder) =>
      readdirSync(join(ROOT, folder)).map((name) => read(join(folder, name))),
    )
    const known = [...dna.join('').matchAll(/\{\$(\w+)/g)].map(([, name]) => name)
    expect(known).to.include.members(Object.keys(given).filter((name) => name !== 'CELL_MODE'))
    const values = { DATABASE_URL: 'postgres://db/cell', REDIS_URL: 'redis://redis', COOKIE_SECRET: 'x'.repeat(32) }
    expect(cell.environment).to.include.keys(...Object.keys(values))
    const restore = setEnvironment({ ...given, ...values })
    try {
      const mode = given['CELL_MODE']
      expect(mode).to.equal('_production+_cluster')
      const { plasma, cell: settings } = await loadDna({ folder: join(ROOT, 'dna'), mode })
      // The image listens where its port is exposed, and believes the balancer alone.
      expect(plasma['express-server']).to.include({ host: '0.0.0.0', port: '1337' })
      expect(plasma['express-server']).to.include({ trustProxy: addressOf('balancer') })
      const { drainSeconds, stopSeconds } = cellSettings.parse(settings ?? {})
      for (const [, { stop_grace_period = '' }] of CELLS)
        expect(parseInt(stop_grace_period)).to.be.above(drainSeconds + stopSeconds)
    } finally {
      restore()
    }
  })

  it('does not start without its secrets', () => {
    const variables = [...COMPOSE_TEXT.matchAll(/\$\{(\w+)(\S*)/g)]
    expect(new Set(variables.map(([, name]) => name))).to.deep.equal(
      new Set(['DATABASE_PASSWORD', 'REDIS_PASSWORD', 'COOKIE_SECRET', 'CERTIFICATE', 'POSTGRES_PASSWORD']),
    )
    for (const [whole, , rest] of variables) expect(rest, whole).to.match(/^:\?/)
  })

  it('shows the balancer every cell, at its address', () => {
    const { environment = {} } = services['balancer'] ?? expect.fail('there is no balancer')
    const servers = [...HAPROXY_CONFIGURATION.matchAll(/^ *server (\w+) "\$\{(\w+)-[\d.]+\}:1337"$/gm)]
    expect(servers.map(([, name]) => name)).to.deep.equal(CELLS.map(([name]) => name))
    for (const [, name = '', variable = ''] of servers) expect(environment[variable], name).to.equal(addressOf(name))
  })

  it('has a balancer that HAProxy takes without a warning (pending without HAProxy)', function () {
    if (!HAS_HAPROXY) this.skip()
    const folder = temporaryFolder()
    const pem = ['localhost.pem', 'localhost.key.pem']
      .map((name) => read(`test/support/certificates/${name}`))
      .join('\n')
    writeFiles(folder, { 'cell.pem': pem })
    const configuration = HAPROXY_CONFIGURATION.replace('/etc/haproxy/cell.pem', join(folder, 'cell.pem'))
    const { code, output } = checkHaproxy(configuration)
    expect([code, output]).to.deep.equal([0, 'Configuration file is valid\n'])
  })

  it('names a version of each image, and lets no cell write anywhere but to its data', () => {
    for (const name of ['balancer', 'postgres', 'redis'])
      expect(services[name]?.image).to.match(/^\w+:\d+(\.\d+)?-\w+$/)
    for (const [, { read_only }] of CELLS) expect(read_only).to.equal(true)
  })
})

function addressOf(service: string): string | undefined {
  return services[service]?.networks?.['cells']?.ipv4_address
}
