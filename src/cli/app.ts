// Joins the app that is run by the command after `--` to the command line: its supervisor, our own output, and the
// whole request by which it is asked where nothing else tells. Holds no policy of its own.

import type { Config } from '../config/config.ts'
import { becomeInit } from '../supervise/init.ts'
import { openOutput } from '../supervise/output.ts'
import { Supervisor } from '../supervise/supervisor.ts'
import type { App } from './parts.ts'

/** Starts the command of these settings. */
export async function startApp(config: Config, env: NodeJS.ProcessEnv): Promise<App> {
  // Never comes back when it succeeds: process 1 is then an init, with all of this anew as its child.
  if (process.pid === 1) becomeInit(env)
  // What comes next is loaded while the app starts.
  void import('../server.ts')
  const supervisor = new Supervisor({
    command: config.command,
    upstreams: config.upstreams,
    env,
    startTimeout: config.startTimeout,
    restart: config.restart,
    path: config.healthcheckPaths[0] ?? '/',
    answers: async (...request) => (await import('../upstream/probe.ts')).answers(...request),
    stdout: openOutput(1),
    stderr: openOutput(2),
  })
  return {
    ready: supervisor.ready,
    ended: supervisor.ended,
    attach: server => {
      supervisor.attach({
        log: server.log,
        workerEvent: word => server.workerSaid(word),
        workerSlots: slots => server.workerSlots(slots),
      })
      server.followWorkers(() => supervisor.workers())
    },
    signal: name => void supervisor.signal(name),
    stop: drained => supervisor.stop(drained, config.drainTimeout),
    kill: () => supervisor.kill(),
  }
}
