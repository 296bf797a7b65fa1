// The page of documentation on the configuration, written from the table of options. Knows no file; the
// generator in bin/ writes it, and a test holds the file to it.

import { PRESETS } from './cidrs.ts'
import { CLOUDFLARE_RANGES_PUBLISHED } from './cloudflare-ranges.ts'
import { environmentName, type Kind, type Option } from './option.ts'
import { OPTIONS } from './options.ts'
import { formatDuration, formatSize } from './units.ts'

const VALUES: Readonly<Record<Kind, string>> = {
  duration: 'a time',
  size: 'a size',
  count: 'a whole number',
  'on|off': '`on` or `off`',
  upstream: 'an address',
  address: 'an address',
  choice: 'one of',
  path: 'a path',
  text: 'a text',
  'url path': 'a path of a URL',
  cidrs: 'address ranges',
}

const OPENING = `# Configuration

<!-- Written by \`npm run docs\` from the table of options in src/config/options/. Change it there. -->

Every option can be given as a flag or as a variable of the environment. A flag counts before the variable, the
variable before the default. Only \`--upstream\` is needed, or \`--config\` with a file in nginx's syntax:

\`\`\`
shieldproxy --upstream :8000
SHIELDPROXY_UPSTREAM=:8000 shieldproxy
shieldproxy -c /etc/nginx/nginx.conf
\`\`\`

With a file, what both say is as the flag or the variable says, everywhere in it: \`--max-body\` for every
\`client_max_body_size\`, \`--listen\` in place of every \`listen\` (each server then listens at each of its addresses),
\`--workers\` for every group. \`$PORT\` is not meant then. \`shieldproxy --print-nginx\` with flags prints the file that does
the same, to begin from.

\`shieldproxy -t\` with the same flags and variables checks the configuration, says all that is wrong with it at once,
and exits; with a file in the form of \`nginx -t\`. \`-T\` prints what is in force, too, and \`-q\` leaves only what is wrong.
\`shieldproxy --help\` shows the most used options, \`--help all\` all of them, \`--help workers\` one at length.

## How values are written

| value | written as |
| --- | --- |
| a time | \`250ms\`, \`30s\`, \`2m\`, \`1h\`, \`1.5s\`; a bare number is seconds; at most 24 days |
| a size | \`512\`, \`64k\`, \`1m\`, \`2g\`; a bare number is bytes, and \`k\` is 1024 of them |
| an address of an app | \`:8000\` (this machine), \`app:8000\`, \`[::1]:8000\`, \`http://app:8000\`, \`unix:/run/app.sock\` |
| an address to listen on | \`:8080\` (all addresses, IPv4 and IPv6), \`127.0.0.1:8080\`, \`[::1]:8080\`, \`unix:/run/shieldproxy.sock\` |
| address ranges | \`10.0.0.0/8\`, \`fd00::/8\`, \`192.0.2.7\`, or the name of a set; several with commas between them |
| a list | the flag several times; in the environment, commas or white space between the values |

The sets of address ranges are ${Object.entries(PRESETS)
  .filter(([name]) => name !== 'cloudflare')
  .map(([name, ranges]) => `\`${name}\` (${ranges.map(range => `\`${range}\``).join(', ')})`)
  .join(
    ', ',
  )} and \`cloudflare\` (its ${PRESETS.cloudflare?.length} published ranges, last changed on ${CLOUDFLARE_RANGES_PUBLISHED}).
`

