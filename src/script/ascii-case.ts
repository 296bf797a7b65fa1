// Lower case as nginx has it: of ASCII's letters only, whatever the other bytes would be in some language.

/** For texts whose characters are bytes. */
export function lower(text: string): string {
  const low = text.toLowerCase()
  // Almost every text is ASCII, and then JavaScript's own is right, and fast.
  return low === text || !/[\x80-\xff]/.test(text)
    ? low
    : text.replace(/[A-Z]+/g, letters => letters.toLowerCase())
}
