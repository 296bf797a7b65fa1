// What is known of the edges that people put in front: how long each waits for an answer, what its platform leaves
// for a drain, whom to trust, which fields name the client and the request. Data; `resolve.ts` applies it.

import type { Cidr } from './config.ts'

export interface EdgePreset {
  /** How long it waits for the first byte of an answer once it has sent the request, in milliseconds; null: unknown. */
  readonly givesUpAfter: number | null
  /** How long it keeps an idle connection to its origin, in milliseconds; null: unknown. */
  readonly keepsIdleFor: number | null
  /** Values for options that nobody has given, as a user would write them. */
  readonly options: Readonly<Record<string, readonly string[]>>
  /** The field in which it names the client's address, overwriting what the client sent; null: X-Forwarded-For. */
  readonly clientField: string | null
  /** The fields in which it names the request, the first that is there. */
  readonly idFields: readonly string[]
  /** Where the figures come from. */
  readonly source: string
}

/** https://api.fastly.com/public-ip-list */
const FASTLY: readonly Cidr[] = [
  '23.235.32.0/20',
  '43.249.72.0/22',
  '103.244.50.0/24',
  '103.245.222.0/23',
  '103.245.224.0/24',
  '104.156.80.0/20',
  '140.248.64.0/18',
  '140.248.128.0/17',
  '146.75.0.0/17',
  '151.101.0.0/16',
  '157.52.64.0/18',
  '167.82.0.0/17',
  '167.82.128.0/20',
  '167.82.160.0/20',
  '167.82.224.0/20',
  '172.111.64.0/18',
  '185.31.16.0/22',
  '199.27.72.0/21',
  '199.232.0.0/16',
  '2a04:4e40::/32',
  '2a04:4e42::/32',
]

export const EDGES = {
  none: {
    givesUpAfter: null,
    keepsIdleFor: null,
    options: {},
    clientField: null,
    // Cloudflare's is known by default, as its ranges are trusted by default.
    idFields: ['cf-ray'],
    source: '',
  },
  cloudflare: {
    // A 524 comes after 100 s; idle connections are kept for 900 s, which the default exceeds.
    givesUpAfter: 100_000,
    keepsIdleFor: 900_000,
    options: { 'trusted-proxies': ['loopback', 'cloudflare'] },
    clientField: null,
    idFields: ['cf-ray'],
    source: 'https://developers.cloudflare.com/fundamentals/reference/connection-limits/',
  },
  alb: {
    // The idle timeout: no byte in either direction. Its targets must keep connections longer than that.
    givesUpAfter: 60_000,
    keepsIdleFor: 60_000,
    options: { 'trusted-proxies': ['private'] },
    clientField: null,
    idFields: ['x-amzn-trace-id'],
    source:
      'https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html',
  },
  heroku: {
    // H12 after 30 s; SIGKILL 30 s after SIGTERM, which the default drain leaves 5 s for.
    givesUpAfter: 30_000,
    keepsIdleFor: 90_000,
    options: { 'trusted-proxies': ['private'] },
    clientField: null,
    idFields: ['x-request-id'],
    source: 'https://devcenter.heroku.com/articles/request-timeout',
  },
  fly: {
    // kill_timeout is 5 s unless fly.toml says otherwise.
    givesUpAfter: 60_000,
    keepsIdleFor: 60_000,
    options: { 'trusted-proxies': ['private'], 'drain-timeout': ['4s'] },
    clientField: 'fly-client-ip',
    idFields: ['fly-request-id'],
    source: 'https://fly.io/docs/reference/configuration/',
  },
  fastly: {
    // Fastly-Client-IP is passed on as a client wrote it unless VCL forbids; the chain is appended to.
    givesUpAfter: 15_000,
    keepsIdleFor: null,
    options: { 'trusted-proxies': ['loopback', ...FASTLY] },
    clientField: null,
    idFields: [],
    source: 'https://www.fastly.com/documentation/reference/vcl/variables/backend-connection/',
  },
  cloudfront: {
    // Its addresses change too often to be built in: --trusted-proxies has to be given.
    givesUpAfter: 30_000,
    keepsIdleFor: 5_000,
    options: {},
    clientField: null,
    idFields: ['x-amz-cf-id'],
    source:
      'https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/DownloadDistValuesOrigin.html',
  },
} as const satisfies Record<string, EdgePreset>

/**
 * When to answer ourselves rather than let the edge give up, in milliseconds from the whole request: 2 s before,
 * or a tenth for short limits; the way to the edge and our clock's tenth of a second need some.
 */
export function answerWithin(givesUpAfter: number): number {
  return givesUpAfter - Math.min(2_000, givesUpAfter / 10)
}