const CLOSING = `## The environment

An option's variable is \`SHIELDPROXY_\` and its name in capitals, with underscores for dashes: \`--queue-size\` is
\`SHIELDPROXY_QUEUE_SIZE\`. An empty variable counts as not set. A \`SHIELDPROXY_\` variable that is no option is refused,
so that a slip does not go unnoticed; what Kubernetes adds for a service of that name (\`SHIELDPROXY_PORT…\`,
\`SHIELDPROXY_SERVICE_…\`) is left alone.

Some variables of platforms and app servers are understood too, each only where the option is not given:

| variable | means |
| --- | --- |
| \`PORT\` | \`--listen :$PORT\` |
| \`WEB_CONCURRENCY\` | \`--workers\`, times the \`--threads\` of \`GUNICORN_CMD_ARGS\` |
| \`GUNICORN_CMD_ARGS\` | \`--workers\` from \`-w\` × \`--threads\`, \`--worker-timeout\` from \`-t\`; with an asynchronous worker class, workers are not counted |
| \`GUNICORN_TIMEOUT\` | \`--worker-timeout\` |

## Exit status

| status | means |
| --- | --- |
| 0 | stopped, and every request was finished |
| 1 | a failure while running, such as a port that is taken; or requests were cut when it was stopped |
| 2 | the configuration or the command line is wrong; nothing was started |
| any | with a command after \`--\`: the command's, 128 and the signal's number where one ended it, 127 and 126 where it could not be started; see [running-the-app.md](running-the-app.md) |

## Signals

| signal | does |
| --- | --- |
| TERM, INT, QUIT | drains: no new connections, running requests are finished within \`--drain-timeout\`; a second one ends at once |
| HUP | reads the configuration again, losing no request: listeners that the file still has stay open, new ones are bound before others are closed, certificates are read anew; one that is wrong is refused, with one line that says why and where, and the old one stays |
| USR1 | opens the log files again, after a rotation |
| USR2 | with a command after \`--\`: is handed to the app's server, and so is HUP |
| USR2, WINCH | otherwise refused with a line in the log: a running process is not replaced by another |

With a file that has \`pid\`, \`shieldproxy -c FILE -s stop\`, \`quit\`, \`reload\` and \`reopen\` send TERM, QUIT, HUP and USR1 to the
process that it names. The pid file is written when everything listens, and is gone at the end; one that cannot be
written is a warning.

\`shieldproxy -V\` tells what can be read in the words of \`nginx -V\`, on standard error: programs that set nginx up ask for it.

## As root

Started as root with a file that has \`user\`, the shield binds its ports, opens its logs and its pid file, and then becomes that
user with its groups for good; log files are given to the user, so that USR1 can open them again. What a later HUP
needs and only root may have (a port below 1024, a key that only root may read) is refused, and the old file stays in force.
Without \`user\`, or not started as root, nothing changes; a systemd unit is in \`conf/shieldproxy.service\`.
`

/** The whole page, in Markdown. */
export function configurationPage(): string {
  const groups = [...new Set(OPTIONS.map(option => option.group))]
  const sections = groups.map(group => {
    const options = OPTIONS.filter(option => option.group === group)
    return `## ${group}\n\n${options.map(section).join('\n')}`
  })
  return [OPENING, ...sections, CLOSING].join('\n')
}

function section(option: Option): string {
  const rows = [
    [
      'flag',
      `${option.short === undefined ? '' : `\`-${option.short}\`, `}\`--${option.name}\`${repeats(option)}`,
    ],
    ['environment', `\`${environmentName(option)}\``],
    ['value', describeValue(option)],
    ['default', option.derived ?? describeDefault(option)],
    ...(option.nginx === null ? [] : [['nginx', `\`${option.nginx}\``]]),
    ['compare', option.precedent],
  ]
  const table = rows.map(([name, text]) => `| ${name} | ${text} |`).join('\n')
  return `### \`--${option.name}\`\n\n${option.doc}\n\n| | |\n| --- | --- |\n${table}\n`
}

function repeats(option: Option): string {
  return option.repeatable ? ', may be given several times' : ''
}

function describeValue(option: Option): string {
  const words = option.words?.map(word => `\`${word}\``).join(', ')
  if (option.kind === 'choice') return `one of ${words}`
  const format = option.kind === 'duration' ? formatDuration : option.kind === 'size' ? formatSize : String
  const low = option.min === undefined || option.min <= 1 ? '' : `, at least \`${format(option.min)}\``
  const high = option.max === undefined ? '' : `, at most \`${format(option.max)}\``
  const positive =
    option.min === 1 && option.kind === 'duration' ? ', more than 0' : option.min === 1 ? ', at least 1' : ''
  return `${VALUES[option.kind]}${positive}${low}${high}${words === undefined ? '' : `, or ${words}`}`
}

function describeDefault(option: Option): string {
  if (option.default === null) return 'none'
  const texts = typeof option.default === 'string' ? [option.default] : option.default
  return texts.map(text => `\`${text}\``).join(', ')
}
