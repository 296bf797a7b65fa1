// Live traffic beside five hundred connections that mean harm: heads that never end, bodies that trickle, answers
// that nobody takes. Sixteen clients must get what they get without them.

import { type Attack, attackers } from '../load/attacks.ts'
import { closedLoop } from '../load/loops.ts'
import { Tally } from '../load/tally.ts'
import { median, percentile } from '../measure/stats.ts'
import { reference, small } from './beside.ts'
import { capacity } from './gunicorn.ts'
import { underApp } from './pressure.ts'
import { pause, type Scenario, type Values } from './scenario.ts'

const count = 500
const attacks: Record<Attack, string> = {
  header: 'heads that never end',
  body: 'bodies of a few bytes a second',
  read: 'readers of a kilobyte a second',
}

export const slowAttacks: Scenario = {
  name: 'attacks',
  group: 'job',
  about: 'goodput beside 500 connections with slow heads, slow bodies, slow readers',
  rounds: { short: 1, full: 1 },
  fullOnly: true,
  featured: true,
  needs: ['gunicorn'],
  bare: true,
  figures: (Object.keys(attacks) as Attack[]).map(attack => ({
    id: attack,
    title: `goodput beside 500 ${attacks[attack]}`,
    unit: '',
    digits: 2,
    shown: 'value',
    target: '≥ 0.95 of gunicorn alone',
    meets: own => own >= 0.95,
  })),
  reference,
  async measure(contender, lab) {
    const values: Values = {}
    for (const attack of Object.keys(attacks) as Attack[]) {
      await underApp(contender, lab, async (port, app) => {
        const attacking = await attackers(port, attack, count)
        const tally = new Tally()
        // Each reader's request is one that the workers must do, and five hundred take six seconds at least: it is
        // afterwards that they must not be held. Where they are, there is no afterwards.
        const giveUp = performance.now() + (contender === null ? 1500 : 30_000)
        while (attack === 'read' && app.executions().size < count && performance.now() < giveUp)
          await pause(100)
        await pause(1500)
        const clients = closedLoop(port, 16, tally, () => small)
        await pause(1000)
        const from = performance.now()
        await pause(lab.full ? 8000 : 4000)
        const to = performance.now()
        await Promise.all([clients.stop(), attacking.stop()])
        const waits = tally.entries.filter(({ outcome }) => outcome === 'ok').map(({ at, sent }) => at - sent)
        values[attack] = tally.rate(from, to) / capacity / lab.reference.goodput!
        values[`p50 ${attack}`] = median(waits)
        values[`p99 ${attack}`] = percentile(waits, 99)
      })
    }
    return values
  },
}
