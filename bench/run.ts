// The bench from start to end: who takes part, the proof, the rounds, the table. `--help` says how to use it,
// README.md how the figures are made. The measuring itself is in `scenarios/`.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { builtState, type Contender, contenders, findProgram, subject, unaided } from './contenders.ts'
import { type Environment, environment } from './environment.ts'
import { help, type Options, readOptions } from './options.ts'
import { prove } from './proof.ts'
import { asMarkdown, nothing, Report, reference, type Sample } from './report.ts'
import { scenarios } from './scenarios/index.ts'
import type { Scenario, Series, Values } from './scenarios/scenario.ts'

const say = (line: string): void => void process.stderr.write(`${line}\n`)
const began = performance.now()
const samples: Sample[] = []
let folders = 0

/** Short runs put only those that have any of the product's features into the goodput scenarios, full ones into some. */
const withFeatures = [subject, 'nginx', 'HAProxy', 'Caddy']

function chosenScenarios(options: Options): Scenario[] {
  return scenarios.filter(({ name, fullOnly, needs }) => {
    if (options.only !== null ? !options.only.includes(name) : fullOnly === true && !options.full)
      return false
    const missing = needs.filter(program => findProgram(program) === null)
    if (missing.length > 0) say(`${name} is left out: apt-get install ${missing.join(' ')}`)
    return missing.length === 0
  })
}

async function proven(options: Options, dir: string): Promise<{ ready: Contender[]; absent: string[] }> {
  const ready: Contender[] = []
  const absent: string[] = []
  for (const contender of [...contenders, unaided]) {
    const { name } = contender
    if (contender === unaided && !(options.peers?.includes(name) ?? options.full)) continue
    if (name !== subject && options.peers !== null && !options.peers.includes(name)) continue
    const wrong = await prove(contender, join(dir, `proof-${name}`))
    if (wrong === null) ready.push(contender)
    else absent.push(`${name} is left out: ${wrong}`)
    say(wrong === null ? `${name}: answers right` : absent.at(-1)!)
  }
  return { ready, absent }
}

/** Runs one measurement, keeps what came of it, and gives its values. */
async function record(
  scenario: Scenario,
  round: number,
  contender: string,
  dir: string,
  measure: (own: { dir: string; series: Series }) => Promise<Values>,
): Promise<Values | null> {
  const start = performance.now()
  const own = join(dir, `${++folders}-${scenario.name}`)
  mkdirSync(own)
  const series: Series = {}
  let values: Values | null = null
  let failure: string | null = null
  try {
    values = await measure({ dir: own, series })
  } catch (error) {
    failure = (error as Error).message
  }
  rmSync(own, { recursive: true, force: true })
  samples.push({
    scenario: scenario.name,
    round,
    contender,
    values,
    failure,
    seconds: (performance.now() - start) / 1000,
    ...(Object.keys(series).length > 0 ? { series } : {}),
  })
  return values
}

async function runScenario(
  scenario: Scenario,
  all: Contender[],
  options: Options,
  dir: string,
): Promise<void> {
  const brief =
    options.peers === null &&
    (scenario.featured || (!options.full && options.only === null && scenario.group === 'job'))
  const taking = all.filter(({ name }) => {
    if (scenario.alone) return name === subject
    if (name === unaided.name && options.peers === null) return scenario.unaided === true
    return !brief || withFeatures.includes(name)
  })
  const entries: (Contender | null)[] = scenario.bare ? [...taking, null] : taking
  const rounds = options.rounds ?? scenario.rounds[options.full ? 'full' : 'short']
  say(`\n${scenario.name}: ${scenario.about}`)
  for (let round = 0; round < rounds; round++) {
    const lab = { full: options.full, reference: {} as Values }
    if (scenario.reference) {
      const values = await record(scenario, round, reference, dir, own =>
        scenario.reference!({ ...lab, ...own }),
      )
      if (values === null) say(`  ${samples.at(-1)!.failure}`)
      lab.reference = values ?? {}
    }
    // Each round begins with another contender: what drifts in the machine meets each in turn.
    for (let turn = 0; turn < entries.length; turn++) {
      const contender = entries[(turn + round) % entries.length]!
      const name = contender?.name ?? nothing
      const values = await record(scenario, round, name, dir, own =>
        scenario.measure(contender, { ...lab, ...own }),
      )
      const told =
        values === null
          ? `no figure: ${samples.at(-1)!.failure}`
          : scenario.figures
              .filter(({ id }) => values[id] !== undefined)
              .map(({ id, digits, unit }) => `${id} ${values[id]!.toFixed(digits)} ${unit}`.trim())
              .join(', ')
      const minutes = ((performance.now() - began) / 60_000).toFixed(1)
      say(`  [${minutes} min] round ${round + 1} of ${rounds}, ${name}: ${told}`)
    }
  }
}

