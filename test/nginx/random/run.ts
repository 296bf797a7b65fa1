// Files made by chance, through nginx and through us: `npm run fuzz:nginx -- --seed 1 --files 100`. File 7 of seed 1 is
// file 1 of seed 7, so that one that differed is had again alone.

import { parseArgs } from 'node:util'
import { without } from '../../support/servers.ts'
import { writeRequest } from '../requests.ts'
import { Choice } from './choice.ts'
import { writeDirectives } from './directive.ts'
import { FAMILIES, type Family, loadFamily } from './family.ts'
import { shrink } from './shrinking.ts'
import { type Finding, tryFile } from './trial.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    files: { type: 'string', default: '10' },
    family: { type: 'string', multiple: true, default: [...FAMILIES] },
    /** How many smaller files are tried for each difference; 0: it is told as it is. */
    shrink: { type: 'string', default: '300' },
    /** Print the file and its requests, and try nothing. */
    print: { type: 'boolean', default: false },
  },
})
const why = without('nginx', 'openssl')
if (why !== false) throw new Error(why)

const counts = { files: 0, refused: 0, requests: 0, different: 0 }
/** By kind, how often: of each the first is made smaller and shown, of the others only that they are there. */
const kinds = new Map<string, number[]>()
for (const name of values.family) {
  const family = await loadFamily(name)
  const first = Number(values.seed)
  for (let seed = first; seed < first + Number(values.files); seed++) await tryOne(family, name, seed)
}
console.log(
  `${counts.files} files, ${counts.refused} that neither takes, ${counts.requests} requests: ${counts.different} files differ`,
)
for (const [kind, seeds] of kinds) console.log(`  ${kind}: ${seeds.length} (${seeds.slice(0, 10).join(' ')})`)
process.exitCode = counts.different > 0 ? 1 : 0

async function tryOne(family: Family, name: string, seed: number): Promise<void> {
  const { directives, requests } = family.draw(new Choice(seed))
  if (values.print) {
    console.log(writeDirectives(directives))
    for (const request of requests) console.log(JSON.stringify(writeRequest(request)))
    return
  }
  const { refused, findings } = await tryFile(family, directives, requests)
  counts.files++
  if (refused) counts.refused++
  else counts.requests += requests.length
  if (findings.length > 0) counts.different++
  // What a file shows first may well be why it shows the rest.
  const fresh = findings.find(({ kind }) => !kinds.has(kind))
  if (fresh !== undefined) await show(`${name} ${seed}`, family, directives, fresh)
  for (const { kind } of findings) {
    const seeds = kinds.get(kind) ?? []
    if (seeds.at(-1) !== seed) kinds.set(kind, [...seeds, seed])
  }
}

async function show(
  title: string,
  family: Family,
  directives: Parameters<typeof writeDirectives>[0],
  finding: Finding,
): Promise<void> {
  const most = Number(values.shrink)
  const shrunk = most > 0 ? await shrink(family, directives, finding, most) : { directives, finding }
  const { request, kind, said } = shrunk.finding
  console.log(`--- ${title}: ${kind}`)
  console.log(writeDirectives(shrunk.directives))
  if (request !== null) console.log(JSON.stringify(writeRequest(request)))
  console.log(`${said}\n`)
}
