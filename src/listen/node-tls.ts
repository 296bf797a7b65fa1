// Node's own TLS module, loaded with the first certificate: it costs 30 ms that a start without TLS need not pay. Holds
// nothing else.

/** May be called any number of times. */
export function nodeTls(): typeof import('node:tls') {
  return process.getBuiltinModule('node:tls')
}
