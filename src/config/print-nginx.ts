// Flags as the file in nginx's syntax that does the same (`--print-nginx`), so that people can begin with flags and grow.
// Writes text; what cannot be said in a file is named at its top, to be given beside it.

import { resolve } from 'node:path'
import type { Address, Config } from './config.ts'
import type { AllGiven } from './environment.ts'
import { OPTIONS, type OptionName } from './options.ts'
import { formatDuration, formatSize } from './units.ts'

/** Options that no directive stands for: they go on the command line of the file. */
const BESIDE: readonly OptionName[] = [
  ...(['max-connections', 'spool-memory', 'spool-disk', 'spool-dir', 'edge', 'health-answer'] as const),
  ...(['start-timeout', 'restart', 'admin', 'log-format', 'log-level', 'log-query', 'cores'] as const),
]

/** The file's text. */
export function printNginx(config: Config, given: AllGiven): string {
  return `${[
    '# What the flags of shieldproxy come to as a file. Run it with',
    `#   ${commandLine(config, given)}`,
    '# Lines that say what holds anyway can be left out; docs/from-nginx.md has more.',
    '',
    `worker_shutdown_timeout ${time(config.drainTimeout)};  # --drain-timeout`,
    '',
    'events {}',
    '',
    'http {',
    ...indent([...upstream(config), '', ...trust(config), '', ...limits(config), '', ...server(config)]),
    '}',
  ].join('\n')}\n`
}

function commandLine({ command }: Config, given: AllGiven): string {
  const words = OPTIONS.filter(({ name }) => BESIDE.includes(name)).flatMap(({ name }) => {
    // What a preset or the platform brings, it brings again.
    const written = given[name]
    const own =
      written !== undefined && /^(?:-|\$SHIELDPROXY_)/.test(written.where) && !written.where.includes(' ')
    return own ? written.texts.map(text => `--${name} ${shellWord(text)}`) : []
  })
  const app = command.length === 0 ? [] : ['--', ...command.map(shellWord)]
  return ['shieldproxy -c nginx.conf', ...words, ...app].join(' ')
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

function indent(lines: readonly string[]): string[] {
  return lines.map(line => (line === '' ? '' : `    ${line}`))
}

/** A word of the file, quoted where it needs to be. */
function word(text: string): string {
  return /^[^\s;{}"'#\\$]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`
}

function time(ms: number): string {
  return ms === 0 ? '0' : formatDuration(ms)
}

function place(address: Address): string {
  if (address.kind === 'unix') return word(`unix:${address.path}`)
  return `${address.host.includes(':') ? `[${address.host}]` : address.host}:${address.port}`
}

function upstream(config: Config): string[] {
  const { upstreams, workers, workersFrom, workerTimeout, healthcheckPaths } = config
  return [
    'upstream app {',
    ...indent([
      ...upstreams.map(({ address }) => `server ${place(address)};`),
      ...(upstreams.length > 1 ? ['least_conn;'] : []),
      `shield_workers ${workers ?? 'auto'};  # ${workersFrom}`,
      ...(workerTimeout === null ? [] : [`shield_worker_timeout ${time(workerTimeout)};`]),
      `shield_queue_size ${config.queueSize};`,
      `shield_queue_timeout ${time(config.queueTimeout)};`,
      `shield_hold ${time(config.hold)};`,
      `shield_healthcheck ${healthcheckPaths.length === 0 ? 'off' : healthcheckPaths.map(word).join(' ')};`,
    ]),
    '}',
  ]
}

// Whoever is not believed speaks for nobody: what such a peer says of others is not passed on.
function trust({ trustedProxies }: Config): string[] {
  const believed = trustedProxies.map(range => `${range} 1;`)
  return [
    '# --trusted-proxies',
    ...trustedProxies.map(range => `set_real_ip_from ${range};`),
    'real_ip_header X-Forwarded-For;',
    'real_ip_recursive on;',
    'geo $realip_remote_addr $believed {',
    ...indent(['default 0;', ...believed]),
    '}',
    'map $believed $forwarded_for {',
    ...indent(['default $remote_addr;', '1 $proxy_add_x_forwarded_for;']),
    '}',
    'map "$believed $http_x_forwarded_proto" $forwarded_proto {',
    ...indent(['default $scheme;', '"1 https" https;', '"1 http" http;']),
    '}',
    'map $http_upgrade $connection_upgrade {',
    ...indent(['default upgrade;', '"" close;']),
    '}',
  ]
}

function limits(config: Config): string[] {
  const onOff = (on: boolean): string => (on ? 'on' : 'off')
  const maxBody = config.maxBody === Number.MAX_SAFE_INTEGER ? '0' : formatSize(config.maxBody)
  return [
    `client_max_body_size ${maxBody};  # --max-body`,
    `large_client_header_buffers 1 ${formatSize(config.maxHeader)};  # --max-header`,
    `client_header_timeout ${time(config.headerTimeout)};`,
    `client_body_timeout ${time(config.bodyTimeout)};`,
    `send_timeout ${time(config.sendTimeout)};`,
    `keepalive_timeout ${time(config.keepaliveTimeout)};`,
    `proxy_connect_timeout ${time(config.connectTimeout)};`,
    `proxy_read_timeout ${time(config.readTimeout)};`,
    `proxy_request_buffering ${onOff(config.requestBuffering)};`,
    `proxy_buffering ${onOff(config.responseBuffering)};`,
    ...(config.accessLog === null ? [] : [`access_log ${word(config.accessLog)};`]),
  ]
}

function server({ listen, tls }: Config): string[] {
  const line = (address: Address): string => {
    const both = address.kind === 'tcp' && address.host === '::' ? ' ipv6only=off' : ''
    return `listen ${place(address)}${both}${tls !== null && address.kind === 'tcp' ? ' ssl' : ''};`
  }
  const certificate =
    tls === null
      ? []
      : [`ssl_certificate ${word(resolve(tls.cert))};`, `ssl_certificate_key ${word(resolve(tls.key))};`]
  return [
    'server {',
    ...indent([
      ...listen.map(line),
      ...certificate,
      'underscores_in_headers off;',
      '',
      'location / {',
      ...indent([
        'proxy_pass http://app;',
        'proxy_http_version 1.1;',
        'proxy_redirect off;',
        'proxy_pass_header Server;',
        'proxy_pass_header Date;',
        'proxy_set_header Host $http_host;',
        'proxy_set_header X-Forwarded-For $forwarded_for;',
        'proxy_set_header X-Real-IP $remote_addr;',
        'proxy_set_header X-Forwarded-Proto $forwarded_proto;',
        'proxy_set_header X-Forwarded-Host $http_host;',
        'proxy_set_header X-Forwarded-Port $server_port;',
        'proxy_set_header X-Request-Id $request_id;',
        'proxy_set_header X-Request-Start "t=$msec";',
        'proxy_set_header Proxy "";',
        'proxy_set_header Upgrade $http_upgrade;',
        'proxy_set_header Connection $connection_upgrade;',
      ]),
      '}',
    ]),
    '}',
  ]
}
