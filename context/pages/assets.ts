import type { Express } from 'express'
import { join } from 'node:path'
import { KEEP_FOREVER, versionOf } from '../http/content-version'
import { hasFile, readFile } from './overrides'

/** What pages load: the stylesheet, and the mark, which is also the favicon. */
const FILES = { style: 'style.css', mark: 'mark.svg' } as const

/** The URLs of what pages load, each with the hash of its content. */
export type AssetUrls = Readonly<Record<keyof typeof FILES, string>>

/** A file that pages load. */
interface Asset {
  url: string
  /** With any hash: while cells are being replaced, the page may be another version's. */
  anyUrl: string
  type: string
  content: Buffer
}

/** Serves the files that pages load. None of them needs a session. */
export class Assets {
  readonly #assets: [keyof typeof FILES, Asset][]

  /** @param own absolute path of a folder with a `style.css` or a `mark.svg` instead of ours, if DNA names one */
  constructor(own: string | undefined) {
    this.#assets = Object.entries(FILES).map(([name, file]) => {
      const content = readFile(join(hasFile(own, file) ? own : __dirname, file))
      const [base = '', type = ''] = file.split('.')
      const urlWith = (version: string): string => `/assets/${base}.${version}.${type}`
      const asset = { url: urlWith(versionOf(content)), anyUrl: urlWith(':version'), type, content }
      return [name as keyof typeof FILES, asset]
    })
  }

  get urls(): AssetUrls {
    return Object.fromEntries(this.#assets.map(([name, { url }]) => [name, url])) as AssetUrls
  }

  /** Mounts their routes. */
  mount(app: Express): void {
    for (const [, { url, anyUrl, type, content }] of this.#assets) {
      app.get(anyUrl, function sendAsset(req, res) {
        res.type(type).set('Cache-Control', req.path === url ? KEEP_FOREVER : 'no-store')
        res.send(content)
      })
    }
  }
}
