// What one body, or one answer, may hold of the spools where a file says so: nginx's sizes of buffers and of temporary
// files, as far as the spool has a use for them.

import type { CoreSettings } from '../config/nginx/modules/core.ts'
import type { PassingSettings } from '../config/nginx/modules/passing.ts'
import { type Allowance, USUAL_ALLOWANCE } from '../spool/allowance.ts'

/** `client_body_buffer_size`. A body is taken in whole, however much of it goes to the disk. */
export function bodyAllowance({ bodyMemory }: Pick<CoreSettings, 'bodyMemory'>): Allowance {
  return bodyMemory === null ? USUAL_ALLOWANCE : { ...USUAL_ALLOWANCE, memory: bodyMemory }
}

/** `proxy_buffers` and `proxy_max_temp_file_size`. */
export function answerAllowance({
  answerMemory,
  answerDisk,
}: Pick<PassingSettings, 'answerMemory' | 'answerDisk'>): Allowance {
  if (answerMemory === null && answerDisk === null) return USUAL_ALLOWANCE
  const { memory, disk } = USUAL_ALLOWANCE
  return { memory: answerMemory ?? memory, disk: answerDisk ?? disk }
}
