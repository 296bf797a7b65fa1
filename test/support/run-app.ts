// The real proxy with a command after `--`: the app it runs is real gunicorn, and all of it is gone after the test.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Gate, openGate } from './gate.ts'
import { type Owner, temporaryFolder } from './owner.ts'
import { freePort } from './ports.ts'
import { runShield, type Shield } from './shield.ts'

export interface RunAppOptions {
  /** The command, given the app's port. */
  command: (port: number) => string[]
  args?: string[]
  env?: Record<string, string>
  /** A command that runs it all. */
  under?: string[]
}

export interface RunApp {
  shield: Shield
  gate: Gate
  /** The app's own. */
  port: number
  /** The app's log lines that match. */
  said(pattern: RegExp): string[]
  /** Processes that have this test's mark in their environment, the proxy's aside. */
  processes(): number[]
}

export const apps = join(import.meta.dirname, 'apps')

/** `gunicorn` with these arguments; where it listens is among them, or is left to `$PORT`. */
export function gunicorn(...args: string[]): string[] {
  return ['gunicorn', '--chdir', apps, ...args, 'app:app']
}

/** Starts the proxy with the command; settles at once. */
export async function runApp(owner: Owner, options: RunAppOptions): Promise<RunApp> {
  const gate = await openGate(owner)
  const folder = temporaryFolder(owner)
  const port = await freePort()
  const started: { shield?: Shield } = {}
  // Before the proxy's own end by SIGKILL, which would leave its app behind: two signals end both at once.
  owner.after(async () => {
    started.shield?.signal('SIGTERM')
    started.shield?.signal('SIGTERM')
    await started.shield?.exited
  })
  const args = ['--upstream', `:${port}`, '--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0']
  const env = { GATE: gate.path, COUNTS: join(folder, 'counts'), PYTHONDONTWRITEBYTECODE: '1' }
  const shield = runShield(
    owner,
    [...args, '--log-format', 'json', ...(options.args ?? []), '--', ...options.command(port)],
    { ...env, ...options.env },
    options.under,
  )
  started.shield = shield
  return {
    shield,
    gate,
    port,
    said: pattern => shield.log.entries.map(line => String(line.text)).filter(text => pattern.test(text)),
    processes: () => marked(`COUNTS=${env.COUNTS}`).filter(pid => pid !== shield.pid),
  }
}

/** The same, once the proxy listens. */
export async function startApp(owner: Owner, options: RunAppOptions): Promise<RunApp> {
  const app = await runApp(owner, options)
  const { shield } = app
  // Two waits, as two programs start one after the other.
  await shield.log.until(() => app.said(/Booting worker/).length > 0, 'gunicorn to start')
  const line = await shield.logLine(({ msg }) => msg === 'listening', 'the proxy to listen')
  shield.address = line.address
  shield.admin = line.admin
  await shield.logLine(({ msg }) => msg === 'app ready', 'the app to be ready')
  return app
}

function marked(mark: string): number[] {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  return pids.map(Number).filter(pid => {
    try {
      return readFileSync(`/proc/${pid}/environ`, 'latin1').split('\0').includes(mark)
    } catch {
      return false
    }
  })
}
