// Runs scripts of package.json at the same time, so that no core idles: `node all.mjs types lint mocha`. The output of
// the last one is shown as it comes, and that of each other one when all are done. Fails where one of them fails.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

const names = process.argv.slice(2)
const results = await Promise.all(
  names.map(async (name, index) => {
    const isLast = index === names.length - 1
    // A shell, where npm is a script; and stderr where stdout goes.
    const child = spawn(`npm run --silent ${name} 2>&1`, { shell: true, stdio: ['ignore', isLast ? 'inherit' : 'pipe', 'inherit'] })
    const closed = new Promise((resolve) => child.once('close', resolve))
    const output = isLast ? '' : await text(child.stdout)
    return { name, output, code: await closed }
  }),
)
for (const { name, output, code } of results) console.log(`${output}${name}: ${code === 0 ? 'passed' : `failed with ${code}`}`)
process.exitCode = results.every(({ code }) => code === 0) ? 0 : 1
