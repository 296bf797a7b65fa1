// Reads the requests that stand beside a configuration. A request is a line of method and target, with what else is to
// be said of it after; lines that are set in are its fields, and those with a mark its body:
//
//   # what this is about
//   GET /static/app.css                   to the first port of the configuration, HTTP/1.1
//   POST /upload @8443 HTTP/1.0
//     Host: api.example                   in place of app.example; an empty one: none is sent
//     Content-Type: text/plain
//     > one line of the body
//   GET /again x3                         three times, one after the other

export interface TestRequest {
  readonly method: string
  readonly target: string
  readonly version: string
  /** As written in the configuration; null: its first. */
  readonly port: number | null
  readonly fields: readonly string[]
  readonly body: string | null
  readonly times: number
}

export function readRequests(text: string): TestRequest[] {
  const requests: TestRequest[] = []
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const last = requests.at(-1)
    if (/^\s/.test(line) && last !== undefined) {
      const said = line.trim()
      const changed = said.startsWith('>')
        ? { ...last, body: `${last.body ?? ''}${said.slice(1).trimStart()}\n` }
        : { ...last, fields: [...last.fields, said] }
      requests[requests.length - 1] = changed
      continue
    }
    requests.push(readLine(line))
  }
  return requests
}

function readLine(line: string): TestRequest {
  const [method = '', target = '', ...more] = line.trim().split(/\s+/)
  const request = { version: 'HTTP/1.1', port: null as number | null, times: 1 }
  for (const word of more) {
    if (/^HTTP\//.test(word)) request.version = word
    else if (/^@\d+$/.test(word)) request.port = Number(word.slice(1))
    else if (/^x\d+$/.test(word)) request.times = Number(word.slice(1))
    else throw new Error(`a request cannot say ${JSON.stringify(word)}`)
  }
  return { method, target, ...request, fields: [], body: null }
}

/** The bytes of a request. The connection ends with its answer, unless its fields say otherwise. */
export function writeRequest({ method, target, version, fields, body }: TestRequest): string {
  const has = (name: string) => fields.some(field => field.toLowerCase().startsWith(`${name}:`))
  const lines = [`${method} ${target} ${version}`]
  if (!has('host')) lines.push('Host: app.example')
  lines.push(...fields.filter(field => !/^host:\s*$/i.test(field)))
  if (!has('connection')) lines.push('Connection: close')
  if (body !== null && !has('content-length') && !has('transfer-encoding'))
    lines.push(`Content-Length: ${body.length}`)
  const sent =
    body !== null && has('transfer-encoding')
      ? `${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`
      : (body ?? '')
  return `${lines.join('\r\n')}\r\n\r\n${sent}`
}
