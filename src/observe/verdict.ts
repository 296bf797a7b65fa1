// The verdict on a lost worker: the table of causes, the evidence in plain words, and the advice. Pure: it is given what
// was seen, and neither asks nor keeps anything.

import { inWords } from './clock.ts'
import type { LostWorker } from './loss.ts'
import type { MemoryDeath } from './memory-deaths.ts'
import { LONGEST, shown } from './quote.ts'
import type { Cause } from './sources.ts'
import { inEvidence, type WorkerWord } from './worker-words.ts'

/** What was seen of one loss, and around it. */
export interface Seen {
  readonly lost: LostWorker
  /** The listener took a connection since, or refused one. */
  readonly answered: boolean
  readonly refused: boolean
  /** The worker timeout that its age is near, or null; and whether that is ours, or one that is usual. */
  readonly limit: number | null
  readonly limitKnown: boolean
  /** Other connections to that upstream that ended within a second, and whether each was near its timeout. */
  readonly others: number
  readonly allTimedOut: boolean
  /** What the server said of this worker. */
  readonly words: readonly WorkerWord[]
  /** What the kernel counted; null where nobody looks. Asked only when it matters. */
  readonly memory: (() => MemoryDeath) | null
}

export interface Verdict {
  readonly cause: Cause
  readonly evidence: readonly string[]
  readonly advice: string
}

const ADVICE: Readonly<Record<Cause, string>> = {
  timeout:
    'Look at what this URL waits for (a query, a lock, another service); a longer worker timeout only hides it.',
  restart:
    'Nothing to do if this was a deploy; a server that is stopped with time to finish its requests loses none.',
  killed:
    'Look for the kernel’s OOM killer (dmesg, the container’s memory limit) and for a crash in the app server’s log.',
  truncated:
    'Look for a traceback in the app’s log at this time: it raised, or closed, in the middle of its answer.',
  protocol:
    'Check that what listens there speaks HTTP/1.1, or what the file says; what it sent is quoted in the evidence.',
}

/** What the kernel's counters say of a worker that was killed, and what to look at then; null: the usual. */
const MEMORY: Readonly<Record<MemoryDeath, { readonly evidence: string; readonly advice: string | null }>> = {
  group: {
    evidence:
      'the kernel killed a process for want of memory at about that time, in the control group that this proxy is in (oom_kill has risen)',
    advice:
      'Look at what this URL holds in memory at once, and at the memory limit: the kernel’s OOM killer ended the worker.',
  },
  machine: {
    evidence:
      'the kernel killed a process for want of memory at about that time, somewhere on this machine; which one cannot be seen from here',
    advice:
      'Look whether it was this worker (dmesg of the machine, the memory.events of its container), and then at what this URL holds in memory at once.',
  },
  'none on machine': {
    evidence: 'the kernel of this machine has killed nothing for want of memory',
    advice:
      'Look for a crash in the app server’s log and for who sends SIGKILL; for memory only if the app is on another machine.',
  },
  'none in group': {
    evidence:
      'the kernel has killed nothing for want of memory in this proxy’s control group; another one’s cannot be seen from here',
    advice: null,
  },
  unseen: { evidence: 'what the kernel kills for want of memory cannot be seen from here', advice: null },
}

/** @param seen all that is known of one loss */
export function verdictOf(seen: Seen): Verdict {
  const told = causeByWords(seen) ?? causeOf(seen)
  const evidence = evidenceOf(seen)
  const memory = told === 'killed' || told === 'truncated' ? memoryOf(seen) : null
  // An answer that breaks off because its worker is killed looks as if the app had broken it off.
  const cause = told === 'truncated' && memory === 'group' ? 'killed' : told
  const rose = memory === 'group' || memory === 'machine'
  if (memory !== null && (cause === 'killed' || rose)) evidence.push(MEMORY[memory].evidence)
  evidence.push(...seen.words.map(inEvidence))
  const byMemory = memory === null || cause !== 'killed' ? null : MEMORY[memory].advice
  return { cause, evidence, advice: byMemory ?? ADVICE[cause] }
}

