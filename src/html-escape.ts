// Text as nginx puts it into a page (ngx_escape_html): for listings of folders and for what pages echo. Escapes, and builds
// nothing.

const ENTITIES: Readonly<Record<string, string>> = { '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;' }

/** For text and for values in double quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[<>&"]/g, character => ENTITIES[character]!)
}
