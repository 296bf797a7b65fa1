// Where this proxy answers otherwise than nginx on purpose, each with its reason. The section of docs/from-nginx.md on
// what is different is held to this table.

import type { Compared } from './compare.ts'
import type { TestRequest } from './requests.ts'

export interface Difference {
  /** What is different, for docs/from-nginx.md. */
  readonly what: string
  readonly why: string
  /** The configuration it shows in; absent: any. */
  readonly configuration?: string
  /** Takes out of a result what cannot be the same. Null: nothing here shows it. */
  readonly excuse: ((compared: Compared, request: TestRequest) => void) | null
}

export const DIFFERENCES: readonly Difference[] = []

/** The result without what is different on purpose. */
export function excused(configuration: string, request: TestRequest, compared: Compared): Compared {
  for (const difference of DIFFERENCES) {
    if (difference.configuration === undefined || difference.configuration === configuration)
      difference.excuse?.(compared, request)
  }
  return compared
}
