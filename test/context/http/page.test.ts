import { expect } from 'chai'
import { STYLESHEET, page, problemPage } from '../../../context/http/page'

const HOSTILE = `<script>alert("1")</script>'&`
const ESCAPED = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;'

describe('a page', () => {
  it('is a whole document with its title', () => {
    const html = page('Welcome', '<p>hello</p>')
    expect(html).to.match(/^<!doctype html>\n<html lang="en">/)
    for (const part of ['<meta charset="utf-8">', '<title>Welcome</title>', '<h1>Welcome</h1>', '<p>hello</p>']) {
      expect(html).to.include(part)
    }
    expect(html).to.match(/<\/html>\n$/)
  })

  it('shows a hostile title as text, wherever the title stands', () => {
    const html = page(HOSTILE, '')
    expect(html).not.to.include('<script')
    expect(html.split(ESCAPED)).to.have.length(3)
  })

  it('of an error shows a hostile detail as text', () => {
    const html = problemPage(400, HOSTILE)
    expect(html).not.to.include('<script')
    expect(html).to.include(`<p>${ESCAPED}</p>`)
  })

  for (const [status, title] of [
    [404, 'Not Found'],
    [503, 'Service Unavailable'],
    [599, 'Error'],
  ] as const) {
    it(`of the error ${String(status)} is called "${title}" and leads back`, () => {
      expect(problemPage(status, 'detail')).to.include(`<title>${title}</title>`).and.to.include('<a href="/">')
    })
  }

  it('needs nothing that its content security policy forbids', () => {
    for (const html of [page('title', ''), problemPage(404, 'detail')]) {
      expect(html).not.to.match(/<script|<style|style=|\son\w+=|https?:/)
    }
    expect(STYLESHEET).not.to.match(/@import|url\(/)
  })
})
