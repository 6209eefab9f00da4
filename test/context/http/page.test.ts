import { expect } from 'chai'
import { STYLESHEET, renderPage, renderProblemPage } from '../../../context/http/page'

const HOSTILE = `<script>alert("1")</script>'&`
const ESCAPED = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;'

describe('a page', () => {
  it('is an HTML document that escapes its title and not its body', () => {
    const html = renderPage(HOSTILE, '<p>hello</p>')
    expect(html).to.match(/^<!doctype html>\n<html lang="en">[^]*<p>hello<\/p>[^]*<\/html>\n$/)
    expect(html).to.include(`<title>${ESCAPED}</title>`).and.include(`<h1>${ESCAPED}</h1>`).and.not.include('<script')
  })

  it('of an error is named after its status, escapes the detail and links to the start', () => {
    const html = renderProblemPage(404, HOSTILE)
    expect(html).to.include('<title>Not Found</title>').and.include(`<p>${ESCAPED}</p>`).and.include('<a href="/">')
    expect(renderProblemPage(599, '')).to.include('<title>Error</title>')
  })

  it('needs nothing that its content security policy forbids', () => {
    for (const html of [renderPage('title', ''), renderProblemPage(404, 'detail')])
      expect(html).not.to.match(/<script|<style|style=|\son\w+=|https?:/)
    expect(STYLESHEET).not.to.match(/@import|url\(/)
  })
})
