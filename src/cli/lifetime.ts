// The life of a running server as its signals direct it: drain, end at once, reload, reopen. Owns the handlers
// while it lasts and takes them away; builds nothing itself.

import type { Config } from '../config/config.ts'
import type { Resolved } from '../config/resolve.ts'
import type { App, Io, Server } from './parts.ts'
import { describeRemark, describeWrong } from './site-file.ts'

export interface Lifetime {
  /** Starts everything; the server is stopped through what it returns. */
  readonly start: () => Promise<Server>
  /** What was started by a command after `--`, once it has been. */
  readonly app?: () => App | null
  /** The settings as they would be now, for HUP. */
  readonly reread: () => Resolved
  /** New settings are in force. */
  readonly reloaded?: (config: Config) => void
  /** Whether it runs on a terminal, whose size changes tell of nothing else. */
  readonly terminal?: boolean
  readonly signals: Io['signals']
  readonly now: () => number
}

const STOP_SIGNALS = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const

/**
 * npm passes Ctrl-C on to a process that the terminal has told already, so the same interrupt comes twice
 * within moments. A person's second one comes later.
 */
const SAME_INTERRUPT_MS = 250

/**
 * Runs the server until a signal ends it, or the app that it runs has ended.
 * @returns the exit status: the app's where there is one; else 0 when every request was finished, 1 when some were cut
 * @throws what `start` throws
 */
export async function live(lifetime: Lifetime): Promise<number> {
  const { start, app = () => null, signals, now } = lifetime
  const ended = Promise.withResolvers<number>()
  let server: Server | null = null
  let stop: { signal: string; at: number } | null = null

  const finish = async (running: Server, reason: string): Promise<number> => {
    const drained = running.drain(reason)
    const [{ clean }, ending] = await Promise.all([drained, app()?.stop(drained)])
    return ending?.status || (clean ? 0 : 1)
  }
  const drain = (running: Server, reason: string) => {
    finish(running, reason).then(ended.resolve, error => {
      running.log.error({ err: error }, 'the drain failed')
      ended.resolve(1)
    })
  }
  const endAtOnce = (running: Server | null) => {
    app()?.kill()
    if (running === null) return ended.resolve(1)
    running.stopNow().then(
      () => ended.resolve(1),
      () => ended.resolve(1),
    )
  }
  const onStop = (signal: NodeJS.Signals) => {
    if (stop === null) {
      stop = { signal, at: now() }
      if (server !== null) drain(server, signal)
      // Its end ends the start.
      else app()?.stop(Promise.resolve())
    } else if (signal !== 'SIGINT' || stop.signal !== signal || now() - stop.at > SAME_INTERRUPT_MS) {
      endAtOnce(server)
    }
  }

  // One reload at a time; any number of signals during one make one more, which sees the newest files.
  let reloading = false
  let again = false
  const onReload = async () => {
    again = true
    if (server !== null && stop === null) app()?.signal('SIGHUP')
    if (reloading || server === null) return
    reloading = true
    while (again && stop === null) {
      again = false
      await reloadOnce(server, lifetime)
    }
    reloading = false
  }
  const onReopen = () => {
    try {
      server?.reopenLogs()
    } catch (error) {
      server?.log.error({ err: error }, 'the log files could not be reopened; the old ones stay in use')
    }
  }

  const onUpgrade = (signal: NodeJS.Signals) => {
    const running = app()
    if (signal === 'SIGUSR2' && running !== null) running.signal(signal)
    else
      server?.log.warn(
        { signal },
        'a running process is not replaced by another; start the new one beside it',
      )
  }
  // nginx's way to a new binary: USR2 for the new one, WINCH for the old workers.
  const upgrades: NodeJS.Signals[] = lifetime.terminal === true ? ['SIGUSR2'] : ['SIGUSR2', 'SIGWINCH']
  const watch = (running: Server) => {
    app()?.ended.then(({ words }) => {
      if (stop !== null) return
      stop = { signal: 'the app ended', at: now() }
      running.log.error({ detail: words }, 'the app has ended, and so does the shield')
      drain(running, 'the app ended')
    })
  }

  for (const signal of STOP_SIGNALS) signals.on(signal, onStop)
  signals.on('SIGHUP', onReload)
  signals.on('SIGUSR1', onReopen)
  for (const signal of upgrades) signals.on(signal, onUpgrade)
  try {
    const starting = start().then(running => {
      server = running
      if (stop !== null) drain(running, stop.signal)
      else {
        watch(running)
        if (again) void onReload()
      }
    })
    // A second signal while still starting ends the wait, whatever the start is stuck in.
    starting.catch(ended.reject)
    return await ended.promise
  } finally {
    for (const signal of STOP_SIGNALS) signals.off(signal, onStop)
    signals.off('SIGHUP', onReload)
    signals.off('SIGUSR1', onReopen)
    for (const signal of upgrades) signals.off(signal, onUpgrade)
  }
}

async function reloadOnce(server: Server, { reread, reloaded }: Lifetime): Promise<void> {
  const next = reread()
  if ('problems' in next) {
    const problems = describeWrong(next.problems, next.remarks)
    server.log.error({ problems }, 'reload refused; the settings in force stay')
    return
  }
  for (const remark of next.remarks) if (remark.level === 'warn') server.log.warn({}, describeRemark(remark))
  try {
    await server.reload(next.config)
    reloaded?.(next.config)
  } catch (error) {
    server.log.error({ err: error }, 'reload failed; the settings in force stay')
  }
}
