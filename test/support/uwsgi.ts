// Real uWSGI for tests: blocking processes that speak the uwsgi protocol, with the app of gunicorn's tests
// (`apps/app.py`), gates to order by, and the server's own log.

import { AppServer } from './app-server.ts'
import { type Gate, openGate } from './gate.ts'
import { type Owner, temporaryFolder } from './owner.ts'
import { freePort } from './ports.ts'

export class Uwsgi extends AppServer {
  /** For `uwsgi_pass`. */
  readonly address: string
  readonly #processes: number

  constructor(address: string, gate: Gate, folder: string, processes: number) {
    super('uwsgi', gate, folder)
    this.address = address
    this.#processes = processes
  }

  /** Settles when all processes have begun. */
  async start(): Promise<void> {
    const words = `--plugin python3 --master --need-app --die-on-term --processes ${this.#processes} --module app:app`
    const args = [...words.split(' '), '--socket', this.address]
    await this.run(args, process.env, this.#processes, 'spawned uWSGI worker')
  }
}

/** One that runs. It ends with its owner. */
export async function startUwsgi(owner: Owner, processes = 2): Promise<Uwsgi> {
  const gate = await openGate(owner)
  const uwsgi = new Uwsgi(`127.0.0.1:${await freePort()}`, gate, temporaryFolder(owner), processes)
  owner.after(() => uwsgi.end())
  await uwsgi.start()
  return uwsgi
}
