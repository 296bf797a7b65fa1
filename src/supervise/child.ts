// One run of the app: a process group of its own with our command at its head. Starts it, signals it, and tells how it
// ended. Decides nothing; Windows has no process groups, and there only the command itself is reached.

import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { allProcesses } from '../kernel/processes.ts'
import { forward, type Output } from './output.ts'

/** How a run ended. */
export interface Ending {
  /** As a shell tells it: 128 and the signal's number for a signal, 127 and 126 for what could not be started. */
  readonly status: number
  /** For people: `it ended with status 3`, `SIGKILL ended it`. */
  readonly words: string
}

export interface ChildOptions {
  readonly command: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly stdout: Output
  readonly stderr: Output
  /** Gets each line that may speak of a worker. */
  readonly line: (line: string) => void
}

export interface Child {
  /** Also the number of its process group; 0 when it could not be started. */
  readonly pid: number
  /** Settles when the command itself has ended. Others of its group may live on. */
  readonly ended: Promise<Ending>
  /** Sends a signal to every process of the group. */
  signalAll(signal: NodeJS.Signals): void
  /** Whether any process of the group lives. */
  lives(): boolean
}

const groups = process.platform !== 'win32'

/** Starts it at once; what could not be started ends at once. */
export function startChild(options: ChildOptions): Child {
  const [program = '', ...args] = options.command
  // A group of its own (and a session): a terminal's Ctrl-C goes to all of the foreground group, and the app must not
  // end before the drain.
  const child = spawn(program, args, {
    env: options.env,
    detached: groups,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  if (child.stdout !== null) forward(child.stdout, options.stdout, options.line)
  if (child.stderr !== null) forward(child.stderr, options.stderr, options.line)
  const pid = child.pid ?? 0
  const ended = endingOf(child, program)
  return {
    pid,
    ended,
    signalAll: signal => send(child, pid, signal),
    lives: () => pid !== 0 && groupLives(child, pid),
  }
}

function endingOf(child: ChildProcess, program: string): Promise<Ending> {
  return new Promise(resolve => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      if (child.pid !== undefined) return
      // The shell's own statuses (POSIX shell, 2.8.2).
      const status = error.code === 'ENOENT' ? 127 : 126
      resolve({ status, words: `${program} could not be started: ${error.message}` })
    })
    child.once('exit', (code, signal) => {
      if (signal === null) resolve({ status: code ?? 1, words: `it ended with status ${code}` })
      else resolve({ status: 128 + constants.signals[signal], words: `${signal} ended it` })
    })
  })
}

function send(child: ChildProcess, pid: number, signal: NodeJS.Signals): void {
  try {
    if (!groups) child.kill(signal)
    else if (pid !== 0) process.kill(-pid, signal)
  } catch {
    // All of it has gone.
  }
}

function groupLives(child: ChildProcess, pid: number): boolean {
  if (!groups) return child.exitCode === null && child.signalCode === null
  // One that has ended and that nobody asks about (a zombie) still counts for kill(2); it holds nothing.
  const rows = allProcesses()
  if (rows !== null) return rows.some(row => row.group === pid && row.state !== 'Z' && row.state !== 'X')
  try {
    process.kill(-pid, 0)
    return true
  } catch {
    return false
  }
}
