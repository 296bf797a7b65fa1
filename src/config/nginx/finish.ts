// Puts a site together once all of its directives have been read: inheritance, and what one part says of another. All
// or nothing, as nginx: a block that says something of a field has only its own, one that says nothing has that of the
// block around it.

import { everySetting } from './every-setting.ts'
import { joinGroups } from './groups.ts'
import type { ListenDraft, LocationDraft, ServerDraft } from './modules/blocks.ts'
import { MODULES } from './modules.ts'
import { toldName } from './server-name.ts'
import type { Settings } from './settings.ts'
import type {
  ErrorLogConfig,
  ListenConfig,
  LocationConfig,
  MainConfig,
  RewriteOp,
  ServerConfig,
  SiteConfig,
} from './site.ts'
import type { Level, Reading, RewriteDraft } from './table.ts'

export { everySetting } from './every-setting.ts'

type Fields = Record<string, unknown>

const DEFAULTS: Fields = Object.assign({}, ...MODULES.map(({ defaults }) => defaults))
/** What a block within does not get from the one around it. */
const OWN = new Set(MODULES.flatMap(module => module.own ?? []))

/** What a block says of itself, and not of requests. */
const DRAFTS = new Set<string>(['listen', 'serverNames', 'match', 'methods'])

export function finishSite(main: Level, reading: Reading, file: string): SiteConfig {
  const http = main.within.find(({ context }) => context === 'http')
  const around = settingsOf(http?.own ?? {}, DEFAULTS, false)
  const levels = (http?.within ?? []).filter(({ context }) => context === 'server')
  const servers = levels.map(level => finishServer(level, around))
  const site: SiteConfig = {
    file,
    prefix: reading.prefix,
    main: finishMain(main.own, http?.own ?? {}),
    listens: joinListens(levels, reading),
    servers,
    ...reading.site,
    groups: joinGroups(reading.site.groups, everySetting(servers), reading),
  }
  const all = [...everySetting(servers)]
  for (const module of MODULES) module.check?.(site, all, reading)
  return site
}

function settingsOf(own: Fields, around: Fields, isIf: boolean): Fields {
  const settings: Fields = { ...around }
  if (!isIf) for (const field of OWN) settings[field] = DEFAULTS[field]
  for (const [field, value] of Object.entries(own)) if (!DRAFTS.has(field)) settings[field] = value
  for (const module of MODULES) module.merge?.(settings, own, around)
  return settings
}

function finishMain(own: Fields, http: Fields): MainConfig {
  return {
    user: (own.user as MainConfig['user'] | undefined) ?? null,
    pid: (own.pid as string | undefined) ?? null,
    errorLog: ((own.errorLog ?? http.errorLog) as ErrorLogConfig[] | undefined) ?? [],
    workerShutdownTimeout: (own.workerShutdownTimeout as number | undefined) ?? null,
  }
}

function finishServer(level: Level, http: Fields): ServerConfig {
  const { serverNames = [] } = level.own as ServerDraft
  const settings = settingsOf(level.own, http, false)
  return {
    name: serverNames[0] === undefined ? '' : toldName(level.node),
    names: serverNames.length === 0 ? [{ kind: 'exact', name: '', at: level.node!.at }] : serverNames,
    settings: settings as unknown as Settings,
    rewrites: finishRewrites(level.rewrites, settings),
    locations: finishLocations(level, settings),
    at: level.node!.at,
  }
}

function finishLocations(level: Level, around: Fields): LocationConfig[] {
  const found: LocationConfig[] = []
  for (const within of level.within) {
    if (within.context !== 'location') continue
    const match = (within.own as LocationDraft).match!
    const settings = settingsOf(within.own, around, false)
    found.push({
      ...match,
      settings: settings as unknown as Settings,
      rewrites: finishRewrites(within.rewrites, settings),
      locations: finishLocations(within, settings),
      except: finishExcept(within, settings),
      at: within.node!.at,
    })
  }
  return found
}

function finishExcept(level: Level, settings: Fields): LocationConfig['except'] {
  const block = level.within.find(({ context }) => context === 'limit_except')
  if (block === undefined) return null
  const within = settingsOf(block.own, settings, true)
  return { methods: block.own.methods as string[], settings: within as unknown as Settings }
}

function finishRewrites(drafts: readonly RewriteDraft[], around: Fields): RewriteOp[] {
  return drafts.map(draft => {
    if (draft.op !== 'if') return draft
    const settings = settingsOf(draft.level.own, around, true)
    return {
      op: 'if',
      condition: draft.condition,
      rewrites: finishRewrites(draft.level.rewrites, settings),
      settings: settings as unknown as Settings,
      at: draft.at,
    }
  })
}

// — where servers listen

const EVERY_ADDRESS = { kind: 'tcp', host: '0.0.0.0', port: process.getuid?.() === 0 ? 80 : 8000 } as const

function joinListens(levels: readonly Level[], reading: Reading): ListenConfig[] {
  const joined = new Map<string, { draft: ListenDraft; servers: number[]; fixed: boolean }>()
  for (const [index, level] of levels.entries()) {
    const drafts = ((level.own as ServerDraft).listen ?? [implied(level)]) as readonly ListenDraft[]
    const here = new Set<string>()
    for (const draft of drafts) {
      const key = JSON.stringify(draft.address)
      if (here.has(key)) {
        reading.problem(`a duplicate listen ${draft.written}`, draft.at)
        continue
      }
      here.add(key)
      const known = joined.get(key)
      if (known === undefined) {
        joined.set(key, { draft, servers: [index], fixed: draft.isDefault })
        continue
      }
      if (draft.isDefault && known.fixed)
        reading.problem(`a duplicate default server for ${draft.written}`, draft.at)
      if (draft.isDefault) known.servers.unshift(index)
      else known.servers.push(index)
      known.fixed ||= draft.isDefault
      known.draft = {
        ...known.draft,
        ssl: known.draft.ssl || draft.ssl,
        proxyProtocol: known.draft.proxyProtocol || draft.proxyProtocol,
        backlog: known.draft.backlog ?? draft.backlog,
      }
    }
  }
  return [...joined.values()].map(({ draft: { isDefault: _, ...draft }, servers }) => ({ ...draft, servers }))
}

// A server that does not say where listens on port 80, or on 8000 where the former is not to be had.
function implied(level: Level): ListenDraft {
  return {
    address: EVERY_ADDRESS,
    written: `*:${EVERY_ADDRESS.port}`,
    ssl: false,
    proxyProtocol: false,
    isDefault: false,
    backlog: null,
    ipv6only: true,
    at: level.node!.at,
  }
}

// — every place
