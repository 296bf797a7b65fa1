// From flags and environment to the frozen settings: precedence, reading, cross-checks. The only author of a
// `Config`. All that is wrong is reported at once. Opens no socket; looks at the files that are named.

import { availableParallelism, tmpdir } from 'node:os'
import { resolve } from 'node:path'
import { checkFile, checkFiles, checkListeners, checkUpstreams, chooseDemo } from './checks.ts'
import type { Config, EdgeConfig } from './config.ts'
import { answerWithin, EDGES, type EdgePreset } from './edges.ts'
import { type AllGiven, type Given, readEnvironment, readPlatform } from './environment.ts'
import { readFlags } from './flags.ts'
import type { SiteRead, SiteSource } from './nginx/read-site.ts'
import type { Remark } from './nginx/tree.ts'
import { type Option, readValue } from './option.ts'
import { MOST_CORES } from './options/running.ts'
import { OPTIONS, type OptionName, type Values } from './options.ts'
import type { Problem } from './reading.ts'
import { appOf, overrideSite } from './site-overrides.ts'

export type { Problem } from './reading.ts'

export interface Sources {
  /** By long name without dashes: a text, a list of texts, or `true` for a flag with nothing after it. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: NodeJS.ProcessEnv
  /** What stands after `--`. */
  readonly command?: readonly string[]
  /** Whether standard output is a terminal; logs are then written for people. */
  readonly terminal?: boolean
  /** Reads the file of `--config`. It is given, and loaded, only where there is one. */
  readonly readSite?: (source: SiteSource) => SiteRead
}

export type Resolved = (
  | { readonly config: Config }
  /** Where the file is what is wrong, the remarks say it, and there may be none beside them. */
  | { readonly problems: Problem[] }
) & {
  /** Of the file of `--config`: what is wrong with it, what to mind, what has no effect. */
  readonly remarks: SiteRead['remarks']
  /** The file and all that it includes. */
  readonly files: SiteRead['files']
  /** What was given, and where; what is not here has its default. */
  readonly given: AllGiven
}

/** Past the app's own limit its master kills the worker; this leaves it the time to do so and be noticed. */
const READ_TIMEOUT_MARGIN = 5000
const READ_TIMEOUT = 120_000

/** Where the user says how many workers there are, and not the app server's own settings. */
const SAID = new Set(['--workers', '-w', '$SHIELDPROXY_WORKERS'])

/** Builds the settings, or says everything that is wrong with them. Precedence: flag, environment, file, default. */
export function resolveConfig(sources: Sources): Resolved {
  const { command = [] } = sources
  const problems: Problem[] = []
  const fromEnvironment = readEnvironment(sources.env, problems)
  const given: AllGiven = { ...fromEnvironment, ...readFlags(sources.flags, problems) }
  const said: ReadonlySet<OptionName> = new Set(Object.keys(given) as OptionName[])
  readPlatform(sources.env, command, given, problems)
  const edge = chooseEdge(given)

  const values = readAll(given, problems)
  const demo = chooseDemo(values, given, command, problems)
  checkUpstreams(values.upstream, given, demo, problems)
  checkFile(values, given, problems)
  checkListeners(values, given, problems)
  const tls = checkFiles(values, given, problems)
  const { files, ...read } = readFile(values, sources)
  const remarks = [...read.remarks, ...read.judge(edge, said)]
  if (problems.length > 0 || (values.config !== null && read.site === null))
    return { problems, remarks, files, given }
  const site = read.site === null ? null : overrideSite(read.site, values, said)
  if (site !== null && said.has('tls-cert') && !site.listens.some(({ ssl }) => ssl)) remarks.push(UNUSED_TLS)

  const cores = values.cores === 'auto' ? coresHere() : values.cores
  const workers = values.workers === 'auto' ? null : values.workers
  // 0 says that the app server has no limit, which tells as little about a silent worker as not knowing it.
  const workerTimeout = values['worker-timeout'] === 0 ? null : values['worker-timeout']
  const drainTimeout = said.has('drain-timeout') ? null : (site?.main.workerShutdownTimeout ?? null)
  return {
    remarks,
    files,
    given,
    config: freeze<Config>({
      site,
      upstreams: site !== null ? appOf(site) : demo ? [] : values.upstream,
      listen: site?.listens.map(({ address }) => address) ?? values.listen,
      workers,
      workersFrom: workers === null ? 'auto' : (given.workers?.where ?? 'auto'),
      // What the app server's own words say holds for blocking workers, and it may have been told otherwise elsewhere.
      workersCertain:
        workers !== null && (SAID.has(given.workers?.where ?? '') || given.workers?.whole === true),
      workerTimeout,
      queueSize: values['queue-size'],
      queueTimeout: values['queue-timeout'],
      hold: values.hold,
      maxConnections: values['max-connections'],
      requestBuffering: values['request-buffering'],
      responseBuffering: values['response-buffering'],
      // nginx's reading of 0 for client_max_body_size: no limit.
      maxBody: values['max-body'] === 0 ? Number.MAX_SAFE_INTEGER : values['max-body'],
      maxHeader: values['max-header'],
      spoolMemory: values['spool-memory'],
      spoolDisk: values['spool-disk'],
      spoolDir: values['spool-dir'] ?? tmpdir(),
      keepaliveTimeout: values['keepalive-timeout'],
      headerTimeout: values['header-timeout'],
      bodyTimeout: values['body-timeout'],
      sendTimeout: values['send-timeout'],
      connectTimeout: values['connect-timeout'],
      readTimeout:
        values['read-timeout'] ??
        Math.min(
          workerTimeout === null ? READ_TIMEOUT : workerTimeout + READ_TIMEOUT_MARGIN,
          edge.answerWithin ?? Number.POSITIVE_INFINITY,
        ),
      drainTimeout: drainTimeout ?? values['drain-timeout'],
      edge,
      healthAnswer: values['health-answer'],
      healthcheckPaths: values['healthcheck-path'],
      trustedProxies: values['trusted-proxies'],
      admin: values.admin === 'off' ? null : values.admin,
      adminAsked: given.admin !== undefined,
      logFormat: values['log-format'] ?? (sources.terminal ? 'pretty' : 'json'),
      logLevel: values['log-level'],
      logQuery: values['log-query'],
      accessLog: values['access-log'],
      tls,
      cores,
      demo,
      command,
      startTimeout: values['start-timeout'],
      restart: values.restart,
    }),
  }
}

