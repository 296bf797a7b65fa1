// Which requests are health checks: exact paths, asked by GET or HEAD. Pure.

/** Tells whether a request is one of the configured health checks, whatever its query. */
export class HealthChecks {
  readonly #paths: ReadonlySet<string>

  constructor(paths: readonly string[]) {
    this.#paths = new Set(paths)
  }

  matches(method: string, path: string): boolean {
    if (method !== 'GET' && method !== 'HEAD') return false
    const query = path.indexOf('?')
    return this.#paths.has(query === -1 ? path : path.slice(0, query))
  }
}
