// Heads of answers, for tests of what becomes of them.

import { HeaderList } from '../../src/http1/headers.ts'
import type { AnswerHead } from '../../src/outcome.ts'

export function listOf(fields: Readonly<Record<string, string>>): HeaderList {
  const list = new HeaderList()
  for (const [name, value] of Object.entries(fields)) list.add(name, value)
  return list
}

/** The fields of a list, as they would be written. */
export function linesOf(list: HeaderList): string[] {
  return list.names.map((name, index) => `${name}: ${list.values[index]}`)
}

/** The head of an answer with 1,000 bytes, unless it is said otherwise. */
export function answerHead(
  fields: Readonly<Record<string, string>> = {},
  more: Partial<AnswerHead> = {},
): AnswerHead {
  return {
    status: 200,
    reason: '',
    headers: listOf(fields),
    length: 1000,
    lastModified: null,
    rangeable: false,
    passedOn: false,
    ...more,
  }
}
