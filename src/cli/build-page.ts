// What `-V` prints: the program in the words of `nginx -V`, for programs that ask nginx what it can do (certbot, and
// nginx's own tests). They look for these words on standard error.

import { buildOptions, READS_AS } from '../config/nginx/build-options.ts'

/** @param version of this program @param openssl of the library that speaks TLS */
export function buildPage(version: string, openssl: string): string {
  const lines = [
    `shieldproxy version: shieldproxy/${version}, which reads files as`,
    `nginx version: nginx/${READS_AS}`,
    `built with OpenSSL ${openssl}`,
    'TLS SNI support enabled',
    `configure arguments: ${buildOptions().join(' ')}`,
  ]
  return `${lines.join('\n')}\n`
}
