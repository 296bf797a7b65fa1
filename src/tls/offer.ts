// Which versions, ciphers and curves a context offers, from what was said of them and from OpenSSL's own commands, which
// come last and win. Reads the files that commands name, and no other.

import type { SecureContextOptions, SecureVersion } from 'node:tls'
import {
  optionsIn,
  PROTOCOLS,
  type Protocol,
  type TlsCommand,
  type TlsOption,
} from '../config/nginx/tls-words.ts'
import { readOnce } from './pem-files.ts'

export interface Offered {
  /** In any order; empty: as the runtime has it. */
  readonly protocols: readonly string[]
  /** OpenSSL's list for TLS up to 1.2; null: the runtime's own. */
  readonly ciphers: string | null
  readonly curves: string | null
  readonly commands: readonly TlsCommand[]
}

/** What OpenSSL offers of TLS 1.3 by default: lists of ciphers are about TLS up to 1.2 alone. */
const SUITES = 'TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_GCM_SHA256'

/** @throws PemError */
export function offerOf({ protocols, ciphers, curves, commands }: Offered): SecureContextOptions {
  const said = (name: TlsCommand['name']) => commands.findLast(each => each.name === name)?.value
  const chosen = PROTOCOLS.filter(name => protocols.includes(name))
  const min = said('minprotocol') ?? chosen[0]
  const max = said('maxprotocol') ?? chosen.at(-1)
  const suites = said('ciphersuites')
  const groups = said('groups') ?? curves
  const sigalgs = said('signaturealgorithms')
  const dhparam = said('dhparameters')
  // OpenSSL allows weaker keys and hashes for the old versions only at its level 0.
  const old = min === 'TLSv1' || min === 'TLSv1.1'
  const list = said('cipherstring') ?? ciphers
  const all =
    list ?? (suites === undefined && !old ? null : process.getBuiltinModule('node:tls').DEFAULT_CIPHERS)
  return {
    ...(min !== undefined && { minVersion: min as SecureVersion }),
    ...(max !== undefined && { maxVersion: max as SecureVersion }),
    ...(all !== null && { ciphers: `${suites ?? SUITES}:${all}${old ? ':@SECLEVEL=0' : ''}` }),
    ...(groups !== null && { ecdhCurve: groups }),
    ...(sigalgs !== undefined && { sigalgs }),
    ...(dhparam !== undefined && { dhparam: readOnce(dhparam, 'DH parameters') }),
    secureOptions: forbidden(chosen) | optionBits(commands),
  }
}

/** What `Options` says of one of them; null: nothing. */
export function optionOf(commands: readonly TlsCommand[], option: TlsOption): boolean | null {
  const said = commands.filter(({ name }) => name === 'options').flatMap(({ value }) => optionsIn(value))
  return said.findLast(([name]) => name === option)?.[1] ?? null
}

/** Certificate and key of commands, which stand behind the others of their kind; null: none. @throws PemError */
export function pairOf(
  commands: readonly TlsCommand[],
): { readonly cert: Buffer; readonly key: Buffer } | null {
  const said = (name: TlsCommand['name']) => commands.findLast(each => each.name === name)?.value
  const [cert, key] = [said('certificate'), said('privatekey')]
  if (cert === undefined) return null
  return { cert: readOnce(cert, 'certificate'), key: readOnce(key ?? cert, 'certificate key') }
}

/** Versions between the lowest and the highest that are not wanted. */
function forbidden(chosen: readonly Protocol[]): number {
  if (chosen.length === 0) return 0
  const constants = bits()
  const names = {
    TLSv1: constants.SSL_OP_NO_TLSv1,
    'TLSv1.1': constants.SSL_OP_NO_TLSv1_1,
    'TLSv1.2': constants.SSL_OP_NO_TLSv1_2,
    'TLSv1.3': constants.SSL_OP_NO_TLSv1_3,
  }
  return PROTOCOLS.filter(name => !chosen.includes(name)).reduce((sum, name) => sum | names[name], 0)
}

function bits(): typeof import('node:crypto').constants {
  return process.getBuiltinModule('node:crypto').constants
}

// Session tickets and whose order of ciphers counts are said otherwise, too, and told by `optionOf`. Compression and what
// is of old versions of OpenSSL is off whatever is said.
function optionBits(commands: readonly TlsCommand[]): number {
  const constants = bits()
  const flags: readonly (readonly [TlsOption, bit: number, when: boolean])[] = [
    ['prioritizechacha', constants.SSL_OP_PRIORITIZE_CHACHA, true],
    ['norenegotiation', constants.SSL_OP_NO_RENEGOTIATION, true],
    ['encryptthenmac', constants.SSL_OP_NO_ENCRYPT_THEN_MAC, false],
    ['allownodhekex', constants.SSL_OP_ALLOW_NO_DHE_KEX, true],
    ['unsafelegacyrenegotiation', constants.SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION, true],
    ['unsafelegacyserverconnect', constants.SSL_OP_LEGACY_SERVER_CONNECT, true],
    ['noresumptiononrenegotiation', constants.SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION, true],
    ['emptyfragments', constants.SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS, false],
  ]
  return flags.reduce((sum, [name, bit, when]) => (optionOf(commands, name) === when ? sum | bit : sum), 0)
}
