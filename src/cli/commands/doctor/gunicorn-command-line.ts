// What gunicorn was started with, or will be: the words of the process that listens where the app is, or of the command
// after `--`, and `$GUNICORN_CMD_ARGS` and `$WEB_CONCURRENCY` beside either. Reads /proc and asks nobody; another
// machine, another container and another user's processes are not seen, and then nothing is said.

import { existsSync } from 'node:fs'
import { basename, join } from 'node:path'
import { gunicornWords } from '../../../config/command.ts'
import type { Address } from '../../../config/config.ts'
import { gunicornValues, splitWords } from '../../../config/gunicorn.ts'
import { type Endpoint, listenerInodes } from '../../../kernel/listeners.ts'
import { allProcesses, commandOf, folderOf, holdsSocket, variablesOf } from '../../../kernel/processes.ts'
import type { GunicornSettings } from './gunicorn-settings.ts'

const VARIABLES = ['GUNICORN_CMD_ARGS', 'WEB_CONCURRENCY']
/** What is told of words and variables, in the form in which it can be told: no secret, and nothing for a terminal. */
const TOLD: Readonly<Record<string, RegExp>> = {
  workers: /^\d{1,9}$/,
  threads: /^\d{1,9}$/,
  timeout: /^\d{1,9}$/,
  graceful_timeout: /^\d{1,9}$/,
  keepalive: /^\d{1,9}$/,
  worker_class: /^[\w.:]{1,100}$/,
  bind: /^[\w.:/,[\]-]{1,200}$/,
}
/** By these a file comes in, or one from elsewhere than the folder we know. */
const BY_FILE = ['config', 'chdir', 'paste'] as const
/** gunicorn reads this one by itself (gunicorn/config.py, ConfigFile). */
const OWN_FILE = 'gunicorn.conf.py'
/** What the setproctitle package makes of the words of a master (gunicorn/util.py, _setproctitle). */
const TITLE = /^gunicorn: master \[/

interface Started {
  readonly from: string
  /** Null where something else stands in their place. */
  readonly words: readonly string[] | null
  /** Null when they may not be read. */
  readonly env: Readonly<Record<string, string | undefined>> | null
  /** Where it was started; null where that is not known. */
  readonly folder: string | null
}

/** The gunicorn that listens at the address, as far as this machine shows it; null when none is seen there. */
export async function runningGunicorn(address: Address): Promise<GunicornSettings | null> {
  const inodes = await listenerInodes(endpointOf(address))
  if (inodes === null || inodes.length === 0) return null
  const masters = (allProcesses() ?? []).filter(({ pid }) => {
    const command = commandOf(pid)
    const ours = TITLE.test(command[0] ?? '') || gunicornWords(command, {}) !== null
    return ours && holdsSocket(pid, inodes)
  })
  // Its workers hold the listener too, and have its words.
  const pids = new Set(masters.map(({ pid }) => pid))
  const master = masters.find(({ parent }) => !pids.has(parent))
  if (master === undefined) return null
  const { pid } = master
  return read({
    from: `gunicorn’s process ${pid}`,
    words: gunicornWords(commandOf(pid), {}),
    env: variablesOf(pid, VARIABLES),
    folder: folderOf(pid),
  })
}

/** The gunicorn that the command after `--` runs, in this folder; null when it runs something else. */
export function commandedGunicorn(
  command: readonly string[],
  env: NodeJS.ProcessEnv,
): GunicornSettings | null {
  const words = gunicornWords(command, env)
  if (words === null) return null
  // What stands before it may well go to another folder.
  const folder = /^gunicorn3?$/.test(basename(command[0] ?? '')) ? process.cwd() : null
  return read({ from: 'the command after --', words, env, folder })
}

function read({ from, words, env, folder }: Started): GunicornSettings {
  let defaultsHold = words !== null && env !== null && folder !== null
  let all = [...(words ?? [])]
  try {
    all = [...splitWords(env?.GUNICORN_CMD_ARGS ?? ''), ...all]
  } catch {
    defaultsHold = false
  }
  const given = gunicornValues(all)
  if (BY_FILE.some(name => given.has(name)) || (folder !== null && existsSync(join(folder, OWN_FILE))))
    defaultsHold = false
  const values = new Map<string, string>(given)
  const count = env?.WEB_CONCURRENCY ?? ''
  // A file counts before this variable, which is but the default.
  if (count !== '' && defaultsHold && !values.has('workers')) values.set('workers', count)
  for (const [name, value] of values) {
    if (TOLD[name]?.test(value)) continue
    values.delete(name)
    // `-w $(nproc)`: it is given, and what it comes to is not seen.
    defaultsHold = false
  }
  return { from, values, defaultsHold, fileSeen: false }
}

function endpointOf(address: Address): Endpoint {
  if (address.kind === 'unix') return { path: address.path }
  return { host: address.host === 'localhost' ? '127.0.0.1' : address.host, port: address.port }
}
