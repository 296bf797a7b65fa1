// From an nginx file to a site: walks the tree of directives by the tables, and reports all that is wrong at once. Knows
// no directive; what the blocks come to is `finish.ts`'s.

import { readdirSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import type { EdgeConfig } from '../config.ts'
import { nearest } from '../nearest.ts'
import type { OptionName } from '../options.ts'
import { finishSite } from './finish.ts'
import { judgeFile } from './judgement.ts'
import { COMMAND_LINE, SyntaxProblem } from './lexer.ts'
import { knownNames, rowsOf } from './modules.ts'
import { type Parsed, parseFile } from './parser.ts'
import type { SiteConfig } from './site.ts'
import type { Context, Level, Reading, Row, SiteDraft } from './table.ts'
import type { At, DirectiveNode, Remark } from './tree.ts'
import { usualAround } from './usual-context.ts'

export interface SiteSource {
  /** A whole nginx.conf, a file as in conf.d, or a folder of those. */
  readonly path: string
  /** nginx's prefix, for relative paths in directives; absent: the file's own folder. */
  readonly prefix?: string
  /** Directives before the file's, for its top (`-g`). */
  readonly globals?: string
  /** Certificate and key are given beside the file, for every server. */
  readonly certified?: boolean
}

export interface SiteRead {
  /** Null: something is wrong. */
  readonly site: SiteConfig | null
  readonly remarks: readonly Remark[]
  readonly files: Parsed['files']
  /** What of it is obeyed and to be minded, given the edge and what flags say in its place. */
  judge(edge: EdgeConfig, said: ReadonlySet<OptionName>): Remark[]
}

/** Contexts that only stand at the top of a whole configuration. */
const TOP = new Set(['http', 'events', 'stream', 'mail'])

/** Reads all of it. Never throws: what is wrong is among the remarks, in nginx's words. */
export function readSite(source: SiteSource): SiteRead {
  const path = resolve(source.path)
  const remarks: Remark[] = []
  const [own, folder] = readAll(path)
  const files = own.flatMap(parsed => parsed.files)
  const nodes = inContext(own.flatMap(parsed => parsed.nodes))
  if (source.globals !== undefined) {
    const before = parseFile(COMMAND_LINE, folder, source.globals)
    nodes.unshift(...before.nodes)
    own.unshift(before)
  }
  const unread = own.flatMap(parsed => parsed.problems)
  const prefix = resolve(source.prefix ?? folderOf(path))
  const reader = new Reader(prefix, folderOf(path), source.certified === true, remarks)
  const main = reader.enter('main', null, null)
  reader.walk(nodes, main)
  if (unread.length > 0) return { site: null, remarks: withUnread(unread, remarks), files, judge: () => [] }
  const site = finishSite(main, reader, path)
  const wrong = remarks.some(({ level }) => level === 'emerg')
  const judge: SiteRead['judge'] = (edge, said) => judgeFile(nodes, edge, said)
  return { site: wrong ? null : site, remarks, files, judge }
}

// What was read is as wrong as it is in any case; where braces are missing, one line too many of it is enough.
function withUnread(unread: readonly SyntaxProblem[], remarks: readonly Remark[]): Remark[] {
  const said = new Set<string>()
  const once = remarks.filter(
    ({ level, message }) => level === 'emerg' && !said.has(message) && said.add(message),
  )
  // A file that is included twice is as wrong both times.
  const places = new Map(
    unread.map(problem => [`${problem.at.file}:${problem.at.line}:${problem.message}`, problem]),
  )
  const told = Array.from(places.values(), ({ message, at }): Remark => ({ level: 'emerg', message, at }))
  return [...told, ...once]
}

function folderOf(path: string): string {
  return isFolder(path) ? path : dirname(path)
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

function readAll(path: string): [Parsed[], string] {
  if (!isFolder(path)) return [[parseFile(path, dirname(path))], dirname(path)]
  const names = readdirSync(path)
    .filter(name => name.endsWith('.conf'))
    .sort()
  if (names.length === 0) {
    const at = { file: path, line: 0 }
    const none = new SyntaxProblem(`there is no file that ends in .conf in the folder "${path}"`, at)
    return [[{ nodes: [], files: [], problems: [none] }], path]
  }
  return [names.map(name => parseFile(join(path, name), path)), path]
}

// A file as in conf.d holds what stands within `http`; a whole one says so itself.
function inContext(nodes: readonly DirectiveNode[]): DirectiveNode[] {
  if (nodes.length === 0 || nodes.some(({ name, block }) => block !== null && TOP.has(name)))
    return [...nodes]
  const isHttp = ({ name }: DirectiveNode) => rowsOf(name).some(row => row.in.includes('http'))
  const isMain = ({ name }: DirectiveNode) => rowsOf(name).some(row => row.in.includes('main'))
  const own = nodes.filter(node => isHttp(node) || !isMain(node))
  const block = [...usualAround(own), ...own]
  const http: DirectiveNode = { name: 'http', args: [], at: nodes[0]!.at, block }
  return [...nodes.filter(node => !own.includes(node)), http]
}

class Reader implements Reading {
  readonly prefix: string
  readonly folder: string
  readonly certified: boolean
  readonly site: SiteDraft = { groups: [], variables: [], zones: [], caches: [], logFormats: [] }
  readonly #remarks: Remark[]
  readonly #said = new Set<string>()

  constructor(prefix: string, folder: string, certified: boolean, remarks: Remark[]) {
    this.prefix = prefix
    this.folder = folder
    this.certified = certified
    this.#remarks = remarks
  }

  problem(message: string, at: At): void {
    this.#remarks.push({ level: 'emerg', message, at })
  }

  remark(level: Remark['level'], message: string, at: At): void {
    if (this.#said.has(message)) return
    this.#said.add(message)
    this.#remarks.push({ level, message, at })
  }

  enter(context: Context, node: DirectiveNode | null, around: Level | null): Level {
    const level: Level = { context, node, around, own: {}, rewrites: [], within: [] }
    around?.within.push(level)
    return level
  }

  walk(nodes: readonly DirectiveNode[], level: Level): void {
    const seen = new Set<Row>()
    for (const node of nodes) {
      const row = this.#rowOf(node, level.context)
      if (row === null) continue
      if (seen.has(row) && row.repeats !== true) {
        this.problem(`"${node.name}" directive is duplicate`, node.at)
        continue
      }
      seen.add(row)
      if (row.unlessOff === true && node.args.length === 1 && node.args[0] === 'off') continue
      if (row.state === 'refused') this.problem(`"${node.name}" is not supported: ${row.note}`, node.at)
      else if (row.state === 'harmless')
        this.remark('notice', `"${node.name}" has no effect: ${row.note}`, node.at)
      row.take(node, level, this)
    }
  }

  #rowOf(node: DirectiveNode, context: Context): Row | null {
    const { name, args, at, block } = node
    const rows = rowsOf(name)
    if (rows.length === 0) {
      const near = nearest(name, [...knownNames()])
      this.problem(`unknown directive "${name}"${near === null ? '' : ` (did you mean "${near}"?)`}`, at)
      return null
    }
    const row = rows.find(each => each.in.includes(context))
    if (row === undefined) {
      this.problem(`"${name}" directive is not allowed here`, at)
      return null
    }
    if (row.state === 'refused') return row
    if (row.block === true && block === null) this.problem(`directive "${name}" has no opening "{"`, at)
    else if (row.block !== true && block !== null)
      this.problem(`directive "${name}" is not terminated by ";"`, at)
    else {
      const [least, most] = typeof row.args === 'number' ? [row.args, row.args] : row.args
      if (args.length >= least && args.length <= most) return row
      this.problem(`invalid number of arguments in "${name}" directive`, at)
    }
    return null
  }
}
