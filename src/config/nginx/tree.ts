// What a configuration file says, as a tree of directives with their places: the parser's answer and the tables'
// question. Types only.

/** Where something stands, for messages: nginx's own `file:line`. */
export interface At {
  readonly file: string
  readonly line: number
}

export interface DirectiveNode {
  readonly name: string
  /** The words after the name, quotes and escapes already resolved. */
  readonly args: readonly string[]
  readonly at: At
  /** What stands between its braces; null: it ended with a semicolon. */
  readonly block: readonly DirectiveNode[] | null
}

/** A problem or a notice, in nginx's manner: it is printed as `[emerg] message in file:line`. */
export interface Remark {
  readonly level: 'emerg' | 'warn' | 'notice'
  readonly message: string
  /** Null: of the file as a whole. */
  readonly at: At | null
}
