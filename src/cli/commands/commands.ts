// The commands beside running: which there are, what each is for, what each takes. Runs the one that was asked for;
// loaded only then.

import { nearest } from '../../config/nearest.ts'
import type { Arguments } from '../arguments.ts'
import type { Io } from '../parts.ts'
import { type AdminClient, adminClient, CommandError } from './admin-client.ts'

interface Command {
  /** One line for the page. */
  readonly help: string
  /** Flags it takes, with their line of help. */
  readonly flags: Readonly<Record<string, string>>
  /** It takes the options of a running one too, and what stands after `--`, and judges them itself. */
  readonly takesOptions?: true
  run(asked: Asked): Promise<number>
}

export interface Asked {
  readonly flags: Readonly<Record<string, unknown>>
  /** What stands after `--`. */
  readonly command: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly io: Io
}

const ADMIN = { admin: 'the admin listener to ask, as it was given to the running one [127.0.0.1:9180]' }

export const COMMANDS: Readonly<Record<string, Command>> = {
  top: {
    help: 'the requests under way, live: which holds a worker, and for how long',
    flags: ADMIN,
    run: asked => withClient(asked, async client => (await import('./top.ts')).top(client, asked.io)),
  },
  status: {
    help: 'the same once, with the queue, the upstreams, lost workers and slow routes',
    flags: { ...ADMIN, json: 'as JSON, as the admin listener gives it' },
    run: asked =>
      withClient(asked, async client =>
        (await import('./status.ts')).status(client, asked.io, asked.flags.json !== undefined),
      ),
  },
  pause: {
    help: 'lets requests wait during a deploy; health checks are still served',
    flags: {
      ...ADMIN,
      for: 'for how long at most, up to 1h [30s]; requests wait no longer than --queue-timeout',
      message: 'what those are told who wait in vain',
    },
    run: asked =>
      withClient(asked, async client => {
        const query = new URLSearchParams()
        for (const name of ['for', 'message'] as const) {
          if (asked.flags[name] !== undefined) query.set(name, String(asked.flags[name]))
        }
        asked.io.stdout.write(await client.post(`/pause?${query}`))
        return 0
      }),
  },
  resume: {
    help: 'ends a pause: those who wait are served in their order',
    flags: ADMIN,
    run: asked =>
      withClient(asked, async client => {
        asked.io.stdout.write(await client.post('/resume'))
        return 0
      }),
  },
  doctor: {
    help: 'what will hold or lose workers, in the settings and in a running app, and what to do',
    flags: {
      upstream: 'the running app to look at, as it is given to the proxy',
      gunicorn: 'a gunicorn configuration file to judge',
      '…': 'and every option of the proxy, as it is or will be run, -- command … included',
    },
    takesOptions: true,
    run: async asked => (await import('./doctor/doctor.ts')).doctor(asked),
  },
}

/** Runs a command to its end. Never throws what a user can mend: that is printed, and is in the exit status. */
export async function runCommand(
  name: string,
  words: Arguments,
  env: NodeJS.ProcessEnv,
  io: Io,
): Promise<number> {
  const command = COMMANDS[name] as Command
  try {
    if (words.help !== null) {
      io.stdout.write(commandPage(name, command))
      return 0
    }
    checkWords(name, command, words)
    return await command.run({ flags: words.flags, command: words.command, env, io })
  } catch (error) {
    if (!(error instanceof CommandError)) throw error
    io.stderr.write(`shieldproxy ${name}: ${error.message}\n`)
    return error.status
  }
}

async function withClient(asked: Asked, work: (client: AdminClient) => Promise<number>): Promise<number> {
  const { admin } = asked.flags
  if (Array.isArray(admin)) throw new CommandError('--admin must be given once', 2)
  const client = await adminClient(admin === undefined ? undefined : String(admin), asked.env)
  try {
    return await work(client)
  } finally {
    await client.close()
  }
}

function checkWords(name: string, command: Command, { words, flags, command: after }: Arguments): void {
  const stray = [...words.slice(1), ...(command.takesOptions ? [] : after)][0]
  if (stray !== undefined)
    throw new CommandError(`'${stray}' is one word too many; see shieldproxy ${name} --help`, 2)
  if (command.takesOptions) return
  for (const flag of Object.keys(flags)) {
    if (Object.hasOwn(command.flags, flag)) continue
    const near = nearest(flag, Object.keys(command.flags))
    const hint = near === null ? `see shieldproxy ${name} --help` : `did you mean --${near}?`
    throw new CommandError(`--${flag} is not an option of this command; ${hint}`, 2)
  }
}

function commandPage(name: string, { help, flags }: Command): string {
  const lines = Object.entries(flags).map(([flag, text]) => `  --${flag.padEnd(10)} ${text}`)
  return `shieldproxy ${name}: ${help}\n\n${lines.join('\n')}\n`
}
