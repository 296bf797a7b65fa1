// What a row of the directive tables is, and what it is given when its directive is met. A directive is added by adding
// a row and a test; rows of the usual kinds are made in `rows.ts`. Knows no directive itself.

import { isAbsolute, join } from 'node:path'
import type { Settings } from './settings.ts'
import type { RewriteOp, SiteConfig } from './site.ts'
import { besideMainFile } from './site-folder.ts'
import type { At, DirectiveNode, Remark } from './tree.ts'

export type Context =
  | 'main'
  | 'events'
  | 'http'
  | 'server'
  | 'location'
  | 'if in server'
  | 'if in location'
  | 'limit_except'
  | 'upstream'

/** The places of settings that every location inherits. */
export const EVERYWHERE: readonly Context[] = ['http', 'server', 'location']
export const EVERYWHERE_AND_IF: readonly Context[] = ['http', 'server', 'location', 'if in location']

export interface Row {
  readonly name: string
  readonly in: readonly Context[]
  /** How many words may follow the name: exactly so many, or from and to. */
  readonly args: number | readonly [least: number, most: number]
  /** It has braces. */
  readonly block?: boolean
  /** It may stand more than once in one block. */
  readonly repeats?: boolean
  /** What it does; null: nothing, and `note` says why that does no harm. */
  take(node: DirectiveNode, level: Level, reading: Reading): void
  /**
   * `harmless`: accepted, and `note` says once why it has no effect here. `refused`: an error, and `note` says what to
   * do instead. Absent: supported.
   */
  readonly state?: 'harmless' | 'refused'
  readonly note?: string
  /** It is refused only where it is switched on. */
  readonly unlessOff?: boolean
}

/** One module's directives, in nginx's own grouping. */
export interface Module {
  /** As in nginx's documentation, such as `ngx_http_proxy_module`. */
  readonly name: string
  readonly rows: readonly Row[]
  /** The settings that hold where nothing is said, by field. */
  readonly defaults: Readonly<Record<string, unknown>>
  /** Fields that a block within does not get from the one around it (an `if` does). */
  readonly own?: readonly string[]
  /** Called for each finished set of settings, for what depends on several fields. */
  merge?(
    settings: Record<string, unknown>,
    own: Record<string, unknown>,
    around: Record<string, unknown>,
  ): void
  /** Called once with the site and the settings of all its places, for what one part says of another. */
  check?(site: SiteConfig, settings: readonly Settings[], reading: Reading): void
}

/** A block under construction. */
export interface Level {
  readonly context: Context
  readonly around: Level | null
  readonly node: DirectiveNode | null
  /** What is set in this very block, by field of `Settings` (of `MainConfig`, of a server's or an upstream's draft). */
  readonly own: Record<string, unknown>
  /** Of a server or a location: what its `rewrite`, `set`, `if`, `return`, `break` come to, in order. */
  readonly rewrites: RewriteDraft[]
  readonly within: Level[]
}

/** An `if` holds a level until the settings around it are known. */
export type RewriteDraft =
  | Exclude<RewriteOp, { op: 'if' }>
  | {
      readonly op: 'if'
      readonly condition: Extract<RewriteOp, { op: 'if' }>['condition']
      readonly level: Level
      readonly at: At
    }

/** What is collected while the tree is walked, beside settings. */
export type SiteDraft = {
  -readonly [Key in 'groups' | 'variables' | 'zones' | 'caches' | 'logFormats']: SiteConfig[Key][number][]
}

export interface Reading {
  /** The folder of relative paths: nginx's prefix. */
  readonly prefix: string
  /** The folder of the main file, which nginx looks into for what it includes, for certificates and passwords. */
  readonly folder: string
  /** Certificate and key of all servers are given beside the file. */
  readonly certified: boolean
  readonly site: SiteDraft
  /** A problem at this directive, in nginx's words; reading goes on. */
  problem(message: string, at: At): void
  /** Once for each text. */
  remark(level: Remark['level'], message: string, at: At): void
  /** Walks the directives of a block in a context. */
  walk(nodes: readonly DirectiveNode[], level: Level): void
  /** A new block within this one. */
  enter(context: Context, node: DirectiveNode, around: Level): Level
}

/** An absolute path, relative ones from the prefix. */
export function fromPrefix(path: string, reading: Pick<Reading, 'prefix'>): string {
  return isAbsolute(path) ? path : join(reading.prefix, path)
}

/** An absolute path, relative ones from the main file's folder. */
export function fromFolder(path: string, reading: Pick<Reading, 'folder'>): string {
  return isAbsolute(path) ? path : besideMainFile(reading.folder, path)
}

/** What nginx says of a value that it does not take. */
export function invalidValue(node: DirectiveNode, value: string, allowed = ''): string {
  return `invalid value "${value}" in "${node.name}" directive${allowed === '' ? '' : `, it must be ${allowed}`}`
}
