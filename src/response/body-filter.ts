// What changes an answer's body on its way to the client: bytes go in as they come and come out changed, now or later.
// Types only.

export interface BodyFilter {
  /** Takes a piece, which the filter may keep. False: it has enough for now; `onRoom` follows. */
  write(chunk: Buffer): boolean
  /** Nothing more comes. */
  end(): void
  /** Nobody wants the rest: what it holds is let go. No call follows. */
  destroy(): void
  /** The worker makes a pause: what can be sent is to be sent. Absent: nothing is held back. */
  flush?(): void
  onData: (chunk: Buffer) => void
  onEnd: () => void
  onRoom: () => void
}
