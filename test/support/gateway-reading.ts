// Requests in uwsgi, FastCGI and SCGI as an app server reads them: strictly, so that whatever is not as its protocol has it
// fails the test.

import assert from 'node:assert/strict'

export interface GatewayRequest {
  readonly gateway: 'uwsgi' | 'fastcgi' | 'scgi'
  /** Of uwsgi. */
  readonly modifiers: readonly [number, number]
  readonly params: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

/** Which protocol bytes begin with; null: none of these. */
export function gatewayOf(bytes: Buffer): GatewayRequest['gateway'] | null {
  if (bytes[0] === 1 && bytes[1] === 1) return 'fastcgi'
  if (bytes.length > 3 && /^\d+:/.test(bytes.toString('latin1', 0, 8))) return 'scgi'
  return bytes[0]! < 0x20 ? 'uwsgi' : null
}

/** The request, or null where it is not whole yet. */
export function readGateway(bytes: Buffer, gateway = gatewayOf(bytes)): GatewayRequest | null {
  if (gateway === 'fastcgi') return readFastcgi(bytes)
  const head = gateway === 'scgi' ? readScgi(bytes) : readUwsgi(bytes)
  if (head === null) return null
  const body = bytes.toString('latin1', head.end)
  const length = Number(new Map(head.params).get('CONTENT_LENGTH') ?? 0)
  if (body.length < length) return null
  assert.equal(body.length, length, 'as many bytes of a body as are announced')
  return { gateway: gateway!, modifiers: head.modifiers, params: head.params, body }
}

type Head = Pick<GatewayRequest, 'modifiers' | 'params'> & { readonly end: number }

function readUwsgi(bytes: Buffer): Head | null {
  if (bytes.length < 4) return null
  const end = 4 + bytes.readUInt16LE(1)
  if (bytes.length < end) return null
  const params: [string, string][] = []
  let at = 4
  const text = () => {
    assert.ok(at + 2 <= end, 'a length within the packet')
    const from = at + 2
    at = from + bytes.readUInt16LE(at)
    assert.ok(at <= end, 'a text within the packet')
    return bytes.toString('latin1', from, at)
  }
  while (at < end) params.push([text(), text()])
  return { modifiers: [bytes[0]!, bytes[3]!], params, end }
}

function readScgi(bytes: Buffer): Head | null {
  const colon = bytes.indexOf(':')
  if (colon === -1) return null
  const from = colon + 1
  const end = from + Number(bytes.toString('latin1', 0, colon))
  if (bytes.length <= end) return null
  assert.equal(bytes[end], 0x2c, 'a netstring ends with a comma')
  assert.equal(bytes[end - 1], 0, 'the last value ends with NUL')
  const texts = bytes.toString('latin1', from, end - 1).split('\0')
  assert.equal(texts.length % 2, 0, 'names and values')
  const params = texts.flatMap((name, i) => (i % 2 === 0 ? [[name, texts[i + 1]!] as const] : []))
  assert.equal(params[0]![0], 'CONTENT_LENGTH', 'it comes first')
  return { modifiers: [0, 0], params, end: end + 1 }
}

function readFastcgi(bytes: Buffer): GatewayRequest | null {
  const streams = new Map<number, Buffer[]>()
  const ended = new Set<number>()
  for (let at = 0; !ended.has(5); ) {
    if (bytes.length < at + 8) return null
    assert.deepEqual([...bytes.subarray(at, at + 4)].toSpliced(1, 1), [1, 0, 1], 'version and request')
    const type = bytes[at + 1]!
    const [length, padding] = [bytes.readUInt16BE(at + 4), bytes[at + 6]!]
    const from = at + 8
    at = from + length + padding
    if (bytes.length < at) return null
    const content = bytes.subarray(from, from + length)
    if (type === 1)
      assert.deepEqual([...content], [0, 1, 0, 0, 0, 0, 0, 0], 'a responder, and its connection closes')
    assert.ok([1, 4, 5].includes(type) && !ended.has(type), `a record of type ${type}`)
    if (length === 0) ended.add(type)
    else streams.set(type, [...(streams.get(type) ?? []), content])
  }
  assert.ok(ended.has(4), 'the parameters end before the body')
  const of = (type: number) => Buffer.concat(streams.get(type) ?? [])
  return {
    gateway: 'fastcgi',
    modifiers: [0, 0],
    params: readPairs(of(4)),
    body: of(5).toString('latin1'),
  }
}

function readPairs(bytes: Buffer): [string, string][] {
  const params: [string, string][] = []
  let at = 0
  const length = () => {
    if (bytes[at]! < 0x80) return bytes[at++]!
    at += 4
    return bytes.readUInt32BE(at - 4) & 0x7fffffff
  }
  while (at < bytes.length) {
    const [name, value] = [length(), length()]
    assert.ok(at + name + value <= bytes.length, 'a pair within the parameters')
    params.push([
      bytes.toString('latin1', at, at + name),
      bytes.toString('latin1', at + name, at + name + value),
    ])
    at += name + value
  }
  return params
}
