// Draws the pictures of the documents from kept results: `node bench/draw.ts bench/results/full.json …`. Later files
// win where several have the same scenario. Measures nothing.

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { drawFair } from './draw/fair.ts'
import type { Kept } from './draw/kept.ts'
import { drawOverload } from './draw/overload.ts'
import { drawLatency, drawScale } from './draw/scale.ts'
import { drawSoak } from './draw/soak.ts'
import { drawTransfers } from './draw/transfers.ts'

const docs = join(import.meta.dirname, '../docs')
const pictures = {
  'overload.svg': drawOverload,
  'overload-fair.svg': drawFair,
  'performance-scale.svg': drawScale,
  'performance-latency.svg': drawLatency,
  'performance-transfers.svg': drawTransfers,
  'performance-soak.svg': drawSoak,
}

const files = process.argv.slice(2)
if (files.length === 0) {
  process.stderr.write('Usage: node bench/draw.ts bench/results/<run>.json …\n')
  process.exit(2)
}
const runs = files.map(file => (JSON.parse(readFileSync(file, 'utf8')) as { samples: Kept[] }).samples)
const newest = (scenario: string): Kept[] =>
  runs.findLast(samples => samples.some(each => each.scenario === scenario)) ?? []
const scenarios = new Set(runs.flat().map(each => each.scenario))
const samples = [...scenarios].flatMap(name => newest(name).filter(each => each.scenario === name))
for (const [name, draw] of Object.entries(pictures)) {
  const drawn = draw(samples)
  if (drawn === null) continue
  writeFileSync(join(docs, name), drawn)
  process.stdout.write(`docs/${name}\n`)
}
