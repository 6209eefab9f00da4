// Runs scripts of package.json in parallel: `node all.mjs types lint mocha`. Streams the output of the last one, and prints
// that of the others at the end. Fails if one of them fails.
import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'

const names = process.argv.slice(2)
const results = await Promise.all(
  names.map(async (name, index) => {
    const isLast = index === names.length - 1
    // A shell, because npm may be a script. Merges stderr into stdout.
    const child = spawn(`npm run --silent ${name} 2>&1`, {
      shell: true,
      stdio: ['ignore', isLast ? 'inherit' : 'pipe', 'inherit'],
    })
    const closed = new Promise((resolve) => child.once('close', resolve))
    const output = isLast ? '' : await text(child.stdout)
    return { name, output, code: await closed }
  }),
)
for (const { name, output, code } of results)
  console.log(`${output}${name}: ${code === 0 ? 'passed' : `failed with ${code}`}`)
process.exitCode = results.every(({ code }) => code === 0) ? 0 : 1
