// From the command line to an exit status: words, settings, server, signals, end. The only place that decides
// what is printed outside the log.

import { readAddress } from '../config/addresses.ts'
import type { Config } from '../config/config.ts'
import { nearest } from '../config/nearest.ts'
import { describeProblem, type Problem } from '../config/reading.ts'
import { type Resolved, resolveConfig } from '../config/resolve.ts'
import { readVersion } from '../version.ts'
import { type Arguments, readArguments } from './arguments.ts'
import { live } from './lifetime.ts'
import { type App, type AppEnding, type Demo, type Io, type Log, type Parts, realParts } from './parts.ts'
import { linesForStart, siteReader } from './site-file.ts'

/** 0: a clean stop. */
const OK = 0
/** 1: a failure while running, such as a port that is taken, or requests that were cut. */
const FAILED = 1
/** 2: the configuration or the usage is wrong; nothing was started. */
const MISUSED = 2

/** How long the last log lines may take to be written once all else has ended. */
const LAST_LINES_MS = 1000

/** Runs the command line to its end. Never throws: what goes wrong is printed, and is in the exit status. */
export async function main(
  argv: readonly string[],
  env: NodeJS.ProcessEnv,
  io: Io,
  parts: Parts = realParts,
): Promise<number> {
  // A reader that has gone away (`| head`) must not end the proxy; there is nobody left to tell.
  io.stdout.on('error', () => {})
  io.stderr.on('error', () => {})

  const words = readArguments(argv)
  const command = words.words[0]
  let meant: string | null = null
  if (command !== undefined) {
    const { COMMANDS, runCommand } = await import('./commands/commands.ts')
    if (Object.hasOwn(COMMANDS, command)) return runCommand(command, words, env, io)
    meant = nearest(command, Object.keys(COMMANDS))
  }
  if (words.help !== null) {
    const { helpPage } = await import('./help.ts')
    io.stdout.write(helpPage(words.help, readVersion()))
    return OK
  }
  if (words.version) {
    io.stdout.write(`shieldproxy ${readVersion()}\n`)
    return OK
  }
  if (words.build) {
    const { buildPage } = await import('./build-page.ts')
    io.stderr.write(buildPage(readVersion(), process.versions.openssl))
    return OK
  }

  const { flags, command: appCommand } = words
  const terminal = io.stdout.isTTY === true
  const reader = await siteReader(flags, env, words.signal === null)
  const reread = () => resolveConfig({ flags, env, terminal, command: appCommand, ...reader })
  const resolved = reread()
  const problems = [...strayWords(words, meant), ...('problems' in resolved ? resolved.problems : [])]
  if (words.signal !== null) {
    const { sendSignal } = await import('./send-signal.ts')
    return sendSignal(words.signal, resolved, io)
  }
  if (resolved.given.config !== undefined && words.test) {
    const { tellOfFile } = await import('./test-mode.ts')
    return tellOfFile(words, problems, resolved, io) ? OK : MISUSED
  }
  if (problems.length > 0 || 'problems' in resolved) {
    io.stderr.write(describeProblems(problems, resolved))
    return MISUSED
  }
  if (words.printNginx || words.dump) {
    const { nginxFile } = await import('./test-mode.ts')
    return nginxFile(resolved, io) ? OK : MISUSED
  }
  if (words.test) {
    if (!words.quiet) io.stdout.write('shieldproxy: the configuration is valid\n')
    return OK
  }
  for (const line of linesForStart([], resolved)) io.stderr.write(`shieldproxy: ${line}\n`)
  return run(resolved.config, reread, env, io, parts)
}

