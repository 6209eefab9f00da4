import { expect } from 'chai'
import { join, relative } from 'node:path'
import { Plasma } from '../../../context/plasma'
import expressServer from '../../../plasma/express-server'
import { rejectionOf } from '../../support/rejection'
import { temporaryFolder, writeFiles } from '../../support/temporary-folder'

describe('the Express server', () => {
  const dna = { reactOn: ['CellBuilt'], emitReady: 'ExpressServer', port: 0, host: '127.0.0.1', initScript: 'context/express-app' }

  const scripts: [what: string, source: string][] = [
    ['that is not there', ''],
    ['that throws', 'throw new Error("on purpose")'],
    ['that does not parse', 'module.exports = function ( {'],
    ['that exports no function', 'module.exports = { default() {} }'],
  ]
  for (const [what, source] of scripts) {
    it(`is not built with an init script ${what}`, async () => {
      const folder = temporaryFolder()
      if (source) writeFiles(folder, { 'init.js': source })
      const initScript = relative(process.cwd(), join(folder, 'init'))
      const error = await rejectionOf(() => {
        expressServer(new Plasma(), { ...dna, initScript })
      })
      expect(error).to.include({ name: 'DnaError', key: 'initScript' })
    })
  }

  const wrong: [key: string, value: unknown][] = [
    ['port', 'abc'], ['port', 65_536], ['port', undefined], ['host', ''], ['hots', 'localhost'],
    ['initScript', undefined], ['initScript', true], ['emitReady', 7], ['reactOn', []], ['bodyLimit', 'much'],
  ]
  for (const [key, value] of wrong) {
    it(`is not built with ${key} ${JSON.stringify(value)}`, async () => {
      const error = await rejectionOf(() => {
        expressServer(new Plasma(), { ...dna, [key]: value })
      })
      expect(error).to.include({ name: 'DnaError', key })
    })
  }

  it('listens once the chemicals of its reactOn are there, and ends at kill', async () => {
    const plasma = new Plasma()
    const listening = new Promise<Organic.Chemical>((resolve) => {
      plasma.once('ExpressServer', resolve)
    })
    expressServer(plasma, dna)
    await plasma.store('CellBuilt')
    const { server } = (await listening) as Organic.Chemical & { server: { listening: boolean } }
    expect(server.listening).to.equal(true)
    await plasma.emit('kill')
    expect(server.listening).to.equal(false)
  })
})
