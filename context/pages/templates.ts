import { Eta } from 'eta'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Script } from 'node:vm'
import { DnaError, messageOf } from '../cell'
import { checkNearMiss, listFolder, readFile } from './overrides'

/** Our own templates. In a build they lie beside the compiled code. */
const FOLDER = join(__dirname, 'templates')
const EXTENSION = '.eta'
/** A text that a template names, as in `it.say('login.title')`, or a template, as in `include('@field')`. */
const NAMED = /\b(?:say\(\s*(?<q>['"])(?<text>[^'"]+)\k<q>|(?:include|layout)\(\s*['"]@(?<template>[^'"]+)['"])/g

/** The templates of all pages, compiled. `<%= %>` escapes what it writes. */
export class Templates {
  // `debug` has the errors of a template name its line.
  readonly #eta = new Eta({ autoEscape: true, debug: true })

  /**
   * Compiles our templates, and those of a team's `templates/` folder instead of ours and besides them.
   *
   * @param own absolute path of a folder with `templates/login.eta` and the like, if DNA names one
   * @param hasText whether there is a text with this key
   * @throws {DnaError} that names the file and the line at fault
   */
  constructor(own: string | undefined, hasText: (key: string) => boolean) {
    const files = new Map(listTemplates(FOLDER, readdirSync(FOLDER)))
    const ours = [...files.keys()]
    for (const [name, file] of listTemplates(join(own ?? '', 'templates'), listFolder(own, 'templates'))) {
      checkNearMiss(`templates/${name}${EXTENSION}`, name, ours)
      files.set(name, file)
    }
    const isKnown = ({ text, template }: Record<string, string | undefined>): boolean =>
      text === undefined ? files.has(template ?? '') : hasText(text)
    for (const [name, file] of files) this.#load(name, file, isKnown)
  }

  /**
   * Renders a template.
   *
   * @param data what it finds in `it`
   */
  render(name: string, data: object): string {
    return this.#eta.render(`@${name}`, data)
  }

  #load(name: string, file: string, isKnown: (named: Record<string, string | undefined>) => boolean): void {
    const source = readFile(file).toString()
    source.split('\n').forEach((line, index) => {
      const unknown = [...line.matchAll(NAMED)].flatMap(({ groups = {} }) => (isKnown(groups) ? [] : [groups]))[0]
      const what = unknown?.['text'] === undefined ? `template @${unknown?.['template']}` : `text ${unknown['text']}`
      if (unknown) throw new DnaError('folder', `${file}:${index + 1}: no ${what}`)
    })
    try {
      checkSyntax(this.#eta.compileToString(source))
      this.#eta.loadTemplate(`@${name}`, source)
    } catch (cause) {
      const [, message = messageOf(cause), line = (cause as { line?: number }).line ?? 1] =
        /^(.*) at line (\d+) /.exec(messageOf(cause)) ?? []
      throw new DnaError('folder', `${file}:${line}: ${message}`, { cause })
    }
  }
}

function listTemplates(folder: string, names: string[]): [name: string, file: string][] {
  return names
    .filter((name) => name.endsWith(EXTENSION))
    .map((name) => [name.slice(0, -EXTENSION.length), join(folder, name)])
}

/** @throws {Error} with the `line` of the template at fault, which eta leaves out */
function checkSyntax(code: string): void {
  try {
    new Script(`(function (it, options) {${code}\n})`, { filename: 'template' })
  } catch (error) {
    const { stack = '', message } = error as Error
    const broken = Number(/^template:(\d+)/.exec(stack)?.[1] ?? Infinity)
    // Before each tag, eta's `debug` writes its line.
    const lines = code.split('\n').slice(0, broken)
    const line = lines.findLast((each) => each.startsWith('__eta.line='))?.replace('__eta.line=', '')
    throw Object.assign(new Error(message), { line: Number(line ?? 1) })
  }
}
