import { expect } from 'chai'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isReachable } from './listening'
import { ROOT } from './project'
import { temporaryFolder, writeFiles } from './temporary-folder'
import { until } from './until'

const PAGE = readFileSync(join(ROOT, 'docs/deploying.md'), 'utf8')
const PROGRAM =
  process.platform === 'win32'
    ? ''
    : spawnSync('sh', ['-c', 'PATH=$PATH:/usr/sbin command -v nginx'], { encoding: 'utf8' }).stdout.trim()

/** Whether this machine has nginx. */
export const HAS_NGINX = PROGRAM !== ''

/** The block of a language in docs/deploying.md that contains a text. */
export function deployingBlock(language: string, contains: string): string {
  const blocks = [...PAGE.matchAll(new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``, 'g'))].map(([, block = '']) => block)
  return blocks.find((block) => block.includes(contains)) ?? expect.fail(`the page has no such ${language}`)
}

/** An nginx in a temporary folder. */
export class Nginx {
  readonly #child: ChildProcess

  private constructor(child: ChildProcess) {
    this.#child = child
  }

  /**
   * @param http what its configuration has in `http { … }`
   * @param port of this machine, at which it listens
   */
  static async start(http: string, port: number): Promise<Nginx> {
    const folder = temporaryFolder()
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((kind) => `${kind}_temp_path ${folder}/${kind};`)
      .join('\n')
    writeFiles(folder, {
      'nginx.conf': `daemon off;\nmaster_process off;\npid ${folder}/pid;\nerror_log ${folder}/error.log;\nevents {}\nhttp {\naccess_log off;\n${temporary}\n${http}\n}\n`,
    })
    const parameters = ['-c', join(folder, 'nginx.conf'), '-p', folder, '-e', join(folder, 'error.log')]
    const child = spawn(PROGRAM, parameters, { stdio: ['ignore', 'inherit', 'pipe'] })
    let printed = ''
    child.stderr.on('data', (text: Buffer) => (printed += text.toString()))
    await until(() => {
      if (child.exitCode !== null) throw new Error(`nginx has ended: ${printed}`)
      return isReachable(port)
    })
    return new Nginx(child)
  }

  async stop(): Promise<void> {
    const ended = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await ended
  }
}
