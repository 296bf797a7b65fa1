// From flags and environment to the frozen settings: precedence, reading, cross-checks. The only author of a
// `Config`. All that is wrong is reported at once. Opens no socket; looks at the files that are named.

import { availableParallelism, tmpdir } from 'node:os'
import { formatAddress, sameListener } from './addresses.ts'
import type { Address, Config, EdgeConfig, UpstreamConfig } from './config.ts'
import { answerWithin, EDGES, type EdgePreset } from './edges.ts'
import { type AllGiven, type Given, readEnvironment, readPlatform } from './environment.ts'
import { checkLogFile, checkTls } from './files.ts'
import { nearest } from './nearest.ts'
import { type Option, readValue } from './option.ts'
import { MOST_CORES } from './options/running.ts'
import { findOption, OPTIONS, type Values } from './options.ts'
import type { Problem } from './reading.ts'

export type { Problem } from './reading.ts'

export interface Sources {
  /** By long name without dashes: a text, a list of texts, or `true` for a flag with nothing after it. */
  readonly flags: Readonly<Record<string, unknown>>
  readonly env: NodeJS.ProcessEnv
  /** What stands after `--`. */
  readonly command?: readonly string[]
  /** Whether standard output is a terminal; logs are then written for people. */
  readonly terminal?: boolean
}

/** Past the app's own limit its master kills the worker; this leaves it the time to do so and be noticed. */
const READ_TIMEOUT_MARGIN = 5000
const READ_TIMEOUT = 120_000

/** Where the user says how many workers there are, and not the app server's own settings. */
const SAID = new Set(['--workers', '-w', '$SHIELDPROXY_WORKERS'])

/** Builds the settings, or says everything that is wrong with them. Precedence: flag, environment, default. */
export function resolveConfig(sources: Sources): { config: Config } | { problems: Problem[] } {
  const { command = [] } = sources
  const problems: Problem[] = []
  const fromEnvironment = readEnvironment(sources.env, problems)
  const given: AllGiven = { ...fromEnvironment, ...readFlags(sources.flags, problems) }
  readPlatform(sources.env, command, given, problems)
  const edge = chooseEdge(given)

  const values = readAll(given, problems)
  const demo = chooseDemo(values, given, command, problems)
  checkUpstreams(values.upstream, given, demo, problems)
  checkListeners(values, given, problems)
  const tls = checkFiles(values, given, problems)
  if (problems.length > 0) return { problems }

  const cores = values.cores === 'auto' ? coresHere() : values.cores
  const workers = values.workers === 'auto' ? null : values.workers
  // 0 says that the app server has no limit, which tells as little about a silent worker as not knowing it.
  const workerTimeout = values['worker-timeout'] === 0 ? null : values['worker-timeout']
  return {
    config: freeze<Config>({
      upstreams: demo ? [] : values.upstream,
      listen: values.listen,
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
      drainTimeout: values['drain-timeout'],
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

/** Flags by their names; one that is not in the table is a problem that names the nearest. */
function readFlags(flags: Sources['flags'], problems: Problem[]): AllGiven {
  const given: AllGiven = {}
  for (const [name, raw] of Object.entries(flags)) {
    if (raw === undefined || raw === null || raw === false) continue
    const option = findOption(name)
    const list = Array.isArray(raw) ? raw : [raw]
    const texts = list.map(value => (value === true || value === '' ? (option?.bare ?? '') : String(value)))
    const where = `${name.length === 1 ? '-' : '--'}${name}`
    if (option === undefined) {
      const known = name.length === 1 ? null : nearest(name, [...OPTIONS.map(o => o.name), 'help', 'version'])
      const hint = known === null ? 'shieldproxy --help all lists them' : `did you mean --${known}?`
      problems.push({ where, value: texts.join(' '), allowed: `is not an option; ${hint}` })
    } else if (option.repeatable === undefined && texts.length > 1) {
      problems.push({
        where,
        value: texts.join(' '),
        allowed: `must be given once; it stands here ${texts.length} times`,
      })
    } else {
      given[option.name] = {
        where,
        texts: option.kind === 'cidrs' ? texts.flatMap(text => text.split(/[\s,]+/)) : texts,
      }
    }
  }
  return given
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

/** The demonstration brings its own upstream: asked for by a flag it excludes others, by a variable it yields. */
function chooseDemo(
  values: Values,
  given: AllGiven,
  command: readonly string[],
  problems: Problem[],
): boolean {
  if (!values.demo) return false
  if (command.length > 0 && given.demo?.where === '--demo') {
    const allowed = 'must be empty beside --demo, which brings an app of its own; or leave out --demo'
    problems.push({ where: 'after --', value: command.join(' '), allowed })
  }
  if (given.upstream === undefined) return true
  if (given.demo?.where !== '--demo') return false
  if (given.upstream.where === '--upstream') {
    problems.push({
      where: '--demo',
      value: '',
      allowed: 'brings an app of its own; leave out either --demo or --upstream',
    })
  }
  return true
}

function checkUpstreams(
  upstreams: readonly UpstreamConfig[],
  given: AllGiven,
  demo: boolean,
  problems: Problem[],
): void {
  if (given.upstream === undefined && !demo) {
    problems.push({
      where: '--upstream',
      value: '',
      allowed:
        'must say where your app listens, as in shieldproxy --upstream :8000; to see the shield at work without an app: shieldproxy --demo',
    })
  }
  const seen = new Set<string>()
  for (const { name, address } of upstreams) {
    const key = formatAddress(address)
    if (seen.has(key)) {
      problems.push({
        where: given.upstream?.where ?? '--upstream',
        value: name,
        allowed: 'must be given once; the same address stands here before',
      })
    }
    seen.add(key)
  }
}

function checkListeners(values: Values, given: AllGiven, problems: Problem[]): void {
  const taken: Address[] = []
  const claim = (address: Address, written: Given | undefined, flag: string) => {
    const other = taken.find(before => sameListener(before, address))
    taken.push(address)
    if (other === undefined) return
    const value = formatAddress(address)
    const allowed = `must be a place of its own; ${formatAddress(other)} already takes it`
    problems.push({ where: written?.where ?? flag, value, allowed })
  }
  for (const address of values.listen) claim(address, given.listen, '--listen')
  // The default admin address gives way by itself when it is taken.
  if (values.admin !== 'off' && given.admin !== undefined) claim(values.admin, given.admin, '--admin')
}

function checkFiles(values: Values, given: AllGiven, problems: Problem[]): Config['tls'] {
  const accessLog = values['access-log']
  const unwritable = accessLog === null ? null : checkLogFile(accessLog)
  if (unwritable !== null) {
    problems.push({
      where: given['access-log']?.where ?? '--access-log',
      value: accessLog ?? '',
      allowed: unwritable,
    })
  }

  const { 'tls-cert': cert, 'tls-key': key } = values
  const report = (name: 'tls-cert' | 'tls-key', allowed: string | null) => {
    if (allowed !== null)
      problems.push({ where: given[name]?.where ?? `--${name}`, value: values[name] ?? '', allowed })
  }
  if (cert === null && key === null) return null
  if (key === null) report('tls-cert', 'needs --tls-key beside it, the file of its private key')
  else if (cert === null) report('tls-key', 'needs --tls-cert beside it, the file of its certificate')
  else {
    const wrong = checkTls(cert, key)
    report('tls-cert', wrong.cert)
    report('tls-key', wrong.key)
    return { cert, key }
  }
  return null
}

function freeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value)
    for (const part of Object.values(value)) freeze(part)
  }
  return value
}
