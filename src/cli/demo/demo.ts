// The demonstration: four blocking workers as upstreams, and words on what to try with them. Owns their
// processes from start to stop; the shield in front of them is started by whoever asked for it.

import type { Address, UpstreamConfig } from '../../config/config.ts'
import { WorkerProcess } from './worker-process.ts'

const WORKERS = 4

/** What `--demo` runs; the same shape as the command line's `Demo`. */
export interface RunningDemo {
  readonly upstreams: UpstreamConfig[]
  /** Slots of each upstream: a worker is an upstream of its own here, so that the log says which one it was. */
  readonly workers: number
  stop(): Promise<void>
  /** What runs and what to try, for people, given where the proxy listens. */
  describe(listen: Address): string
}

export interface DemoOptions {
  /** Told each time a worker listens, the first time and after each restart. */
  readonly onReady?: (worker: {
    readonly number: number
    readonly pid: number
    readonly port: number
  }) => void
}

/**
 * Starts the workers; settles when all of them listen, each on a port of its own on 127.0.0.1.
 * @throws Error, with a message for people, when one does not start; then none is left
 */
export async function startDemo({ onReady = () => {} }: DemoOptions = {}): Promise<RunningDemo> {
  const workers = Array.from({ length: WORKERS }, (_, index) => new WorkerProcess(index + 1, onReady))
  const stop = async () => {
    await Promise.all(workers.map(worker => worker.stop()))
  }
  try {
    await Promise.all(workers.map(worker => worker.start()))
  } catch (error) {
    await stop()
    throw new Error(`the demo's workers did not start: ${(error as Error).message}`)
  }
  return {
    upstreams: workers.map(({ number, port }) => ({
      name: `worker-${number}`,
      address: { kind: 'tcp', host: '127.0.0.1', port },
    })),
    workers: 1,
    stop,
    describe: listen => describe(listen, workers),
  }
}

function describe(listen: Address, workers: readonly WorkerProcess[]): string {
  const { shown, curl, url } = reach(listen)
  const pids = workers.map(({ pid }) => pid).join(', ')
  const lines = [
    `The shield is at ${shown}, in front of ${workers.length} blocking workers (pids ${pids}):`,
    'each a process of its own that serves one connection at a time.',
    '',
    'Worth trying, in another terminal:',
    '  a slow reader, which holds no worker',
    `    ${curl} --limit-rate 100k -o /dev/null ${url}/large`,
    '  a slow upload, of which a worker hears when it is whole',
    `    head -c 2000000 /dev/zero | ${curl} --limit-rate 200k -T - ${url}/upload`,
    '  a request that hangs, named while it does',
    `    ${curl} ${url}/hang &`,
    '    curl http://127.0.0.1:9180/status.json',
    '  a worker that dies, and comes back',
    `    kill -9 ${workers[0]?.pid ?? 0}`,
    '',
    'Ctrl-C ends all of it.',
  ]
  return `${lines.join('\n')}\n`
}

/** How to get there: from this machine, where it listens on all addresses. */
function reach(listen: Address): { shown: string; curl: string; url: string } {
  if (listen.kind === 'unix') {
    return {
      shown: `unix:${listen.path}`,
      curl: `curl --unix-socket '${listen.path}'`,
      url: 'http://localhost',
    }
  }
  const everywhere = listen.host === '::' || listen.host === '0.0.0.0' || listen.host === ''
  const host = everywhere ? 'localhost' : listen.host.includes(':') ? `[${listen.host}]` : listen.host
  const url = `http://${host}:${listen.port}`
  return { shown: url, curl: 'curl', url }
}
