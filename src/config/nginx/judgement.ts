// Lines of a file that are obeyed and bring back the trouble that the shield is there to end: connections that close under
// the edge's hands, workers that wait for slow clients, timeouts that nobody lives to see. Pure; refuses nothing.

import type { EdgeConfig } from '../config.ts'
import type { OptionName } from '../options.ts'
import type { DirectiveNode, Remark } from './tree.ts'
import { readSize, readTime } from './units.ts'

/** Nobody has said which edge it is: Cloudflare's figures, as its addresses are believed by default (docs/edges.md). */
const USUAL_EDGE = { keepsIdleFor: 900_000, givesUpAfter: 100_000 }

/** Bytes: fewer are soon more than an app sends. */
const LARGE_ANSWER = 64 * 1024 ** 2

interface Judging {
  readonly node: DirectiveNode
  /** The block that it stands in. */
  readonly around: readonly DirectiveNode[]
  readonly edge: { readonly name: string; readonly keepsIdleFor: number; readonly givesUpAfter: number }
}

interface Judgement {
  /** Its name, without that of the module where several have it. */
  readonly directive: string
  /** With this given, the line says nothing any more; null: no option says the same. */
  readonly option: OptionName | null
  /** What will happen and what to do; null: nothing to mind. */
  judge(judging: Judging): string | null
}

const JUDGEMENTS: readonly Judgement[] = [
  {
    directive: 'keepalive_timeout',
    option: 'keepalive-timeout',
    judge({ node, edge }) {
      const ms = milliseconds(node)
      if (ms === null || ms > edge.keepsIdleFor) return null
      return `${edge.name} keeps idle connections for ${seconds(edge.keepsIdleFor)}, and sends requests into ones that are being closed after ${seconds(ms)}: leave it out, or say more`
    },
  },
  {
    directive: 'buffering',
    option: 'response-buffering',
    judge: ({ node }) =>
      isOff(node)
        ? 'a slow client holds a worker for as long as it reads: leave it out where that is not meant'
        : null,
  },
  {
    directive: 'request_buffering',
    option: 'request-buffering',
    judge: ({ node }) =>
      isOff(node)
        ? 'a slow upload holds a worker for as long as it lasts: leave it out where that is not meant'
        : null,
  },
  {
    directive: 'limit_rate',
    option: null,
    judge: ({ node }) =>
      node.name === 'limit_rate' || node.args[0] === '0'
        ? null
        : 'an answer holds its worker for as long as this takes: limit_rate is for clients, and holds none',
  },
  {
    directive: 'max_temp_file_size',
    option: null,
    judge({ node }) {
      const bytes = readSize(node.args[0] ?? '')
      if (bytes === null || bytes >= LARGE_ANSWER) return null
      return 'of a larger answer, a slow client holds a worker for as long as it reads: leave it out, or say more'
    },
  },
  {
    directive: 'read_timeout',
    option: 'read-timeout',
    judge({ node, around, edge }) {
      const ms = milliseconds(node)
      if (ms === null || ms <= 2 * edge.givesUpAfter || passesUpgrades(around)) return null
      return `${edge.name} gives up after ${seconds(edge.givesUpAfter)}, and a worker that hangs is waited for ${seconds(ms)} by nobody: say less`
    },
  },
]

/** Modules that pass requests on to an app. */
const PASSING = /^(?:proxy|uwsgi|fastcgi|scgi)_/

const BY_NAME = new Map(JUDGEMENTS.map(judgement => [judgement.directive, judgement]))

/** What stands in an upstream is about the connections to the app; lines of the others are no directives, and may be many. */
const ANOTHERS: ReadonlySet<string> = new Set(['upstream', 'map', 'geo', 'split_clients', 'types'])

/** All that is to be minded, each once, at the first line that has it. */
export function judgeFile(
  nodes: readonly DirectiveNode[],
  edge: EdgeConfig,
  said: ReadonlySet<OptionName>,
): Remark[] {
  const figures = {
    name: edge.name === 'none' ? 'Cloudflare, if it is the edge,' : edge.name,
    keepsIdleFor: edge.keepsIdleFor ?? USUAL_EDGE.keepsIdleFor,
    givesUpAfter: edge.givesUpAfter ?? USUAL_EDGE.givesUpAfter,
  }
  const found = new Map<string, Remark>()
  const walk = (around: readonly DirectiveNode[]): void => {
    for (const node of around) {
      const judgement = BY_NAME.get(node.name.replace(PASSING, ''))
      const words =
        judgement === undefined || (judgement.option !== null && said.has(judgement.option))
          ? null
          : judgement.judge({ node, around, edge: figures })
      if (words !== null) {
        const message = `"${[node.name, ...node.args].join(' ')}" is obeyed: ${words}`
        if (!found.has(message)) found.set(message, { level: 'warn', message, at: node.at })
      }
      if (node.block !== null && !ANOTHERS.has(node.name)) walk(node.block)
    }
  }
  walk(nodes)
  return [...found.values()]
}

function isOff({ args }: DirectiveNode): boolean {
  return args[0] === 'off'
}

/** 0 closes after each answer, which no edge minds. */
function milliseconds({ args }: DirectiveNode): number | null {
  const ms = readTime(args[0] ?? '')
  return ms === 0 ? null : ms
}

/** A WebSocket may be silent for as long as it likes. */
function passesUpgrades(around: readonly DirectiveNode[]): boolean {
  return around.some(({ name, args }) => name === 'proxy_set_header' && args[0]?.toLowerCase() === 'upgrade')
}

function seconds(ms: number): string {
  return `${Math.round(ms / 100) / 10} s`
}
