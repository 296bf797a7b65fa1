// All scenarios, in the order in which they run and are shown.

import { slowAttacks } from './attacks.ts'
import { besideIdle, besideReaders, besideUploads } from './beside.ts'
import { bulk } from './bulk.ts'
import { cores } from './cores.ts'
import { cpu } from './cpu.ts'
import { curve } from './curve.ts'
import { everything } from './everything.ts'
import { fair } from './fair.ts'
import { held } from './held.ts'
import { kills } from './kills.ts'
import { latency } from './latency.ts'
import { locations } from './locations.ts'
import { memory } from './memory.ts'
import { overload } from './overload.ts'
import { restart } from './restart.ts'
import { scale } from './scale.ts'
import type { Scenario } from './scenario.ts'
import { soak } from './soak.ts'
import { start } from './start.ts'
import { transfers } from './transfers.ts'
import { waiting } from './waiting.ts'

export const scenarios: readonly Scenario[] = [
  besideIdle,
  besideUploads,
  besideReaders,
  overload,
  curve,
  fair,
  waiting,
  slowAttacks,
  kills,
  restart,
  everything,
  cpu,
  locations,
  cores,
  latency,
  memory,
  scale,
  bulk,
  transfers,
  soak,
  start,
  held,
]
