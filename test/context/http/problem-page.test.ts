import { expect } from 'chai'
import { renderProblemPage } from '../../../context/http/problem-page'

const HOSTILE = `<script>alert("1")</script>'&`
const ESCAPED = '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;&#39;&amp;'

describe('a plain page', () => {
  it('is named after the status of a problem, and escapes its detail', () => {
    const html = renderProblemPage(404, HOSTILE)
    expect(html).to.match(/^<!doctype html>\n<html lang="en">/)
    expect(html).to.include('<title>Not Found</title>').and.include(`<p>${ESCAPED}</p>`)
    expect(renderProblemPage(599, '')).to.include('<title>Error</title>')
  })

  it('needs nothing that its content security policy forbids', () => {
    expect(renderProblemPage(404, 'detail')).not.to.match(/<script|<style|style=|\son\w+=|https?:/)
  })
})
