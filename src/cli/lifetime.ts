// The life of a running server as its signals direct it: drain, end at once, reload, reopen. Owns the handlers
// while it lasts and takes them away; builds nothing itself.

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
export async function live({ start, app = () => null, reread, signals, now }: Lifetime): Promise<number> {
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
      await reloadOnce(server, reread)
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

  const onUpgrade = () => app()?.signal('SIGUSR2')
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
  signals.on('SIGUSR2', onUpgrade)
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
    signals.off('SIGUSR2', onUpgrade)
  }
}

async function reloadOnce(server: Server, reread: Lifetime['reread']): Promise<void> {
  const next = reread()
  if ('problems' in next) {
    const problems = describeWrong(next.problems, next.remarks)
    server.log.error({ problems }, 'reload refused; the settings in force stay')
    return
  }
  for (const remark of next.remarks) if (remark.level === 'warn') server.log.warn({}, describeRemark(remark))
  try {
    await server.reload(next.config)
  } catch (error) {
    server.log.error({ err: error }, 'reload failed; the settings in force stay')
  }
}
