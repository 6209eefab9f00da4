import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isReachable } from './listening'
import { ROOT } from './project'
import { temporaryFolder, writeFiles } from './temporary-folder'
import { until } from './until'

/** The configuration that docs/deploying.md recommends. */
export const HAPROXY_CONFIGURATION = readFileSync(join(ROOT, 'deploy/haproxy.cfg'), 'utf8')
/** Debian keeps `haproxy` in /usr/sbin, outside users' PATH. */
const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin` }

/** Whether this machine has HAProxy. */
export const HAS_HAPROXY = process.platform !== 'win32' && spawnSync('haproxy', ['-v'], { env }).status === 0

/** Whether HAProxy accepts a configuration, and what it says about it. */
export function checkHaproxy(configuration: string): { code: number | null; output: string } {
  const folder = temporaryFolder()
  writeFiles(folder, { 'haproxy.cfg': configuration })
  const { status, stdout, stderr } = spawnSync('haproxy', ['-c', '-f', join(folder, 'haproxy.cfg')], {
    env,
    encoding: 'utf8',
  })
  return { code: status, output: stdout + stderr }
}

/** The HAProxy of `deploy/haproxy.cfg` before cells of this machine, without its TLS. */
export class Haproxy {
  readonly #child: ChildProcess

  private constructor(
    child: ChildProcess,
    /** As in `http://127.0.0.1:8080`. */
    readonly address: string,
  ) {
    this.#child = child
  }

  /**
   * @param cells as in `127.0.0.1:1337`
   * @param port at which it listens
   * @param more lines of its frontend
   */
  static async start(cells: string[], port: number, more = ''): Promise<Haproxy> {
    const folder = temporaryFolder()
    const servers = cells.map((cell, index) => `  server cell${index + 1} ${cell}`).join('\n')
    const configuration = HAPROXY_CONFIGURATION.replace(/^ *bind :80\n/m, '')
      .replace(/^ *bind :443 .*$/m, `  bind 127.0.0.1:${port}`)
      .replace(/^ *http-request redirect .*$/m, more)
      .replace(/(^ *server .*\n?)+/m, servers + '\n')
    writeFiles(folder, { 'haproxy.cfg': configuration })
    const child = spawn('haproxy', ['-db', '-f', join(folder, 'haproxy.cfg')], {
      env,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    let printed = ''
    child.stderr?.on('data', (text: Buffer) => (printed += text.toString()))
    const haproxy = new Haproxy(child, `http://127.0.0.1:${port}`)
    await until(
      () => isReachable(port),
      () => `HAProxy listens: ${printed}`,
    )
    return haproxy
  }

  /** Waits until it has seen that cells are ready. */
  async ready(): Promise<void> {
    await until(async () => (await fetch(`${this.address}/health/ready`)).status === 200)
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}
