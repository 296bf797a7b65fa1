// Medians and percentiles. Pure.

/** The middle value (the mean of the two middle ones). NaN for none. */
export function median(values: readonly number[]): number {
  return percentile(values, 50)
}

/** Linear between neighbours, as in R's type 7. NaN for none. */
export function percentile(values: readonly number[], percent: number): number {
  if (values.length === 0) return Number.NaN
  const sorted = [...values].sort((a, b) => a - b)
  const at = ((sorted.length - 1) * percent) / 100
  const low = sorted[Math.floor(at)]!
  const high = sorted[Math.ceil(at)]!
  return low + (high - low) * (at - Math.floor(at))
}
