import type { Express, Request, Response } from 'express'
import type { Problem } from '../cell'
import { Assets } from './assets'
import { checkTeamFolder } from './overrides'
import { Templates } from './templates'
import { loadWords, type Words } from './texts'

declare global {
  // eslint-disable-next-line @typescript-eslint/no-namespace -- how chemicals are typed
  namespace Organic {
    interface Chemicals {
      /** Pages can be rendered. Stored. */
      Pages: { data: Pages }
    }
  }
}

/** How a team makes the pages its own. */
export interface PagesOptions {
  /** What the application calls itself. */
  name: string
  /** Absolute path of a folder with `templates/`, `texts/`, `style.css` and `mark.svg` instead of ours. */
  folder?: string | undefined
}

/** A template, and what it finds in `it`. */
export interface View {
  template: string
  data: Record<string, unknown>
}

/** A form that is shown again, with what went wrong in it, if posting it fails. */
export interface Form {
  /** The page that it is on. */
  page: string
  /** @param returnTo where to go once it succeeds, unless the request says so */
  show(req: Request, problem: Problem, returnTo?: string): View | Promise<View>
}

/** Where people log in. A form is there. */
export interface Entrance {
  path: string
  /** Whether it leads to this URL afterwards. */
  leadsTo(url: string): boolean
}

/** The HTML pages of a cell, in the language of whoever asks (docs/pages.md). */
export class Pages {
  /** What the application calls itself. */
  readonly name: string
  /** The start page. */
  home = '/'
  /** Where people log in, once a route says so. */
  entrance: Entrance | undefined
  readonly #words: Map<string, Words>
  readonly #languages: string[]
  readonly #templates: Templates
  readonly #assets: Assets
  readonly #forms = new Map<string, Form>()

  /** @throws {DnaError} that names the file, and the line or the key at fault */
  constructor({ name, folder }: PagesOptions) {
    this.name = name
    if (folder !== undefined) checkTeamFolder(folder)
    this.#words = loadWords(folder)
    this.#languages = [...this.#words.keys()]
    const [english] = this.#words.values()
    this.#templates = new Templates(folder, (key) => english?.knows(key) === true)
    this.#assets = new Assets(folder)
  }

  /** Serves what pages load. */
  mountAssets(app: Express): void {
    this.#assets.mount(app)
  }

  /** The words of the language that a request asks for, by `Accept-Language`. */
  wordsFor(req: Request): Words {
    const language = req.acceptsLanguages(this.#languages) || 'en'
    const words = this.#words.get(language)
    if (!words) throw new Error(`there are no words for ${language}`)
    return words
  }

  /**
   * Answers with a page. Templates find `say` (the words of a key), `app`, `language`, `assets` and the view's own data in `it`.
   *
   * @example pages.send(req, res, { template: 'invoices', data: { title: 'Invoices', invoices } })
   */
  send(req: Request, res: Response, { template, data }: View): void {
    const words = this.wordsFor(req)
    const shared = {
      app: this.name,
      homeUrl: this.home,
      language: words.language,
      assets: this.#assets.urls,
      say: (key: string, values?: Record<string, string | number>) => words.say(key, values),
      words,
    }
    const html = this.#templates.render(template, { faults: [], notice: '', ...shared, ...data })
    res.vary('Accept-Language').set('Content-Language', words.language).type('html').send(html)
  }

  /** Has a form shown again whenever a post to this path fails. */
  addForm(path: string, form: Form): void {
    this.#forms.set(path.toLowerCase(), form)
  }

  /**
   * Answers a problem with a page: a form again, with what went wrong; a login, instead of a page that needs one; or a page that
   * says what went wrong. Status and headers are set already.
   */
  async sendProblem(req: Request, res: Response, problem: Problem): Promise<void> {
    const { entrance } = this
    const asksFor = problem.code === 'LOGIN_REQUIRED' && entrance?.leadsTo(req.originalUrl) ? entrance : undefined
    if (asksFor && ['GET', 'HEAD'].includes(req.method)) {
      res.removeHeader('WWW-Authenticate')
      res.redirect(303, `${asksFor.path}?return-to=${encodeURIComponent(req.originalUrl)}`)
      return
    }
    const form = req.method === 'POST' ? this.#findForm(req.path) : undefined
    const shown = asksFor ? this.#findForm(asksFor.path) : form
    try {
      if (shown) {
        this.send(req, res, await shown.show(req, problem, form?.page))
        return
      }
    } catch {
      // What the form needs cannot be read either. The problem itself is logged already.
    }
    this.send(req, res, this.#viewOf(req, problem))
  }

  /** Express ignores capitals and a slash at the end. */
  #findForm(path: string): Form | undefined {
    return this.#forms.get(path.toLowerCase().replace(/(.)\/$/, '$1'))
  }

  #viewOf(req: Request, problem: Problem): View {
    const words = this.wordsFor(req)
    const { message } = words.describe(problem)
    const { status } = problem
    // Below the API, nobody is led to the login by itself.
    const loginUrl = status === 401 ? this.entrance?.path : undefined
    return { template: 'error', data: { title: words.titleOf(status), message, status, loginUrl } }
  }
}

/**
 * The pages of the cell with this plasma.
 *
 * @throws {Error} if `plasma/pages` is switched off, or not ready
 * @example pagesOf(plasma).send(req, res, { template: 'invoices', data: {} })
 */
export function pagesOf(plasma: Organic.Plasma): Pages {
  const ready = plasma.get({ type: 'Pages' })
  if (!ready) throw new Error('this cell has no pages: dna/plasma/pages.json must be on, and reactOn must have "Pages"')
  return ready.data
}
