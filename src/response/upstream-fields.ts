// interim
import type { Framing } from '../http1/framing.ts'
import { HeaderList } from '../http1/headers.ts'
import type { ResponseHead } from '../http1/response-head.ts'
import type { AnswerHead, Visit } from '../visit.ts'
export interface UpstreamFields {
  readonly head: AnswerHead
  readonly accelRedirect: string | null
  readonly buffering: boolean | null
  readonly kept: readonly (readonly [string, string])[]
}
const HIDDEN = new Set([
  'date',
  'server',
  'x-pad',
  'connection',
  'keep-alive',
  'transfer-encoding',
  'content-length',
])
export function upstreamFields(
  visit: Visit,
  answer: ResponseHead,
  framing: Framing,
  _host: string,
): UpstreamFields {
  const headers = new HeaderList()
  const { names, lower, values, length } = answer.headers
  for (let i = 0; i < length; i++) {
    const name = lower[i]!
    if (HIDDEN.has(name) || name.startsWith('x-accel-') || visit.settings.hideFields.includes(name)) continue
    headers.add(names[i]!, values[i]!, name)
  }
  const announced = answer.headers.get('content-length')
  const size =
    framing.kind === 'length'
      ? framing.length
      : framing.kind === 'none' && announced !== undefined
        ? Number(announced)
        : null
  return {
    head: {
      status: answer.status,
      reason: answer.reason,
      headers,
      length: size,
      lastModified: null,
      rangeable: false,
      passedOn: true,
    },
    accelRedirect: answer.headers.get('x-accel-redirect') ?? null,
    buffering: answer.headers.get('x-accel-buffering') === 'no' ? false : null,
    kept: [],
  }
}
