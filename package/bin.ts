#!/usr/bin/env node
/** `npx organic-sessions-cell <command>`: the commands of a cell that has installed this package, in its folder. */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { loadWithPackages } from '../context/cell/optional-packages'
import { readOwnPackage } from '../context/cell/own-package'
import { messageOf } from '../context/cell/thrown'

type Run = (parameters: string[], terminal: NodeJS.Process, root: string) => Promise<number>

/* eslint-disable @typescript-eslint/no-require-imports -- each command loads only its own code */
const COMMANDS: Record<string, () => Run> = {
  new: () => (require('../context/commands/new-command') as typeof import('../context/commands/new-command')).runNew,
  owners: () =>
    (require('../context/commands/owners-command') as typeof import('../context/commands/owners-command')).runOwners,
  dna: () => (require('../context/commands/dna-command') as typeof import('../context/commands/dna-command')).runDna,
  move: () =>
    (require('../context/commands/move-command') as typeof import('../context/commands/move-command')).runMove,
}
/* eslint-enable @typescript-eslint/no-require-imports */

async function main([name = '', ...parameters]: string[]): Promise<number> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!load) {
    const { name: program } = readOwnPackage()
    console.error(`usage: ${program} ${Object.keys(COMMANDS).join('|')} …\n${program} <command> --help says more`)
    return 1
  }
  const root = process.cwd()
  if (name !== 'new') runTypeScript(root)
  return loadWithPackages(load)(parameters, process, root)
}

/** A cell in TypeScript runs through tsx, so the commands load its organelles and migrations through its tsx as well. */
function runTypeScript(root: string): void {
  const requireFromCell = createRequire(join(root, 'package.json'))
  let tsx: string
  try {
    tsx = requireFromCell.resolve('tsx/cjs')
  } catch {
    // A cell in JavaScript, or a build, has none.
    return
  }
  requireFromCell(tsx)
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    console.error(messageOf(error))
    process.exitCode = 1
  },
)
