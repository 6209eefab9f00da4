import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { Load } from './load'
import type { Running } from './requests'
import type { MemoryResults } from './results'

/** Measures the resident size of servers after so many requests, and after as many again. */
export async function measureMemory(
  load: Load,
  running: readonly Running[],
  requests: number,
  report: (progress: string) => void,
): Promise<MemoryResults[]> {
  const results: MemoryResults[] = []
  for (const { name, label, storage, server, load: loading } of running) {
    const sizes: number[] = []
    for (const part of ['first', 'second']) {
      report(`memory: the ${part} ${requests} requests of ${name}`)
      load.start(loading)
      for (let done = 0; done < requests;) {
        await wait(200)
        done += (await load.lap()).latencies.length
      }
      await load.stop()
      sizes.push(residentSizeOf(server.process.child.pid ?? 0))
    }
    const [first = NaN, second = NaN] = sizes
    results.push({ name, label: `${label}, ${storage}`, requests, first, second })
  }
  return results
}

/** In MiB, as in `man 5 proc_pid_status`. */
function residentSizeOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024
}
