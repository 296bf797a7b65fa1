// Asks the admin listener in this container whether all is well; exits 0 for yes and 1 for no. It finds the
// listener by $SHIELDPROXY_ADMIN, so in a container give the address there and not with --admin.

import { get } from 'node:http'
import { readAddress } from '../dist/src/config/addresses.js'

const path = process.argv[2] ?? '/healthz'
const admin = process.env.SHIELDPROXY_ADMIN || '127.0.0.1:9180'

/** @param {boolean} healthy @param {string} why */
function end(healthy, why) {
  process.stdout.write(`${why.trim()}\n`, () => process.exit(healthy ? 0 : 1))
}

/** How to get there from inside; an address of the whole machine is reached through loopback. */
function destination(address) {
  if (address.kind === 'unix') return { socketPath: address.path }
  const everywhere = { '::': '::1', '0.0.0.0': '127.0.0.1' }
  return { host: everywhere[address.host] ?? address.host, port: address.port }
}

function ask(to, orElse) {
  const request = get({ ...to, path, timeout: 2000 }, answer => {
    answer.setEncoding('utf8')
    let said = ''
    answer.on('data', text => {
      said = (said + text).slice(0, 1000)
    })
    answer.on('end', () => end(answer.statusCode === 200, `${answer.statusCode} ${said}`))
  })
  request.on('timeout', () => request.destroy(new Error('no answer within 2 s')))
  request.on('error', error => orElse(error))
}

const reading = readAddress(admin, 'listen')
if (admin === 'off') end(true, 'the admin listener is off, so the process living is all there is to see')
else if (!('value' in reading)) end(false, `SHIELDPROXY_ADMIN: ${reading.allowed}`)
else {
  const to = destination(reading.value)
  const failed = error => end(false, `${path} at ${admin}: ${error.message}`)
  // Where the kernel has no IPv6, `:9180` is IPv4 alone.
  ask(to, to.host === '::1' ? () => ask({ ...to, host: '127.0.0.1' }, failed) : failed)
}
