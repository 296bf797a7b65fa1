// A site whose servers behind are places of the same file, each of which tells its letter.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { freePort } from './ports.ts'
import { connectRaw } from './raw-client.ts'
import { runShield, type Shield } from './shield.ts'

export interface LetterSite {
  readonly shield: Shield
  readonly address: string
  /** The answer's body, or its status where that is not 200. */
  get(target: string, method?: string): Promise<string>
}

/**
 * @param within what stands within the server in front; A, B, C are the ports of servers that tell their letter
 * @param hold the flag; null: the file says it
 */
export async function startLetters(
  t: TestContext,
  http: string,
  within: string,
  cores: number,
  hold: string | null = '1s',
): Promise<LetterSite> {
  const [front, ...ports] = await Promise.all([freePort(), freePort(), freePort(), freePort(), freePort()])
  const letters = ['A', 'B', 'C', 'DEAD']
  const named = (text: string): string =>
    text.replaceAll(/\b(A|B|C|DEAD)\b/g, letter => `127.0.0.1:${ports[letters.indexOf(letter)]}`)
  const behind = ['a', 'b', 'c'].map(
    (letter, i) => `server { listen 127.0.0.1:${ports[i]};
      location / { return 200 ${letter}; }
      location /bad { ${letter === 'a' ? 'return 500;' : `return 200 ${letter};`} }
      location /worse { return 503; }
      location /gone { ${letter === 'a' ? 'return 444;' : `return 200 ${letter};`} } }`,
  )
  const folder = mkdtempSync(join(tmpdir(), 'groups-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  const file = join(folder, 'nginx.conf')
  // Said, so that a worker that is about to hang up is no reason to ask another server.
  const text = `shield_workers 8; ${named(http)} server { listen 127.0.0.1:${front}; add_header X-Tries $upstream_addr always; ${named(within)} }`
  writeFileSync(file, `${text} ${behind.join('\n')}`)
  const admin = `127.0.0.1:${await freePort()}`
  const flags = ['--admin', admin, '--log-format', 'json', '--cores', String(cores)]
  if (hold !== null) flags.push('--hold', hold)
  const shield = runShield(t, ['-c', file, ...flags])
  await shield.log.until(() => shield.lines('listening').length >= 4, 'its listeners')
  shield.admin = admin
  const address = `127.0.0.1:${front}`
  const get: LetterSite['get'] = async (target, method = 'GET') => {
    const client = await connectRaw(t, address)
    const length = method === 'POST' ? ['Content-Length: 0'] : []
    const answer = await client.request(method, target, 'Connection: close', ...length).answer()
    client.close()
    return answer.status === 200 ? answer.body.toString() : String(answer.status)
  }
  return { shield, address, get }
}
