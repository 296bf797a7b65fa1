// One file with its requests on both servers, and what they made of it otherwise.

import type { Owner } from '../../support/owner.ts'
import { comparable, comparableLog, difference, mayBeOfTheSecond } from '../compare.ts'
import { excused, excusedLog } from '../differences.ts'
import type { TestRequest } from '../requests.ts'
import { Nginx, Ours, type Server } from '../servers.ts'
import { type Directive, writeDirectives } from './directive.ts'
import type { Family } from './family.ts'

/** A difference. */
export interface Finding {
  /** Null: already in starting. */
  readonly request: TestRequest | null
  /** What is different, without what this file and this request made of it: findings of one kind are one fault. */
  readonly kind: string
  readonly said: string
}

export interface Trial {
  /** Neither server takes the file. */
  readonly refused: boolean
  readonly findings: readonly Finding[]
}

/** By this field a request is found in the access log, where the file's format begins with it. */
const NUMBER = 'X-Number'

export async function tryFile(
  family: Family,
  directives: readonly Directive[],
  requests: readonly TestRequest[],
): Promise<Trial> {
  const closers: (() => Promise<void> | void)[] = []
  const owner: Owner = { after: close => closers.unshift(close) }
  try {
    const text = writeDirectives(directives)
    const servers = [new Nginx(owner, text), new Ours(owner, text)] as const
    const started = await Promise.all(servers.map(server => startOf(server)))
    if (started.every(why => why !== null)) return { refused: true, findings: [] }
    const [one, other] = started.map((why, at) => (why === null ? '' : `${['nginx', 'ours'][at]}: ${why}`))
    if (one !== other) {
      const kind = `start refused by ${started[0] === null ? 'ours' : 'nginx'}`
      return { refused: false, findings: [{ request: null, kind, said: `${one}${other}` }] }
    }
    return { refused: false, findings: await compareAll(family, servers, requests) }
  } finally {
    for (const close of closers) await close()
  }
}

/** Why it does not start; null: it does. */
async function startOf(server: Server): Promise<string | null> {
  try {
    await server.start()
    return null
  } catch (error) {
    return (error as Error).message
  }
}

async function compareAll(
  family: Family,
  [nginx, ours]: readonly [Nginx, Ours],
  requests: readonly TestRequest[],
): Promise<Finding[]> {
  const findings: Finding[] = []
  for (const [at, bare] of requests.entries()) {
    const request = { ...bare, fields: [...bare.fields, `${NUMBER}: ${at}`] }
    const ask = () => Promise.all([nginx, ours].map(server => seenOf(family, request, server)))
    let [theirs, own] = await ask()
    if (mayBeOfTheSecond(difference(own, theirs))) [theirs, own] = await ask()
    const said = difference(own, theirs)
    if (said !== '') findings.push({ request: bare, kind: kindOf(own!, theirs!), said })
  }
  await Promise.all([nginx.stop(), ours.stop()])
  const [theirs, own] = [nginx, ours].map(server => linesOf(family, server))
  for (const [log, lines] of theirs!) {
    for (const number of new Set([...lines.keys(), ...(own!.get(log) ?? new Map()).keys()])) {
      const [our, their] = [own!.get(log)?.get(number) ?? '', lines.get(number) ?? '']
      const said = difference(our, their)
      const request = requests[Number(number)] ?? null
      if (said !== '') findings.push({ request, kind: kindOfLine(our, their), said: `\n  ${log}${said}` })
    }
  }
  return findings
}

/** Each with its name, as lines. */
async function seenOf(family: Family, request: TestRequest, server: Server): Promise<string[]> {
  try {
    const compared = excused(request, comparable(await server.ask(request), request.method))
    family.excuse?.(compared, request)
    const { status, fields, body, reached } = compared
    return [
      `status: ${status}`,
      ...fields.map(field => `field ${field}`),
      `body: ${JSON.stringify(body)}`,
      ...reached.flatMap(({ line, fields, body }) => [
        `reached line: ${line}`,
        ...fields.map(field => `reached field ${field}`),
        `reached body: ${JSON.stringify(body)}`,
      ]),
    ]
  } catch (error) {
    return [`unreadable: ${(error as Error).message}`]
  }
}

/** The names of the lines that only one of both has. */
function kindOf(own: readonly string[], theirs: readonly string[]): string {
  const only = [...own.filter(each => !theirs.includes(each)), ...theirs.filter(each => !own.includes(each))]
  const names = only.map(each =>
    each.startsWith('status') ? each.slice(0, 11) : each.slice(0, each.indexOf(':')),
  )
  return [...new Set(names)].sort().join(', ') || 'order'
}

/** Which words of a line of a log are others. */
function kindOfLine(own: string, theirs: string): string {
  const [ours, others] = [own.split(' '), theirs.split(' ')]
  const at = ours.flatMap((word, at) => (word === others[at] ? [] : [at + 1]))
  return ours.length === others.length ? `log ${at.join(' ')}` : 'log'
}

/** By the log, and by the number with which a line begins. */
function linesOf(family: Family, server: Server): Map<string, Map<string, string>> {
  const logs = new Map<string, Map<string, string>>()
  for (const [log, text] of server.logs()) {
    const lines = new Map<string, string>()
    const plain = excusedLog(comparableLog(text))
    for (const line of (family.excuseLog?.(plain) ?? plain).split('\n')) {
      const number = line.slice(0, line.indexOf(' '))
      lines.set(number, lines.has(number) ? `${lines.get(number)}\n${line}` : line)
    }
    logs.set(log, lines)
  }
  return logs
}
