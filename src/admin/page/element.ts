// The page's words for the document: an element with its text, a place by its name, and numbers as people read them. All
// text goes in as text, never as markup: URLs and headers come from strangers.

export const place = (id: string): HTMLElement => document.getElementById(id) as HTMLElement

/**
 * @param className empty: none
 * @param children text stays text
 */
export function element(tag: string, className: string, ...children: (Node | string)[]): HTMLElement {
  const made = document.createElement(tag)
  if (className !== '') made.className = className
  made.append(...children)
  return made
}

/** Milliseconds, for people: `12 ms`, `3.4 s`, `5 min 6 s`, `7 h 8 min`, `3 d 4 h`. */
export function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 60_000) return `${(ms / 1_000).toFixed(1)} s`
  const seconds = Math.floor(ms / 1_000)
  const [h, m] = [Math.floor(seconds / 3_600), Math.floor((seconds % 3_600) / 60)]
  if (h >= 48) return `${Math.floor(h / 24)} d ${h % 24} h`
  return h > 0 ? `${h} h ${m} min` : `${m} min ${seconds % 60} s`
}

/** Bytes, for people: `12 B`, `3.4 KB`, `567 MB`. */
export function size(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`
}
