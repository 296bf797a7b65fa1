import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync } from 'node:fs'
import { test } from 'node:test'
import { temporaryFolder } from '../../support/owner.ts'
import { factsOf, siteOf, visitOf } from '../../support/visit.ts'

test('the server’s name and where its files are', t => {
  const folder = temporaryFolder(t)
  mkdirSync(`${folder}/real`)
  symlinkSync(`${folder}/real`, `${folder}/link`)
  const facts = factsOf(
    siteOf(
      t,
      `events {} http { server { listen 127.0.0.1:8080; server_name One two; root ${folder}/link;
        location /gone { root ${folder}/gone; } } }`,
      folder,
    ),
  )
  const values = (target: string) => {
    const visit = visitOf(facts, { target })
    return 'server_name document_root realpath_root request_filename'
      .split(' ')
      .map(name => facts.variable(name)(visit))
  }
  assert.deepEqual(values('/a%20b'), ['one', `${folder}/link`, `${folder}/real`, `${folder}/link/a b`])
  assert.deepEqual(values('/gone/x'), ['one', `${folder}/gone`, null, `${folder}/gone/gone/x`])
})
