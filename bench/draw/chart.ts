// Line charts as SVG, several panels to a picture: axes with units, a colour and a marker for each name, labels at the
// ends of the lines. Readable on a light page and on a dark one, at 800 px. Pure: text from numbers; it knows no
// contender and no scenario.

export interface Axis {
  label: string
  /** In ascending order; the first is the axis' beginning, the last its end unless `to` says more. */
  ticks: readonly number[]
  to?: number
  scale?: 'log'
  text?(value: number): string
}

export interface Line {
  name: string
  /** Index of its colour and marker; null: grey, thin and without markers, as what one compares with. */
  style: number | null
  points: readonly (readonly [x: number, y: number])[]
}

export interface Panel {
  title: string
  x: Axis
  y: Axis
  lines: readonly Line[]
}

/** Colours that people with any kind of colour vision tell apart (Okabe and Ito), and a lighter one for dark pages. */
const colours = [
  ['#0072b2', '#56b4e9'],
  ['#009e73', '#2fd3a3'],
  ['#d55e00', '#f28e4b'],
  ['#b0508a', '#e08fbf'],
  ['#8a6d00', '#f0e442'],
  ['#555555', '#bbbbbb'],
] as const

const style = `
text { font: 13px system-ui, "DejaVu Sans", sans-serif; fill: #333 }
.title { font-weight: 600; font-size: 14px }
.grid { stroke: #ddd; stroke-width: 1 }
.axis { stroke: #666; stroke-width: 1 }
.line { fill: none; stroke-width: 2.25; stroke-linejoin: round }
.plain { fill: none; stroke: #999; stroke-width: 1.25; stroke-dasharray: 5 4 }
.faint { fill: #777 }
${colours.map(([light], index) => `.s${index} { stroke: ${light} } .f${index} { fill: ${light} }`).join('\n')}
@media (prefers-color-scheme: dark) {
text { fill: #ddd } .grid { stroke: #3a3a3a } .axis { stroke: #aaa } .faint { fill: #aaa }
${colours.map(([, dark], index) => `.s${index} { stroke: ${dark} } .f${index} { fill: ${dark} }`).join('\n')}
}`

const gap = { left: 58, right: 96, top: 34, bottom: 48 }
/** Height of a line of labels. */
const row = 15

/** Panels side by side, `columns` in a row; sizes in pixels. `about` is read out instead of the picture. */
export function picture(
  panels: readonly Panel[],
  options: { about: string; width?: number; height: number; columns: number },
): string {
  const { about, width = 800, height, columns } = options
  const rows = Math.ceil(panels.length / columns)
  const each = width / columns
  const drawn = panels.map((panel, index) => {
    const place = `${(index % columns) * each},${Math.floor(index / columns) * height}`
    return `<g transform="translate(${place})">\n${draw(panel, each, height)}\n</g>`
  })
  const size = `width="${width}" height="${rows * height}" viewBox="0 0 ${width} ${rows * height}"`
  const head = `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" aria-label="${escaped(about)}">`
  return `${head}\n<style>${style}\n</style>\n${drawn.join('\n')}\n</svg>\n`
}

