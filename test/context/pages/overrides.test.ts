import { expect } from 'chai'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { DnaError } from '../../../context/cell'
import { Pages } from '../../../context/pages'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

describe('files of a team’s own', () => {
  const faults: [what: string, files: Record<string, unknown>, message: RegExp][] = [
    ['a tag that is not closed', { 'templates/login.eta': 'a\nb\n<%= it.x' }, /templates.login\.eta:3: unclosed tag/],
    ['a string that is not closed', { 'templates/login.eta': "a\n<%= 'x %>" }, /login\.eta:2: unclosed string/],
    ['broken code', { 'templates/login.eta': 'a\n\n<% if (it.x { %>\nb\n<% } %>' }, /login\.eta:3: Unexpected token/],
    ['a block that is not closed', { 'templates/login.eta': 'a\n<% if (it.x) { %>\nb' }, /login\.eta:2: /],
    [
      'an unknown text',
      { 'templates/login.eta': "\n<%= it.say('login.titel') %>" },
      /login\.eta:2: no text login\.titel/,
    ],
    [
      'an unknown text after a known one',
      { 'templates/login.eta': '<%= it.say(\'login.title\') %><%= it.say("login.titel") %>' },
      /login\.eta:1: no text login\.titel/,
    ],
    [
      'an unknown template inside another',
      { 'templates/login.eta': "\n<%~ include('@feild', {}) %>" },
      /login\.eta:2: no template @feild/,
    ],
    ['an unknown layout', { 'templates/login.eta': "<% layout('@own') %>" }, /login\.eta:1: no template @own/],
    ['a folder as a template', { 'templates/login.eta/x': '' }, /login\.eta: EISDIR/],
    ['a folder as the stylesheet', { 'style.css/x': '' }, /style\.css: EISDIR/],
    ['a file as the templates', { templates: '' }, /ENOTDIR/],
    ['a language that none is', { 'texts/de-ab-ab.json': {} }, /texts.de-ab-ab\.json: /],
    [
      'a misspelt template',
      { 'templates/logn.eta': '' },
      /templates.logn\.eta overrides nothing, did you mean "login"/,
    ],
    ['a template in capitals', { 'templates/Login.eta': '' }, /did you mean "login"/],
    [
      'a misspelt text',
      { 'texts/en.json': { 'login.titel': '' } },
      /en\.json: login\.titel overrides nothing, did you mean "login\.title"/,
    ],
    ['a text that is none', { 'texts/en.json': { 'login.title': 7 } }, /en\.json: login\.title: expected a string/],
    ['texts that are a list', { 'texts/de.json': [] }, /de\.json: expected an object/],
    ['broken JSON', { 'texts/de.json': '{' }, /de\.json: /],
    ['a misspelt stylesheet', { 'styles.css': '' }, /styles\.css overrides nothing, did you mean "style\.css"/],
    ['an unknown language', { 'texts/english.json': {} }, /texts.english\.json: expected a language/],
  ]
  for (const [what, files, message] of faults) {
    it(`are refused with the file and the place: ${what}`, () => {
      const folder = temporaryFolder()
      writeFiles(folder, files)
      expect(() => new Pages({ name: 'x', folder }))
        .to.throw(DnaError, message)
        .with.property('key', 'folder')
    })
  }

  for (const name of ['style.css', 'templates', 'texts']) {
    it(`are not replaced by ours if a link leads nowhere: ${name}`, () => {
      const folder = temporaryFolder()
      symlinkSync(join(folder, 'gone'), join(folder, name))
      expect(() => new Pages({ name: 'x', folder })).to.throw(DnaError, /ENOENT/)
    })
  }

  it('may leave a text empty', () => {
    const folder = temporaryFolder()
    writeFiles(folder, { 'texts/en.json': { 'login.register': '' } })
    new Pages({ name: 'x', folder })
  })

  it('may be similar to ours, and lie beside others', () => {
    const folder = temporaryFolder()
    const texts = { 'field.mail': 'Mail', 'code.OWN': 'Own.', 'invoices.title': 'Invoices' }
    writeFiles(folder, {
      'texts/en.json': texts,
      'templates/invoices.eta': 'x',
      'templates/README.md': '# x',
      'texts/README.md': '# x',
      'logo.png': '',
    })
    new Pages({ name: 'x', folder })
  })
})
