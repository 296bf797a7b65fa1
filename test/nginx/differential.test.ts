// The same configuration and the same requests through Debian's nginx and through us: what the client gets, what reached
// the app, and what is in the access log must be the same. What differs on purpose stands in `differences.ts`.

import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { without } from '../support/servers.ts'
import { comparable, comparableLog, difference, mayBeOfTheSecond } from './compare.ts'
import { excused, excusedLog } from './differences.ts'
import { readRequests } from './requests.ts'
import { MEMCACHED, Nginx, Ours } from './servers.ts'

const folder = new URL('configurations/', import.meta.url)
const names = readdirSync(folder)
  .filter(name => name.endsWith('.conf'))
  .map(name => name.slice(0, -'.conf'.length))
const only = process.env.TEST_CONFIGURATION
const read = (name: string): string => readFileSync(new URL(name, folder), 'latin1')

/** Why a configuration that asks memcached cannot be compared; false: it can, or asks none. */
const withoutStore = (name: string) => read(`${name}.conf`).includes(`:${MEMCACHED}`) && without('memcached')

test('there are configurations enough', () => assert.ok(names.length >= 60, `${names.length}`))

test('the same answers as nginx', { skip: without('nginx', 'openssl'), concurrency: 2 }, async t => {
  await Promise.all(
    names
      .filter(name => only === undefined || name === only)
      .map(name =>
        t.test(name, { skip: withoutStore(name) }, async t => {
          const text = read(`${name}.conf`)
          const requests = readRequests(read(`${name}.requests`))
          assert.ok(requests.length > 0, `${name}.requests has requests`)
          const [nginx, ours] = await Promise.all([new Nginx(t, text).start(), new Ours(t, text).start()])
          const differences: string[] = []
          for (const request of requests) {
            for (let time = 1; time <= request.times; time++) {
              const ask = async () => {
                const [theirs, own] = await Promise.all([nginx.ask(request), ours.ask(request)])
                const expected = excused(request, comparable(theirs, request.method))
                const found = excused(request, comparable(own, request.method))
                return difference(found, expected)
              }
              let said = await ask()
              if (mayBeOfTheSecond(said)) said = await ask()
              if (said !== '') differences.push(`${request.method} ${request.target} ${time}: ${said}`)
            }
          }
          await Promise.all([nginx.stop(), ours.stop()])
          const [theirLogs, ourLogs] = [nginx.logs(), ours.logs()]
          for (const [log, lines] of theirLogs) {
            const [found, expected] = [ourLogs.get(log) ?? '', lines].map(text =>
              excusedLog(comparableLog(text)),
            )
            const said = difference(found, expected)
            if (said !== '') differences.push(`${log}: ${said}`)
          }
          if (differences.length > 0) assert.fail(`${differences.join('\n')}\n\n${ours.said}`)
        }),
      ),
  )
})
