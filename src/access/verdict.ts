// What one of the checks of the access phase says of a request. Types only.

export type Verdict =
  /** It has no objection, and has not been convinced either. */
  'no opinion' | 'welcome' | Refusal

export interface Refusal {
  readonly status: number
  readonly fields: readonly (readonly [name: string, value: string])[]
}
