/** The methods of a session store that requests call. */
const OPERATIONS = ['get', 'set', 'touch', 'destroy'] as const

type Operation = (typeof OPERATIONS)[number]
type Method = (...values: unknown[]) => unknown

/**
 * Measures the operations of a session store, from now on. Operations that call back at once are not
 * counted: a touch that is not due asks nobody.
 *
 * @param observe gets the operation, whether it failed, and how long it took, in seconds
 */
export function measureStore(
  store: object,
  observe: (operation: Operation, failed: boolean, seconds: number) => void,
): void {
  const methods = store as Record<Operation, Method>
  for (const operation of OPERATIONS) {
    const original = methods[operation].bind(store)
    methods[operation] = (...values) => {
      const startedAt = performance.now()
      const last = values.at(-1)
      const done = typeof last === 'function' ? (values.pop() as Method) : undefined
      let isImmediate = true
      const result = original(...values, (error?: unknown, ...results: unknown[]) => {
        if (!isImmediate) observe(operation, Boolean(error), (performance.now() - startedAt) / 1000)
        // As it was called: no argument means that there is no session.
        if (error === undefined && results.length === 0) done?.()
        else done?.(error, ...results)
      })
      isImmediate = false
      return result
    }
  }
}
