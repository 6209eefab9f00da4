import { mochaHooks } from '../test/support/hooks'

/** Prints a part of the report. Progress goes to stderr. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/**
 * Runs a benchmark as a program: however it ends, also by Ctrl+C, the processes and servers that it has started end, and their
 * folders are removed.
 */
export function runProgram(main: () => Promise<void>): void {
  process.once('SIGINT', () => {
    void end().finally(() => process.exit(130))
  })
  main()
    .catch((error: unknown) => {
      console.error(error)
      process.exitCode = 1
    })
    .finally(end)
    // Something may still be running when another part has failed.
    .finally(() => process.exit())
}

async function end(): Promise<void> {
  await (mochaHooks.afterAll as () => Promise<void>)()
}
