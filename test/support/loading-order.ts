import { createRequire } from 'node:module'
import { PassThrough, type Readable } from 'node:stream'

interface Found {
  path: string
}

const upstream = createRequire(require.resolve('organic-express-routes'))
/** How organic-express-routes finds files. */
const glob = upstream('glob-stream') as { create: (pattern: string) => Readable }

/** Lets organic-express-routes find files in this order while `work` runs. */
export async function loadingInOrder<T>(compare: (a: string, b: string) => number, work: () => Promise<T>): Promise<T> {
  const { create } = glob
  glob.create = (pattern) => {
    const ordered = new PassThrough({ objectMode: true })
    const found: Found[] = []
    create(pattern)
      .on('data', (file: Found) => found.push(file))
      .on('end', () => {
        for (const file of found.sort((a, b) => compare(a.path, b.path))) ordered.write(file)
        ordered.end()
      })
    return ordered
  }
  try {
    return await work()
  } finally {
    glob.create = create
  }
}