const UNUSED_TLS: Remark = {
  level: 'warn',
  message: '--tls-cert has no effect: no "listen" of the file says "ssl", and there is no --listen',
  at: null,
}

const NO_FILE: SiteRead = { site: null, remarks: [], files: [], judge: () => [] }

function readFile(values: Values, { readSite }: Sources): SiteRead {
  const { config, prefix, directives } = values
  if (config === null || readSite === undefined) return NO_FILE
  return readSite({
    path: resolve(prefix ?? '', config),
    ...(prefix === null ? {} : { prefix }),
    ...(directives === null ? {} : { globals: directives }),
    certified: values['tls-cert'] !== null && values['tls-key'] !== null,
  })
}

/** The processors that this process may use, cgroup limits included (libuv reads cpu.max); where threads cannot share a port, one. */
function coresHere(): number {
  return process.platform === 'linux' ? Math.min(availableParallelism(), MOST_CORES) : 1
}

/** The edge's own figures, where nobody has given others; a name that is not known is reported with the rest. */
function chooseEdge(given: AllGiven): EdgeConfig {
  const name = given.edge?.texts[0]?.toLowerCase() ?? 'none'
  const known = Object.hasOwn(EDGES, name) ? (name as keyof typeof EDGES) : 'none'
  const preset: EdgePreset = EDGES[known]
  for (const [option, texts] of Object.entries(preset.options)) {
    given[option as keyof AllGiven] ??= { where: `--edge ${known}`, texts }
  }
  return {
    name: known,
    keepsIdleFor: preset.keepsIdleFor,
    givesUpAfter: preset.givesUpAfter,
    answerWithin: preset.givesUpAfter === null ? null : answerWithin(preset.givesUpAfter),
    clientField: preset.clientField,
    idFields: preset.idFields,
  }
}

/** Reads every option. One that cannot be read takes its default, so that the checks after it can go on. */
function readAll(given: AllGiven, problems: Problem[]): Values {
  const entries = OPTIONS.map(option => {
    const written = given[option.name]
    const before = problems.length
    const value = written === undefined ? undefined : readOne(option, written, problems)
    return [option.name, value === undefined || problems.length > before ? readDefault(option) : value]
  })
  // The table's own types say what each row reads into; the loop over it cannot be typed row by row.
  return Object.fromEntries(entries) as Values
}

function readDefault(option: Option): unknown {
  if (option.default === null) return null
  const texts = typeof option.default === 'string' ? [option.default] : option.default
  return readOne(option, { where: `--${option.name}`, texts }, [])
}

function readOne(option: Option, written: Given, problems: Problem[]): unknown {
  const list = option.repeatable === true
  const mayBeNone = list && (option.kind === 'cidrs' || option.kind === 'url path')
  if (mayBeNone && written.texts.length === 1 && written.texts[0]?.toLowerCase() === 'none') return []
  const values: unknown[] = []
  for (const text of written.texts) {
    const read = readValue(option, text)
    if ('allowed' in read) problems.push({ where: written.where, value: text, allowed: read.allowed })
    else if (option.kind === 'cidrs') values.push(...(read.value as readonly string[]))
    else values.push(read.value)
  }
  return list ? [...new Set(values)] : values[0]
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) freeze(part)
  }
  return value
}
