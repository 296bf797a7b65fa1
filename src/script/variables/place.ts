// Variables of the place a request has come to: the server's name, and where its files are (ngx_http_core_module).

import { realpathSync } from 'node:fs'
import type { Variable } from '../../visit.ts'
import { documentRoot, filenameOf } from '../file-names.ts'

export const placeVariables: Readonly<Record<string, Variable>> = {
  server_name: ({ server }) => server.name,
  document_root: visit => documentRoot(visit),
  realpath_root: visit => realPath(documentRoot(visit)),
  request_filename: visit => filenameOf(visit),
}

// A look at the disk that a variable cannot wait for; nginx's is the same, and whoever uses it has it once a request.
function realPath(path: string): string | null {
  try {
    return realpathSync.native(Buffer.from(path, 'latin1'), 'latin1')
  } catch {
    return null
  }
}
