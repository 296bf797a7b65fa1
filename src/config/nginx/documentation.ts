// The page on moving from nginx, written from the tables of directives and from the list of what is different on purpose.
// Knows no file; the generator in bin/ writes it, and a test holds the file to it.

import { MODULES } from './modules.ts'
import type { Module, Row } from './table.ts'

/** What this proxy does otherwise than nginx, and why. */
export interface Otherwise {
  readonly what: string
  readonly why: string
}

const OPENING = `# From nginx

<!-- Written by \`npm run docs\` from src/config/nginx/ and test/nginx/differences.ts. Change it there. -->

The file that stands in front of your app today is read as it is: a whole \`nginx.conf\`, a file as in \`conf.d\` with bare
\`server\`, \`upstream\` and \`map\` blocks, or a folder of those.

## In five minutes

1. **Look.** \`shieldproxy -t -c /etc/nginx/nginx.conf\` reads the file and starts nothing. It says all that is wrong at once, each
   with \`file:line\`, and what to do instead; \`[warn]\` is what brings the old trouble back (a \`keepalive_timeout\` below the edge's),
   \`[notice]\` is what has no effect here and why that does no harm. The status is 0, or 2 where something is wrong.
2. **Try.** \`shieldproxy -c /etc/nginx/nginx.conf --listen :8081\` beside the nginx that runs. \`-T\` prints what is in force.
3. **Say how many workers there are**, if the shield is not to find out: \`shield_workers 4;\` in the \`upstream\` block, or
   \`max_conns=4\` of a \`server\`, or \`--workers 4\`. A request beyond that waits in the queue instead of the app's backlog.
4. **Change over.** Stop nginx, start \`shieldproxy -c …\` as root: it binds the ports and then becomes \`user\`.
   [\`conf/shieldproxy.service\`](../conf/shieldproxy.service) is a unit for systemd; [\`conf/examples/\`](../conf/examples/) has files to begin from.
5. **Reload** with HUP, or \`shieldproxy -c … -s reload\`. A file that is broken keeps the old one in force and says why. USR1 reopens
   the logs, QUIT and TERM drain.

What the file says is obeyed. What it does not say has nginx's default for limits (\`client_max_body_size 1m\`) and the shield's own for
timeouts, connections and spools. Flags and variables of the environment win over the file ([configuration.md](configuration.md)).
\`shieldproxy --upstream :8000 --print-nginx\` writes flags as a file.

uWSGI and php-fpm keep \`uwsgi_pass\` and \`fastcgi_pass\`: their workers are shielded as HTTP's are, and \`shield_workers\` is the number of
uWSGI's processes or \`pm.max_children\` ([0010](decisions/0010-apps-that-do-not-speak-http.md)). \`uwsgi_params\`, \`fastcgi_params\`,
\`fastcgi.conf\`, \`scgi_params\`, \`proxy_params\`, \`mime.types\` and Debian's \`fastcgi-php.conf\` are built in, for machines without nginx. A file of conf.d
that is read alone has around it what the usual nginx.conf has there: the types of files, the log format \`main\`, \`$connection_upgrade\`.

## The shield's own directives

| directive | where | says |
| --- | --- | --- |
| \`shield_workers\` | main, http, server, location, upstream | worker slots of each address: a number, or \`auto\` |
| \`shield_queue_size\`, \`shield_queue_timeout\` | the same | how many may wait for a slot, and how long one request may |
| \`shield_hold\` | the same | how long requests wait for an upstream that refuses connections; 0: they get 502 at once, as with nginx |
| \`shield_worker_timeout\` | the same | the app server's own limit for a request, such as gunicorn's \`--timeout\` |
| \`shield_healthcheck\` | the same | paths that are served first and never held |
| \`shield_bare_lf\` | main, http, server | \`on\`: lines of a head, a request's or an answer's, may end with LF alone; \`off\`, the default: such a request is answered 400, such an answer becomes 502 |

\`shieldproxy -c nginx.conf -g 'shield_workers 4;'\` says them beside a file that is not to be changed.

\`shield_bare_lf on\` is for old scripts and devices that send LF where HTTP has CRLF. RFC 9112 §2.2 allows a recipient to read them; nginx
does, HAProxy after \`option accept-unsafe-violations-in-http-request\`. It holds for the lines of heads from clients and from the app:
not for chunks, and a CR alone is refused still; whoever gets the message gets CRLF in any case. The default server of an address and port
says it for all that comes in there. Switch it on only where no other proxy stands in front: one that reads the same bytes
otherwise sees one request where the shield sees two.

Log formats know the phases of a request: \`$shield_queue_time\`, \`$shield_wait_time\` and the others as in [logs.md](logs.md), \`$shield_outcome\`
and \`$shield_slot\`. A file that says nothing of access logs gets the shield's own line.
`

/** The whole page as Markdown. */
export function fromNginxPage(otherwise: readonly Otherwise[]): string {
  const parts = [OPENING, '## What is different on purpose\n']
  parts.push(...otherwise.map(({ what, why }) => `- **${what}.** ${sentence(why)}`), '')
  parts.push(
    '## Directives\n',
    'Every directive of nginx’s documentation is known. _Supported_ ones mean what they mean there. The others are accepted',
    'with one notice where they have no effect, or refused with what to do instead; an unknown word gets the nearest known one.\n',
    '| module | supported | without effect here | refused |',
    '| --- | --- | --- | --- |',
    ...tableRows(),
    '',
    '### Why some are refused\n',
    '| directive | instead |',
    '| --- | --- |',
    ...refusals(),
    '',
  )
  return parts.join('\n')
}

function sentence(text: string): string {
  const whole = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?]$/.test(whole) ? whole : `${whole}.`
}

function tableRows(): string[] {
  const byName = new Map<string, Row[]>()
  for (const { name, rows } of MODULES) byName.set(name, [...(byName.get(name) ?? []), ...rows])
  return [...byName].map(([name, rows]) => {
    const cell = (state: Row['state']) => names(rows.filter(row => row.state === state))
    return `| ${name} | ${cell(undefined)} | ${cell('harmless')} | ${cell('refused')} |`
  })
}

function names(rows: readonly Row[]): string {
  return [...new Set(rows.map(({ name }) => `\`${name}\``))].sort().join(' ')
}

function refusals(): string[] {
  const seen = new Set<string>()
  const lines: string[] = []
  for (const { rows } of MODULES satisfies readonly Module[]) {
    for (const { name, state, note = '' } of rows) {
      if (state !== 'refused' || seen.has(name)) continue
      seen.add(name)
      lines.push(`| \`${name}\` | ${note.replaceAll('|', '\\|')} |`)
    }
  }
  return lines
}
