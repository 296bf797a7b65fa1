// The parameters of a log that goes to a syslog server: `syslog:server=…,facility=…,tag=…` (ngx_syslog).

import { readAddress } from '../range.ts'
import type { Reading } from '../table.ts'
import type { DirectiveNode } from '../tree.ts'

export interface Syslog {
  /** Null: a Unix socket, which gets datagrams that Node cannot send. */
  readonly server: { readonly host: string; readonly port: number } | null
  /** As written. */
  readonly name: string
  /** RFC 3164 §4.1.1: a number of the table. */
  readonly facility: number
  readonly severity: number
  readonly tag: string
  readonly hostname: boolean
}

const FACILITIES = [
  'kern user mail daemon auth intern lpr news uucp clock authpriv ftp ntp audit alert cron',
  'local0 local1 local2 local3 local4 local5 local6 local7',
].flatMap(line => line.split(' '))
const SEVERITIES = ['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug']
const PORT = 514

/** Null: it was reported. */
export function readSyslog(text: string, { at }: DirectiveNode, reading: Reading): Syslog | null {
  const wrong = (message: string): null => {
    reading.problem(message, at)
    return null
  }
  let server: Syslog['server'] | undefined
  let name = ''
  let [facility, severity, tag, hostname] = [FACILITIES.indexOf('local7'), 6, 'nginx', true]
  for (const parameter of text.slice('syslog:'.length).split(',')) {
    const [key, value = ''] = parameter.split(/=(.*)/s, 2) as [string, string?]
    switch (key) {
      case 'server':
        if (server !== undefined) return wrong('duplicate syslog "server"')
        server = value.startsWith('unix:') ? null : readServer(value)
        if (server === undefined) return wrong(`invalid host in syslog server "${value}"`)
        name = value
        break
      case 'facility':
        facility = FACILITIES.indexOf(value)
        if (facility === -1) return wrong(`unknown syslog facility "${value}"`)
        break
      case 'severity':
        severity = SEVERITIES.indexOf(value)
        if (severity === -1) return wrong(`unknown syslog severity "${value}"`)
        break
      case 'tag':
        if (value.length > 32) return wrong('syslog tag length exceeds 32')
        if (!/^\w*$/.test(value))
          return wrong('syslog "tag" only allows alphanumeric characters and underscore')
        tag = value
        break
      case 'nohostname':
        hostname = false
        break
      default:
        return wrong(`unknown syslog parameter "${parameter}"`)
    }
  }
  if (server === undefined) return wrong('no syslog server specified')
  return { server, name, facility, severity, tag, hostname }
}

function readServer(text: string): { host: string; port: number } | undefined {
  const [, v6, name, port] = /^(?:\[([^\]]+)\]|([\w.-]+))(?::(\d{1,5}))?$/.exec(text) ?? []
  const host = v6 ?? name
  if (host === undefined || (v6 !== undefined && readAddress(v6) === null) || Number(port ?? PORT) > 65_535)
    return undefined
  return { host, port: Number(port ?? PORT) }
}
