// What flags and variables change in a site that a file describes: whatever both can say, the file has said in vain.
// Decides no value; `resolve.ts` has read them.

import { resolve } from 'node:path'
import type { UpstreamConfig } from './config.ts'
import { everySetting } from './nginx/every-setting.ts'
import type { GroupConfig, GroupShield } from './nginx/group-config.ts'
import type { PemPath } from './nginx/pem-path.ts'
import type { Settings } from './nginx/settings.ts'
import type { ListenConfig, SiteConfig } from './nginx/site.ts'
import type { At } from './nginx/tree.ts'
import type { OptionName, Values } from './options.ts'

/** Options that hold for every place of a site, with what they set there. */
const EVERYWHERE: { readonly [Name in OptionName]?: (values: Values) => Partial<Settings> } = {
  'max-body': values => ({ maxBody: values['max-body'] }),
  'max-header': values => ({ maxHeader: values['max-header'], maxHeaderLines: values['max-header'] }),
  'keepalive-timeout': values => ({ keepaliveTimeout: values['keepalive-timeout'] }),
  'header-timeout': values => ({ headerTimeout: values['header-timeout'] }),
  'body-timeout': values => ({ bodyTimeout: values['body-timeout'] }),
  'send-timeout': values => ({ sendTimeout: values['send-timeout'] }),
  'connect-timeout': values => ({ connectTimeout: values['connect-timeout'] }),
  'read-timeout': values => ({ readTimeout: values['read-timeout'] }),
  // Then the one log is that of the flag, for all requests.
  'access-log': () => ({ accessLogs: null }),
  'tls-cert': values => ({
    tlsCertificates: [pemBeside('--tls-cert', values['tls-cert']!)],
    tlsKeys: [pemBeside('--tls-key', values['tls-key']!)],
  }),
  'request-buffering': values => ({ requestBuffering: values['request-buffering'] }),
  'response-buffering': values => ({ responseBuffering: values['response-buffering'] }),
}

function pemBeside(flag: string, path: string): PemPath {
  return { path: { text: resolve(path), at: beside(flag) }, folder: '' }
}

function beside(flag: string): At {
  return { file: flag, line: 0 }
}

/** What a group says itself that an option says of all. */
const OF_GROUPS: { readonly [Name in OptionName]?: keyof GroupShield } = {
  'queue-size': 'queueSize',
  'queue-timeout': 'queueTimeout',
  hold: 'hold',
  'worker-timeout': 'workerTimeout',
  'healthcheck-path': 'healthchecks',
}

/**
 * The site with what was said beside it. Nobody else has it yet: its places and groups are changed in place, since they
 * know one another.
 * @param said the options that flags and variables of our own give
 */
export function overrideSite(site: SiteConfig, values: Values, said: ReadonlySet<OptionName>): SiteConfig {
  const over: Partial<Settings> = {}
  for (const [name, of] of Object.entries(EVERYWHERE))
    if (said.has(name as OptionName)) Object.assign(over, of(values))
  for (const settings of everySetting(site.servers)) {
    Object.assign(settings, over)
    const { pass } = settings
    if (pass?.kind === 'computed' && pass.shield) overrideShield(pass.shield, values, said)
  }
  for (const group of site.groups) if (group.isStore !== true) overrideGroup(group, values, said)
  return {
    ...site,
    main: said.has('error-log') ? withErrorLog(site, values['error-log']) : site.main,
    listens: said.has('listen') ? listensAt(site, values) : site.listens,
  }
}

function withErrorLog({ main, prefix }: SiteConfig, path: string | null): SiteConfig['main'] {
  if (main.errorLog.length > 0 || path === null) return main
  const to = path === 'stderr' ? path : resolve(prefix, path)
  return { ...main, errorLog: [{ path: to, level: 'error', syslog: null }] }
}

// Every server listens at every address, the one that is the first default of the file first.
function listensAt(site: SiteConfig, values: Values): ListenConfig[] {
  const first = site.listens[0]?.servers[0] ?? 0
  const others = site.servers.map((_, index) => index).filter(index => index !== first)
  return values.listen.map(address => ({
    address,
    written: '--listen',
    ssl: values['tls-cert'] !== null && address.kind === 'tcp',
    proxyProtocol: false,
    backlog: null,
    // As of `--listen` without a file: `::` takes IPv4 too.
    ipv6only: false,
    servers: site.servers.length === 0 ? [] : [first, ...others],
    at: beside('--listen'),
  }))
}

function overrideGroup(group: GroupConfig, values: Values, said: ReadonlySet<OptionName>): void {
  overrideShield(group.shield, values, said)
  if (!said.has('workers')) return
  for (const server of group.servers) Object.assign(server, { maxConns: 0 })
}

function overrideShield(words: GroupShield, values: Values, said: ReadonlySet<OptionName>): void {
  const shield = words as { -readonly [Field in keyof GroupShield]: unknown }
  // What is not said of a group is as the flags say.
  for (const [name, field] of Object.entries(OF_GROUPS))
    if (said.has(name as OptionName)) shield[field] = null
  if (said.has('workers')) shield.workers = values.workers
}

/** Where the app of a command after `--` is to listen: the servers of the site's first group of apps. */
export function appOf(site: SiteConfig): UpstreamConfig[] {
  const servers = site.groups.find(({ isStore }) => isStore !== true)?.servers ?? []
  return servers.filter(({ down }) => !down).map(({ name, address }) => ({ name, address }))
}
