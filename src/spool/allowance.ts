// What one message may hold for itself, where whoever wrote the configuration says so. The limits of all together are the
// store's, and hold beside it.

export interface Allowance {
  /** Bytes that stay in memory before a disk takes the rest. */
  readonly memory: number
  /** Bytes that an answer may have on the disk at a time; beyond them it goes at its client's pace. */
  readonly disk: number
}

/** Bytes that one message may hold in memory while a disk takes the rest, unless it is allowed more. */
export const MESSAGE_MEMORY = 2 ** 20

/** The first bytes of one that goes to the disk stay in memory: this part of what may. */
export const KEPT_PART = 8

/** Where nobody says anything. */
export const USUAL_ALLOWANCE: Allowance = { memory: MESSAGE_MEMORY, disk: Number.POSITIVE_INFINITY }
