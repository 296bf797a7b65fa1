// What stands around a file of conf.d in the nginx.conf of the usual packages, for one that is read alone. Adds only what
// the file leaves to others; reads no file of this machine.

import { MIME_TYPES } from './mime-types.ts'
import { parseFile } from './parser.ts'
import type { DirectiveNode } from './tree.ts'

interface Usual {
  readonly text: string
  /** Whether the file counts on it. */
  wanted(nodes: readonly DirectiveNode[]): boolean
}

const USUAL: readonly Usual[] = [
  {
    // Types of its own come on top of them.
    text: MIME_TYPES,
    wanted: nodes => !nodes.some(({ name, block }) => name === 'types' && block?.some(isOfHtml) === true),
  },
  {
    text: 'default_type application/octet-stream;',
    wanted: nodes => !nodes.some(({ name }) => name === 'default_type'),
  },
  {
    // As nginx.org's packages and images have it.
    text: `log_format main '$remote_addr - $remote_user [$time_local] "$request" $status $body_bytes_sent "$http_referer" "$http_user_agent" "$http_x_forwarded_for"';`,
    wanted: nodes =>
      anywhere(nodes, ({ name, args }) => name === 'access_log' && args[1] === 'main') &&
      !nodes.some(({ name, args }) => name === 'log_format' && args[0] === 'main'),
  },
  {
    // Of nginx's page on WebSockets, which puts it where all servers have it.
    text: "map $http_upgrade $connection_upgrade { default upgrade; '' close; }",
    wanted: nodes =>
      anywhere(nodes, ({ args }) => args.some(arg => USES.test(arg))) &&
      !anywhere(nodes, ({ name, args }) => DEFINES.has(name) && args.includes('$connection_upgrade')),
  },
]

const USES = /\$(?:connection_upgrade\b|\{connection_upgrade\})/
const DEFINES = new Set(['map', 'set', 'geo', 'split_clients', 'auth_request_set'])

/** The directives that stand before those of the file. @param nodes of the file, as they stand within `http` */
export function usualAround(nodes: readonly DirectiveNode[]): DirectiveNode[] {
  return USUAL.filter(({ wanted }) => wanted(nodes)).flatMap(
    ({ text }) => parseFile('nginx.conf', '', text).nodes,
  )
}

function isOfHtml({ name }: DirectiveNode): boolean {
  return name === 'text/html'
}

function anywhere(nodes: readonly DirectiveNode[], holds: (node: DirectiveNode) => boolean): boolean {
  return nodes.some(node => holds(node) || (node.block !== null && anywhere(node.block, holds)))
}
