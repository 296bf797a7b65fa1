// The environment the app is started with: ours, but for what is meant for us alone. Changes nothing of our own.

import { delimiter, dirname, join } from 'node:path'
import type { Address } from '../config/config.ts'

/**
 * @param address where the app is to listen
 * @param runtime the path of the Node that runs us
 */
export function childEnvironment(
  env: NodeJS.ProcessEnv,
  address: Address,
  runtime = process.execPath,
): NodeJS.ProcessEnv {
  const child = { ...env }
  // `$PORT` is ours to listen on, and gunicorn binds it when it is told nothing else (gunicorn/config.py, Bind).
  delete child.PORT
  if (address.kind === 'tcp') child.PORT = String(address.port)

  // The image's launcher (conf/image/shieldproxy) puts the runtime's own libraries first; the app has to find the
  // image's.
  const own = join(dirname(runtime), 'lib')
  const folders = child.LD_LIBRARY_PATH?.split(delimiter)
  if (folders?.[0] === own) {
    folders.shift()
    if (folders.length === 0) delete child.LD_LIBRARY_PATH
    else child.LD_LIBRARY_PATH = folders.join(delimiter)
  }
  return child
}
