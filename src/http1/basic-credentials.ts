// What an `Authorization: Basic …` field holds (RFC 7617), read as nginx reads it (ngx_http_auth_basic_user). Judges
// nobody.

export interface Credentials {
  /** Never empty, without a colon; latin1 of its bytes, as the password. */
  readonly user: string
  readonly password: string
}

/** Null: the field is not there, of another scheme, or malformed. */
export function basicCredentials(field: string | undefined): Credentials | null {
  // What stands behind the padding is ignored; a single letter beyond whole groups makes no byte.
  const [, letters] = /^basic +([A-Za-z\d+/]+)(?:=.*)?$/i.exec(field ?? '') ?? []
  if (letters === undefined || letters.length % 4 === 1) return null
  const text = Buffer.from(letters, 'base64').toString('latin1')
  const colon = text.indexOf(':')
  return colon < 1 ? null : { user: text.slice(0, colon), password: text.slice(colon + 1) }
}