async function run(
  config: Config,
  reread: () => Resolved,
  env: NodeJS.ProcessEnv,
  io: Io,
  parts: Parts,
): Promise<number> {
  let demo: Demo | null = null
  let app: App | null = null
  let log: Log | null = null
  const own = config.site === null ? null : new (await import('./site-process.ts')).SiteProcess()
  const withDemo = (plain: Config): Config =>
    demo === null
      ? plain
      : Object.freeze({
          ...plain,
          upstreams: demo.upstreams,
          workers: demo.workers,
          workersFrom: '--demo',
          workersCertain: true,
        })

  const start = async () => {
    if (config.demo) demo = await parts.startDemo()
    if (config.command.length > 0) {
      app = await parts.startApp(config, env)
      // Only then the public port: what cannot start is not to look alive.
      const early = await Promise.race([app.ready.then(() => null), app.ended])
      if (early !== null) throw new NotReady(early)
    }
    const server = await parts.startServer(withDemo(config))
    log = server.log
    try {
      own?.begin(config, server.log)
    } catch (error) {
      await server.stopNow()
      throw error
    }
    app?.attach(server)
    const listen = server.listening[0]
    // Where the log is for machines, the words for people must not stand among its lines.
    const forPeople = config.logFormat === 'pretty' ? io.stdout : io.stderr
    if (demo !== null && listen !== undefined) forPeople.write(`${demo.describe(listen).trimEnd()}\n`)
    return server
  }
  try {
    return await live({
      start,
      app: () => app,
      reread: () => {
        const next = reread()
        return 'config' in next ? { ...next, config: withDemo(next.config) } : next
      },
      reloaded: next => own?.renew(next),
      terminal: io.stdout.isTTY === true,
      signals: io.signals,
      now: parts.now,
    })
  } catch (error) {
    io.stderr.write(`shieldproxy: ${error instanceof Error ? error.message : String(error)}\n`)
    return error instanceof NotReady ? error.status : FAILED
  } finally {
    own?.end()
    await stopApp(app)
    await stopDemo(demo, io)
    await flush(log)
  }
}

/** The app ended before it was ready. It keeps its status, but for one that would say that all is well. */
class NotReady extends Error {
  readonly status: number

  constructor({ status, words }: AppEnding) {
    super(`the app was not ready: ${words}; nothing was served`)
    this.status = status || FAILED
  }
}

/** Whatever went wrong, the app does not outlive us; stopping it again does nothing. */
async function stopApp(app: App | null): Promise<void> {
  await app?.stop(Promise.resolve())
}

async function stopDemo(demo: Demo | null, io: Io): Promise<void> {
  try {
    await demo?.stop()
  } catch (error) {
    io.stderr.write(`shieldproxy: the demo did not stop: ${(error as Error).message}\n`)
  }
}

async function flush(log: Log | null): Promise<void> {
  if (log?.flush === undefined) return
  const { promise, resolve } = Promise.withResolvers<void>()
  const timer = setTimeout(resolve, LAST_LINES_MS)
  log.flush(() => resolve())
  await promise
  clearTimeout(timer)
}

/**
 * Words that no option takes, each with what was probably meant.
 * @param command the command that the first of them is nearest to, or null
 */
function strayWords({ words }: Arguments, command: string | null): Problem[] {
  return words.map((word, i) => {
    const where = 'argument'
    if ('value' in readAddress(word, 'upstream')) {
      const allowed = `belongs to no option; if this is where your app listens, write --upstream ${word}`
      return { where, value: word, allowed }
    }
    if (i === 0 && command !== null) {
      return { where, value: word, allowed: `is no command; did you mean shieldproxy ${command}?` }
    }
    return { where, value: word, allowed: 'belongs to no option; shieldproxy --help shows them' }
  })
}

function describeProblems(problems: readonly Problem[], resolved: Resolved): string {
  if (resolved.given.config !== undefined)
    return linesForStart(problems, resolved)
      .map(line => `shieldproxy: ${line}\n`)
      .join('')
  const many = problems.length === 1 ? 'one problem' : `${problems.length} problems`
  const lines = problems.map(problem => `  ${describeProblem(problem)}\n`)
  return `shieldproxy: ${many} with the configuration; nothing was started\n\n${lines.join('')}\nshieldproxy --help shows the options.\n`
}
