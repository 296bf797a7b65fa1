// What gunicorn's settings are, as far as they are known; and what a configuration file comes to: as gunicorn itself prints it where it is installed, else the plain
// assignments that can be read without Python. Runs gunicorn with --print-config and nothing else.

import { execFile } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { CommandError } from '../admin-client.ts'

export interface GunicornSettings {
  /** `gunicorn --print-config`, or `the file` when gunicorn could not be asked. */
  readonly from: string
  /** Values as printed or written, by setting; a setting that is not known is not there. */
  readonly values: ReadonlyMap<string, string>
  /** What is not among the values is at gunicorn's default; else a file may say otherwise. */
  readonly defaultsHold: boolean
  /** A file was read, in which hooks and settings of the log would be seen. */
  readonly fileSeen: boolean
}

/** gunicorn's own defaults, for what is left out (docs.gunicorn.org, settings). */
const DEFAULTS = {
  timeout: '30',
  graceful_timeout: '30',
  workers: '1',
  threads: '1',
  keepalive: '2',
  worker_class: 'sync',
}

export type Defaulted = keyof typeof DEFAULTS

/** A value, or the default where that is known to hold; null where it cannot be seen. */
export function settingOf({ values, defaultsHold }: GunicornSettings, name: Defaulted): string | null {
  return values.get(name) ?? (defaultsHold ? DEFAULTS[name] : null)
}

/** The same in words. */
export function describeSetting(settings: GunicornSettings, name: Defaulted): string {
  return `${name} = ${settingOf(settings, name)}${settings.values.has(name) ? '' : ' (the default)'}`
}

/** The class of the workers and their number, as far as they are known. */
export function describeWorkers(settings: GunicornSettings): string {
  const names = ['worker_class', 'workers', 'threads'] as const
  const known = names.filter(name => settingOf(settings, name) !== null)
  return known.map(name => describeSetting(settings, name)).join(', ') || 'what it is given cannot be seen'
}

/** A configuration that talks to a network at import may hang. */
const TIMEOUT_MS = 20_000
/** What gunicorn is to load, after it has printed its settings: nothing, and its complaint is not looked at. */
const NO_APP = 'shieldproxy_doctor_loads_no_app:app'

/** @throws CommandError when the file cannot be read */
export async function readGunicornSettings(file: string, env: NodeJS.ProcessEnv): Promise<GunicornSettings> {
  try {
    accessSync(file, constants.R_OK)
  } catch (error) {
    throw new CommandError(
      `--gunicorn '${file}': cannot be read (${(error as NodeJS.ErrnoException).code})`,
      2,
    )
  }
  const seen = { defaultsHold: true, fileSeen: true }
  const printed = await printConfig(file, env)
  if (printed !== null) return { from: 'gunicorn --print-config', values: printed, ...seen }
  return { from: 'the file', values: readAssignments(readFileSync(file, 'utf8')), ...seen }
}

function printConfig(file: string, env: NodeJS.ProcessEnv): Promise<Map<string, string> | null> {
  return new Promise(resolve => {
    const args = ['--print-config', '-c', file, NO_APP]
    execFile('gunicorn', args, { env, timeout: TIMEOUT_MS, maxBuffer: 2 ** 20 }, (_error, stdout) => {
      const values = new Map<string, string>()
      for (const line of stdout.split('\n')) {
        const parts = /^(\w+)\s+= (.*)$/.exec(line)
        if (parts !== null) values.set(parts[1]!, parts[2]!.trim())
      }
      // It prints nothing when it is not there, or when the file raises.
      resolve(values.has('worker_class') || values.has('timeout') ? values : null)
    })
  })
}

/** `name = literal` at the left margin, and the names of hooks that are defined; the last one counts, as in Python. */
function readAssignments(text: string): Map<string, string> {
  const values = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const assigned = /^([a-z_]+)\s*=\s*(True|False|None|-?\d+(?:\.\d+)?|'[^']*'|"[^"]*")\s*(?:#.*)?$/.exec(
      line,
    )
    if (assigned !== null) values.set(assigned[1]!, assigned[2]!.replace(/^(['"])(.*)\1$/, '$2'))
    const hook = /^def\s+([a-z_]+)\s*\(/.exec(line)
    if (hook !== null) values.set(hook[1]!, `<${hook[1]}()>`)
  }
  return values
}
