// What a text with variables comes to, here and in nginx, for the same configuration and the same requests.

import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import type { Visit } from '../../src/visit.ts'
import { askNginx, startNginx } from '../support/nginx.ts'
import { type Asked, factsOf, siteOf, visitOf } from '../support/visit.ts'

export interface Case {
  /** What stands within `http` beside the server; `FOLDER` is a folder of its own. */
  readonly http?: string
  /** In double quotes in the file. */
  readonly text: string
  readonly asks: readonly Asked[]
}

function configOf({ http = '', text }: Case, listen: string): string {
  return `${http}
server { listen ${listen}; server_name site.test; location / { return 200 "${text}"; } }`
}

/** The values here, in the order of the requests. */
export function valuesOf(t: TestContext, given: Case, touch: (visit: Visit) => void = () => {}): string[] {
  const config = `events {} http { ${configOf(given, '127.0.0.1:8080')} }`
  const facts = factsOf(siteOf(t, config))
  return given.asks.map(asked => {
    const visit = visitOf(facts, asked)
    touch(visit)
    const op = visit.location?.rewrites[0]
    assert.ok(op?.op === 'return' && op.text !== null)
    return visit.text(op.text)
  })
}

/** Fails where nginx says something else. */
export async function sameAsNginx(t: TestContext, given: Case): Promise<void> {
  const nginx = await startNginx(t, configOf(given, '127.0.0.1:PORT'))
  const theirs: string[] = []
  for (const { target = '/', method = 'GET', fields = {} } of given.asks) {
    theirs.push((await askNginx(nginx, target, { method, fields: { Host: 'site.test', ...fields } })).body)
  }
  assert.deepEqual(valuesOf(t, given), theirs)
}
