// The bench's command line, and its help.

import { parseArgs } from 'node:util'
import { contenders, subject, unaided } from './contenders.ts'
import { scenarios } from './scenarios/index.ts'

export interface Options {
  full: boolean
  help: boolean
  list: boolean
  /** Scenario names; null: all that the mode has. */
  only: string[] | null
  /** Contender names beside the subject; null: all. */
  peers: string[] | null
  rounds: number | null
  /** What the results' files are called; null: after the mode. */
  name: string | null
}

export const help = `Usage: npm run bench -- [options]

Measures ${subject} beside other proxies and prints one table. Short by default (about nine minutes).

  --full           all scenarios, all contenders, longer windows, several rounds (about two and a half hours)
  --only a,b       only these scenarios (see --list)
  --peers a,b      only these contenders beside ${subject}: ${contenders
    .slice(1)
    .map(each => each.name)
    .join(', ')}
  --rounds n       rounds of each scenario
  --name x         keep the results as x.* (to draw from, to put beside others)
  --list           name the scenarios
  --help           this text

Results go to bench/results/: short.*, full.*, or partial.* when --only, --peers or --rounds was given,
unless they have a --name.
How the figures are made is in bench/README.md.
`

/** Throws an `Error` for people when something is not known. */
export function readOptions(args: string[]): Options {
  const { values } = parseArgs({
    args,
    options: {
      full: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
      list: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true },
      peers: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      name: { type: 'string' },
    },
  })
  const rounds = values.rounds === undefined ? null : Number(values.rounds)
  if (rounds !== null && !(Number.isInteger(rounds) && rounds > 0))
    throw new Error('--rounds: a number from 1')
  if (values.name !== undefined && !/^[\w.-]+$/.test(values.name))
    throw new Error('--name: letters, digits, dots and dashes')
  return {
    full: values.full,
    name: values.name ?? null,
    help: values.help,
    list: values.list,
    only: pick(
      '--only',
      values.only,
      scenarios.map(each => each.name),
    ),
    peers: pick(
      '--peers',
      values.peers,
      [...contenders.slice(1), unaided].map(each => each.name),
    ),
    rounds,
  }
}

/** Matches names whatever their case, and gives them as they are written in the code. */
function pick(option: string, given: string[] | undefined, known: string[]): string[] | null {
  if (given === undefined) return null
  return given
    .flatMap(value => value.split(','))
    .filter(Boolean)
    .map(name => {
      const found = known.find(each => each.toLowerCase() === name.trim().toLowerCase())
      if (found === undefined) throw new Error(`${option}: ${name} is not one of ${known.join(', ')}`)
      return found
    })
}
