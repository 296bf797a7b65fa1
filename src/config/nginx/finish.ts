// Puts a site together once all of its directives have been read: inheritance, and what one part says of another. All
// or nothing, as nginx: a block that says something of a field has only its own, one that says nothing has that of the
// block around it.

import { everySetting } from './every-setting.ts'
import type { GroupConfig } from './group-config.ts'
import { joinGroups } from './groups.ts'
import { joinListens } from './join-listens.ts'
import type { LocationDraft, ServerDraft } from './modules/blocks.ts'
import { placed } from './modules/gateways.ts'
import { saidByAll } from './modules/shield.ts'
import { MODULES } from './modules.ts'
import { withTimeout } from './resolver.ts'
import { toldName } from './server-name.ts'
import type { Settings } from './settings.ts'
import type {
  ErrorLogConfig,
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
/** What the proxy module's directives say where none is there. */
const OF_PROXY: Fields = Object.assign(
  {},
  ...MODULES.filter(({ name }) => name === 'ngx_http_proxy_module').map(({ defaults }) => defaults),
)
/** What a block within does not get from the one around it. */
const OWN = new Set(MODULES.flatMap(module => module.own ?? []))

/** What a block says of itself, and not of requests. */
const DRAFTS = new Set<string>(['listen', 'serverNames', 'match', 'methods'])

/**
 * @param main the level of the whole file, read to its end
 * @param reading gets what is wrong
 */
export function finishSite(main: Level, reading: Reading, file: string): SiteConfig {
  const http = main.within.find(({ context }) => context === 'http')
  const around = settingsOf(http?.own ?? {}, { ...DEFAULTS, ...saidByAll(main.own) }, false)
  const levels = (http?.within ?? []).filter(({ context }) => context === 'server')
  const servers = levels.map(level => finishServer(level, around))
  const site: SiteConfig = {
    file,
    prefix: reading.prefix,
    main: finishMain(main, http?.own ?? {}),
    listens: joinListens(levels, reading).map(listen => ({
      ...listen,
      ssl: listen.ssl || servers[listen.servers[0]!]!.settings.tlsOn,
    })),
    servers,
    ...reading.site,
    groups: joinGroups(askedOf(reading.site.groups, around), everySetting(servers), reading),
  }
  const all = [...everySetting(servers)]
  for (const module of MODULES) module.check?.(site, all, reading)
  return site
}

// `resolve` asks the name servers of the http block where its own has none.
function askedOf(groups: readonly GroupConfig[], http: Fields): GroupConfig[] {
  const { resolver, resolverTimeout } = http as unknown as Settings
  const words = withTimeout(resolver, resolverTimeout)
  return groups.map(group =>
    group.resolver.length === 0 && group.servers.some(({ resolve }) => resolve)
      ? { ...group, resolver: words }
      : group,
  )
}

function settingsOf(own: Fields, around: Fields, isIf: boolean): Fields {
  const settings: Fields = { ...around }
  if (!isIf) for (const field of OWN) settings[field] = DEFAULTS[field]
  for (const [field, value] of Object.entries(own)) if (!DRAFTS.has(field)) settings[field] = value
  for (const module of MODULES) module.merge?.(settings, own, around)
  return settings
}

function finishMain({ own, within }: Level, http: Fields): MainConfig {
  const events = within.find(({ context }) => context === 'events')
  return {
    user: (own.user as MainConfig['user'] | undefined) ?? null,
    pid: (own.pid as string | undefined) ?? null,
    errorLog: ((own.errorLog ?? http.errorLog) as ErrorLogConfig[] | undefined) ?? [],
    workerShutdownTimeout: (own.workerShutdownTimeout as number | undefined) ?? null,
    debugged: (events?.own.debugged as MainConfig['debugged'] | undefined) ?? [],
  }
}

function finishServer(level: Level, http: Fields): ServerConfig {
  const { serverNames = [] } = level.own as ServerDraft
  const settings = settingsOf(level.own, http, false)
  return {
    name: serverNames[0] === undefined ? '' : toldName(level.node),
    names: serverNames.length === 0 ? [{ kind: 'exact', name: '', at: level.node!.at }] : serverNames,
    settings: placed(settings, OF_PROXY) as unknown as Settings,
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
      settings: placed(settings, OF_PROXY) as unknown as Settings,
      rewrites: finishRewrites(within.rewrites, settings),
      locations: finishLocations(within, settings),
      except: finishExcept(within, settings),
      at: within.node!.at,
    })
  }
  return found
}

/** What other methods than those that `limit_except` leaves alone do not come to: its block has no handler of its own. */
const NOT_WITHIN_EXCEPT = { stubStatus: false, films: null } satisfies Partial<Settings>

function finishExcept(level: Level, settings: Fields): LocationConfig['except'] {
  const block = level.within.find(({ context }) => context === 'limit_except')
  if (block === undefined) return null
  const within = settingsOf(block.own, { ...settings, ...NOT_WITHIN_EXCEPT }, true)
  return { methods: block.own.methods as string[], settings: placed(within, OF_PROXY) as unknown as Settings }
}

function finishRewrites(drafts: readonly RewriteDraft[], around: Fields): RewriteOp[] {
  return drafts.map(draft => {
    if (draft.op !== 'if') return draft
    const settings = settingsOf(draft.level.own, around, true)
    return {
      op: 'if',
      condition: draft.condition,
      rewrites: finishRewrites(draft.level.rewrites, settings),
      settings: placed(settings, OF_PROXY) as unknown as Settings,
      at: draft.at,
    }
  })
}

// — every place
