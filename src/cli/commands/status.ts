// `shieldproxy status`: once, for people or as the JSON that the admin listener gives.

import type { Io } from '../parts.ts'
import type { AdminClient } from './admin-client.ts'
import { readStatus, type StatusView } from './status-view.ts'
import { headLines, requestLines, tailLines } from './table.ts'

/** Columns where the output is no terminal, such as a file: wide enough for most URLs. */
const WIDE = 160

/**
 * @param json as the admin listener gave it
 * @returns the exit status. Rejects with an Error for people where nobody answers
 */
export async function status(client: AdminClient, io: Io, json: boolean): Promise<number> {
  const text = await client.get('/status.json')
  const view = readStatus(text, client.where)
  io.stdout.write(json ? text : `${statusPage(view, io.stdout.columns ?? WIDE).join('\n')}\n`)
  return 0
}

/** The whole of it, the oldest request first. */
export function statusPage(view: StatusView, width: number): string[] {
  const total = view.inflight_total ?? view.inflight.length
  const lines = [...headLines(view), '']
  if (view.inflight.length === 0) lines.push('no request is under way')
  else lines.push(...requestLines(view.inflight, { by: 'age', ascending: false }, width))
  if (total > view.inflight.length) lines.push(`and ${total - view.inflight.length} more`)
  return [...lines, ...tailLines(view, 10)]
}
