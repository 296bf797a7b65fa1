// The cookie that a client is told apart by, and the field that says what it is for (userid).

import type { AnswerHead } from '../../outcome.ts'
import { userIdOf } from '../../script/user-id.ts'
import type { Visit } from '../../visit.ts'

/** Adds `Set-Cookie`, and `P3P` with it, where the client is to have the cookie (ngx_http_userid_set_uid). */
export function giveUserId(visit: Visit, { headers }: AnswerHead): void {
  if (visit.parent !== null) return
  const { settings } = visit
  const { cookie } = userIdOf(visit)
  if (cookie === null) return
  const { useridName, useridDomain, useridPath, useridFlags, useridP3p } = settings
  const domain = useridDomain === '' ? '' : `; domain=${useridDomain}`
  const said = `${useridName}=${cookie}${expires(settings.useridExpires)}${domain}; path=${useridPath}${useridFlags}`
  headers.add('Set-Cookie', said)
  if (useridP3p !== '') headers.add('P3P', useridP3p)
}

// As Netscape wrote dates: with two digits of the year, as long as they can be told from 1938 (ngx_http_cookie_time).
function expires(when: number | 'max'): string {
  if (when === 0) return ''
  if (when === 'max') return '; expires=Thu, 31-Dec-37 23:55:55 GMT'
  const date = new Date(Date.now() + when * 1000)
  const [day, number, month, year, time] = date.toUTCString().split(' ') as [
    string,
    string,
    string,
    string,
    string,
  ]
  const shown = date.getUTCFullYear() > 2037 ? year : year.slice(-2)
  return `; expires=${day} ${number}-${month}-${shown} ${time} GMT`
}