/**
 * What the server itself has said comes before what can be guessed. A SIGTERM is an ordinary stop, and SIGABRT what
 * follows a timeout: those two say nothing more by themselves.
 */
function causeByWords({ lost, words }: Seen): Cause | null {
  if (lost.how === 'protocol' && !lost.headSeen) return null
  if (words.some(({ kind }) => kind === 'timeout')) return 'timeout'
  for (const word of words) {
    if (word.kind === 'signalled' && word.signal !== 'SIGTERM' && word.signal !== 'SIGABRT') return 'killed'
    if (word.kind === 'app ended') return word.status === 0 ? 'restart' : 'killed'
  }
  return null
}

/**
 * The table of causes. A listener that refuses means that the server as a whole is going, whatever the age,
 * unless each of those that ended together was at the timeout's age.
 */
function causeOf({ lost, limit, refused, allTimedOut }: Seen): Cause {
  // gunicorn 22 to 26.2 writes its 500 into an answer that has begun (gunicorn issue 3410): that is no chunk.
  if (lost.how === 'protocol') return lost.headSeen && limit !== null ? 'timeout' : 'protocol'
  if (limit !== null && (!refused || allTimedOut)) return 'timeout'
  if (refused) return 'restart'
  return lost.headSeen ? 'truncated' : 'killed'
}

/** Whether it is worth asking: of any other signal than SIGKILL the kernel's OOM killer is not the sender. */
function memoryOf({ lost, words, memory }: Seen): MemoryDeath | null {
  if (memory === null || lost.how === 'protocol') return null
  const other = words.some(word => word.kind === 'signalled' && word.signal !== 'SIGKILL')
  const exited = words.some(word => word.kind === 'exited')
  return other || exited ? null : memory()
}

function evidenceOf(seen: Seen): string[] {
  const { lost } = seen
  return [
    ...howItEnded(seen),
    ageOf(seen),
    ...neighbours(seen),
    ...(lost.clientPresent ? [] : ['the client had left']),
    ...quoted(lost),
  ]
}

function howItEnded({ lost, words }: Seen): string[] {
  if (lost.how === 'answered') {
    if (words.length > 0) return ['the worker gave a whole answer as it was ended', lost.detail]
    return [
      `${lost.detail}, and was the server’s own and not the app’s`,
      'gunicorn answers so from version 22 on when it ends a worker for its timeout; an app that raised just then would look the same',
    ]
  }
  const ended =
    lost.how === 'reset'
      ? 'the connection was reset'
      : lost.how === 'fin'
        ? 'the worker closed the connection'
        : 'the answer was not as its protocol has it'
  if (lost.bytesOut === 0) return [ended, 'no byte of the answer had come']
  if (!lost.headSeen) return [ended, `${lost.bytesOut} bytes had come, without a whole head`]
  return [ended, `the head and part of the body had come, ${lost.bytesOut} bytes in all`]
}

function ageOf({ lost, limit, limitKnown }: Seen): string {
  const had = `the worker had had the request for ${inWords(lost.ageMs)}`
  if (limit === null) return had
  const timeout = inWords(limit)
  return limitKnown
    ? `${had}; the worker timeout is ${timeout}`
    : `${had}; ${timeout} is a usual worker timeout`
}

function neighbours({ lost, others, refused, answered }: Seen): string[] {
  const evidence: string[] = []
  if (others > 0) {
    const connections = others === 1 ? 'connection' : 'connections'
    evidence.push(`${others} other ${connections} to this upstream ended within a second`)
  }
  if (lost.how === 'protocol' || lost.how === 'answered') return evidence
  if (refused) evidence.push('the listener refused connections')
  else if (answered) evidence.push('the listener still took connections')
  else evidence.push('the listener has not been tried since')
  return evidence
}

/** A clean end is told already; what else was seen is quoted: an error's code, bytes that were no head. */
function quoted(lost: LostWorker): string[] {
  const told = lost.how === 'answered' || (lost.how === 'fin' && (lost.headSeen || lost.bytesOut === 0))
  return lost.detail === '' || told ? [] : [shown(lost.detail, LONGEST.detail)]
}
