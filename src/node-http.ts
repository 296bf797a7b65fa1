// Node's own HTTP module, as the rooms that need it load it. Holds nothing else, and may be imported from any floor.
//
// Not by `import 'node:http'`: that evaluates every export of the module, among them the getters of WebSocket,
// CloseEvent and MessageEvent, which load the whole of the undici that Node brings along (node: lib/http.js; measured
// with Node 26.10: 70 ms of the start, against 5 ms this way). Types come from `node:http` as usual; they cost nothing.

export const http: typeof import('node:http') = process.getBuiltinModule('node:http')
