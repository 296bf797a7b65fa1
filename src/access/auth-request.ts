// `auth_request`: what a request made for the purpose says of the one at hand (ngx_http_auth_request_module). How it is
// made is the corridor's.

import type { HeaderList } from '../http1/headers.ts'
import { assign } from '../script/assignments.ts'
import type { Visit } from '../visit.ts'
import type { Verdict } from './verdict.ts'

/** What came of a request of our own. */
export interface Asked {
  readonly status: number
  readonly headers: HeaderList
  /** Its record: `auth_request_set` reads variables there. */
  readonly visit: Visit
}

export type Ask = (uri: string) => Promise<Asked>

/** 2xx lets in, 401 and 403 are passed on with what they ask for, all else is a 500 (ngx_http_auth_request_handler). */
export async function askElsewhere(visit: Visit, uri: string, ask: Ask): Promise<Verdict> {
  const { status, headers, visit: asked } = await ask(uri)
  for (const { variable, value } of visit.settings.authRequestSets)
    assign(visit, variable.toLowerCase(), asked.text(value))
  if (status >= 200 && status < 300) return 'welcome'
  if (status === 403) return { status, fields: [] }
  if (status === 401) {
    const fields = headers.all('www-authenticate').map(value => ['WWW-Authenticate', value] as const)
    return { status, fields }
  }
  visit.site.logs.error('error', `auth request unexpected status: ${status}`, visit)
  return { status: 500, fields: [] }
}
