// The id that a client brought, and the one that it was given (userid).

import type { Variable } from '../../visit.ts'
import { userIdOf, writtenId } from '../user-id.ts'

export const userIdVariables: Readonly<Record<string, Variable>> = {
  uid_got: visit => {
    const { got } = userIdOf(visit)
    return got === null ? null : writtenId(visit, got)
  },
  uid_set: visit => {
    const { given } = userIdOf(visit)
    return given === null ? null : writtenId(visit, given)
  },
  // Whoever wants a cookie to be given anew defines it.
  uid_reset: () => '',
}
