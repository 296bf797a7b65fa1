import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HeaderList } from '../../src/http1/headers.ts'

function list(...fields: [string, string][]): HeaderList {
  const headers = new HeaderList()
  for (const [name, value] of fields) headers.add(name, value)
  return headers
}
const pairs = (headers: HeaderList) =>
  headers.names.map((name, i) => [name, headers.lower[i], headers.values[i]])

test('order, case and repeats are kept, and looked up in lower case', () => {
  const headers = list(['B', '1'], ['a', '2'], ['b', '3'])
  assert.deepEqual(pairs(headers), [
    ['B', 'b', '1'],
    ['a', 'a', '2'],
    ['b', 'b', '3'],
  ])
  assert.equal(headers.length, 3)
  assert.equal(headers.get('b'), '1')
  assert.deepEqual(headers.all('b'), ['1', '3'])
  assert.equal(headers.count('b'), 2)
  assert.ok(headers.has('a'))
})

test('a name that is not there is none', () => {
  const headers = list(['a', ''])
  assert.equal(headers.get('b'), undefined)
  assert.deepEqual(headers.all('b'), [])
  assert.equal(headers.count('b'), 0)
  assert.ok(!headers.has('b'))
  assert.deepEqual(headers.tokens('b'), [])
  assert.equal(headers.get('a'), '')
})

test('tokens are the members over all repeats, trimmed, in lower case, empty ones dropped', () => {
  const headers = list(
    ['Connection', ' Keep-Alive ,, X-A'],
    ['x', 'y'],
    ['connection', '\tclose,'],
    ['CONNECTION', ''],
  )
  assert.deepEqual(headers.tokens('connection'), ['keep-alive', 'x-a', 'close'])
})

test('only SP and HTAB are trimmed from a token', () => {
  assert.deepEqual(list(['te', '\xa0trailers\xa0']).tokens('te'), ['\xa0trailers\xa0'])
})

test('set replaces all repeats at the first one’s place, or appends', () => {
  const headers = list(['A', '1'], ['b', '2'], ['a', '3'], ['c', '4'], ['A', '5'])
  headers.set('a', 'new')
  assert.deepEqual(pairs(headers), [
    ['a', 'a', 'new'],
    ['b', 'b', '2'],
    ['c', 'c', '4'],
  ])
  headers.set('D', '6')
  assert.deepEqual(pairs(headers).at(-1), ['D', 'd', '6'])
})

test('delete removes every repeat and nothing else', () => {
  const headers = list(['a', '1'], ['b', '2'], ['A', '3'], ['a', '4'])
  headers.delete('a')
  assert.deepEqual(pairs(headers), [['b', 'b', '2']])
  headers.delete('zzz')
  assert.equal(headers.length, 1)
  headers.delete('b')
  assert.equal(headers.length, 0)
})

test('keep removes what its test says no to, told each name and place', () => {
  const headers = new HeaderList()
  for (const [name, value] of [
    ['A', '1'],
    ['B', '2'],
    ['a', '3'],
    ['C', '4'],
  ] as const)
    headers.add(name, value)
  const asked: string[] = []
  headers.keep((name, at) => {
    asked.push(`${name} ${at}`)
    return true
  })
  assert.deepEqual([asked, headers.length], [['a 0', 'b 1', 'a 2', 'c 3'], 4])
  headers.keep((name, at) => name !== 'a' || at > 0)
  assert.deepEqual(
    [headers.names, headers.lower, headers.values],
    [
      ['B', 'a', 'C'],
      ['b', 'a', 'c'],
      ['2', '3', '4'],
    ],
  )
})

test('the members of a list come from all its fields, as they came', () => {
  const headers = new HeaderList()
  headers.add('X-Forwarded-For', '1.2.3.4')
  headers.add('Host', 'a')
  headers.add('x-forwarded-for', 'a, ,b')
  assert.deepEqual(headers.list('x-forwarded-for'), ['1.2.3.4', 'a', ' ', 'b'])
  assert.deepEqual(headers.list('via'), [])
  headers.add('X-Forwarded-For', '')
  headers.add('X-Forwarded-For', 'c')
  assert.equal(headers.joined('x-forwarded-for'), '1.2.3.4, a, ,b, c')
  assert.equal(headers.joined('via'), '')
})
