// What the environment says: `SHIELDPROXY_<NAME>` for every option, and the variables that platforms and app
// servers set. Reads no value; that is done once, wherever it came from.

import { gunicornWords } from './command.ts'
import { type GunicornArguments, readGunicornWords, splitWords } from './gunicorn.ts'
import { nearest } from './nearest.ts'
import { environmentName } from './option.ts'
import { OPTIONS, type OptionName } from './options.ts'
import type { Problem } from './reading.ts'

/** An option as it was written somewhere. */
export interface Given {
  /** `--workers`, `$SHIELDPROXY_WORKERS`, `$WEB_CONCURRENCY`; for people. */
  readonly where: string
  readonly texts: readonly string[]
  /** Nothing else need be looked for: workers and threads were both said. */
  readonly whole?: true
}

export type AllGiven = { [N in OptionName]?: Given }

/**
 * What Kubernetes and Docker links add for a service called `shieldproxy` or `shieldproxy-…`. None of it is
 * meant for us, and refusing it would keep the pod from starting.
 */
const SERVICE_VARIABLE =
  /^SHIELDPROXY_(PORT(_.*)?|SERVICE_.*|.*_SERVICE_(HOST|PORT(_.*)?)|.*_PORT|.*_PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)$/

const nameOf = new Map(OPTIONS.map(option => [environmentName(option), option]))

/** Reads every `SHIELDPROXY_…` variable. An empty one counts as not set, as compose files often write them. */
export function readEnvironment(env: NodeJS.ProcessEnv, problems: Problem[]): AllGiven {
  const given: AllGiven = {}
  for (const [name, raw] of Object.entries(env)) {
    const value = raw?.trim() ?? ''
    if (!name.startsWith('SHIELDPROXY_') || value === '') continue
    const option = nameOf.get(name)
    if (option !== undefined) {
      const texts =
        option.repeatable === undefined ? [value] : value.split(/[\s,]+/).filter(text => text !== '')
      given[option.name] = { where: `$${name}`, texts }
    } else if (!SERVICE_VARIABLE.test(name)) {
      const known = nearest(
        name.slice('SHIELDPROXY_'.length),
        [...nameOf.keys()].map(known => known.slice('SHIELDPROXY_'.length).toLowerCase()),
      )
      const hint =
        known === null
          ? 'shieldproxy --help all lists them'
          : `did you mean $SHIELDPROXY_${known.toUpperCase()}?`
      problems.push({ where: `$${name}`, value, allowed: `is not an option; ${hint}` })
    }
  }
  return given
}

/** Adds what the command after `--`, the platform and the app server's variables say of options that nobody has given. */
export function readPlatform(
  env: NodeJS.ProcessEnv,
  command: readonly string[],
  given: AllGiven,
  problems: Problem[],
): void {
  const port = env.PORT?.trim() ?? ''
  // A file says itself where to listen.
  if (given.listen === undefined && given.config === undefined && port !== '') {
    if (/^\d{1,5}$/.test(port)) given.listen = { where: '$PORT', texts: [`:${port}`] }
    else
      problems.push({
        where: '$PORT',
        value: port,
        allowed: 'must be a port number; or say --listen, which counts before it',
      })
  }
  if (given.workers !== undefined && given['worker-timeout'] !== undefined) return

  const gunicorn = readGunicorn(env, command, problems)
  if (given.workers === undefined) given.workers = workersOf(gunicorn, env, problems)
  if (given['worker-timeout'] === undefined) {
    const timeout = env.GUNICORN_TIMEOUT?.trim() ?? ''
    if (gunicorn.timeout !== null)
      given['worker-timeout'] = { where: gunicorn.from('timeout'), texts: [gunicorn.timeout] }
    else if (timeout !== '') given['worker-timeout'] = { where: '$GUNICORN_TIMEOUT', texts: [timeout] }
  }
}

interface Gunicorn extends GunicornArguments {
  /** Where a value was written, for people. */
  from(name: 'workers' | 'threads' | 'timeout'): string
}

/** `$GUNICORN_CMD_ARGS`, and the command's own words, which count before it as they do for gunicorn. */
function readGunicorn(env: NodeJS.ProcessEnv, command: readonly string[], problems: Problem[]): Gunicorn {
  const line = env.GUNICORN_CMD_ARGS?.trim() ?? ''
  let words: string[] = []
  try {
    words = splitWords(line)
  } catch (error) {
    problems.push({ where: '$GUNICORN_CMD_ARGS', value: line, allowed: (error as Error).message })
  }
  const ownWords = gunicornWords(command, env) ?? []
  const own = readGunicornWords(ownWords)
  const from: Gunicorn['from'] = name =>
    own[name] === null ? '$GUNICORN_CMD_ARGS' : `--${name} of the command after --`
  const found = readGunicornWords([...words, ...ownWords])
  // What a shell has yet to work out (`-w $(nproc)`) is no mistake, and says nothing either.
  const seen = (value: string | null) => (value !== null && /[$`]/.test(value) ? null : value)
  return { ...found, workers: seen(found.workers), timeout: seen(found.timeout), from }
}

/** Workers × threads. gunicorn's own default of one worker is not assumed: its file may say otherwise. */
function workersOf(gunicorn: Gunicorn, env: NodeJS.ProcessEnv, problems: Problem[]): Given {
  const auto = { where: 'auto', texts: ['auto'] }
  if (gunicorn.otherClass !== null) return auto
  const concurrency = env.WEB_CONCURRENCY?.trim() ?? ''
  const workers = gunicorn.workers ?? concurrency
  const where = gunicorn.workers !== null ? gunicorn.from('workers') : '$WEB_CONCURRENCY'
  if (workers === '') return auto
  const threads = gunicorn.threads ?? '1'
  if (!/^\d{1,9}$/.test(workers) || threads === '1') return { where, texts: [workers] }
  if (!/^[1-9]\d{0,8}$/.test(threads)) {
    problems.push({
      where: gunicorn.from('threads'),
      value: threads,
      allowed: 'must have a whole number from 1 on for --threads',
    })
    return auto
  }
  return { where, texts: [String(Number(workers) * Number(threads))], whole: true }
}
