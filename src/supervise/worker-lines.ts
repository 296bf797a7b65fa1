// What an app server's own log lines say of its workers: gunicorn's, in the words of its versions 20 to 26. A line is
// evidence, and no more: the app and its clients write to the same stream. Keeps and changes no line.

export type WorkerEvent =
  /** A worker process has begun; its app is not loaded yet. */
  | { readonly kind: 'booting'; readonly pid: number }
  /** The master has given up on a silent worker, and sends it SIGABRT. */
  | { readonly kind: 'timeout'; readonly pid: number }
  /** The master has seen a worker ended by a signal. */
  | { readonly kind: 'signalled'; readonly pid: number; readonly signal: string }
  /** A worker ends by itself. */
  | { readonly kind: 'exiting'; readonly pid: number }
  /** The master has seen a worker end with a status other than 0. */
  | { readonly kind: 'exited'; readonly pid: number; readonly status: number }
  /** What kind its workers are, as it says at its start. */
  | { readonly kind: 'class'; readonly name: string }

/** The lines meant here are short; one that is longer holds somebody else's words. */
const LONGEST = 1000

/**
 * gunicorn/arbiter.py. Each must be the end of its line, as only there the server's words cannot be quoted ones: an
 * access line ends with what it has in quotes.
 */
const WORDS: readonly [pattern: RegExp, read: (pid: number, rest: string) => WorkerEvent][] = [
  [/\bWORKER TIMEOUT \(pid: ?(\d+)\)$/, pid => ({ kind: 'timeout', pid })],
  [/\bBooting worker with pid: (\d+)$/, pid => ({ kind: 'booting', pid })],
  [/\bWorker exiting \(pid: (\d+)\)$/, pid => ({ kind: 'exiting', pid })],
  // 21 to 26; for SIGKILL with a guess behind it.
  [
    /\bWorker \(pid:(\d+)\) was sent (?:SIG)?(\w{1,20})!(?: Perhaps out of memory\?)?$/,
    (pid, name) => ({ kind: 'signalled', pid, signal: signalName(name) }),
  ],
  // 20: the number, as a warning.
  [
    /\bWorker with pid (\d+) was terminated due to signal (\d+)$/,
    (pid, number) => ({ kind: 'signalled', pid, signal: signalName(number) }),
  ],
  [
    /\bWorker \(pid:(\d+)\) exited with code (\d+)\.?$/,
    (pid, status) => ({ kind: 'exited', pid, status: Number(status) }),
  ],
  [/\bUsing worker: ([\w.]{1,100})$/, (_pid, name) => ({ kind: 'class', name })],
]

/** Reads one line without its end: gunicorn's own format, another with the message last, or JSON. */
export function readWorkerLine(line: string): WorkerEvent | null {
  if (line.length > LONGEST) return null
  const text = line.trimEnd()
  if (!text.endsWith('}')) return readMessage(text)
  for (const field of textsIn(text)) {
    const event = readMessage(field)
    if (event !== null) return event
  }
  return null
}

function readMessage(text: string): WorkerEvent | null {
  for (const [pattern, read] of WORDS) {
    const [, first = '', second = ''] = pattern.exec(text) ?? []
    if (first !== '') return read(Number(first), second === '' ? first : second)
  }
  return null
}

/** Where log libraries put the message. Any other field may hold what a client wrote, such as a decoded URL. */
const MESSAGE_FIELDS = ['message', 'msg', 'event', '@message', 'text', 'log']

/** The texts of a structured line that can be the message. */
function textsIn(line: string): string[] {
  try {
    const parsed: unknown = JSON.parse(line)
    if (typeof parsed !== 'object' || parsed === null) return []
    const fields = parsed as Readonly<Record<string, unknown>>
    return MESSAGE_FIELDS.map(name => fields[name]).filter(value => typeof value === 'string')
  } catch {
    return []
  }
}

/** The numbers of signal(7) that are the same on all of Linux' architectures but MIPS, and end a worker. */
const NUMBERS: Readonly<Record<string, string>> = {
  1: 'HUP',
  2: 'INT',
  3: 'QUIT',
  4: 'ILL',
  6: 'ABRT',
  7: 'BUS',
  8: 'FPE',
  9: 'KILL',
  11: 'SEGV',
  13: 'PIPE',
  14: 'ALRM',
  15: 'TERM',
}

function signalName(word: string): string {
  const name = NUMBERS[word] ?? word
  return /^\d/.test(name) ? `signal ${name}` : `SIG${name}`
}
