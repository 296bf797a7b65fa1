// Files that the packages of nginx bring and most configurations include, for where one of them is not there. Owns their
// texts but for the types of files and the parameters of gateways.

import { FASTCGI_PHP, GATEWAY_PARAMS } from './gateway-params.ts'
import { MIME_TYPES } from './mime-types.ts'

/** As Debian has it, and guides to Django and Flask include it. */
const PROXY_PARAMS = `proxy_set_header Host $http_host;
proxy_set_header X-Real-IP $remote_addr;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme;
`

/** By name. */
export const USUAL_FILES: ReadonlyMap<string, string> = new Map([
  ['mime.types', MIME_TYPES],
  ['proxy_params', PROXY_PARAMS],
  ...GATEWAY_PARAMS,
  ['fastcgi-php.conf', FASTCGI_PHP],
])
