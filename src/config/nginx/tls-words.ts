// What is said of TLS towards clients and towards upstreams in the same words: versions, and OpenSSL's own commands
// (`ssl_conf_command`, `proxy_ssl_conf_command`). Makes nothing of them.

import { fromFolder, type Reading } from './table.ts'
import type { DirectiveNode } from './tree.ts'

export const PROTOCOLS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const
export type Protocol = (typeof PROTOCOLS)[number]

/** One of OpenSSL's commands, under the name it has in files of OpenSSL, in lower case. Paths are absolute. */
export interface TlsCommand {
  readonly name:
    | 'ciphersuites'
    | 'cipherstring'
    | 'groups'
    | 'signaturealgorithms'
    | 'minprotocol'
    | 'maxprotocol'
    | 'options'
    | 'certificate'
    | 'privatekey'
    | 'dhparameters'
  readonly value: string
}

const NAMES: Readonly<Record<string, TlsCommand['name']>> = {
  ciphersuites: 'ciphersuites',
  cipherstring: 'cipherstring',
  curves: 'groups',
  groups: 'groups',
  signaturealgorithms: 'signaturealgorithms',
  minprotocol: 'minprotocol',
  maxprotocol: 'maxprotocol',
  options: 'options',
  certificate: 'certificate',
  privatekey: 'privatekey',
  dhparameters: 'dhparameters',
}

const FILES: ReadonlySet<TlsCommand['name']> = new Set(['certificate', 'privatekey', 'dhparameters'])

/** Of `Options`, what is kept to; some make a difference only within OpenSSL. */
export const OPTIONS = [
  ...['sessionticket', 'serverpreference', 'prioritizechacha', 'norenegotiation', 'encryptthenmac', 'bugs'],
  ...['allownodhekex', 'unsafelegacyrenegotiation', 'unsafelegacyserverconnect', 'emptyfragments'],
  ...['noresumptiononrenegotiation', 'compression', 'dhsingle', 'ecdhsingle', 'ktls'],
] as const
export type TlsOption = (typeof OPTIONS)[number]

/** Of `Options A,-B`, each with whether it is on. */
export function optionsIn(value: string): (readonly [name: string, on: boolean])[] {
  return value
    .split(',')
    .map(each => each.trim())
    .map(each => [each.replace(/^[+-]/, '').toLowerCase(), !each.startsWith('-')])
}

/** Undefined: it cannot be honoured, which has been said; it is about security, and must not be passed over. */
export function readTlsCommand(node: DirectiveNode, reading: Reading): TlsCommand | undefined {
  const [written, value] = node.args as [string, string]
  const name = NAMES[written.toLowerCase()]
  const refuse = (why: string): undefined =>
    reading.problem(`"${node.name} ${written} ${value}" cannot be honoured; ${why}`, node.at) as undefined
  if (name === undefined)
    return refuse(
      'of its commands there are Ciphersuites, CipherString, Groups, SignatureAlgorithms, MinProtocol, MaxProtocol, Options, Certificate, PrivateKey and DHParameters',
    )
  if ((name === 'minprotocol' || name === 'maxprotocol') && !(PROTOCOLS as readonly string[]).includes(value))
    return refuse(`the versions are ${PROTOCOLS.join(', ')}`)
  if (name === 'options') {
    const [unknown] = optionsIn(value).filter(([each]) => !(OPTIONS as readonly string[]).includes(each))
    if (unknown !== undefined) return refuse(`there is no option "${unknown[0]}" here`)
  }
  return { name, value: FILES.has(name) ? fromFolder(value, reading) : value }
}