function draw({ title, x, y, lines }: Panel, width: number, height: number): string {
  const [left, right, top, bottom] = [gap.left, width - gap.right, gap.top, height - gap.bottom]
  const across = place(x, left, right)
  const up = place(y, bottom, top)
  const out = [`<text class="title" x="${left}" y="18">${escaped(title)}</text>`]
  for (const tick of y.ticks) {
    const at = up(tick)
    out.push(`<line class="grid" x1="${left}" x2="${right}" y1="${at}" y2="${at}"/>`)
    out.push(`<text x="${left - 8}" y="${round(at + 4)}" text-anchor="end">${told(y, tick)}</text>`)
  }
  for (const tick of x.ticks) {
    const at = across(tick)
    out.push(`<line class="axis" x1="${at}" x2="${at}" y1="${bottom}" y2="${bottom + 5}"/>`)
    out.push(`<text x="${at}" y="${bottom + 19}" text-anchor="middle">${told(x, tick)}</text>`)
  }
  out.push(`<line class="axis" x1="${left}" x2="${right}" y1="${bottom}" y2="${bottom}"/>`)
  const middle = round((left + right) / 2)
  out.push(
    `<text class="faint" x="${middle}" y="${height - 9}" text-anchor="middle">${escaped(x.label)}</text>`,
  )
  const turned = `transform="translate(14,${round((top + bottom) / 2)}) rotate(-90)"`
  out.push(`<text class="faint" ${turned} text-anchor="middle">${escaped(y.label)}</text>`)
  // The first named is drawn last: it lies on top.
  for (const line of [...lines].reverse()) out.push(drawLine(line, across, up))
  const ends = lines.map(({ points }) => points.at(-1)!)
  const heights = spread(
    ends.map(([, value]) => up(value)),
    top,
    bottom,
  )
  for (const [index, { name, style }] of lines.entries()) {
    const colour = style === null ? 'faint' : `f${style}`
    const at = `x="${right + 8}" y="${round(heights[index]! + 4)}"`
    out.push(`<text class="${colour}" ${at}>${escaped(name)}</text>`)
  }
  return out.join('\n')
}

function drawLine({ style, points }: Line, across: Place, up: Place): string {
  const path = points.map(([x, y], index) => `${index === 0 ? 'M' : 'L'}${across(x)} ${up(y)}`).join('')
  if (style === null) return `<path class="plain" d="${path}"/>`
  // Many points are a course: markers would only thicken it.
  const marks = points.length > 30 ? [] : points.map(([x, y]) => marker(style, across(x), up(y)))
  return [`<path class="line s${style}" d="${path}"/>`, ...marks].join('\n')
}

function marker(style: number, x: number, y: number): string {
  const shapes = [
    `<circle class="f${style}" cx="${x}" cy="${y}" r="4"/>`,
    `<rect class="f${style}" x="${round(x - 3.5)}" y="${round(y - 3.5)}" width="7" height="7"/>`,
    `<path class="f${style}" d="M${x} ${round(y - 5)}l4.6 8.5h-9.2z"/>`,
    `<path class="f${style}" d="M${x} ${round(y - 5)}l5 5l-5 5l-5-5z"/>`,
  ]
  return shapes[style % shapes.length]!
}

type Place = (value: number) => number

/** From values to pixels; what lies beyond the ends is drawn at the end. */
function place({ ticks, to: end, scale }: Axis, from: number, to: number): Place {
  const measure = scale === 'log' ? Math.log10 : (value: number): number => value
  const [low, high] = [measure(ticks[0]!), measure(end ?? ticks.at(-1)!)]
  return value => {
    const share = (measure(value) - low) / (high - low)
    return round(from + Math.min(1, Math.max(0, share)) * (to - from))
  }
}

/** Moves labels apart that would overlap, as little as possible, keeping their order and the panel's bounds. */
function spread(heights: readonly number[], top: number, bottom: number): number[] {
  const order = heights.map((_, index) => index).sort((a, b) => heights[a]! - heights[b]! || a - b)
  const placed = [...heights]
  for (let pass = 0; pass < 50; pass++) {
    for (let at = 1; at < order.length; at++) {
      const [above, below] = [order[at - 1]!, order[at]!]
      const missing = row - (placed[below]! - placed[above]!)
      if (missing <= 0) continue
      placed[above]! -= missing / 2
      placed[below]! += missing / 2
    }
    for (const index of order) placed[index] = Math.min(bottom, Math.max(top, placed[index]!))
  }
  return placed
}

/** Ticks from zero in steps of 1, 2 or 5 times a power of ten, about four of them, the last not below `highest`. */
export function ticksTo(highest: number): number[] {
  const rough = highest / 4
  const power = 10 ** Math.floor(Math.log10(rough))
  const step = [1, 2, 5, 10].map(factor => factor * power).find(each => each >= rough * 0.999)!
  return Array.from({ length: Math.ceil(highest / step - 0.001) + 1 }, (_, index) => index * step)
}

const told = (axis: Axis, value: number): string =>
  escaped(axis.text?.(value) ?? String(Number(value.toPrecision(6))))
const round = (value: number): number => Math.round(value * 10) / 10
const escaped = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')
