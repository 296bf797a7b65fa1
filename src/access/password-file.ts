// Password files: read when they are asked for, and again when they have changed. Knows no format of a password.

import { type FileHandle, open, stat } from 'node:fs/promises'

/** Files that are kept in mind; their names may hold variables. */
const KEPT = 64
/** Some hundred thousand users; a larger file is taken for a mistake. */
const LARGEST = 16 * 1024 * 1024

interface Known {
  readonly version: string
  readonly lines: ReadonlyMap<string, string>
}

export class PasswordFiles {
  readonly #known = new Map<string, Known>()

  /**
   * What stands behind a user's name; null: the user is not there. Each look asks the system whether the file has
   * changed, so that a password that was taken away is refused at once.
   * @param path latin1
   * @throws NodeJS.ErrnoException
   */
  async find(path: string, user: string): Promise<string | null> {
    const name = Buffer.from(path, 'latin1')
    const now = versionOf(await stat(name, { bigint: true }))
    const known = this.#known.get(path)
    const lines = known?.version === now ? known.lines : await this.#read(path, name)
    return lines.get(user) ?? null
  }

  async #read(path: string, name: Buffer): Promise<Known['lines']> {
    const file = await open(name)
    try {
      // Asked of the open file, for another may have taken its place in between.
      const version = versionOf(await file.stat({ bigint: true }))
      const lines = linesOf(await textOf(file))
      this.#known.delete(path)
      this.#known.set(path, { version, lines })
      if (this.#known.size > KEPT) this.#known.delete(this.#known.keys().next().value!)
      return lines
    } finally {
      await file.close()
    }
  }
}

async function textOf(file: FileHandle): Promise<string> {
  const { size } = await file.stat()
  if (size > LARGEST)
    throw Object.assign(new Error('file too large'), { code: 'EFBIG', errno: -27, syscall: 'read' })
  return file.readFile('latin1')
}

function versionOf(found: {
  ino: bigint
  dev: bigint
  size: bigint
  mtimeNs: bigint
  ctimeNs: bigint
}): string {
  return [found.dev, found.ino, found.size, found.mtimeNs, found.ctimeNs].join(' ')
}

// ngx_http_auth_basic_handler: name, colon, password, and perhaps another colon and a comment. The first line of a name
// counts.
function linesOf(text: string): Map<string, string> {
  const lines = new Map<string, string>()
  for (const line of text.split('\n')) {
    if (line.startsWith('#') || line.startsWith('\r')) continue
    const colon = line.indexOf(':')
    if (colon === -1) continue
    const name = line.slice(0, colon)
    if (!lines.has(name)) lines.set(name, /^[^:\r]*/.exec(line.slice(colon + 1))![0])
  }
  return lines
}
