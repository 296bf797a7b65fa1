import assert from 'node:assert/strict'
import { test } from 'node:test'
import { digestOf, placeOf, variantOf } from '../../src/cache/keys.ts'
import { HeaderList } from '../../src/http1/headers.ts'

test('a key is known by its MD5, byte for byte', () => {
  assert.equal(digestOf(''), 'd41d8cd98f00b204e9800998ecf8427e')
  assert.equal(digestOf('a'), '0cc175b9c0f1b6a831c399e269772661')
  // One character a byte: this is the byte E4 alone.
  assert.equal(digestOf('\xe4'), 'c15bcc5577f9fade4b4a3256190a59b0')
})

test('folders are named by the last digits, as in nginx’s documentation', () => {
  const digest = 'b7f54b2df7773722d382f4809d65029c'
  const file = (levels: number[]) => placeOf('/data/nginx/cache', levels, digest).file
  assert.equal(file([1, 2]), `/data/nginx/cache/c/29/${digest}`)
  assert.equal(file([]), `/data/nginx/cache/${digest}`)
  assert.equal(file([2, 2, 1]), `/data/nginx/cache/9c/02/5/${digest}`)
  assert.equal(placeOf('/c', [1, 2], digest).folder, '/c/c/29')
})

test('a variant is what the request has in the fields that are named', () => {
  const of = (vary: string, ...lines: string[]) => {
    const headers = new HeaderList()
    for (const line of lines) headers.add(...(line.split(/: ?(.*)/s, 2) as [string, string]))
    return variantOf(digestOf('key'), vary, headers)
  }
  const plain = of('Accept-Encoding', 'Accept-Encoding: foo, bar')
  for (const same of ['foo,bar', 'foo,,  ,bar , ', ' foo bar'])
    assert.equal(of('accept-encoding', `Accept-Encoding: ${same}`), plain, same)
  assert.equal(of(',, Accept-encoding , ,', 'Accept-Encoding: foo,bar', 'Other: x'), plain)
  assert.equal(of('Accept-Encoding', 'Accept-Encoding: foo', 'Accept-Encoding: bar'), plain)
  for (const other of ['foobar', 'bar,foo', 'foo', ''])
    assert.notEqual(of('Accept-Encoding', `Accept-Encoding: ${other}`), plain, other)
  // Of other fields each byte counts.
  assert.notEqual(of('Cookie', 'Cookie: a, b'), of('Cookie', 'Cookie: a,b'))
  assert.equal(of('Cookie'), of('Cookie', 'Accept: x'))
  assert.notEqual(of('Cookie, Accept', 'Accept: x'), of('Cookie', 'Accept: x'))
})
