/** Keeps what the tests of this block warn of from the console. @returns the messages of the test that runs */
export function keepWarnings(): string[] {
  const messages: string[] = []
  const original = process.emitWarning.bind(process)
  beforeEach(() => {
    messages.length = 0
    process.emitWarning = (warning: string | Error) => {
      messages.push(typeof warning === 'string' ? warning : warning.message)
    }
  })
  afterEach(() => {
    process.emitWarning = original
  })
  return messages
}
