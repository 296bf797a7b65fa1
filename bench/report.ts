// From the measurements to the one table: medians over rounds, ratios within a round, and what the target says.
// Pure: prints and writes nothing.

import { subject } from './contenders.ts'
import { median } from './measure/stats.ts'
import type { Figure, Scenario, Series, Values } from './scenarios/scenario.ts'

/** One measurement: its values, or why there are none. */
export interface Sample {
  scenario: string
  round: number
  contender: string
  values: Values | null
  failure: string | null
  seconds: number
  series?: Series
}

/** What the row for nothing in front is called; `reference` samples are the app alone and are not shown. */
export const nothing = 'nothing in front'
export const reference = 'reference'

export interface Table {
  header: string[]
  rows: string[][]
}

export class Report {
  readonly #samples: readonly Sample[]

  constructor(samples: readonly Sample[]) {
    this.#samples = samples
  }

  /** The median of a figure over its rounds; NaN when it was not measured. */
  value(scenario: string, contender: string, id: string): number {
    return median(this.#rounds(scenario, contender, id).map(([, value]) => value))
  }

  /** The median over rounds of one contender's value over another's in the same round; NaN when none has both. */
  ratio(scenario: string, contender: string, other: string, id: string): number {
    return median(this.#pairs(scenario, contender, other, id).map(([own, others]) => own / others))
  }

  /** The same of one contender's value less another's. */
  difference(scenario: string, contender: string, other: string, id: string): number {
    return median(this.#pairs(scenario, contender, other, id).map(([own, others]) => own - others))
  }

  table(scenarios: readonly Scenario[], names: readonly string[]): Table {
    const columns = [...names, nothing].filter(name => this.#samples.some(each => each.contender === name))
    const rows = scenarios.flatMap(scenario =>
      scenario.figures
        .filter(figure => columns.some(name => !Number.isNaN(this.value(scenario.name, name, figure.id))))
        .map(figure => [
          figure.unit === '' || figure.shown !== 'value' ? figure.title : `${figure.title} (${figure.unit})`,
          ...columns.map(name => this.#cell(scenario.name, figure, name)),
          `${figure.target}${this.#verdict(scenario.name, figure)}`,
        ]),
    )
    return { header: ['', ...columns, `target for ${subject}`], rows }
  }

  /** One line for each contender that gave no figure in a scenario. */
  failures(): string[] {
    const lines = this.#samples
      .filter(({ failure }) => failure !== null)
      .map(({ scenario, contender, failure }) => `${scenario}, ${contender}: ${failure}`)
    return [...new Set(lines)]
  }

  #rounds(scenario: string, contender: string, id: string): [round: number, value: number][] {
    return this.#samples.flatMap(sample => {
      const value = sample.values?.[id]
      const wanted = sample.scenario === scenario && sample.contender === contender
      return wanted && value !== undefined ? [[sample.round, value]] : []
    })
  }

  #pairs(scenario: string, contender: string, other: string, id: string): [own: number, others: number][] {
    const others = new Map(this.#rounds(scenario, other, id))
    return this.#rounds(scenario, contender, id).flatMap(([round, value]) => {
      const beside = others.get(round)
      return beside === undefined ? [] : [[value, beside]]
    })
  }

  #cell(scenario: string, figure: Figure, name: string): string {
    const value = this.value(scenario, name, figure.id)
    if (Number.isNaN(value)) return '–'
    const plain = `${(value + 0).toFixed(figure.digits)}`.replace(/^-(0(\.0*)?)$/, '$1')
    if (figure.shown === 'value') return plain
    const beside = this.value(scenario, 'nginx', figure.id)
    // A ratio to nothing, or to less, says nothing: latency within the noise of the reference.
    if (name === 'nginx' || !(beside > 0 && value > 0)) return `${plain} ${figure.unit}`
    const ratio = `${this.ratio(scenario, name, 'nginx', figure.id).toFixed(2)} ×`
    if (figure.shown === 'nginx') return ratio
    const difference = this.difference(scenario, name, 'nginx', figure.id)
    return `${ratio} (${difference < 0 ? '−' : '+'}${Math.abs(difference).toFixed(figure.digits)} ${figure.unit})`
  }

  #verdict(scenario: string, figure: Figure): string {
    const own = this.value(scenario, subject, figure.id)
    if (Number.isNaN(own)) return ''
    const other = (name: string): number => {
      // Ratios are taken within rounds, where there are ratios to take.
      const ratio = this.ratio(scenario, subject, name, figure.id)
      return ratio > 0 && own > 0 ? own / ratio : this.value(scenario, name, figure.id)
    }
    const beyond = (name: string): number => this.difference(scenario, subject, name, figure.id)
    return figure.meets(own, other, beyond) ? ': met' : ': MISSED'
  }
}

/** A table as Markdown, its columns aligned so that it can be read as it is. */
export function asMarkdown({ header, rows }: Table): string {
  const widths = header.map((title, column) =>
    Math.max(title.length, ...rows.map(row => row[column]!.length), 3),
  )
  const line = (cells: string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`
  return [line(header), line(widths.map(width => '-'.repeat(width))), ...rows.map(line)].join('\n')
}
