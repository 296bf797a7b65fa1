import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Range, Stretches } from '../../../src/script/made/stretches.ts'

/** The plain way: of all ranges that hold it the narrowest, and of equal ones the last. */
function plainly(ranges: readonly Range[], address: number): string | null {
  let best: Range | null = null
  for (const range of ranges) {
    if (range.from[0]! > address || range.to[0]! < address) continue
    if (best === null || range.to[0]! - range.from[0]! <= best.to[0]! - best.from[0]!) best = range
  }
  return best?.value ?? null
}

test('finds what looking at every range finds', () => {
  // Networks of every size below a few bases, so that they nest, touch and repeat.
  const ranges: Range[] = []
  for (let n = 0; n < 400; n++) {
    const bits = (n * 7) % 9
    const base = ((n * 37) % 512) & ~((1 << bits) - 1)
    ranges.push({ from: [base], to: [base + (1 << bits) - 1], value: `${n}` })
  }
  const stretches = new Stretches(ranges)
  for (let address = 0; address < 520; address++) {
    assert.equal(stretches.find([address]), plainly(ranges, address), `${address}`)
  }
})

test('to the very ends of both families', () => {
  const last = 0xffff_ffff
  const all = new Stretches([
    { from: [0], to: [last], value: 'all' },
    { from: [last], to: [last], value: 'last' },
    { from: [0], to: [0], value: 'first' },
  ])
  assert.deepEqual(
    [0, 1, 0x8000_0000, last - 1, last].map(word => all.find([word])),
    ['first', 'all', 'all', 'all', 'last'],
  )
  const six = new Stretches([
    { from: [1, 0, 0, last], to: [1, 0, 1, 3], value: 'a' },
    { from: [last, last, last, last], to: [last, last, last, last], value: 'b' },
  ])
  const values = [
    [1, 0, 0, last - 1],
    [1, 0, 0, last],
    [1, 0, 1, 3],
    [1, 0, 1, 4],
    [last, last, last, last],
  ].map(words => six.find(words))
  assert.deepEqual(values, [null, 'a', 'a', null, 'b'])
  assert.equal(new Stretches([]).find([5]), null)
})
