import { expect } from 'chai'
import { inspect } from 'node:util'
import { Problem } from '../../../context/cell'
import { asProblem, findChosenBody } from '../../../plasma/express-response/as-problem'

const failed = (properties: object): Error => Object.assign(new Error('inside'), properties)

describe('asProblem', () => {
  it('keeps a problem', () => {
    const problem = new Problem(403, 'NO', 'Not you.')
    expect(asProblem(problem)).to.equal(problem)
  })

  const internal: unknown[] = [
    ...[undefined, null, 0, '', false, 'inside', 404, true, Symbol('inside'), () => 'inside', [new Error('inside')]],
    ...[{ message: 'inside' }, Object.create(null) as object, failed({}), failed({ code: 'ECONNREFUSED' })],
    ...[200, 0, NaN, 600, '404', 404.5, 500].map((status) => failed({ status })),
    ...['404', 11_000, 200].map((code) => failed({ code, body: 'inside' })),
    failed({ code: 500, response: { data: 'inside' } }),
  ]
  it('is 500 without details for everything else, whatever was thrown (OWASP ASVS 16.5.1)', () => {
    for (const error of internal) {
      const { status, code, message } = asProblem(error)
      expect([status, code, message], inspect(error)).to.deep.equal([500, 'INTERNAL', 'Something went wrong here.'])
    }
    expect(asProblem(failed({ status: 503, expose: true }))).to.include({ status: 500, code: 'INTERNAL' })
    expect(asProblem(failed({ code: 503 }))).to.include({ status: 503, code: 'INTERNAL' })
  })

  const refusals: [error: Error, status: number, code: string, detail: string][] = [
    [failed({ status: 400 }), 400, 'BAD_REQUEST', 'The request cannot be understood.'],
    [failed({ status: 404 }), 404, 'NOT_FOUND', 'Not Found.'],
    [failed({ status: 404, expose: true, code: 'ENOTFOUND' }), 404, 'NOT_FOUND', 'Not Found.'],
    [failed({ status: 418 }), 418, 'I_M_A_TEAPOT', "I'm a Teapot."],
    [failed({ status: 499 }), 499, 'BAD_REQUEST', 'The request cannot be understood.'],
    [failed({ code: 404, status: 400 }), 404, 'NOT_FOUND', 'Not Found.'],
    [failed({ status: 400, type: 'entity.parse.failed' }), 400, 'INVALID_BODY', 'The body cannot be parsed.'],
    [failed({ status: 413, type: 'entity.too.large' }), 413, 'BODY_TOO_LARGE', 'The body is too large.'],
    [failed({ status: 413, type: 'parameters.too.many' }), 413, 'PAYLOAD_TOO_LARGE', 'Payload Too Large.'],
    [
      failed({ status: 415, type: 'encoding.unsupported' }),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'This content encoding is not accepted.',
    ],
    [
      failed({ status: 415, type: 'charset.unsupported' }),
      415,
      'UNSUPPORTED_MEDIA_TYPE',
      'This charset is not accepted.',
    ],
    [
      failed({ status: 400, expose: true, errno: -3, code: 'Z_DATA_ERROR' }),
      400,
      'BAD_REQUEST',
      'The request cannot be understood.',
    ],
  ]
  for (const [error, status, code, detail] of refusals) {
    it(`is ${status} ${code} for ${JSON.stringify(error)}, without its message`, () => {
      expect(asProblem(error)).to.include({ status, code, message: detail })
    })
  }
})

describe('findChosenBody', () => {
  it('is the body of an error whose code is a status, as in organic-express-response', () => {
    expect(findChosenBody(failed({ code: 409, body: 0 }))).to.equal(0)
    expect(findChosenBody(failed({ code: 503, body: null }))).to.equal(null)
    for (const code of [undefined, 200, 600, '404', 11_000])
      expect(findChosenBody(failed({ code, body: 'x' }))).to.equal(undefined)
    expect(findChosenBody(undefined)).to.equal(undefined)
  })
})
