// OpenSSL's names of what clients offer in a handshake, by their numbers (IANA's TLS registry). What has no name here is
// written as its number, as nginx does.

const CIPHERS: Readonly<Record<number, string>> = {
  10: 'DES-CBC3-SHA',
  47: 'AES128-SHA',
  51: 'DHE-RSA-AES128-SHA',
  53: 'AES256-SHA',
  57: 'DHE-RSA-AES256-SHA',
  60: 'AES128-SHA256',
  61: 'AES256-SHA256',
  103: 'DHE-RSA-AES128-SHA256',
  107: 'DHE-RSA-AES256-SHA256',
  156: 'AES128-GCM-SHA256',
  157: 'AES256-GCM-SHA384',
  158: 'DHE-RSA-AES128-GCM-SHA256',
  159: 'DHE-RSA-AES256-GCM-SHA384',
  255: 'TLS_EMPTY_RENEGOTIATION_INFO_SCSV',
  4865: 'TLS_AES_128_GCM_SHA256',
  4866: 'TLS_AES_256_GCM_SHA384',
  4867: 'TLS_CHACHA20_POLY1305_SHA256',
  4868: 'TLS_AES_128_CCM_SHA256',
  49161: 'ECDHE-ECDSA-AES128-SHA',
  49162: 'ECDHE-ECDSA-AES256-SHA',
  49171: 'ECDHE-RSA-AES128-SHA',
  49172: 'ECDHE-RSA-AES256-SHA',
  49187: 'ECDHE-ECDSA-AES128-SHA256',
  49188: 'ECDHE-ECDSA-AES256-SHA384',
  49191: 'ECDHE-RSA-AES128-SHA256',
  49192: 'ECDHE-RSA-AES256-SHA384',
  49195: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  49196: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  49199: 'ECDHE-RSA-AES128-GCM-SHA256',
  49200: 'ECDHE-RSA-AES256-GCM-SHA384',
  52392: 'ECDHE-RSA-CHACHA20-POLY1305',
  52393: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  52394: 'DHE-RSA-CHACHA20-POLY1305',
}

const CURVES: Readonly<Record<number, string>> = {
  23: 'prime256v1',
  24: 'secp384r1',
  25: 'secp521r1',
  29: 'X25519',
  30: 'X448',
  256: 'ffdhe2048',
  257: 'ffdhe3072',
  258: 'ffdhe4096',
  259: 'ffdhe6144',
  260: 'ffdhe8192',
  4587: 'SecP256r1MLKEM768',
  4588: 'X25519MLKEM768',
  4589: 'SecP384r1MLKEM1024',
}

/** Such as `TLS_AES_128_GCM_SHA256`; `0x00ff` where it has no name here. */
export function cipherName(number: number): string {
  return CIPHERS[number] ?? hexadecimal(number)
}

/** Such as `X25519`; `0x0001` where it has no name here. */
export function curveName(number: number): string {
  return CURVES[number] ?? hexadecimal(number)
}

/** What OpenSSL calls them otherwise. */
const OTHER_NAMES: Readonly<Record<string, number>> = { 'p-256': 23, secp256r1: 23, 'p-384': 24, 'p-521': 25 }

/** Null: none of that name is known. */
export function curveNumber(name: string): number | null {
  const lower = name.toLowerCase()
  const found = Object.entries(CURVES).find(([, each]) => each.toLowerCase() === lower)
  return found === undefined ? (OTHER_NAMES[lower] ?? null) : Number(found[0])
}

function hexadecimal(number: number): string {
  return `0x${number.toString(16).padStart(4, '0')}`
}
