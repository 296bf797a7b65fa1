// `-s`: tells a running shield what to do by a signal, as nginx does, to the process that its pid file names.

import { readFileSync } from 'node:fs'
import type { Resolved } from '../config/resolve.ts'
import type { Io } from './parts.ts'
import { linesForStart } from './site-file.ts'

const SIGNALS: Readonly<Record<string, NodeJS.Signals>> = {
  stop: 'SIGTERM',
  quit: 'SIGQUIT',
  reopen: 'SIGUSR1',
  reload: 'SIGHUP',
}

/** @returns the exit status: 0 sent, 1 there is nobody to send it to, 2 it cannot be known to whom */
export function sendSignal(name: string, resolved: Resolved, io: Io): number {
  const say = (line: string): void => void io.stderr.write(`shieldproxy: ${line}\n`)
  const signal = Object.hasOwn(SIGNALS, name) ? SIGNALS[name] : undefined
  if (signal === undefined) {
    say(`invalid option: "-s ${name}"; it is one of ${Object.keys(SIGNALS).join(', ')}`)
    return 2
  }
  if (!('config' in resolved)) {
    for (const line of linesForStart(resolved.problems, resolved)) say(line)
    return 2
  }
  const path = resolved.config.site?.main.pid ?? null
  if (path === null) {
    say(
      '[emerg] -s needs a file with a "pid" directive: --config names the file, and --directives can bring the line',
    )
    return 2
  }
  try {
    process.kill(readPid(path), signal)
    return 0
  } catch (error) {
    say(`[error] ${(error as Error).message}`)
    return 1
  }
}

function readPid(path: string): number {
  const text = readFileSync(Buffer.from(path, 'latin1'), 'latin1').trim()
  // No process of ours is 0 or 1, and what stands for groups of processes must not pass.
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new Error(`invalid PID number "${text.slice(0, 40)}" in "${path}"`)
  return Number(text)
}