/** What the start figure of the subject was taken from, when that was not a build of these sources. */
function buildNotes(): string[] {
  if (!samples.some(({ scenario, contender }) => scenario === 'start' && contender === subject)) return []
  const state = builtState()
  if (state === 'none')
    return ['start was measured from the sources, types stripped at start: npm run build first']
  return state === 'stale'
    ? ['start was measured on a dist/ older than the sources: npm run build first']
    : []
}

function writeResults(
  options: Options,
  about: Environment,
  chosen: Scenario[],
  names: string[],
  notes: string[],
): void {
  const report = new Report(samples)
  const table = asMarkdown(report.table(chosen, names))
  const partial = options.only !== null || options.peers !== null || options.rounds !== null
  const mode = partial ? 'partial' : options.full ? 'full' : 'short'
  const name = options.name ?? mode
  const minutes = (performance.now() - began) / 60_000
  const lines = [...notes, ...buildNotes(), ...report.failures()]
  const versions = Object.entries(about.versions).map(([program, version]) => `${program} ${version}`)
  const text = [
    `# Bench, ${mode} run`,
    `${about.date}, commit ${about.commit}, ${minutes.toFixed(1)} minutes. Node ${about.node}, ${versions.join(', ')}. ` +
      `${about.cores} cores (${about.processor}), ${about.memoryGB} GB, Linux ${about.kernel}.`,
    'Medians over rounds. `×` is a multiple of what nginx took or gave in the same round; nginx itself is shown as measured.' +
      (options.full ? '' : ' A short run shows the direction; only a full one is a verdict.'),
    table,
    ...(lines.length > 0 ? [lines.map(line => `- ${line}`).join('\n')] : []),
  ].join('\n\n')
  const folder = join(import.meta.dirname, 'results')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.md`), `${text}\n`)
  writeFileSync(
    join(folder, `${name}.json`),
    `${JSON.stringify({ ...about, minutes, notes, samples }, null, 1)}\n`,
  )
  say('')
  process.stdout.write(`${table}\n`)
  for (const line of lines) say(line)
  say(`${minutes.toFixed(1)} minutes; written to bench/results/${name}.md and ${name}.json`)
}

async function main(options: Options): Promise<number> {
  // Now, as the sources may move on while it measures.
  const about = environment()
  const dir = mkdtempSync(join(tmpdir(), 'shieldproxy-bench-'))
  // After the children, whose own end was registered first.
  process.on('exit', () => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }))
  const chosen = chosenScenarios(options)
  const { ready, absent } = await proven(options, dir)
  if (ready.length === 0 || chosen.length === 0) return 1
  for (const scenario of chosen) await runScenario(scenario, ready, options, dir)
  const names = [...contenders, unaided].map(({ name }) => name)
  writeResults(options, about, chosen, names, absent)
  return 0
}

let options: Options
try {
  options = readOptions(process.argv.slice(2))
} catch (error) {
  say(`${(error as Error).message}\n\n${help}`)
  process.exit(2)
}
if (options.help) {
  process.stdout.write(help)
  process.exit(0)
}
if (options.list) {
  for (const { name, about, fullOnly } of scenarios) {
    process.stdout.write(`${name.padEnd(10)} ${about}${fullOnly ? ' (only with --full or --only)' : ''}\n`)
  }
  process.exit(0)
}
process.exit(await main(options))
