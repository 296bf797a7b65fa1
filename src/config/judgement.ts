// Settings that can be read and still hurt: timeouts in the wrong order, strangers that are believed. Pure; what it
// finds is logged at the start and told by `shieldproxy doctor`. Refuses nothing: that is `resolve.ts`'s work.

import type { Config } from './config.ts'

export interface Finding {
  /** What will happen, in one sentence. */
  readonly finding: string
  /** What that was read from, with the numbers. */
  readonly evidence: string
  /** What to do about it. */
  readonly remedy: string
}

/** All that is in the wrong order or too generous, the worst first. */
export function judge(config: Config): Finding[] {
  return [...judgeTimeouts(config), ...judgeTrust(config)]
}

/**
 * A request passes four limits, and each has to end before the next one outwards: the app's own, ours on the app's
 * silence, the edge's, and at a stop the drain.
 */
function judgeTimeouts(config: Config): Finding[] {
  const { workerTimeout, readTimeout, drainTimeout, keepaliveTimeout, edge } = config
  const found: Finding[] = []
  if (edge.givesUpAfter !== null && workerTimeout !== null && workerTimeout > edge.givesUpAfter) {
    found.push({
      finding: `${edge.name} gives up on a request long before the app does, and the worker goes on for nobody`,
      evidence: `--worker-timeout ${seconds(workerTimeout)}, ${edge.name} waits ${seconds(edge.givesUpAfter)}`,
      remedy: `give the app server a timeout below ${seconds(edge.givesUpAfter)}, and move longer work to a background job`,
    })
  }
  // With an edge the read timeout follows the edge's limit, which was judged above.
  const byEdge = edge.answerWithin !== null && readTimeout === edge.answerWithin
  if (workerTimeout !== null && readTimeout <= workerTimeout && !byEdge) {
    found.push({
      finding: 'slow requests get a 504 although the app may still work on them',
      evidence: `--read-timeout ${seconds(readTimeout)}, --worker-timeout ${seconds(workerTimeout)}`,
      remedy: `leave --read-timeout out, or set it above ${seconds(workerTimeout)}`,
    })
  }
  if (edge.givesUpAfter !== null && readTimeout >= edge.givesUpAfter) {
    found.push({
      finding: `${edge.name} gives up on a silent app before the shield does`,
      evidence: `--read-timeout ${seconds(readTimeout)}, ${edge.name} waits ${seconds(edge.givesUpAfter)}`,
      remedy: `leave --read-timeout out, or set it below ${seconds(edge.givesUpAfter)}`,
    })
  }
  if (workerTimeout !== null && drainTimeout < workerTimeout) {
    found.push({
      finding: 'a request that the app may take its time for is cut at a stop or deploy',
      evidence: `--drain-timeout ${seconds(drainTimeout)}, --worker-timeout ${seconds(workerTimeout)}`,
      remedy: `raise --drain-timeout to ${seconds(workerTimeout)} and what your platform waits before it kills beyond that, or lower the app server's timeout`,
    })
  }
  if (edge.keepsIdleFor !== null && keepaliveTimeout <= edge.keepsIdleFor) {
    found.push({
      finding: `requests of ${edge.name} meet connections that are being closed, and fail with 502 or 520`,
      evidence: `--keepalive-timeout ${seconds(keepaliveTimeout)}, ${edge.name} keeps idle connections for ${seconds(edge.keepsIdleFor)}`,
      remedy: `leave --keepalive-timeout out, or set it above ${seconds(edge.keepsIdleFor)}`,
    })
  }
  return found
}

/** Ranges wider than this are nearly everybody: no edge or network of one's own has them. */
const WIDEST = { 4: 7, 6: 15 } as const

function judgeTrust(config: Config): Finding[] {
  const wide = config.trustedProxies.filter(cidr => {
    const [address = '', bits = ''] = cidr.split('/')
    return Number(bits) <= (address.includes(':') ? WIDEST[6] : WIDEST[4]) && !/^f[cd]/.test(address)
  })
  if (wide.length === 0) return []
  return [
    {
      finding: 'anybody can say who they are: forwarding headers are believed from nearly everywhere',
      evidence: `--trusted-proxies ${wide.join(', ')}`,
      remedy: 'name the addresses of your edge or load balancer only',
    },
  ]
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${ms}ms` : `${Math.round(ms / 100) / 10}s`
}
