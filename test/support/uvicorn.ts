// Real uvicorn for tests: one process whose requests do not block it (`apps/asgi_app.py`), on a port the kernel chooses.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { Journal } from './journal.ts'
import type { Owner } from './owner.ts'
import { findProgram } from './servers.ts'

/** Starts it, and settles with its address. It ends with its owner. */
export async function startUvicorn(owner: Owner): Promise<string> {
  const child = spawn(
    findProgram('uvicorn') as string,
    ['--host', '127.0.0.1', '--port', '0', '--no-access-log', '--no-use-colors', 'asgi_app:app'],
    {
      cwd: join(import.meta.dirname, 'apps'),
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1', WEB_CONCURRENCY: '1' },
      stdio: ['ignore', 'ignore', 'pipe'],
    },
  )
  const gone = once(child, 'close')
  owner.after(async () => {
    child.kill('SIGKILL')
    await gone
  })
  const log = new Journal<string>('uvicorn')
  createInterface({ input: child.stderr })
    .on('line', line => log.push(line))
    .on('close', () => log.close('it has ended'))
  const listens = /running on http:\/\/(127\.0\.0\.1:\d+)/
  const line = await log.find(text => listens.test(text), 'its address')
  return listens.exec(line)?.[1] as string
}
